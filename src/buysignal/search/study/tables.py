"""Every trial of every study and round in one long table, each with a name of its own, and their scores."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from buysignal.bars.symbols import by_date, index_of, is_many
from buysignal.core.errors import UserError
from buysignal.core.files import read_parquet
from buysignal.search.study.record import COMPLETE, FAILED, PRUNED, VARIANT, TrialRecord, failures
from buysignal.search.study.space import DIMENSIONS, Space

STUDY = ["tier", "budget"]
FIRST = ["name", *STUDY, "round"]
DAYS = ["symbol", "date", "label"]  # of a table of scores, before the scores; symbol only where there are many


def long_table(studies: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Trials of all studies, one row each, ``tier`` and ``budget`` first; sorted by study and index.

    Parameters
    ----------
    studies : (tier, budget) -> table of one study as `buysignal.search.study.record.table` returns it
    """
    parts = [frame.assign(tier=tier, budget=budget) for (tier, budget), frame in studies.items()]
    long = pd.concat(parts, ignore_index=True)
    return long[STUDY + [name for name in long.columns if name not in STUDY]]


def search_trials(studies: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """`long_table` with ``round`` 0 and ``name`` ``<tier>-<budget>-T<index>``."""
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


def study_of(trials: pd.DataFrame, tier: str, budget: str) -> pd.DataFrame:
    """The rows of one study."""
    return trials[(trials["tier"] == tier) & (trials["budget"] == budget)].reset_index(drop=True)


def best(trials: pd.DataFrame) -> pd.Series | None:
    """The complete, not collapsed trial of highest objective, the earlier row of equals; None without one."""
    usable = trials[(trials["state"] == COMPLETE) & ~trials["collapsed"].astype(bool)]
    return usable.loc[usable["value"].astype(float).idxmax()] if len(usable) else None


def top_per_budget(trials: pd.DataFrame, budgets: Sequence[str], count: int) -> pd.DataFrame:
    """The ``count`` best complete trials of each budget, of whatever round; budgets in the order given."""
    return pd.concat([top(trials[trials["budget"] == budget], count) for budget in budgets])


def _ordered(trials: pd.DataFrame) -> pd.DataFrame:
    return trials[FIRST + [name for name in trials.columns if name not in FIRST]]


def coverage(trials: pd.DataFrame, space: Space) -> dict[str, Any]:
    """How much of a space one study's trials tested, and how many repeated another.

    ``failures`` counts failed trials by kind; ``reachable`` is the most architectures that this many trials can
    test, variants left out; ``wasted`` counts trials whose full configuration an earlier trial had already trained,
    ``variants`` those that were asked to repeat an architecture with another training.
    """
    tested = trials[["d_model", "n_layers", "n_heads"]].drop_duplicates()
    possible = len(space.architectures)
    variants = int((trials["origin"] == VARIANT).sum())
    reachable = min(len(trials) - variants, possible)
    states = trials["state"].value_counts()
    return {
        "trials": len(trials),
        "complete": int(states.get(COMPLETE, 0)),
        "pruned": int(states.get(PRUNED, 0)),
        "failed": int(states.get(FAILED, 0)),
        "failures": failures(trials.loc[trials["state"] == FAILED, "error"]),
        "collapsed": int(trials["collapsed"].sum()),
        "wasted": int(trials.duplicated(list(DIMENSIONS)).sum()),
        "variants": variants,
        "architectures_tested": len(tested),
        "architectures_possible": possible,
        "coverage_of_reachable": len(tested) / reachable if reachable else 0.0,
    }


def top(trials: pd.DataFrame, count: int) -> pd.DataFrame:
    """The ``count`` best complete trials of one study by objective value; ties go to the earlier."""
    complete = trials[trials["state"] == COMPLETE]
    return complete.sort_values(["value", "index"], ascending=[False, True]).head(count)


def rank_scores(
    index: pd.Index, label: np.ndarray, names: Sequence[str], records: Sequence[TrialRecord]
) -> pd.DataFrame:
    """What every measured trial said of each day of the rank role; a failed one said nothing.

    Parameters
    ----------
    index, label : (n,) the days of the rank role and whether each was an opportunity
    names, records : the trials and what they are called

    Returns
    -------
    pd.DataFrame
        One row per day: ``date`` (of many symbols after ``symbol``), ``label``, then one column of seed
        averages per trial, named after it.
    """
    columns = {name: np.array(r.outcome.scores) for name, r in zip(names, records, strict=True) if r.outcome.scores}
    days = {level: index.get_level_values(level) for level in index.names}
    return pd.DataFrame({**days, "label": np.asarray(label, np.int8), **columns})


def read_rank_scores(paths: Iterable[str | Path]) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], pd.Index]:
    """The scores of all trials of one tier: those of each budget's search, and of the supplement.

    Parameters
    ----------
    paths : files of `rank_scores`, at least one; all of one tier, so that they have the same days

    Returns
    -------
    label : (n,) int8, one per day of the rank role, in order of date; of many symbols those of a date by symbol
    scores : (N, n) seed averages; N is 0 if no trial was measured
    names : N names of trials, as the ``name`` column of data/trials/trials.parquet has them
    index : (n,) the days: date, of many symbols (symbol, date)

    Raises
    ------
    UserError
        If a file is missing or torn, or its days or labels are not those of the first.
    """
    frames = {str(path): read_parquet(path) for path in paths}
    first, days = next(iter(frames.items()))
    for path, frame in frames.items():
        if not frame.filter(DAYS).equals(days.filter(DAYS)):
            raise UserError(f"{path} and {first} have different days: delete both and run `dvc repro`")
    parts = [frame.drop(columns=DAYS, errors="ignore") for frame in frames.values()]
    names = tuple(name for part in parts for name in part.columns)
    index, scores = index_of(days), np.hstack([part.to_numpy(float) for part in parts]).T
    order = by_date(index).argsort() if is_many(index) else slice(None)
    return days["label"].to_numpy(np.int8)[order], scores[:, order], names, index[order]
