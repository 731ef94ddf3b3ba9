"""Time and memory as symbols, models, trials and stages grow, and what stages import.

python -m bench.growth [--symbols 1 10 100 500] [--trials 100 1000 10000 100000] [--out bench/results/growth.json]
python -m bench.growth --small     a few seconds
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.growth.dvc_noop import noop
from bench.growth.features import alone, exponent, featurize, of_one_symbol, windows
from bench.growth.imports import heaviest, imports
from bench.growth.judged import analysis, sweep_and_select
from bench.growth.picture import draw
from bench.growth.wanted import lines
from bench.speed.machine import described

from buysignal.cli.params import Params
from buysignal.core.files import write_json

EMBEDDED_ROWS = 5031
MOST_NORMALISED = 100  # symbols; of more, the view alone, as their means and deviations only repeat the cost


def measure(
    symbols: list[int], years: int, models: int, trials: list[int], stages: list[Path], root: Path | None
) -> dict[str, Any]:
    """Everything, one thing after another; idle DVC commands only where a project's ``root`` is given."""
    params = Params.load()
    features = [alone(featurize, count, years) for count in symbols]
    analysed = [analysis(count, params) for count in trials]
    found = {
        "features": [*features, alone(featurize, symbols[-1], years, False)],
        "features_time_exponent": exponent(features, "rows", "seconds"),
        "one_symbol": alone(of_one_symbol, EMBEDDED_ROWS),
        "windows": [alone(windows, count, years, count <= MOST_NORMALISED) for count in symbols],
        "sweep_and_select": sweep_and_select(models, params),
        "analysis": analysed,
        "analysis_time_exponent": exponent(analysed, "trials", "seconds"),
        "dvc_noop": noop(root) if root else None,
        "imports": [imports(stage) for stage in stages],
        "heaviest_imports_of_sweep": heaviest(Path("stages/sweep.py")),
        "years": years,
    }
    return found | {"wanted": [asdict(line) | {"met": line.share <= 1} for line in lines(found)]}


def told(found: dict[str, Any]) -> list[str]:
    """The result in lines."""
    text = []
    for row in found["features"]:
        size = f"{row['symbols']:5} symbols: {row['rows']:9,} rows, {row['seconds']:7.1f} s, {row['peak_mib']:7.0f} MiB"
        text.append(f"{size}, {'every table kept' if row['kept'] else 'one table at a time'}")
    for row in found["windows"]:
        held = "means and deviations" if row["revin"] else "the view alone"
        size = f"{row['windows']:9,} windows: {row['added_mib']:.0f} MiB"
        text.append(f"{size}, {held}; copied {row['copied_would_take_mib']:.0f} MiB")
    text += [f"analysis of {row['trials']:7,} trials: {row['seconds']:.1f} s" for row in found["analysis"]]
    if found["dvc_noop"]:
        seconds = found["dvc_noop"]["seconds"]
        text.append(f"{found['dvc_noop']['stages']} stages: " + ", ".join(f"{k} {v:.2f} s" for k, v in seconds.items()))
    for row in found["imports"]:
        if row["torch"] and not row["trains"]:
            text.append(f"stage {row['stage']} imports torch ({row['seconds']:.1f} s) through {row['through']}")
    for row in found["wanted"]:
        verdict = "met" if row["met"] else "MISSED"
        text.append(f"{row['what']}: {row['found']:.3g} of at most {row['wanted']:g} {row['unit']}: {verdict}")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--symbols", type=int, nargs="+", default=[1, 10, 100, 500])
    parser.add_argument("--years", type=int, default=30)
    parser.add_argument("--models", type=int, default=100)
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--small", action="store_true", help="only see that it runs")
    parser.add_argument("--out", type=Path, default=Path("bench/results/growth.json"))
    options = parser.parse_args()
    machine, stages = described(), sorted(Path("stages").glob("*.py"))
    if options.small:
        found = measure([1, 2], 3, 3, [40, 80], stages[:1], None)
    else:
        found = measure(options.symbols, options.years, options.models, options.trials, stages, Path.cwd())
    write_json(options.out, found | {"machine": machine})
    draw(found, options.out.with_suffix(".svg"))
    print("\n".join(told(found)))


if __name__ == "__main__":
    main()
