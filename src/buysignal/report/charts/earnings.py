"""What the buys of what ships earned on the test role: the capital day by day, and how far it fell."""

import altair as alt
import pandas as pd

from buysignal.judge.equity import drawdown
from buysignal.report.charts.chart import BLUE, GREEN, GREY, RULE, VERMILLION, Chart, panel, pointed, records, time
from buysignal.report.charts.results import SHIPS
from buysignal.report.words import Row

ALWAYS, LOGISTIC, RANDOM = "buying always", "volatility", "random days"
BUYS = "random buys"  # as many of each day, where the bars are of many symbols
COLUMNS = {SHIPS: "model", ALWAYS: "always", LOGISTIC: "volatility"}
STYLES = {SHIPS: (BLUE, [1, 0]), ALWAYS: (VERMILLION, [7, 3]), LOGISTIC: (GREEN, [2, 2])}
STYLES |= {RANDOM: (GREY, [1, 0]), BUYS: (GREY, [1, 0])}
TITLES = ("What a capital of 1 came to, on the test role", "How far it fell below its highest, on the test role")


def earnings(tear: Row | None, equity: pd.DataFrame) -> list[Chart]:
    """Capital and drawdown; none without a trade, as the page says so at the same place.

    Parameters
    ----------
    tear : metrics/tear.json
    equity : plots/tear/equity.csv
    """
    if tear is None or equity.empty:
        return []
    names = [name for name in COLUMNS if not (tear["same"] and name == LOGISTIC)]
    days = equity.assign(date=equity["date"] + "T00:00:00")  # a browser takes a bare date for one of Greenwich
    return [_capital(days, names, BUYS if "many" in tear else RANDOM), _falls(days, names)]


def _capital(days: pd.DataFrame, names: list[str], drawn: str) -> Chart:
    legend = [*names, drawn]
    y = {"type": "quantitative", "title": "capital after costs", "scale": alt.Scale(zero=False)}
    band = alt.Chart(records(days[["date", "random_low", "random_high"]].round(4).to_dict("records")))
    one = alt.Chart(records([{"capital": 1}]))
    layers = [
        band.mark_area(opacity=0.25, color=GREY).encode(x=time(), y=alt.Y("random_low", **y), y2="random_high"),
        one.mark_rule(color=RULE, strokeDash=[4, 4]).encode(y=alt.Y("capital", **y)),
        *(_line(days, name, COLUMNS[name], legend, y) for name in reversed(names)),
        pointed(
            days.round(4).to_dict("records"),
            time(),
            **_said(names, "|.3f", {"random_low": "random, low", "random_high": "random, high"}),
        ),
    ]
    says = (
        f"Between buys a line is level. Shaded: where nine of ten draws of as many {drawn} lie; a line inside it did "
        "no better than luck often does."
    )
    return _panel(TITLES[0], says, layers, days, names, ("random_low", "random_high"))


def _falls(days: pd.DataFrame, names: list[str]) -> Chart:
    fallen = days[["date"]].assign(**{COLUMNS[name]: drawdown(days[COLUMNS[name]].to_numpy()) for name in names})
    y = {"type": "quantitative", "title": "below its highest", "axis": alt.Axis(format=".0%")}
    layers = [_line(fallen, name, COLUMNS[name], names, y) for name in reversed(names)]
    layers.append(pointed(fallen.round(4).to_dict("records"), time(), **_said(names, "|.1%", {})))
    says = f"0 is a new highest. The deepest fall of {SHIPS} is {-100 * fallen['model'].min():.1f} %."
    return _panel(TITLES[1], says, layers, fallen, names, ())


def _said(names: list[str], form: str, more: dict[str, str]) -> dict[str, str]:
    """What is said of a day that is pointed at."""
    titled = {COLUMNS[name]: name for name in names} | more
    return {"date": "day|%Y-%m-%d"} | {field: title + form for field, title in titled.items()}


def _style(legend: list[str]) -> dict[str, object]:
    """Colour and dash by the column ``series``, with a legend of these names."""
    colours, dashes = ([STYLES[one][at] for one in legend] for at in (0, 1))
    shown = alt.Legend(symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=3)
    return {
        "color": alt.Color("series", type="nominal", scale=alt.Scale(domain=legend, range=colours), legend=shown),
        "strokeDash": alt.StrokeDash(
            "series", type="nominal", scale=alt.Scale(domain=legend, range=dashes), legend=shown
        ),
    }


def _line(days: pd.DataFrame, name: str, column: str, legend: list[str], y: dict[str, object]) -> alt.Chart:
    """One capital as a line; a day at the height of both its neighbours adds nothing to it."""
    drawn = days[["date", column]].round(4).assign(series=name)
    level = drawn[column]
    kept = drawn[(level != level.shift()) | (level != level.shift(-1))]
    mark = alt.Chart(records(kept.to_dict("records"))).mark_line(strokeWidth=2.5 if name == SHIPS else 1.5)
    return mark.encode(x=time(), y=alt.Y(column, **y), **_style(legend))


def _panel(title: str, says: str, layers: list[alt.Chart], days: pd.DataFrame, names: list[str], more: tuple) -> Chart:
    """The panel, its values as a table of the last day of each month."""
    ends = days[days["date"].str[:7] != days["date"].str[:7].shift(-1)]
    header, columns = ("day", *names, *(["random, low", "random, high"] if more else [])), [COLUMNS[n] for n in names]
    rows = [[row["date"][:10], *(f"{row[key]:.3f}" for key in (*columns, *more))] for row in ends.to_dict("records")]
    return panel(title, says, layers, header, rows, 300 if more else 160, wide=True)
