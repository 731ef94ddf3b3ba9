"""What a journal came to, drawn: precision against its promise, the capital of who doubts it, what the buys earned."""

import altair as alt
import numpy as np
import pandas as pd

from buysignal.bars.symbols import dates_of
from buysignal.judge.verdict import percent
from buysignal.report.charts.chart import BLUE, GREY, RULE, VERMILLION, Chart, panel, pointed, records, time
from buysignal.report.words import three
from buysignal.ship.journal.followed import Followed

ALARM = 20  # capital at which a promise is called broken
MOST_POINTS = 2_000  # of a line
DAY = "day|%Y-%m-%d"
MOST_ROWS = 40  # of the table beside a chart


def drawn(found: Followed) -> list[Chart]:
    """The picture that matters, the capital of who doubts, and what the buys earned."""
    if not len(found.kept.e):
        return []
    return [_precision(found), _capital(found), _earned(found)]


def _points(found: Followed) -> pd.DataFrame:
    """A row per buying day whose outcome is known: when, precision so far, its bounds, and the capital."""
    kept, known = found.kept, found.known
    days = dates_of(found.rows.index).unique().sort_values()
    bought = known[known["above"]]
    by_day = bought.groupby(dates_of(bought.index))["label"].agg(["sum", "count"]).reindex(days[kept.at]).fillna(0)
    so_far = by_day["sum"].cumsum() / by_day["count"].cumsum().clip(lower=1)
    when = days[np.minimum(kept.at + found.promise["horizon"], len(days) - 1)]
    rows = {"date": [f"{day:%Y-%m-%d}T00:00:00" for day in when], "precision": so_far.to_numpy()}
    frame = pd.DataFrame(rows | {"low": kept.low, "high": kept.high, "capital": np.clip(kept.e, 1e-3, 1e6)})
    step = -(-len(frame) // MOST_POINTS)
    return frame.iloc[np.unique(np.r_[np.arange(0, len(frame), step), len(frame) - 1])].round(4)


def _few(points: pd.DataFrame) -> np.ndarray:
    """Rows at even distances, for the table beside a chart."""
    return points.to_numpy()[:: max(1, len(points) // MOST_ROWS)]


def _precision(found: Followed) -> Chart:
    points, promise = _points(found), found.promise
    low, high = promise["precision_interval"]
    y = {"type": "quantitative", "title": "precision so far", "scale": alt.Scale(domain=[0, 1])}
    ends_ = [{"date": points["date"].iloc[at], "low": low, "high": high} for at in (0, -1)]
    band = alt.Chart(records(ends_)).mark_area(color=GREY, opacity=0.25).encode(time(), alt.Y("low", **y), y2="high")
    rules = [
        {"at": promise["floor"], "what": "promised: at least"},
        {"at": promise["base_rate"], "what": "base rate promised"},
    ]
    rule = (
        alt.Chart(records(rules))
        .mark_rule(strokeDash=[6, 3])
        .encode(alt.Y("at", **y), alt.Color("what", type="nominal", scale=_legend()))
    )
    base = alt.Chart(records(points.assign(what="realised, so far").to_dict("records")))
    bounds = base.mark_area(color=BLUE, opacity=0.15).encode(time(), alt.Y("low", **y), y2="high")
    line = base.mark_line(strokeWidth=2.5).encode(
        time(), alt.Y("precision", **y), alt.Color("what", type="nominal", scale=_legend())
    )
    says = (
        "Grey: the interval of what was seen before it shipped. Blue: precision of all buys so far, in bounds that "
        "hold on all days at once. The promise is in doubt where the blue band lies below the red line."
    )
    header = ("day", "precision so far", "at least", "at most")
    said = {"precision": "precision so far|.3f", "low": "at least|.3f", "high": "at most|.3f"}
    over = pointed(points.to_dict("records"), time(), date=DAY, **said)
    few = _few(points[["date", "precision", "low", "high"]])
    rows = [[day[:10], three(p), three(a), three(b)] for day, p, a, b in few]
    return panel(
        "Promised and realised precision", says, [bounds, band, rule, line, over], header, rows, 320, wide=True
    )


def _legend() -> alt.Scale:
    return alt.Scale(
        domain=["realised, so far", "promised: at least", "base rate promised"], range=[BLUE, VERMILLION, RULE]
    )


def _capital(found: Followed) -> Chart:
    points = _points(found)
    y = {"type": "quantitative", "title": "capital", "scale": alt.Scale(type="log"), "axis": alt.Axis(format="~g")}
    line = alt.Chart(records(points.to_dict("records"))).mark_line(color=BLUE).encode(time(), alt.Y("capital", **y))
    at = alt.Chart(records([{"capital": ALARM}])).mark_rule(color=VERMILLION, strokeDash=[6, 3])
    says = (
        f"Who bets 1 against the promise, at fair odds if it is kept, owns this much. At {ALARM} (red) the promise is "
        "called broken: of kept promises that happens to 5 of 100 at most, ever."
    )
    over = pointed(points[["date", "capital"]].to_dict("records"), time(), date=DAY, capital="capital|.3g")
    rows = [[day[:10], f"{value:.3g}"] for day, value in _few(points[["date", "capital"]])]
    return panel(
        "Capital of who bets against it", says, [line, at.encode(alt.Y("capital", **y)), over], ("day", "capital"), rows
    )


def _earned(found: Followed) -> Chart:
    bought = found.known[found.known["above"]]
    net = (bought["earned"] - found.promise["cost"]).groupby(dates_of(bought.index)).mean()
    points = pd.DataFrame(
        {"date": [f"{day:%Y-%m-%d}T00:00:00" for day in net.index], "sum": 100 * net.cumsum().to_numpy()}
    )
    y = {"type": "quantitative", "title": "sum of returns, percent"}
    line = alt.Chart(records(points.round(3).to_dict("records"))).mark_line(color=BLUE, interpolate="step-after")
    zero = alt.Chart(records([{"sum": 0}])).mark_rule(color=RULE, strokeDash=[4, 4]).encode(alt.Y("sum", **y))
    says = (
        "Each day with a buy adds the mean return of its buys after costs, as if the same amount were put in each "
        f"time: {percent(float(net.sum()))} in all."
    )
    rows = [[day[:10], f"{value:.2f}"] for day, value in _few(points)]
    over = pointed(points.round(3).to_dict("records"), time(), date=DAY, sum="sum, percent|.2f")
    layers = [line.encode(time(), alt.Y("sum", **y)), zero, over]
    return panel("What the buys earned", says, layers, ("day", "percent"), rows)
