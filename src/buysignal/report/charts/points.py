"""A share with its interval, beside those of others: what ships and its baselines, the best bound and luck."""

from collections.abc import Sequence

import altair as alt

from buysignal.report.charts.chart import BLUE, GREY, INK, Chart, absent, listed, panel, records, share, tips
from buysignal.report.words import Row, capital, ends, three


def lead(row: Row | None) -> list[Chart]:
    """Precision, then recall, of what ships and of the baselines that buy on as many days.

    ``row`` is of metrics/train.json; None, where nothing ships or the test role is closed, has no chart: the page
    says so at the same place.
    """
    if row is None:
        return []
    titles = [f"{metric} on the test role" for metric in ("Precision", "Recall")]
    if row["no_buys"] or row["one_class"]:
        why = f"{row['name']} bought on no test day" if row["no_buys"] else "All test days have the same label"
        return [absent(title, f"{why}, so there is nothing to compare.") for title in titles]
    positives = row["base_rate"] * row["n"]
    rivals = [(who, found) for who, found in row["at_as_many_buys"].items() if who != row["name"]]
    precision = [{"who": who, "value": found} for who, found in rivals]
    recall = [{"who": who, "value": found * row["n_buys"] / positives} for who, found in rivals]
    return [
        _compared(row, "precision", precision, titles[0]),
        _compared(row, "recall", recall, titles[1]),
    ]


def _compared(row: Row, name: str, rivals: Sequence[Row], title: str) -> Chart:
    low, high = row[f"{name}_interval"]
    own = {"who": row["name"], "value": row[name], "low": low, "high": high}
    ordered = [own, *sorted(rivals, key=lambda rival: (-rival["value"], rival["who"]))]
    says = (
        f"Circle: {row['name']}, which ships, with its {100 * row['interval_confidence']:g} % interval. Diamonds: the "
        f"baselines, each buying on as many of these days ({row['n_buys']} of {row['n']}), those it scores highest. "
        "What ships, and when it buys, was registered before this look at these days."
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
    label = alt.Chart(records(inside)).mark_text(dy=-9, fontSize=12, color=INK)
    ranged = tips(who="who", value=f"{axis}|.3f", low="at least|.3f", high="at most|.3f")
    return [
        first.mark_rule(strokeWidth=3, color=BLUE).encode(
            y=y, x=alt.X(**share(axis, "low")), x2="high", tooltip=ranged
        ),
        first.mark_point(shape="circle", filled=True, size=110, opacity=1, color=BLUE).encode(y=y, x=x, tooltip=ranged),
        others.mark_point(shape="diamond", filled=True, size=90, opacity=1, color=GREY).encode(
            y=y, x=x, tooltip=ranged[:2]
        ),
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
        f"Circle: the best lower bound among {found['models']} models, searched or built of a search. Diamonds: what "
        "the best of as many models without skill shows, on average and in one of twenty cases (the luck bar). On "
        "these days thresholds and models were chosen."
    )
    rows = [[one["who"], three(one["value"])] for one in ordered]
    layers = _points(ordered, "lower bound of precision")
    return panel(title, says, layers, ("who", "lower bound"), rows, 30 * len(ordered))
