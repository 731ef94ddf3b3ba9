"""Supplementary rounds without disk or engine: what was planned is told by a toy objective."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from buysignal.search.rounds.plan import Planned, PlannedSet
from buysignal.search.rounds.planner import SupplementSettings, plan
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.record import FAILED, Outcome, TrialRecord, table
from buysignal.search.study.space import Space
from tests.search.study.toy import score, search

FULL = SupplementSettings((27, 13), 0.24, 0.95)


def searched(spaces: Mapping[str, Space], trials: int = 12, seed: int = 0, fail: bool = False) -> pd.DataFrame:
    """The trials of a random search of each budget, as the supplement gets them."""
    settings = SearchSettings(trials=trials, batch=4, startup=10**6, seed=seed)
    parts = [table(search(space, settings, fail)).assign(budget=budget) for budget, space in spaces.items()]
    return pd.concat(parts, ignore_index=True).assign(tier="a50")


def toy_outcome(planned: Planned) -> Outcome:
    return Outcome(value=score(planned.configuration), auc=(score(planned.configuration),))


def told(
    trials: pd.DataFrame,
    spaces: Mapping[str, Space],
    settings: SupplementSettings = FULL,
    outcome: Callable[[Planned], Outcome] = toy_outcome,
) -> tuple[list[PlannedSet], list[TrialRecord]]:
    """Everything planned from a search, batch after batch, and its records."""
    records: list[TrialRecord] = []
    while True:
        sets = plan(trials, records, spaces, settings)
        open_ = [p for s in sets for p in s.trials][len(records) :]
        if not open_:
            return sets, records
        for p in open_:
            space = spaces[p.budget]
            sizes = (128, space.count(p.configuration), space.cap)
            records.append(
                TrialRecord(len(records), 0, "supplementary", p.label, p.configuration, *sizes, outcome(p))
            )


def failed(_: Planned) -> Outcome:
    return Outcome(FAILED, error="no memory")
