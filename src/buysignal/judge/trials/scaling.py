"""Do more parameters, or more features, give better models? Judged by an interval, not by the best of many."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from buysignal.judge.trials.evidence import mean_evidence
from buysignal.search.rounds.trends import CANNOT_TELL, HOLDS, VIOLATED, usable

FEWEST = 16  # usable trials a side needs for a verdict: with 10, one in nine null cases gets one at 95 %
DRAWS = 1999
METRICS = ("precision", "auc")


@dataclass(frozen=True)
class Side:
    """One study in a comparison.

    Attributes
    ----------
    study, trials : its name, and its usable trials that have the metric
    best : how many of these, the best by objective, are looked at
    features, parameters : feature count, and median true parameter count of the best trials
    level : mean of the metric over the best trials
    evidence : of a precision, what it is read with: the keys of `buysignal.judge.evidence.EVIDENCE` as
        means over the best trials, which were chosen among all of the study; None for another metric
    seed_sd : standard deviation of AUC over the seeds of one trial (pooled); None with one seed
    """

    study: str
    trials: int
    best: int
    features: int
    parameters: int
    level: float
    evidence: Mapping[str, Any] | None
    seed_sd: float | None


@dataclass(frozen=True)
class Scaling:
    """One step of size: does the larger study's best part have the higher metric?

    ``difference`` is large minus small with its interval; ``verdict`` on "more is better" is
    ``holds`` above 0, ``violated`` below 0, else ``cannot tell``. ``reason`` says why there is no
    interval, if there is none.
    """

    axis: str
    metric: str
    small: Side | None
    large: Side | None
    studies: tuple[str, str]
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: str = CANNOT_TELL
    reason: str = ""


def scaling(
    studies: Mapping[tuple[str, str], pd.DataFrame],
    features: Mapping[str, int],
    top_share: float,
    confidence: float,
    seed: int,
) -> list[Scaling]:
    """Every step to the next larger budget on a tier, and to the next larger tier in a budget.

    A step between budgets whose best trials do not have more true parameters gets no verdict.

    Compared is the mean of a metric over the best ``top_share`` of a study's usable trials by
    objective: what a search of that size reaches, less a matter of luck than its one best trial.
    The interval is a percentile bootstrap over trials (both the choice of the best and their
    metric), simultaneous over all steps (Bonferroni). It holds for the rank days of this data and
    says nothing of other days.

    Parameters
    ----------
    studies : (tier, budget) -> trial table, budgets of a tier in ascending order of their caps
    features : tier -> feature count
    """
    tiers = sorted({tier for tier, _ in studies}, key=lambda tier: features[tier])
    budgets = list(dict.fromkeys(budget for _, budget in studies))
    steps = [("parameters", (t, a), (t, b)) for t in tiers for a, b in pairwise(budgets)]
    steps += [("features", (a, b), (c, b)) for b in budgets for a, c in pairwise(tiers)]
    level = 1 - (1 - confidence) / max(1, len(steps) * len(METRICS))
    asked = [(axis, metric, small, large) for axis, small, large in steps for metric in METRICS]
    streams = np.random.default_rng(seed).spawn(len(asked))
    return [
        _step(axis, metric, (small, large), studies, features, top_share, level, rng)
        for (axis, metric, small, large), rng in zip(asked, streams)
    ]


def _step(
    axis: str,
    metric: str,
    pair: tuple[tuple[str, str], tuple[str, str]],
    studies: Mapping[tuple[str, str], pd.DataFrame],
    features: Mapping[str, int],
    top_share: float,
    confidence: float,
    rng: np.random.Generator,
) -> Scaling:
    tables = [_measured(studies[key], metric) for key in pair]
    names = ("-".join(pair[0]), "-".join(pair[1]))
    sides = [
        _side(name, features[key[0]], table, metric, top_share, len(studies[key])) if len(table) else None
        for name, key, table in zip(names, pair, tables)
    ]
    small, large = sides
    few = [f"{len(table)} usable trials in {name}" for name, table in zip(names, tables) if len(table) < FEWEST]
    if few or small is None or large is None:
        return Scaling(axis, metric, small, large, names, reason=f"{' and '.join(few)}, {FEWEST} are needed")
    if axis == "parameters" and large.parameters <= small.parameters:  # a larger cap is not a larger model
        counts = f"{large.parameters:,} against {small.parameters:,}"
        return Scaling(axis, metric, small, large, names, reason=f"the best of {names[1]} are not larger ({counts})")
    draws = [_draws(table[metric].to_numpy(float), _best(len(table), top_share), rng) for table in tables]
    low, high = np.quantile(draws[1] - draws[0], [(1 - confidence) / 2, (1 + confidence) / 2])
    verdict = HOLDS if low > 0 else VIOLATED if high < 0 else CANNOT_TELL
    return Scaling(axis, metric, small, large, names, large.level - small.level, float(low), float(high), verdict)


def _measured(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Usable trials with the metric, the best by objective first; without a buy there is no precision."""
    rows = usable(table)
    rows = rows[rows["n_buys"] > 0] if metric == "precision" else rows[rows[metric].notna()]
    return rows.sort_values("value", ascending=False, kind="stable")


def _best(trials: int, share: float) -> int:
    return max(1, round(share * trials))


def _side(study: str, features: int, rows: pd.DataFrame, metric: str, top_share: float, looked_at: int) -> Side:
    best = rows.head(_best(len(rows), top_share))
    spread = rows["auc_sd"].dropna().to_numpy(float)
    return Side(
        study=study,
        trials=len(rows),
        best=len(best),
        features=features,
        parameters=int(best["parameters"].median()),
        level=float(best[metric].mean()),
        evidence=mean_evidence(best, looked_at) if metric == "precision" else None,
        seed_sd=float(np.sqrt((spread**2).mean())) if len(spread) else None,
    )


def _draws(metric: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Bootstrap means of the ``count`` best of ``metric`` (n,), which is in order of the objective."""
    n = len(metric)
    means = np.empty(DRAWS)
    for draw in range(DRAWS):
        places = rng.integers(n, size=n)  # the lowest places are the best trials
        means[draw] = metric[np.partition(places, count - 1)[:count]].mean()
    return means
