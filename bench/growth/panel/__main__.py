"""Time and memory of a panel, stage by stage, as its symbols grow.

python -m bench.growth.panel [--symbols 1 10 100 475 5000] [--steps ingest ...] [--out bench/results/panel_growth.json]
python -m bench.growth.panel --small     a minute

Bars are made up. Each step runs in a fresh process that may hold ``--limit`` GiB. What is measured is written at
once; what is there already of other sizes and steps is kept, each with its date, versions and load.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.growth.features import alone, exponent
from bench.growth.panel.picture import draw
from bench.growth.panel.steps import STEPS, simulate, within
from bench.speed.machine import described

from buysignal.core.files import read_json, write_json

LIMIT_GIB = 24.0
NEEDED = ("ingest", "featurize")  # steps that leave a file
FROM = 100  # symbols from which on growth is that of symbols, and not what a process begins with

Keep = Callable[[str, dict[str, Any]], None]


def measure(symbols: int, years: int, steps: Sequence[str], limit_gib: float, folder: Path, keep: Keep) -> None:
    """Some steps of one size, each of which ``keep`` is given; one that failed and is needed ends it."""
    alone(simulate, folder, symbols, years)
    for name in steps:
        row = {"machine": described()} | alone(within, 1024 * limit_gib, STEPS[name], folder)
        keep(name, row)
        print(told(symbols, name, row), flush=True)
        if "failed" in row and name in NEEDED:
            break


def told(symbols: int, name: str, row: dict[str, Any]) -> str:
    """One result in a line."""
    size = f"{symbols:5,} symbols: {name:9}"
    if "failed" in row:
        return f"{size} FAILED within {row['limit_mib'] / 1024:.1f} GiB: {row['failed']}"
    parts = ", ".join(f"{part} {one['seconds']:.1f}" for part, one in row["parts"].items())
    return f"{size} {row['rows']:10,} rows {row['seconds']:7.1f} s, {row['peak_mib'] / 1024:6.2f} GiB ({parts})"


def summed(sizes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Of each step the exponents of time and of memory beside what the process began with, and the largest peak.

    They are taken from `FROM` symbols on, where as many are measured, else from the fewest.
    """
    found = {}
    for name in STEPS:
        rows = [
            {"symbols": one["symbols"], "added_mib": row["peak_mib"] - row["before_mib"], **row}
            for one in sorted(sizes, key=lambda one: one["symbols"])
            if "parts" in (row := one["steps"].get(name, {}))
        ]
        many = [row for row in rows if row["symbols"] >= FROM]
        rows = many if len(many) > 1 else rows
        if rows:
            found[name] = {"symbols": [rows[0]["symbols"], rows[-1]["symbols"]], "peak_mib": rows[-1]["peak_mib"]}
            found[name] |= {f"{cost}_exponent": exponent(rows, "symbols", cost) for cost in ("seconds", "added_mib")}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--symbols", type=int, nargs="+", default=[1, 10, 100, 475, 5000])
    parser.add_argument("--years", type=int, default=16)
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS), help="the first two run always")
    parser.add_argument("--limit", type=float, default=LIMIT_GIB, help="GiB that a step may hold")
    parser.add_argument("--small", action="store_true", help="only see that it runs")
    parser.add_argument("--work", type=Path, help="where the files of a size lie meanwhile; 8 GB for 5,000 symbols")
    parser.add_argument("--out", type=Path, default=Path("bench/results/panel_growth.json"))
    options = parser.parse_args()
    asked, years = ([1, 3], 6) if options.small else (options.symbols, options.years)
    kept = read_json(options.out)["sizes"] if options.out.exists() else []
    sizes = {one["symbols"]: one["steps"] for one in kept if one["years"] == years}
    todo = [name for name in STEPS if name in (*NEEDED, *options.steps)]

    def keep(symbols: int, name: str, row: dict[str, Any]) -> None:
        sizes.setdefault(symbols, {})[name] = row
        ordered = [{"symbols": size, "years": years, "steps": sizes[size]} for size in sorted(sizes)]
        write_json(options.out, {"years": years, "sizes": ordered, "growth": summed(ordered)})

    for size in asked:
        with tempfile.TemporaryDirectory(dir=options.work) as folder:
            measure(size, years, todo, options.limit, Path(folder), partial(keep, size))
    draw(read_json(options.out), options.out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
