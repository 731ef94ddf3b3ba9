"""What a trial's precision and recall are read with, from the scores that it kept."""

import json
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from buysignal.judge.dates import Dates
from buysignal.judge.evidence import INTERVALS, evidence

CONFIDENCE = 0.95  # of the bounds beside a trial's precision and recall
COLUMNS = (
    *("precision", "precision_low", "precision_interval_low", "precision_interval_high"),
    *("recall", "recall_interval_low", "recall_interval_high"),
    *("n_buys", "hits", "n_eff", "base_rate", "lift", "alert_rate"),
)
"""Precision, recall and what they are read with: columns of a trial table."""


def with_evidence(
    trials: pd.DataFrame,
    scores: Iterable[tuple[np.ndarray, np.ndarray, tuple[str, ...], Dates | None]],
    threshold: float,
    horizon: int,
) -> pd.DataFrame:
    """Trials with `COLUMNS`, judged by their seed averages; what has no scores has no evidence.

    Parameters
    ----------
    trials : with a ``name`` each
    scores : per tier label (n,), scores (N, n) and names (N), see `buysignal.search.study.tables.read_rank_scores`,
        and the dates of the n, where they are rows of many symbols
    threshold : score from which a day is a buy
    horizon : trading days a label looks ahead
    """
    found = {}
    for label, said, names, dates in scores:
        for name, score in zip(names, said):
            judged = evidence(label, score >= threshold, horizon, CONFIDENCE, 1, 1, dates).to_row()
            found[name] = {column: float(judged[column]) for column in COLUMNS}
    judged = pd.DataFrame.from_dict(found, orient="index", columns=list(COLUMNS)).reindex(trials["name"])
    return trials.assign(**{column: judged[column].to_numpy() for column in COLUMNS})


def history(long: pd.DataFrame) -> pd.DataFrame:
    """Columns for the trial-history plot, measured trials only: trial, study, precision, recall, auc and evidence."""
    measured = long[long["auc"].notna()]
    return pd.DataFrame(
        {
            "trial": measured["index"],
            "study": measured["tier"] + "-" + measured["budget"],
            **{name: measured[name] for name in ("precision", "recall", "auc")},
            **{name: measured[name] for name in COLUMNS if name not in ("precision", "recall")},
            "seeds": measured["seeds"].map(lambda seeds: len(json.loads(seeds))),
            "configurations": measured["configurations"],
        }
    )


def seed_means(
    label: np.ndarray, scores: np.ndarray, threshold: float, horizon: int, dates: Dates | None = None
) -> dict[str, Any]:
    """Evidence of each seed judged alone, then averaged; label (n,), scores (S, n), of `with_evidence` the dates."""
    rows = [evidence(label, score >= threshold, horizon, CONFIDENCE, 1, 1, dates).to_row() for score in scores]
    return evidence_of(lambda name: sum(row[name] for row in rows) / len(rows), len(rows), 1)


def mean_evidence(rows: pd.DataFrame, configurations: int) -> dict[str, Any]:
    """Precision, recall and what they are read with, averaged over rows (>= 1) of a trial table.

    ``configurations`` were looked at to find these rows.
    """
    seeds = len(json.loads(rows["seeds"].iloc[0]))  # one study, one number of seeds
    return evidence_of(lambda name: float(rows[name].mean()), seeds, configurations)


def evidence_of(mean: Callable[[str], float | None], seeds: int, configurations: int) -> dict[str, Any]:
    """The keys of `buysignal.judge.evidence.EVIDENCE` from means.

    Each seed or trial is judged alone, then each number is averaged. So a bound is the average of their own
    bounds, not a bound of the average: more of them make it steadier, not tighter, because all are judged on
    the same days.

    Parameters
    ----------
    mean : from one of `COLUMNS` to its mean
    seeds : members of one trial
    configurations : trials looked at, this one among them
    """
    ends = {f"{name}_{end}": name for name in INTERVALS for end in ("low", "high")}
    found = {name: mean(name) for name in COLUMNS if name not in ends}
    found |= {name: [mean(f"{name}_low"), mean(f"{name}_high")] for name in INTERVALS}
    return found | {"seeds": seeds, "configurations": configurations}
