"""What each kind of label finds and earns on the embedded indices, by the baselines alone.

    python bench/labels.py [--out bench/results/labels.json]

Every baseline is fitted as the stage `baseline` fits it, on the train role. Its operating point is chosen as the stage
`select` chooses one, a role earlier: thresholds are proposed on the rank role and judged on the calibrate role. What
it is worth is read on the threshold role; the test role is not opened, no day of it is read. The table shows, of each
label, the baseline of the highest lower bound of precision on the calibrate role; the JSON has all of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from buysignal.bars.params import Ingest
from buysignal.bars.sources import load_as
from buysignal.cli.params import Params
from buysignal.core.files import write_json
from buysignal.core.settings import of
from buysignal.days.labels import in_words
from buysignal.days.params import Label
from buysignal.days.table import assemble
from buysignal.judge.money import Trades
from buysignal.judge.operating import SelectionRules, operating_point
from buysignal.judge.params import Exit
from buysignal.judge.row import evidence_at, rules_of
from buysignal.judge.worth import worth_at
from buysignal.models.days import Days
from buysignal.models.metrics import auc
from buysignal.models.rivals import baselines
from buysignal.models.scores import Scored

PROJECT = Path(__file__).resolve().parents[1]
TIER, SOURCES, CONFIDENCE = "a50", ("sp500", "nasdaq"), 0.95
EARLIER = {"rank": "calibrate", "calibrate": "threshold", "threshold": "test"}  # role -> what it stands for here
ROLE = "test"
LABELS = [  # kind, horizon, threshold, barrier, multiple, stop
    of(Label, kind, horizon, threshold, "fixed", 1.0, stop)
    for horizon, move in ((1, 0.01), (5, 0.02))
    for kind, threshold, stop in (("touch", move, -1.0), ("close", 0.0005, -1.0), ("triple", move, -move))
]
HEAD = ("market", "label", "h", "level", "base rate", "best baseline", "AUC", "buys", "precision", "recall")
HEAD += ("a trade earns, bp", "a random day, bp", "break-even")


def judged(source: str, label: Label, params: Params) -> Iterator[dict[str, Any]]:
    """A row for every baseline on one market with one label."""
    bars = load_as(Ingest(**dict(params.ingest) | {"source": source})).bars
    days = Days.of(bars, assemble(bars, TIER, label, params.roles), TIER, label, params.model.context)
    known = days.of_roles(*EARLIER)
    rules = rules_of(params.select, label.horizon, params.sweep.points)
    trades = Trades.of(bars, label, params.costs, Exit(stop=-1.0))
    for one in baselines.fit(days, params.seed):
        model = _earlier(one.scored(known))
        yield {"source": source, "label": dict(label), "says": in_words(label), **_row(model, trades, rules, params)}


def _earlier(model: Scored) -> Scored:
    return replace(model, role=np.array([EARLIER[role] for role in model.role]))


def _row(model: Scored, trades: Trades, rules: SelectionRules, params: Params) -> dict[str, Any]:
    point = operating_point(model, rules).point
    threshold = None if point is None else point.threshold
    label, score, _ = model.of(ROLE)
    every = trades.on(model.dates[model.role == ROLE])
    paid = worth_at(model, ROLE, threshold, trades, rules, params.seed)["money"]
    return {
        "name": model.card.name,
        "chosen_low": None if point is None else point.precision_low,
        "auc": auc(label, score),
        "days": len(label),
        "ends": [f"{day:%Y-%m-%d}" for day in model.dates[model.role == ROLE][[0, -1]]],
        **evidence_at(model, ROLE, threshold, rules, CONFIDENCE, 1),
        "random": float(every.mean() - trades.cost),
        "money": paid,
    }


def best(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each market and label the baseline of the highest lower bound on the calibrate role."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(f"{row['source']} {row['label']}", []).append(row)
    return [max(group, key=lambda row: (row["chosen_low"] or 0.0, row["name"])) for group in groups.values()]


def table(rows: list[dict[str, Any]]) -> str:
    """The best of each label, as Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *map(_cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(row: dict[str, Any]) -> list[str]:
    label, paid = row["label"], row["money"]
    level = f"{label['threshold']:.2%}" + (f", stop {label['stop']:.2%}" if label["kind"] == "triple" else "")
    first = [row["source"], label["kind"], f"{label['horizon']}", level, f"{row['base_rate']:.3f}"]
    first += [row["name"].removeprefix(f"{TIER}-"), f"{row['auc']:.3f}", f"{row['n_buys']}"]
    if paid is None:
        return [*first, "–", "–", "no trades", _bps(row["random"]), "–"]
    low, high = paid["mean_interval"]
    even = "–" if paid["break_even"] is None else f"{paid['break_even']:.3f}"
    said = [f"{row['precision']:.3f}", f"{row['recall']:.3f}", f"{_bps(paid['mean'])} ({_bps(low)} to {_bps(high)})"]
    return [*first, *said, _bps(paid["random"]), even]


def _bps(value: float) -> str:
    return f"{1e4 * value:+.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PROJECT / "bench/results/labels.json")
    out = parser.parse_args().out
    params = Params.load(PROJECT / "params.yaml")
    rows = [row for source in SOURCES for label in LABELS for row in judged(source, label, params)]
    write_json(out, {"date": f"{date.today()}", "tier": TIER, "cost_bps": params.costs.bps, "rows": rows})
    print(table(best(rows)))


if __name__ == "__main__":
    main()
