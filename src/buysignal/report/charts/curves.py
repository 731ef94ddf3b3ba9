"""Precision and recall against the threshold, each in a panel of its own, the trade-off, and the score ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from buysignal.report.charts.chart import (
    BLACK,
    BLUE,
    COLOURS,
    DASHES,
    GREY,
    Chart,
    absent,
    ends,
    listed,
    panel,
    records,
    repeated,
    series,
    share,
    three,
)

Row = Mapping[str, Any]
ROLE = "the threshold role"
BANDED = ("headline", "volatility")  # three bands would hide each other
KNOWN = " Candidate: the configuration tried by hand. Volatility: the baseline."


def against_threshold(curves: Mapping[str, pd.DataFrame], point: Row | None) -> list[Chart]:
    """Precision, recall, and one against the other.

    Parameters
    ----------
    curves : what a curve is of, such as headline -> its rows of plots/curves/
    point : row of the headline in metrics/selection.json; None if no model is selected
    """
    drawable = {name: curve for name, curve in curves.items() if len(curve)}
    titles = [f"{name} against the threshold, on {ROLE}" for name in ("Precision", "Recall")]
    titles.append(f"Precision against recall, on {ROLE}")
    if not drawable:
        return [absent(title, "No model has a threshold curve.") for title in titles]
    panels = [_along(drawable, point, name, title) for name, title in zip(("precision", "recall"), titles)]
    return [*panels, _tradeoff(drawable, point, titles[2])]


def _along(curves: Mapping[str, pd.DataFrame], point: Row | None, name: str, title: str) -> Chart:
    kept = ["threshold", name, f"{name}_interval_low", f"{name}_interval_high"]
    rows = [{"series": who, **row} for who, curve in curves.items() for row in curve[kept].to_dict("records")]
    axis = alt.Axis(tickCount=5)
    x = alt.X("threshold", type="quantitative", title="threshold: a score from which a day is a buy", axis=axis)
    data, y = alt.Chart(records(rows)), alt.Y(**share(name))
    colour, dash = _styles(list(curves))
    layers = [_band(rows, who, name, x) for who in BANDED if who in curves]
    layers.append(data.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash))
    if point is not None and point["threshold"] is not None:
        one = alt.Chart(records([{"threshold": point["threshold"], name: point[name]}]))
        layers.append(one.mark_rule(color=BLACK, strokeDash=[4, 4]).encode(x=x))
        layers.append(one.mark_point(shape="diamond", filled=True, size=120, color=BLACK).encode(x=x, y=y))
    says = f"Shaded: 95 % intervals of {' and '.join(who for who in BANDED if who in curves)}, each threshold alone."
    says += " Dashed upright line and diamond: the chosen threshold of the headline." if point else ""
    says += KNOWN
    header, table = _table(curves, name)
    return panel(title, says, layers, header, table)


def _styles(names: Sequence[str]) -> tuple[alt.Color, alt.StrokeDash]:
    scale = alt.Scale(domain=list(names), range=[list(dash) for dash in repeated(DASHES, names)])
    return series(names), alt.StrokeDash("series", type="nominal", scale=scale)


def _band(rows: Sequence[Row], who: str, name: str, x: alt.X) -> alt.Chart:
    own = alt.Chart(records([row for row in rows if row["series"] == who]))
    low, high = f"{name}_interval_low", f"{name}_interval_high"
    colour = COLOURS[list(dict.fromkeys(row["series"] for row in rows)).index(who) % len(COLOURS)]
    return own.mark_area(opacity=0.15, color=colour).encode(x=x, y=alt.Y(**share(name, low)), y2=high)


def _table(curves: Mapping[str, pd.DataFrame], name: str) -> tuple[Sequence[str], list[list[str]]]:
    low, high = f"{name}_interval_low", f"{name}_interval_high"
    rows = [
        [who, f"{row['threshold']:.6f}", three(row[name]), ends(row[low], row[high]), str(int(row["n_buys"]))]
        for who, curve in curves.items()
        for row in curve.to_dict("records")
    ]
    return ("model", "threshold", name, "interval", "buys"), rows


def _tradeoff(curves: Mapping[str, pd.DataFrame], point: Row | None, title: str) -> Chart:
    kept = ["threshold", "precision", "recall"]
    rows = [{"series": who, **row} for who, curve in curves.items() for row in curve[kept].to_dict("records")]
    x, y = alt.X(**share("recall")), alt.Y(**share("precision"))
    colour, dash = _styles(list(curves))
    line = alt.Chart(records(rows)).mark_line(strokeWidth=2.5)
    layers = [line.encode(x=x, y=y, color=colour, strokeDash=dash, order=alt.Order("threshold", type="quantitative"))]
    if point is not None and point["threshold"] is not None:
        one = alt.Chart(records([{"recall": point["recall"], "precision": point["precision"]}]))
        layers.append(one.mark_point(shape="diamond", filled=True, size=120, color=BLACK).encode(x=x, y=y))
    says = "Along a line the threshold rises from right to left: what is gained in precision is paid for in recall."
    says += " Diamond: the chosen threshold of the headline." if point else ""
    says += KNOWN
    table = [[row["series"], three(row["recall"]), three(row["precision"])] for row in rows]
    return panel(title, says, layers, ("model", "recall", "precision"), table)


def ranges(judged: Sequence[Row]) -> Chart:
    """From its lowest to its highest score on the threshold role, with the threshold, of every model."""
    title = f"Range of the scores on {ROLE}"
    if not judged:
        return absent(title, "No model was judged.")
    ordered = sorted(judged, key=lambda row: (-row["precision_low"], -row["recall"], row["name"]))
    rows = [
        {"who": r["name"], "low": r["prediction_min"], "high": r["prediction_max"], "threshold": r["threshold"]}
        for r in ordered
    ]
    y = listed([row["who"] for row in rows])
    bar = alt.Chart(records(rows)).mark_rule(strokeWidth=5, color=GREY, opacity=0.6)
    chosen = alt.Chart(records([row for row in rows if row["threshold"] is not None]))
    layers = [
        bar.encode(y=y, x=alt.X(**share("score", "low")), x2="high"),
        chosen.mark_point(shape="diamond", filled=True, size=80, color=BLUE, opacity=1).encode(
            y=y, x=alt.X(**share("score", "threshold"))
        ),
    ]
    says = "Bar: lowest to highest score of a model. Diamond: its threshold. A bar that is a dot says nothing of a day."
    table = [[row["who"], ends(row["low"], row["high"]), three(row["threshold"])] for row in rows]
    return panel(title, says, layers, ("model", "range", "threshold"), table, 18 * len(rows), wide=True)
