"""The first screen: the headline model on the test role beside the baselines, and against luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from buysignal.report.charts.chart import (
    BLACK,
    BLUE,
    GREY,
    Chart,
    absent,
    capital,
    ends,
    listed,
    panel,
    records,
    share,
    three,
)

Row = Mapping[str, Any]
NONE = "No model is selected, so none was judged on the test role."


def headline(train: Row) -> list[Chart]:
    """Precision, then recall, of the headline and of the baselines that buy on as many days; metrics/train.json."""
    titles = [f"{name} on the test role" for name in ("Precision", "Recall")]
    if not train["models"]:
        return [absent(title, NONE) for title in titles]
    row = train["models"][0]
    if row["no_buys"] or row["one_class"]:
        why = f"{row['name']} bought on no test day" if row["no_buys"] else "All test days have the same label"
        return [absent(title, f"{why}, so there is nothing to compare.") for title in titles]
    positives = row["base_rate"] * row["n"]
    rivals = row["at_as_many_buys"].items()
    precision = [{"who": name, "value": found} for name, found in rivals]
    recall = [{"who": name, "value": found * row["n_buys"] / positives} for name, found in rivals]
    return [
        _compared(row, "precision", precision, titles[0]),
        _compared(row, "recall", recall, titles[1]),
    ]


def _compared(row: Row, name: str, rivals: Sequence[Row], title: str) -> Chart:
    low, high = row[f"{name}_interval"]
    own = {"who": row["name"], "value": row[name], "low": low, "high": high}
    ordered = [own, *sorted(rivals, key=lambda rival: (-rival["value"], rival["who"]))]
    says = (
        f"Circle: {row['name']}, with its {100 * row['interval_confidence']:g} % interval. Diamonds: the baselines, "
        f"buying on as many days ({row['n_buys']} of {row['n']}). Nothing was chosen on these days."
    )
    layers = _points(ordered, name)
    rows = [[one["who"], three(one["value"]), ends(one.get("low"), one.get("high"))] for one in ordered]
    return panel(title, says, layers, ("model", name, "interval"), rows, 30 * len(ordered))


def _points(ordered: Sequence[Row], axis: str) -> list[alt.Chart]:
    """The first row as a circle with its interval, the others as diamonds, each with its number."""
    y, x = listed([one["who"] for one in ordered]), alt.X(**share(axis, "value"))
    first, others = alt.Chart(records(ordered[:1])), alt.Chart(records(ordered[1:]))
    number = {"field": "value", "type": "quantitative", "format": ".3f"}
    inside = [{**one, "label": min(max(one["value"], 0.08), 0.92)} for one in ordered]
    label = alt.Chart(records(inside)).mark_text(dy=-9, fontSize=12, color=BLACK)
    return [
        first.mark_rule(strokeWidth=3, color=BLUE).encode(y=y, x=alt.X(**share(axis, "low")), x2="high"),
        first.mark_point(shape="circle", filled=True, size=110, opacity=1, color=BLUE).encode(y=y, x=x),
        others.mark_point(shape="diamond", filled=True, size=90, opacity=1, color=GREY).encode(y=y, x=x),
        label.encode(y=y, x=alt.X(**share(axis, "label")), text=alt.Text(**number)),
    ]


def luck(found: Row) -> Chart:
    """The best lower bound of precision against what models without skill show; ``luck`` of metrics/snooping.json."""
    title = "Lower bound of precision against luck, on the threshold role"
    if found["verdict"] == "cannot tell":
        return absent(title, f"{capital(found['reason'])}.")
    bound = found["precision_low"]
    ordered = [
        {"who": "best as found", "value": bound["observed"], "low": bound["observed"], "high": bound["observed"]},
        {"who": "luck, 1 in 20", "value": bound["p95"]},
        {"who": "luck, average", "value": bound["mean"]},
    ]
    says = (
        f"Circle: the best lower bound among {found['models']} models. Diamonds: what the best of as many models "
        "without skill shows, on average and in one of twenty cases (the luck bar). On these days thresholds and "
        "models were chosen."
    )
    rows = [[one["who"], three(one["value"])] for one in ordered]
    layers = _points(ordered, "lower bound of precision")
    return panel(title, says, layers, ("", "lower bound"), rows, 30 * len(ordered))
