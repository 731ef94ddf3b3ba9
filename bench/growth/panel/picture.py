"""Seconds and peak memory of every step over the number of symbols."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert
from bench.growth.picture import line
from bench.growth.wanted import MEMORY_GIB

from buysignal.core.files import write_text

WIDTH, HEIGHT = 330, 300
APART = {"seconds": 1.5, "GiB": 1.3}  # ratio of two places, which is a line of text on that axis
COLOURS = {"ingest": "#1f5fa8", "featurize": "#2a9d8f", "days": "#8a6d3b", "epoch": "#7b3fa0", "judge": "#e07a1f"}
WORDS = {
    "ingest": "ingest: read and judge",
    "featurize": "featurize: a50",
    "days": "days: table and bars held",
    "epoch": "one epoch of at most 100,000 windows",
    "judge": "judge: one model, test role",
}


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the SVG."""
    rows = [
        {"symbols": one["symbols"], "step": WORDS[name], "seconds": row["seconds"], "GiB": row["peak_mib"] / 1024}
        for one in found["sizes"]
        for name, row in one["steps"].items()
        if "parts" in row
    ]
    frame = pd.DataFrame(rows)
    frame["last"] = frame["symbols"] == frame.groupby("step")["symbols"].transform("max")
    sizes = sorted(frame["symbols"].unique().tolist())
    limit = line(MEMORY_GIB, alt.Y("limit:Q"), alt.X(value=4))
    seconds = alt.layer(*growth(frame, sizes, "seconds", f"Seconds of computing, {found['years']} years of daily bars"))
    memory = alt.layer(*growth(frame, sizes, "GiB", "Peak memory of the step's process: GiB"), *limit)
    chart = alt.hconcat(*(one.properties(width=WIDTH, height=HEIGHT) for one in (seconds, memory)), spacing=30)
    chart = chart.configure_title(anchor="start", fontSize=12).configure_view(strokeWidth=0)
    write_text(
        path,
        vl_convert.vegalite_to_svg(
            chart.configure_legend(orient="bottom", title=None, labelLimit=0, columns=3).to_json()
        ),
    )


def growth(frame: pd.DataFrame, sizes: list[int], cost: str, title: str) -> list[alt.Chart]:
    """Cost over symbols, both logarithmic; the value stands at the largest size of each step."""
    colour = alt.Color(
        "step", sort=None, scale=alt.Scale(domain=list(WORDS.values()), range=list(COLOURS.values())), title=None
    )
    x = alt.X(
        "symbols",
        scale=alt.Scale(type="log", padding=25, nice=False),
        axis=alt.Axis(values=sizes, format=",d", grid=False),
    )
    y = alt.Y(cost, title=None, scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=5, format="~g", gridOpacity=0.4))
    base = alt.Chart(frame[["symbols", "step", "last", cost]], title=title).encode(x, y, colour)
    ends = frame[frame["last"]].sort_values(cost)
    ends = ends.assign(at=apart(ends[cost].tolist(), APART[cost]))[["symbols", "step", cost, "at"]]
    text = alt.Chart(ends).mark_text(dx=6, align="left", fontSize=10)
    return [base.mark_line(point=True), text.encode(x, alt.Y("at", title=None), colour, alt.Text(cost, format=".3~g"))]


def apart(rising: list[float], ratio: float) -> list[float]:
    """Where numbers are written that no two cover each other, on a logarithmic axis; each at its own place or above."""
    found: list[float] = []
    for value in rising:
        found.append(max(value, found[-1] * ratio) if found else value)
    return found
