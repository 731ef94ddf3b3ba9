"""The growth as pictures: cost over size with its limit, idle DVC commands, and every limit at a glance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert
from bench.growth.wanted import MEMORY_GIB, NOOP_RATIO, SECONDS, lines

from buysignal.core.files import write_text

WIDTH, HEIGHT = 250, 190
MEASURED, LIMIT = "#1f5fa8", "#c0392b"


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the SVG."""
    kept = pd.DataFrame([row for row in found["features"] if row["kept"]])
    memory = pd.DataFrame({"symbols": kept["symbols"], "GiB": kept["peak_mib"] / 1024})
    seconds = f"206 features, {found['years']} years: seconds (exponent {found['features_time_exponent']:.2f})"
    upper = [
        growth(kept, "symbols", "seconds", seconds, None),
        growth(memory, "symbols", "GiB", "Peak memory with every table kept: GiB", MEMORY_GIB),
        growth(pd.DataFrame(found["analysis"]), "trials", "seconds", "Analysis: seconds", SECONDS["analysis"]),
    ]
    lower = ([idle(found["dvc_noop"])] if found["dvc_noop"] else []) + [limits(found)]
    chart = alt.vconcat(alt.hconcat(*upper, spacing=35), alt.hconcat(*lower, spacing=35), spacing=30)
    chart = chart.configure_title(anchor="start", fontSize=12).configure_view(strokeWidth=0)
    write_text(path, vl_convert.vegalite_to_svg(chart.to_json()))


def growth(frame: pd.DataFrame, size: str, cost: str, title: str, limit: float | None) -> alt.LayerChart:
    """Cost over size, both logarithmic, ticks at the measured sizes; a dashed line where there is a limit."""
    sizes = frame[size].tolist()
    x = alt.X(size, scale=alt.Scale(type="log", padding=18), axis=alt.Axis(values=sizes, format=",d", grid=False))
    y = alt.Y(cost, title=None, scale=alt.Scale(type="log"), axis=alt.Axis(tickCount=4, format="~g", grid=False))
    base = alt.Chart(frame[[size, cost]], title=title).encode(x, y)
    text = base.mark_text(dy=-11, fontSize=10).encode(text=alt.Text(cost, format=".3~g"))
    layers = [base.mark_line(color=MEASURED, point=alt.OverlayMarkDef(color=MEASURED)), text]
    if limit is not None:
        layers += line(limit, alt.Y("limit:Q"), alt.X(value=4))
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)


def line(limit: float, at: alt.Y, left: alt.X, text: str = "wanted: at most ") -> list[alt.Chart]:
    """A dashed horizontal line with its value."""
    base = alt.Chart(pd.DataFrame({"limit": [limit], "text": [f"{text}{limit:.3g}"]})).encode(at)
    rule = base.mark_rule(color=LIMIT, strokeDash=[5, 4])
    return [rule, base.mark_text(color=LIMIT, align="left", dy=-6, fontSize=10).encode(left, text="text")]


def idle(noop: dict[str, Any]) -> alt.LayerChart:
    """Seconds of the DVC commands with nothing to do, and the limit that the same stages without code set."""
    seconds = noop["seconds"]
    names = {"dvc version": "version", "hashing": "hashing", "dvc status": "status"}
    names |= {"without code": "bare", "dvc repro": "repro"}
    frame = pd.DataFrame({"what": list(names), "seconds": [seconds[key] for key in names.values()]})
    base = alt.Chart(frame, title=f"DVC with nothing to do, {noop['stages']} stages: seconds of computing").encode(
        alt.X("what", sort=None, title=None, axis=alt.Axis(labelAngle=0)), alt.Y("seconds", title=None)
    )
    text = base.mark_text(dy=-7, fontSize=10).encode(text=alt.Text("seconds", format=".2f"))
    bars = base.mark_bar(color=MEASURED, size=32)
    wanted = line(NOOP_RATIO * seconds["bare"], alt.Y("limit:Q"), alt.X(value=4), "wanted of repro: ")
    return alt.layer(bars, text, *wanted).properties(width=WIDTH, height=HEIGHT)


def limits(found: dict[str, Any]) -> alt.LayerChart:
    """Every limit: measured over wanted, so that a bar past the line misses it."""
    rows = [{"what": f"{at.what}: {at.found:.2g} of {at.wanted:g} {at.unit}", "share": at.share} for at in lines(found)]
    base = alt.Chart(pd.DataFrame(rows), title="Measured over wanted: past the line the limit is missed").encode(
        alt.X("share", title=None, scale=alt.Scale(domainMin=0, nice=True)),
        alt.Y("what", sort=None, title=None, axis=alt.Axis(labelLimit=300)),
    )
    one = alt.Chart(pd.DataFrame({"limit": [1.0]})).mark_rule(color=LIMIT, strokeDash=[5, 4]).encode(x="limit:Q")
    return alt.layer(base.mark_bar(color=MEASURED), one).properties(width=2 * WIDTH - 190, height=HEIGHT)
