"""Trials of the search and of the supplementary rounds in one table, each with a name of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from buysignal.search.study.record import COMPLETE
from buysignal.search.study.tables import STUDY, long_table, top

FIRST = ["name", *STUDY, "round"]


def search_trials(studies: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """`buysignal.search.study.tables.long_table` with ``round`` 0 and ``name`` ``<tier>-<budget>-T<index>``."""
    long = long_table(studies)
    names = long["tier"] + "-" + long["budget"] + "-T" + long["index"].astype(str)
    return _ordered(long.assign(name=names, round=0))


def supplementary(trials: pd.DataFrame, tier: str) -> pd.DataFrame:
    """The supplementary trials of what `buysignal.search.rounds.planner.joined` gives, named by their label.

    ``configurations`` counts all trials of the tier: those of the search were looked at first.
    """
    more = trials[trials["round"] > 0]
    names = tier + "-" + more["budget"].astype(str) + "-" + more["asked_by"].astype(str)
    return _ordered(more.assign(name=names, tier=tier, configurations=len(trials))).reset_index(drop=True)


def every_round(search: pd.DataFrame, supplements: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All trials, those of the search first; supplements as `supplementary` gives them."""
    return pd.concat([search, *(more for more in supplements if len(more))], ignore_index=True)


def best(trials: pd.DataFrame) -> pd.Series | None:
    """The complete, not collapsed trial of highest objective, the earlier row of equals; None without one."""
    usable = trials[(trials["state"] == COMPLETE) & ~trials["collapsed"].astype(bool)]
    return usable.loc[usable["value"].astype(float).idxmax()] if len(usable) else None


def top_per_budget(trials: pd.DataFrame, budgets: Sequence[str], count: int) -> pd.DataFrame:
    """The ``count`` best complete trials of each budget, of whatever round; budgets in the order given."""
    return pd.concat([top(trials[trials["budget"] == budget], count) for budget in budgets])


def _ordered(trials: pd.DataFrame) -> pd.DataFrame:
    return trials[FIRST + [name for name in trials.columns if name not in FIRST]]
