"""What the contenders did against the threshold, day by day and as probabilities."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from buysignal.report.charts.chart import (
    BLUE,
    COLOURS,
    DASHES,
    GREY,
    INK,
    RULE,
    VERMILLION,
    Chart,
    absent,
    listed,
    panel,
    records,
    repeated,
    series,
    shaped,
    share,
    tips,
    touched,
)
from buysignal.report.words import Row, capital, ends, three

CLOSED = "This run is not registered, so the test role stayed closed to it."
ROLE = "the threshold role"
SHIPS = "what ships"
BANDED = (SHIPS, "volatility")  # three bands would hide each other
KNOWN = {"candidate": "the configuration tried by hand", "volatility": "the logistic that must be beaten"}
HIT, MISS = "hit", "miss"


def against_threshold(curves: Mapping[str, pd.DataFrame], point: Row | None) -> list[Chart]:
    """Precision, recall, and one against the other.

    Parameters
    ----------
    curves : what a curve is of, such as `SHIPS` -> its rows of plots/curves/
    point : row of what ships in metrics/selection.json; None if nothing does
    """
    drawable = {name: curve for name, curve in curves.items() if len(curve)}
    titles = [f"{name} against the threshold, on {ROLE}" for name in ("Precision", "Recall")]
    titles.append(f"Precision against recall, on {ROLE}")
    if not drawable:
        return [absent(title, "No contender has a threshold curve.") for title in titles]
    panels = [_along(drawable, point, name, title) for name, title in zip(("precision", "recall"), titles)]
    return [*panels, _tradeoff(drawable, point, titles[2])]


def _along(curves: Mapping[str, pd.DataFrame], point: Row | None, name: str, title: str) -> Chart:
    ends_of = {f"{name}_interval_low": "at least|.3f", f"{name}_interval_high": "at most|.3f"}
    kept = ["threshold", name, "n_buys", *ends_of]
    rows = [{"series": who, **row} for who, curve in curves.items() for row in curve[kept].to_dict("records")]
    axis = alt.Axis(tickCount=5)
    x = alt.X("threshold", type="quantitative", title="threshold: a score from which a day is a buy", axis=axis)
    data, y = alt.Chart(records(rows)), alt.Y(**share(name))
    colour, dash = _styles(list(curves))
    layers = [_band(rows, who, name, x) for who in BANDED if who in curves]
    layers.append(data.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash))
    titled = {"series": "model", "threshold": "threshold|.4f", name: f"{name}|.3f", "n_buys": "buys|,"}
    layers.append(touched(rows, x, y, **titled, **ends_of))
    if point is not None and point["threshold"] is not None:
        one = alt.Chart(records([{"threshold": point["threshold"], name: point[name]}]))
        layers.append(one.mark_rule(color=INK, strokeDash=[4, 4]).encode(x=x))
        layers.append(one.mark_point(shape="diamond", filled=True, size=120, color=INK).encode(x=x, y=y))
    says = f"Shaded: 95 % intervals of {' and '.join(who for who in BANDED if who in curves)}, each threshold alone."
    if point is not None and point["threshold"] is not None:
        says += f" Dashed upright line and diamond: the threshold of what ships, {point['name']}."
    says += _known(curves)
    header, table = _table(curves, name)
    return panel(title, says, layers, header, table)


def _known(curves: Mapping[str, pd.DataFrame]) -> str:
    return "".join(f" {capital(who)}: {what}." for who, what in KNOWN.items() if who in curves)


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
    titled = {"series": "model", "threshold": "threshold|.4f", "precision": "precision|.3f", "recall": "recall|.3f"}
    layers.append(touched(rows, x, y, **titled))
    if point is not None and point["threshold"] is not None:
        one = alt.Chart(records([{"recall": point["recall"], "precision": point["precision"]}]))
        layers.append(one.mark_point(shape="diamond", filled=True, size=120, color=INK).encode(x=x, y=y))
    says = "Along a line the threshold rises from right to left: what is gained in precision is paid for in recall."
    if point is not None and point["threshold"] is not None:
        says += f" Diamond: the threshold of what ships, {point['name']}."
    says += _known(curves)
    table = [[row["series"], three(row["recall"]), three(row["precision"])] for row in rows]
    return panel(title, says, layers, ("model", "recall", "precision"), table)


def ranges(judged: Sequence[Row]) -> Chart:
    """From its lowest to its highest score on the threshold role, with the threshold, of every contender."""
    title = f"Range of the scores on {ROLE}"
    if not judged:
        return absent(title, "No contender was judged.")
    ordered = sorted(judged, key=lambda row: (-row["precision_low"], -row["recall"], row["name"]))
    rows = [
        {"who": r["name"], "low": r["prediction_min"], "high": r["prediction_max"], "threshold": r["threshold"]}
        for r in ordered
    ]
    y = listed([row["who"] for row in rows])
    bar = alt.Chart(records(rows)).mark_rule(strokeWidth=5, color=GREY, opacity=0.6)
    chosen = alt.Chart(records([row for row in rows if row["threshold"] is not None]))
    said = tips(who="contender", low="lowest|.3f", high="highest|.3f", threshold="threshold|.3f")
    layers = [
        bar.encode(y=y, x=alt.X(**share("score", "low")), x2="high", tooltip=said),
        chosen.mark_point(shape="diamond", filled=True, size=80, color=BLUE, opacity=1).encode(
            y=y, x=alt.X(**share("score", "threshold")), tooltip=said
        ),
    ]
    diamond = " Diamond: the threshold." if any(row["threshold"] is not None for row in rows) else ""
    says = f"Bar: lowest to highest score.{diamond} A contender whose bar is a dot says nothing of a day."
    table = [[row["who"], ends(row["low"], row["high"]), three(row["threshold"])] for row in rows]
    return panel(title, says, layers, ("model", "range", "threshold"), table, 18 * len(rows), wide=True)


def buys(days: pd.DataFrame | None, name: str) -> Chart:
    """The Close of the test role with every buy of what ships on it.

    Parameters
    ----------
    days : index date; columns ``close``, ``score``, ``bought`` (bool) and ``hit`` (bool); None if none was examined
    name : of what ships; empty if nothing does
    """
    title = "Where in time the buys fell, on the test role"
    if days is None:
        return absent(title, CLOSED if name else "Nothing ships, so nothing bought.")
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
        "tooltip": tips(date="day|%Y-%m-%d", series="it was a", close="Close|,.2f", score="score|.3f"),
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
    title = "Predicted and observed, what ships on the threshold role"
    score, mapped = tables["score"], tables["map"]
    if score.empty:
        return absent(title, "Nothing ships, or its scores could not be judged as probabilities.")
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
    said = {"series": "series", "predicted": "predicted|.3f", "observed": "observed|.3f"}
    tip = tips(**said, low="at least|.3f", high="at most|.3f", n="days|,")
    diagonal = alt.Chart(records([{"predicted": end, "observed": end} for end in (0, 1)]))
    return [
        diagonal.mark_line(color=RULE, strokeDash=[4, 4]).encode(x=x, y=alt.Y(**share(axis, "observed"))),
        data.mark_rule(opacity=0.5).encode(x=x, y=alt.Y(**share(axis, "low")), y2="high", color=colour),
        data.mark_point(filled=True, size=70, opacity=1).encode(
            x=x, y=alt.Y(**share(axis, "observed")), color=colour, shape=shaped(names), tooltip=tip
        ),
    ]
