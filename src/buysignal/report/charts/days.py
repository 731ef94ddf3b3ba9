"""Where in time the buys fell, and what a score was worth as a probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from buysignal.report.charts.chart import (
    BLUE,
    GREY,
    RULE,
    VERMILLION,
    Chart,
    absent,
    ends,
    panel,
    records,
    series,
    shaped,
    share,
    three,
)

HIT, MISS = "hit", "miss"


def buys(days: pd.DataFrame | None, name: str) -> Chart:
    """The Close of the test role with every buy of the headline on it.

    Parameters
    ----------
    days : index date; columns ``close``, ``score``, ``bought`` (bool) and ``hit`` (bool); None if no model is selected
    name : of the headline
    """
    title = "Where in time the buys fell, on the test role"
    if days is None:
        return absent(title, "No model is selected, so none bought.")
    if not days["bought"].any():
        return absent(title, f"{name} bought on none of the {len(days)} test days.")
    line = [{"date": _day(date), "close": close} for date, close in days["close"].items()]
    bought = days[days["bought"]]
    marks = [
        {"date": _day(date), "close": row["close"], "score": row["score"], "series": HIT if row["hit"] else MISS}
        for date, row in bought.iterrows()
    ]
    axis = alt.Axis(format="%b %Y", labelOverlap="greedy", labelSeparation=12)
    x = alt.X("date", type="temporal", title=None, axis=axis)
    y = alt.Y("close", type="quantitative", title="Close", scale=alt.Scale(zero=False))
    point = alt.Chart(records(marks)).mark_point(size=90, strokeWidth=1.5, filled=True, opacity=0.9)
    styles = {
        "color": alt.Color("series", type="nominal", scale=alt.Scale(domain=[HIT, MISS], range=[BLUE, VERMILLION])),
        "shape": alt.Shape(
            "series", type="nominal", scale=alt.Scale(domain=[HIT, MISS], range=["triangle-up", "cross"])
        ),
        "tooltip": [alt.Tooltip("date", type="temporal"), alt.Tooltip("series", type="nominal")],
    }
    layers = [
        alt.Chart(records(line)).mark_line(color=GREY, strokeWidth=1).encode(x=x, y=y),
        point.encode(x=x, y=y, **styles),
    ]
    says = (
        f"Line: the Close. Triangle: a buy of {name} that was right. Cross: one that was not. "
        f"{int(bought['hit'].sum())} of {len(bought)} buys were right."
    )
    rows = [[mark["date"][:10], f"{mark['close']:.2f}", three(mark["score"]), mark["series"]] for mark in marks]
    return panel(title, says, layers, ("day", "Close", "score", "hit or miss"), rows, 300, wide=True)


def _day(date: pd.Timestamp) -> str:
    """With a time of day, because a browser takes a bare date for one of Greenwich and shows the day before."""
    return date.strftime("%Y-%m-%dT00:00:00")


def reliability(tables: Mapping[str, pd.DataFrame]) -> Chart:
    """What share of days was labelled 1, against what was predicted; the files of plots/calibration by their name."""
    title = "Predicted and observed, headline on the threshold role"
    score, mapped = tables["score"], tables["map"]
    if score.empty:
        return absent(title, "No model is selected, or its scores could not be judged as probabilities.")
    named = {"the score itself": score}
    chosen = str(mapped["map"].iloc[0]) if len(mapped) else "none"
    if chosen != "none":
        named[f"with its map ({chosen})"] = mapped
    rows = [{"series": who, **row} for who, part in named.items() for row in part.to_dict("records")]
    names = list(named)
    layers = _reliability(rows, names)
    says = "Each mark is a bin of days with its 95 % interval. On the dashed line as many are observed as predicted."
    table = [
        [row["series"], three(row["predicted"]), three(row["observed"]), ends(row["low"], row["high"]), str(row["n"])]
        for row in rows
    ]
    header = ("series", "predicted", "observed", "interval", "days")
    return panel(title, says, layers, header, table)


def _reliability(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> list[alt.Chart]:
    x, axis = alt.X(**share("predicted")), "share of days labelled 1"
    data, colour = alt.Chart(records(rows)), series(names)
    diagonal = alt.Chart(records([{"predicted": end, "observed": end} for end in (0, 1)]))
    return [
        diagonal.mark_line(color=RULE, strokeDash=[4, 4]).encode(x=x, y=alt.Y(**share(axis, "observed"))),
        data.mark_rule(opacity=0.5).encode(x=x, y=alt.Y(**share(axis, "low")), y2="high", color=colour),
        data.mark_point(filled=True, size=70, opacity=1).encode(
            x=x, y=alt.Y(**share(axis, "observed")), color=colour, shape=shaped(names)
        ),
    ]
