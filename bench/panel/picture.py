"""The learning curve as a picture: lead over the volatility logistic by symbols, a panel for each number of years."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from buysignal.core.files import write_text

WIDTH, HEIGHT = 250, 240
COLOURS = {"boosting": "#c77700", "transformer": "#1f5fa8", "blend": "#2e7d4f"}
APART = 0.06  # of the logarithm of a number of symbols, so that intervals stand beside each other


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the SVG."""
    rows = [
        {"years": cell["years"], "symbols": cell["symbols"] * 10 ** (APART * place), "contender": name, **lead}
        for cell in found["cells"]
        for place, (name, lead) in zip((-1, 0, 1), cell["lead"].items())
    ]
    frame = pd.DataFrame(rows)[["years", "symbols", "contender", "difference", "low", "high"]]
    sizes = sorted({cell["symbols"] for cell in found["cells"]})
    panels = [_years(part, sizes, years) for years, part in frame.groupby("years")]
    title = alt.Title(
        "Precision at three buys a day, less that of the volatility logistic trained on the same bars",
        subtitle="Trained on so many symbols and years to 2008, judged on all symbols 2010 to 2013; 95 % intervals "
        "that resample dates",
    )
    chart = alt.hconcat(*panels, spacing=30, title=title).resolve_scale(y="shared", color="shared")
    chart = chart.configure_title(anchor="start", fontSize=13).configure_view(strokeWidth=0)
    write_text(path, vl_convert.vegalite_to_svg(chart.to_json()))


def _years(frame: pd.DataFrame, sizes: list[int], years: int) -> alt.LayerChart:
    x = alt.X(
        "symbols",
        scale=alt.Scale(type="log", padding=14),
        axis=alt.Axis(values=sizes, format=",d", grid=False),
        title="symbols trained on",
    )
    colour = alt.Color(
        "contender", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=alt.Legend(title=None)
    )
    axis = alt.Axis(format="+.2f", grid=False)
    base = alt.Chart(frame, title=f"{years} years").encode(x, color=colour)
    line = base.mark_line(point=True).encode(alt.Y("difference", title=None, axis=axis))
    spread = base.mark_rule(opacity=0.5).encode(alt.Y("low", title=None, axis=axis), alt.Y2("high"))
    zero = alt.Chart(pd.DataFrame({"zero": [0.0]})).mark_rule(strokeDash=[5, 4], color="#777").encode(y="zero:Q")
    return alt.layer(zero, spread, line).properties(width=WIDTH, height=HEIGHT)


def draw_study(found: dict[str, Any], path: Path) -> None:
    """Write the SVG of precision by contender, in all and by year, with its interval and the base rate."""
    rows = [
        {
            "contender": row["name"],
            "kind": row["family"],
            "precision": row["precision"],
            "low": row["precision_interval"][0],
            "high": row["precision_interval"][1],
            "base": row["base_rate"],
            "part": str(row["year"] or f"{found['first'][:4]} to {found['last'][:4]}"),
        }
        for row in found["rows"]
    ]
    frame = pd.DataFrame(rows)
    order = frame.loc[frame["part"].str.contains("to"), "contender"].tolist()
    panels = [_part(frame[frame["part"] == part], order, part) for part in frame["part"].unique()]
    title = alt.Title(
        f"Precision of the {found['per_day']} best of each day among {found['symbols']} symbols, by contender",
        subtitle="95 % intervals that resample dates; the dashed line is the base rate, what a random buy reaches",
    )
    chart = alt.hconcat(*panels, spacing=24, title=title).resolve_scale(color="shared")
    chart = chart.configure_title(anchor="start", fontSize=13).configure_view(strokeWidth=0)
    write_text(path, vl_convert.vegalite_to_svg(chart.to_json()))


def _part(frame: pd.DataFrame, order: list[str], title: str) -> alt.LayerChart:
    y = alt.Y("contender", sort=order, title=None, axis=alt.Axis(labelLimit=180, grid=True))
    scale = alt.Scale(zero=False, nice=True)
    colour = alt.Color("kind", legend=alt.Legend(title=None))
    base = alt.Chart(frame, title=title).encode(y, color=colour)
    points = base.mark_point(filled=True, size=55).encode(alt.X("precision", title=None, scale=scale))
    spread = base.mark_rule().encode(alt.X("low", scale=scale, title=None), alt.X2("high"))
    chance = alt.Chart(frame.head(1)).mark_rule(strokeDash=[5, 4], color="#777").encode(x="base:Q")
    return alt.layer(chance, spread, points).properties(width=WIDTH, height=18 * len(order))
