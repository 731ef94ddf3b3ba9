"""Time and memory as symbols, models and trials grow, and what stages import.

python -m bench.growth [--symbols 1 10 100] [--trials 100 1000 10000] [--out bench/results/growth.json]
python -m bench.growth --small     a few seconds
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert
from bench.growth.features import alone, exponent, featurize, of_one_symbol, windows
from bench.growth.imports import heaviest, imports
from bench.growth.judged import analysis, sweep_and_select
from bench.speed.machine import described

from buysignal.io import write_json, write_text
from buysignal.params import Params

WANTED = {"features_seconds": 0.5, "sweep_and_select_seconds": 2.0, "analysis_of_100000_seconds": 30.0}
EMBEDDED_ROWS = 5031
MOST_WINDOWED = 100  # symbols; the values, means and deviations of more are large, though no window is copied


def measure(symbols: list[int], years: int, models: int, trials: list[int], stages: list[Path]) -> dict[str, Any]:
    """Everything, one thing after another."""
    params = Params.load()
    features = [alone(featurize, count, years) for count in symbols]
    analysed = [analysis(count, params) for count in trials]
    return {
        "features": features,
        "features_time_exponent": exponent(features, "rows", "seconds"),
        "one_symbol": alone(of_one_symbol, EMBEDDED_ROWS),
        "windows": [alone(windows, count, years) for count in symbols if count <= MOST_WINDOWED],
        "sweep_and_select": sweep_and_select(models, params),
        "analysis": analysed,
        "analysis_time_exponent": exponent(analysed, "trials", "seconds"),
        "imports": [imports(stage) for stage in stages],
        "heaviest_imports_of_sweep": heaviest(Path("stages/sweep.py")),
        "years": years,
        "wanted": WANTED,
    }


def draw(found: dict[str, Any], path: Path) -> None:
    """Seconds and memory of features over symbols, and seconds of the analysis over trials, as SVG."""
    features, analysed = pd.DataFrame(found["features"]), pd.DataFrame(found["analysis"])
    panels = [
        (features, "symbols", "seconds", "206 features: seconds"),
        (features, "symbols", "peak_mib", "206 features: peak memory, MiB"),
        (analysed, "trials", "seconds", "analysis: seconds"),
    ]
    charts = [
        alt.Chart(frame[[x, y]], title=title)
        .mark_line(point=True)
        .encode(
            alt.X(x, scale=alt.Scale(type="log")),
            alt.Y(y, title=None, scale=alt.Scale(type="log")),
        )
        .properties(width=220, height=180)
        for frame, x, y, title in panels
    ]
    write_text(path, vl_convert.vegalite_to_svg(alt.hconcat(*charts, spacing=30).to_json()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--symbols", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--years", type=int, default=30)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--small", action="store_true", help="only see that it runs")
    parser.add_argument("--out", type=Path, default=Path("bench/results/growth.json"))
    options = parser.parse_args()
    machine, stages = described(), sorted(Path("stages").glob("*.py"))
    if options.small:
        found = measure([1, 2], 3, 3, [40, 80], stages[:1])
    else:
        found = measure(options.symbols, options.years, options.models, options.trials, stages)
    write_json(options.out, found | {"machine": machine})
    draw(found, options.out.with_suffix(".svg"))
    for row in found["features"]:
        print(f"{row['symbols']:5} symbols: {row['rows']:9,} rows, {row['seconds']:7.1f} s, {row['peak_mib']:7.0f} MiB")
    print(f"{EMBEDDED_ROWS:,} rows of one symbol: {found['one_symbol']['seconds']:.2f} s")
    for row in found["windows"]:
        print(f"{row['windows']:9,} windows: {row['added_mib']:.0f} MiB; copied {row['copied_would_take_mib']:.0f} MiB")
    judged = found["sweep_and_select"]
    print(f"sweep and select of {judged['models']} models at every score: {judged['seconds']:.2f} s")
    for row in found["analysis"]:
        print(f"analysis of {row['trials']:7,} trials: {row['seconds']:.1f} s")
    for row in found["imports"]:
        if row["torch"] and not row["trains"]:
            print(f"stage {row['stage']} imports torch ({row['seconds']:.1f} s) through {', '.join(row['through'])}")


if __name__ == "__main__":
    main()
