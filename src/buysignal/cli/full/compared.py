"""What the searches reached, beside what the reference says of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from buysignal.cli.full.planned import Search
from buysignal.search.study.record import COMPLETE, TrialRecord

TOP = 3  # trials of a search that the reference trains again and reports
REFERENCE = {  # tier, budget: AUC, precision, recall of the model it names, on another market and period
    ("a50", "20M"): (0.7315, 0.533, 0.105),
    ("a50", "2M"): (0.7300, 0.538, 0.092),
    ("a50", "200M"): (0.7294, 0.545, 0.079),
    ("a100", "20M"): (0.7189, 0.475, 0.114),
}
WASTED = {"2M": 18, "20M": 32, "200M": 36}  # percent of its trials that repeated an architecture
HEAD = ["tier", "budget", "trials", "precision", "recall", "buys", "AUC", "architectures", "repeats", "collapsed"]


def beside(searches: Sequence[Search]) -> list[list[str]]:
    """Our searches and the reference's as rows of one table with the columns `HEAD`; precision first, recall second.

    Ours are the means over the three best trials by AUC, at the threshold of the search, on the days that chose
    them; the reference's are those of the one model that it names, by its own threshold.
    """
    rows = [_ours(search) for search in searches]
    rows += [_theirs(tier, budget) for tier, budget in REFERENCE]
    return rows


def content(rows: Sequence[Sequence[str]]) -> list[dict[str, str | float | None]]:
    """The same for programs: an object a row, null where nothing is known."""
    return [{name: _value(cell) for name, cell in zip(HEAD, row)} for row in rows]


def _value(cell: str) -> str | float | None:
    """A cell as a number where it is one."""
    try:
        return json.loads(cell) if cell else None
    except ValueError:  # of several words
        return cell


def _ours(search: Search) -> list[str]:
    done = search.finished
    shapes = {record.configuration.architecture for record in done}
    counts = [f"{len(shapes)} of {len(search.space.architectures)}", str(_repeats(done))]
    trials = f"{len(done)} of {search.planned}"
    good = sorted((r for r in done if r.state == COMPLETE), key=lambda r: -r.mean("auc"))[:TOP]
    if not good:
        return [search.tier, search.budget, trials, "", "", "", "", *counts, ""]
    precision, recall, auc = (float(np.mean([r.mean(name) for r in good])) for name in ("precision", "recall", "auc"))
    buys = float(np.mean([r.mean("n_buys") for r in good]))
    collapsed = str(sum(r.outcome.collapsed for r in done))
    numbers = [f"{precision:.3f}", f"{recall:.3f}", f"{buys:.0f}", f"{auc:.4f}"]
    return [search.tier, search.budget, trials, *numbers, *counts, collapsed]


def _theirs(tier: str, budget: str) -> list[str]:
    auc, precision, recall = REFERENCE[tier, budget]
    numbers = [f"{precision:.3f}", f"{recall:.3f}", "", f"{auc:.4f}"]
    return [f"{tier}, the reference", budget, "50", *numbers, "", f"{WASTED[budget]} %", "0"]


def _repeats(records: Sequence[TrialRecord]) -> int:
    """Trials whose configuration an earlier one of the search had."""
    return len(records) - len({record.configuration for record in records})
