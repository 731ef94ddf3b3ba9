"""Every trial of every study in one long table, and what the trials say about their own search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from buysignal.architecture import Configuration
from buysignal.search.record import COMPLETE, FAILED, PRUNED
from buysignal.search.space import DIMENSIONS, Space

STUDY = ["tier", "budget"]


def long_table(studies: Mapping[tuple[str, str], pd.DataFrame]) -> pd.DataFrame:
    """Trials of all studies, one row each, ``tier`` and ``budget`` first; sorted by study and index.

    Parameters
    ----------
    studies : (tier, budget) -> table of one study as `buysignal.search.record.table` returns it
    """
    parts = [frame.assign(tier=tier, budget=budget) for (tier, budget), frame in studies.items()]
    long = pd.concat(parts, ignore_index=True)
    return long[STUDY + [name for name in long.columns if name not in STUDY]]


def coverage(trials: pd.DataFrame, space: Space) -> dict[str, Any]:
    """How much of a space one study's trials tested, and how many repeated another.

    ``reachable`` is the most architectures that this many trials can test; ``wasted`` counts trials
    whose full configuration an earlier trial had already trained.
    """
    tested = trials[["d_model", "n_layers", "n_heads"]].drop_duplicates()
    possible = len(space.architectures)
    reachable = min(len(trials), possible)
    states = trials["state"].value_counts()
    return {
        "trials": len(trials),
        "complete": int(states.get(COMPLETE, 0)),
        "pruned": int(states.get(PRUNED, 0)),
        "failed": int(states.get(FAILED, 0)),
        "collapsed": int(trials["collapsed"].sum()),
        "wasted": int(trials.duplicated(list(DIMENSIONS)).sum()),
        "architectures_tested": len(tested),
        "architectures_possible": possible,
        "coverage_of_reachable": len(tested) / reachable if reachable else 0.0,
    }


def top(trials: pd.DataFrame, count: int) -> pd.DataFrame:
    """The ``count`` best complete trials of one study by objective value; ties go to the earlier."""
    complete = trials[trials["state"] == COMPLETE]
    return complete.sort_values(["value", "index"], ascending=[False, True]).head(count)


def history(long: pd.DataFrame) -> pd.DataFrame:
    """Columns for the trial-history plot: trial, study, precision, recall, auc; measured trials only."""
    measured = long[long["auc"].notna()]
    return pd.DataFrame(
        {
            "trial": measured["index"],
            "study": measured["tier"] + "-" + measured["budget"],
            "precision": measured["precision"],
            "recall": measured["recall"],
            "auc": measured["auc"],
        }
    )


def configuration_of(trial: Mapping[str, Any]) -> Configuration:
    """The configuration of one row of a trial table."""
    whole = {name: int(trial[name]) for name in ("d_model", "n_layers", "n_heads", "d_ff_ratio")}
    rates = {name: float(trial[name]) for name in ("dropout", "learning_rate", "weight_decay")}
    return Configuration(**whole, **rates)
