"""Precision at three a day over the volatility logistic, by symbols and years trained on: a learning curve.

    python -m bench.panel.curve --bars PANEL [--work FOLDER] [--out bench/results/panel_curve.json]
    python -m bench.panel.curve --bars PANEL --small      two cells

Every cell trains on the bars of some symbols of the panel, over some years that end with 2008; 2009 is the stop role.
All are judged on the same rows: the three best of each day of 2010 to 2013, of all symbols of the panel. A finished
cell is kept in the work folder, and a second run takes it from there. Intervals resample dates, in blocks.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from bench.panel.cells import DRAWS, JUDGED_TO, YEARS, Cell, cells
from bench.panel.fitted import CONFIGURATION, CONTENDERS, LOGISTIC, ROWS, SEEN, SHAPE, TIER, scored
from bench.panel.picture import draw
from bench.speed.machine import described

from buysignal.bars.panel import read_panel
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import Wanted
from buysignal.core.files import write_json
from buysignal.core.settings import of
from buysignal.days.params import Label, Roles
from buysignal.days.table import assemble
from buysignal.judge.best_of_day import best_of_day
from buysignal.judge.dates import Dates
from buysignal.judge.paired import choice_difference

PER_DAY, CONFIDENCE, DRAWN = 3, 0.95, 2000
LABEL = of(Label, "touch", 1, 0.01, "volatility", 1.0, -1.0)
ANY = Roles(
    until="last", train=0.5, stop=0.1, rank=0.1, calibrate=0.1, threshold=0.1, test=0.1
)  # each cell has its own instead


def row(parts: list[pd.DataFrame], seed: int) -> dict[str, Any]:
    """Precision of every contender at three a day, and its lead over the logistic, on average of the draws."""
    dates, label = Dates.of(parts[0].index), parts[0]["label"].to_numpy()
    bought = {
        name: np.mean([best_of_day(part[name].to_numpy(), dates, PER_DAY) for part in parts], axis=0)
        for name in (LOGISTIC, *CONTENDERS)
    }
    found: dict[str, Any] = {"draws": len(parts), "buys": PER_DAY * len(dates), "base_rate": float(label.mean())}
    found["precision"] = {name: float(weights @ label / weights.sum()) for name, weights in bought.items()}
    told = (LABEL.horizon, CONFIDENCE, seed, DRAWN, dates)
    found["lead"] = {
        name: asdict(choice_difference(label, bought[name], bought[LOGISTIC], *told)) for name in CONTENDERS
    }
    return found


def measured(bars: pd.DataFrame, wanted: list[Cell], seed: int, work: Path) -> dict[str, pd.DataFrame]:
    """The scores of every cell by its name, taken from the work folder where they are."""
    work.mkdir(parents=True, exist_ok=True)
    table = assemble(bars, TIER, LABEL, ANY)
    found = {}
    for cell in wanted:
        path = work / f"{cell.name}.scores.parquet"
        if not path.exists():
            begun = time.monotonic()
            scores = scored(bars, table, cell, LABEL, seed, work)
            scores.to_parquet(path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
            print(f"{cell.name}: {time.monotonic() - begun:.0f} s", flush=True)
        found[cell.name] = pd.read_parquet(path)
    return found


def told(found: dict[str, Any]) -> list[str]:
    """A line for each number of symbols and years."""
    lines = []
    for one in found["cells"]:
        leads = []
        for name, lead in one["lead"].items():
            ends = f"{lead['low']:+.3f} to {lead['high']:+.3f}"
            leads.append(f"{name} {one['precision'][name]:.3f} ({lead['difference']:+.3f}; {ends})")
        head = f"{one['symbols']:3} symbols, {one['years']} years: logistic {one['precision'][LOGISTIC]:.3f}"
        lines.append("; ".join((head, *leads)))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bars", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("data/.curve"))
    parser.add_argument("--seed", type=int, default=20190101)
    parser.add_argument("--out", type=Path, default=Path("bench/results/panel_curve.json"))
    parser.add_argument("--small", action="store_true")
    asked = parser.parse_args()
    wanted = [Cell(1, 2, 0), Cell(10, 2, 0)] if asked.small else list(cells())
    bars = read_panel(asked.bars, Wanted(), Rules(), "drop", until=JUDGED_TO.date()).bars  # the test role is not read
    scores = measured(bars, wanted, asked.seed, asked.work)
    rows = []
    for symbols, years in sorted({(one.symbols, one.years) for one in wanted}):
        parts = [scores[one.name] for one in wanted if (one.symbols, one.years) == (symbols, years)]
        rows.append({"symbols": symbols, "years": years} | row(parts, asked.seed))
    setup = {"tier": TIER, "configuration": vars(CONFIGURATION), "shape": vars(SHAPE), "rows": ROWS, "seen": SEEN}
    found = {"cells": rows, "setup": setup, "draws": DRAWS, "years": YEARS, "machine": described()}
    found["peak_gib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print("\n".join(told(found)))
    if not asked.small:
        write_json(asked.out, found)
        draw(found, asked.out.with_suffix(".svg"))


if __name__ == "__main__":
    main()
