"""Which rule should say what ships: regret over markets and origins, on days that no rule saw.

    python -m bench.choice --panel FILE [--stocks 40] [--null 20] [--planted 20] [--workers 2]
        [--out bench/results/choice.json]

``--panel`` is a Parquet file of daily bars of many stocks (symbol, date, open, high, low, close, volume); without it no
stock is looked at. Finished cases are kept in ``.scratch/choice`` and taken from there. The seeds are not those on
which the rules were thought of.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import tempfile
from functools import partial
from pathlib import Path

import pandas as pd
from bench.choice.cases import Case, index_cases, scored, simulated_cases, stock_cases
from bench.choice.rules import outcomes, table
from bench.honesty.mini import small_params

from buysignal.core.files import write_json
from buysignal.core.workers.engine import Engine
from buysignal.core.workers.job import Failure
from buysignal.judge.row import rules_of
from buysignal.models import scores

SEED, STOCKS_SEED = 11, 2026
FIRST = {"null": 70_001, "planted": 80_001}
KEPT = Path(".scratch/choice")
SELECT = {"min_buys": 30, "min_recall": 0.05}  # of params.yaml: what is shipped by default


def main(arguments: argparse.Namespace) -> None:
    cases = index_cases()
    if arguments.panel:
        panel = pd.read_parquet(arguments.panel).assign(date=lambda frame: pd.to_datetime(frame["date"]))
        cases += stock_cases(panel, arguments.stocks, STOCKS_SEED)
    for kind, count in (("null", arguments.null), ("planted", arguments.planted)):
        cases += simulated_cases(kind, range(FIRST[kind], FIRST[kind] + count))
    _fit([case for case in cases if not (_place(case) / scores.SCORES).exists()], arguments.workers)
    params = small_params(SEED)
    rows = []
    for case in cases:
        rules = rules_of(params.select.model_copy(update=SELECT), case.label.horizon, params.sweep.points)
        found = outcomes(scores.read(_place(case)), rules)
        rows += [{"kind": case.kind, "case": case.name, **row} for row in found]
    frame = pd.DataFrame(rows)
    found = {"date": datetime.date.today().isoformat(), "cases": frame.groupby("kind")["case"].nunique().to_dict()}
    found |= {"rules": table(frame), "rows": rows}
    write_json(arguments.out, found)
    shown = pd.DataFrame(found["rules"]).drop(columns="over_tenth_by_kind").set_index("rule")
    print(shown.round(3).to_string())
    print(frame.pivot_table(index="rule", columns="kind", values="over_tenth", sort=False).round(3).to_string())


def _place(case: Case) -> Path:
    return KEPT / f"{case.kind}-{case.name}"


def _fit(cases: list[Case], workers: int) -> None:
    for place, result in Engine(workers).run(partial(_one, seed=SEED), cases):
        if isinstance(result, Failure):
            raise RuntimeError(f"{cases[place].name}: {result}")
        scores.write(_place(cases[place]), result)
        print(f"{cases[place].name}", file=sys.stderr, flush=True)


def _one(case: Case, seed: int):
    with tempfile.TemporaryDirectory() as folder:
        return scored(case, seed, Path(folder))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panel", type=Path)
    parser.add_argument("--stocks", type=int, default=40)
    parser.add_argument("--null", type=int, default=20)
    parser.add_argument("--planted", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("bench/results/choice.json"))
    main(parser.parse_args())
