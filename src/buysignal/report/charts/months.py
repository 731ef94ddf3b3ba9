"""Where and when many symbols were bought: a map of symbol and month."""

import altair as alt
import pandas as pd

from buysignal.report.charts.chart import BLUE, GREY, Chart, listed, panel, records
from buysignal.report.words import Row

MOST = 40  # symbols
AREA = 170  # square pixels of the largest ring, which a row of 18 pixels holds


def months(told: Row, bought: pd.DataFrame) -> list[Chart]:
    """The map; none without a buy, as the page says so at the same place.

    Parameters
    ----------
    told : metrics/symbols.json
    bought : data/symbols.parquet, see `buysignal.judge.parts.by_month`
    """
    if bought.empty:
        return []
    totals = bought.groupby("symbol")["n_buys"].sum().sort_index().sort_values(ascending=False, kind="stable")
    names, most = list(totals.index[:MOST]), int(bought["n_buys"].max())
    drawn = bought[bought["symbol"].isin(names)]
    columns = [str(month) for month in pd.period_range(told["first"][:7], told["last"][:7], freq="M")]
    left_out = f"Only the {MOST} symbols with most buys of {len(totals):,} that were bought. " * (len(totals) > MOST)
    says = (
        f"Most buys first. {left_out}A ring is as large as the buys of a symbol in a month (the largest: {most:,}), "
        "the disc in it as those that were right: a full ring is a month without a wrong buy."
    )
    header, rows = ("symbol", *columns), _cells(drawn, names, columns)
    title = f"Buys and hits by symbol and month, on the {told['role']} role"
    return [panel(title, says, _layers(drawn, names, columns, most), header, rows, 18 * len(names), wide=True)]


def _layers(drawn: pd.DataFrame, names: list[str], columns: list[str], most: int) -> list[alt.Chart]:
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=12, grid=True)
    x = alt.X("month", type="ordinal", title=None, scale=alt.Scale(domain=columns), axis=axis)
    scale = alt.Scale(domain=[0, most], range=[0, AREA])
    tooltip = ["symbol:N", "month:N", alt.Tooltip("n_buys", type="quantitative", title="buys"), "hits:Q"]

    def mark(rows: pd.DataFrame, size: str, **style: object) -> alt.Chart:
        circle = alt.Chart(records(rows.to_dict("records"))).mark_point(shape="circle", opacity=1, **style)
        sized = alt.Size(size, type="quantitative", scale=scale, legend=None)
        return circle.encode(x=x, y=listed(names, "symbol"), size=sized, tooltip=tooltip)

    return [
        mark(drawn, "n_buys", filled=False, color=GREY, strokeWidth=1.2),
        mark(drawn[drawn["hits"] > 0], "hits", filled=True, color=BLUE),
    ]


def _cells(drawn: pd.DataFrame, names: list[str], columns: list[str]) -> list[list[str]]:
    """Hits and buys of each symbol, month by month; empty where nothing was bought."""
    said = {(one.symbol, one.month): f"{one.hits} of {one.n_buys}" for one in drawn.itertuples()}
    return [[name, *(said.get((name, month), "") for month in columns)] for name in names]
