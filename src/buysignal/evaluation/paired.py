"""Is one score better than another on the same days? A paired difference with its interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from arch.bootstrap import StationaryBootstrap

from buysignal.evaluation.metrics import auc

DRAWS = 2000
MIN_BUYS = 10  # below it a percentile interval of precision is too narrow to say anything


@dataclass(frozen=True)
class Difference:
    """A metric of a model minus that of a baseline on the same days, with a two-sided interval.

    ``verdict`` is ``better`` or ``worse`` when the interval excludes 0, else ``cannot tell``.
    """

    difference: float
    low: float
    high: float
    confidence: float
    verdict: str

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return asdict(self)


def auc_difference(
    label: np.ndarray, model: np.ndarray, baseline: np.ndarray, horizon: int, confidence: float, seed: int
) -> Difference:
    """Paired difference of AUC by a stationary bootstrap over days (Politis & Romano, 1994).

    Blocks average ``max(2 * horizon, 10)`` days, because alerts and labels come in clusters; the
    interval is the percentile one. Simulated at a nominal 95 % on 604 days of a monthly volatility
    regime: two equally good scores are called different in 6 % of runs where their errors last a day,
    in 12 % where they last a month (blocks of 32 days: 8 % and 9 %).

    Parameters
    ----------
    label, model, baseline : (n,) 0 or 1, and two scores of the same days
    horizon : trading days a label looks ahead
    confidence : of the interval; 0.5 < x < 1
    seed : of the bootstrap
    """
    positive = np.asarray(label, bool)
    places = [np.unique(score, return_inverse=True)[1] for score in (model, baseline)]

    def difference(rows: np.ndarray) -> float:
        return counted_auc(positive[rows], places[0][rows]) - counted_auc(positive[rows], places[1][rows])

    return _bootstrapped(auc(label, model) - auc(label, baseline), difference, len(label), horizon, confidence, seed)


def precision_difference(
    label: np.ndarray, alert: np.ndarray, baseline: np.ndarray, horizon: int, confidence: float, seed: int
) -> Difference:
    """Precision of a model's alerts minus that of as many alerts of a baseline, bootstrapped like the AUC.

    The baseline buys on its days of highest score; at the edge, ties share the last alerts evenly.
    Both sets of alerts are taken as given: the interval is about which days came, not about how the
    thresholds were found. A draw in which one of the two never buys counts its precision as 0. With
    fewer than `MIN_BUYS` alerts the verdict is ``cannot tell`` whatever the interval: that of a single
    lucky buy has no width.

    Parameters
    ----------
    label, alert, baseline : (n,) 0 or 1; bool, at least one True; and the baseline's score
    horizon, confidence, seed : as for `auc_difference`

    Raises
    ------
    ValueError
        If there is no alert: no precision is defined.
    """
    if not alert.any():
        raise ValueError("without an alert there is no precision to compare")
    ours, theirs = alert.astype(float), highest(baseline, int(alert.sum()))

    def difference(rows: np.ndarray) -> float:
        return _precision(label[rows], ours[rows]) - _precision(label[rows], theirs[rows])

    everything = np.arange(len(label))
    found = _bootstrapped(difference(everything), difference, len(label), horizon, confidence, seed)
    return found if alert.sum() >= MIN_BUYS else replace(found, verdict="cannot tell")


def highest(score: np.ndarray, count: int) -> np.ndarray:
    """Weights (n,) in [0, 1] of the ``count`` >= 1 highest scores; ties at the edge share what is left evenly."""
    edge = np.sort(score)[::-1][count - 1]
    above, at = score > edge, score == edge
    return above + at * (count - above.sum()) / at.sum()


def _precision(label: np.ndarray, weight: np.ndarray) -> float:
    bought = weight.sum()
    return float((weight * label).sum() / bought) if bought > 0 else 0.0


def _bootstrapped(
    point: float, difference: Callable[[np.ndarray], float], n: int, horizon: int, confidence: float, seed: int
) -> Difference:
    """The difference with the percentile interval of its stationary bootstrap over n days."""
    bootstrap = StationaryBootstrap(max(2 * horizon, 10), np.arange(n), seed=seed)
    draws = bootstrap.apply(difference, DRAWS)
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    verdict = "better" if low > 0 else "worse" if high < 0 else "cannot tell"
    return Difference(float(point), float(low), float(high), confidence, verdict)


def counted_auc(positive: np.ndarray, place: np.ndarray) -> float:
    """`buysignal.evaluation.metrics.auc` by counting, fifty times as fast, for thousands of draws.

    Parameters
    ----------
    positive : (n,) bool
    place : (n,) of each score among the distinct ones, from 0
    """
    hits = np.bincount(place[positive])
    misses = np.bincount(place[~positive], minlength=len(hits))
    if not hits.any() or not misses.any():
        return 0.5
    below = np.cumsum(misses) - misses / 2  # misses below each place, and half of those at it
    return float((hits * below[: len(hits)]).sum() / (hits.sum() * misses.sum()))


def precision_at_buys(label: np.ndarray, score: np.ndarray, n_buys: int) -> float:
    """Precision of the ``n_buys`` days of highest score, ties at the edge shared out evenly; 0 without a buy.

    Says what a baseline reaches with exactly as many alerts as a model.
    """
    return _precision(label, highest(score, n_buys)) if n_buys else 0.0
