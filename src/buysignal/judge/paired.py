"""Is one score better than another on the same days? A paired difference with its interval.

Every interval here is that of a stationary bootstrap over days (Politis & Romano, J. Am. Stat. Assoc.
89, 1994; `arch`), with blocks as long as the lags of the HAC variance, then stretched (`stretched`),
because few blocks show too little spread. Measured size and power: docs/honesty.md.
Rows of many symbols are summed by date first: what is drawn are dates, with all their symbols.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri, stdtrit

from buysignal.core.binomial import clopper_pearson_lower, clopper_pearson_upper
from buysignal.judge.best_of_day import as_many_of_day
from buysignal.judge.dates import Dates, sums
from buysignal.judge.intervals import block_length, thinned_count
from buysignal.judge.wins import MOST, area_of_dates
from buysignal.models.metrics import auc

DRAWS = 2000
MIN_BUYS = 10  # days with a buy; below it a percentile interval of precision is too narrow to say anything


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


@dataclass(frozen=True)
class AucInterval:
    """Area under the ROC with its two-sided interval; of days of one class point 0.5, interval [0, 1]."""

    point: float
    low: float
    high: float


def auc_interval(
    label: np.ndarray,
    score: np.ndarray,
    horizon: int,
    confidence: float,
    seed: int,
    draws: int = DRAWS,
    dates: Dates | None = None,
) -> AucInterval:
    """Area under the ROC and its bootstrap interval.

    A perfect order (or a perfectly wrong one) gives every draw the same area. Its interval is then the
    exact one of as many tosses as the rarer class has days at least ``horizon`` apart.

    Parameters
    ----------
    label, score : (n,) 0 or 1, and the score of the same days; n >= 1
    horizon, confidence, seed, draws, dates : as for `auc_difference`
    """
    positive, place = np.asarray(label, bool), np.unique(score, return_inverse=True)[1]
    if positive.all() or not positive.any():
        return AucInterval(0.5, 0.0, 1.0)
    point, side = auc(label, score), (1 + confidence) / 2
    if point in (0.0, 1.0):
        rarer = positive if positive.mean() <= 0.5 else ~positive
        tosses = thinned_count(sums(rarer, dates) > 0, horizon)
        low, high = clopper_pearson_lower(point, tosses, side), clopper_pearson_upper(point, tosses, side)
    else:
        n = len(place) if dates is None else len(dates)
        low, high = stretched(point, _area(positive, place, dates), n, horizon, confidence, seed, draws)
    return AucInterval(point, max(float(low), 0.0), min(float(high), 1.0))


def auc_difference(
    label: np.ndarray,
    model: np.ndarray,
    baseline: np.ndarray,
    horizon: int,
    confidence: float,
    seed: int,
    draws: int = DRAWS,
    dates: Dates | None = None,
) -> Difference:
    """Paired difference of AUC, over all rows, with its bootstrap interval.

    Parameters
    ----------
    label, model, baseline : (n,) 0 or 1, and two scores of the same days
    horizon : trading days a label looks ahead
    confidence : of the interval; 0.5 < x < 1
    seed, draws : of the bootstrap
    dates : of the n, where they are rows of many symbols: dates are drawn; None: each is a day of its own
    """
    positive, n = np.asarray(label, bool), len(label) if dates is None else len(dates)
    places = [np.unique(score, return_inverse=True)[1] for score in (model, baseline)]
    ours, theirs = (_area(positive, place, dates) for place in places)

    def difference(drawn: np.ndarray) -> float:
        return ours(drawn) - theirs(drawn)

    return bootstrapped(auc(label, model) - auc(label, baseline), difference, n, horizon, confidence, seed, draws)


def precision_difference(
    label: np.ndarray,
    alert: np.ndarray,
    baseline: np.ndarray,
    horizon: int,
    confidence: float,
    seed: int,
    draws: int = DRAWS,
    dates: Dates | None = None,
    of_day: bool = False,
) -> Difference:
    """Precision of a model's alerts minus that of as many alerts of a baseline, bootstrapped like the AUC.

    The baseline buys on its days of highest score; at the edge, ties share the last alerts evenly.
    Both sets of alerts are taken as given: the interval is about which days came, not about how the
    thresholds were found. A draw in which one of the two never buys counts its precision as 0. With
    fewer than `MIN_BUYS` days with an alert the verdict is ``cannot tell`` whatever the interval: that of a single
    lucky buy has no width.

    Parameters
    ----------
    label, alert, baseline : (n,) 0 or 1; bool, at least one True; and the baseline's score
    horizon, confidence, seed, draws, dates : as for `auc_difference`
    of_day : as for `as_many_buys`

    Raises
    ------
    ValueError
        If there is no alert: no precision is defined.
    """
    if not alert.any():
        raise ValueError("without an alert there is no precision to compare")
    theirs = as_many_buys(baseline, alert, dates, of_day)
    return choice_difference(label, alert, theirs, horizon, confidence, seed, draws, dates)


def choice_difference(
    label: np.ndarray,
    alert: np.ndarray,
    other: np.ndarray,
    horizon: int,
    confidence: float,
    seed: int,
    draws: int = DRAWS,
    dates: Dates | None = None,
) -> Difference:
    """The same of two choices: alerts (n,), at least one True, and weights (n,) in [0, 1] of another's.

    With ``dates`` the n are rows of many symbols; dates are drawn, and fewer than `MIN_BUYS` of them with an alert
    cannot tell.
    """
    hits, buys, their_hits, theirs = (
        sums(values, dates) for values in (alert * label.astype(float), alert.astype(float), other * label, other)
    )

    def difference(rows: np.ndarray) -> float:
        return _ratio(hits[rows], buys[rows]) - _ratio(their_hits[rows], theirs[rows])

    everything = np.arange(len(hits))
    found = bootstrapped(difference(everything), difference, len(hits), horizon, confidence, seed, draws)
    return found if np.count_nonzero(buys) >= MIN_BUYS else replace(found, verdict="cannot tell")


def as_many_buys(score: np.ndarray, alert: np.ndarray, dates: Dates | None, of_day: bool) -> np.ndarray:
    """Weights (n,) in [0, 1] of another score's buys: as many as there are alerts (n,); ``of_day``: of each date."""
    if of_day and dates is not None:
        return as_many_of_day(score, alert, dates)
    return highest(score, int(alert.sum())) if alert.any() else np.zeros(len(score))


def highest(score: np.ndarray, count: int) -> np.ndarray:
    """Weights (n,) in [0, 1] of the ``count`` >= 1 highest scores; ties at the edge share what is left evenly."""
    edge = np.sort(score)[::-1][count - 1]
    above, at = score > edge, score == edge
    return above + at * (count - above.sum()) / at.sum()


def _ratio(hits: np.ndarray, buys: np.ndarray) -> float:
    bought = buys.sum()
    return float(hits.sum() / bought) if bought > 0 else 0.0


def bootstrapped(
    point: float,
    difference: Callable[[np.ndarray], float],
    n: int,
    horizon: int,
    confidence: float,
    seed: int,
    draws: int,
) -> Difference:
    """The difference with the interval of its stationary bootstrap over n days."""
    low, high = stretched(point, difference, n, horizon, confidence, seed, draws)
    low, high = max(low, -1.0), min(high, 1.0)
    verdict = "better" if low > 0 else "worse" if high < 0 else "cannot tell"
    return Difference(float(point), float(low), float(high), confidence, verdict)


def stretched(
    point: float, metric: Callable[[np.ndarray], float], n: int, horizon: int, confidence: float, seed: int, draws: int
) -> tuple[float, float]:
    """Percentiles of the metric over bootstrapped days, their distances from the point stretched.

    With k = n / block length, the stretch is Student's quantile at k - 1 degrees over the normal one: the
    spread is estimated from k blocks; and one over ``sqrt(1 - 2 / k)``: taking the mean of the same days
    away costs the bootstrap's variance, whose lags weigh twice the block length in all, that share of it.
    """
    length, side = block_length(n, horizon), (1 + confidence) / 2
    drawn = [metric(days) for days in _drawn_days(n, length, seed, draws)]
    blocks = max(3.0, n / length)
    stretch = stdtrit(blocks - 1, side) / ndtri(side) / np.sqrt(1 - 2 / blocks)
    low, high = point + stretch * (np.quantile(drawn, [1 - side, side]) - point)
    return min(float(low), point), max(float(high), point)


@functools.lru_cache(maxsize=2)
def _drawn_days(n: int, length: int, seed: int, draws: int) -> np.ndarray:
    """Days (draws, n) of a stationary bootstrap in blocks of a mean length: the same for every model of a role."""
    from arch.bootstrap import StationaryBootstrap  # it brings statsmodels, and the gate reads only a constant here

    found = StationaryBootstrap(length, np.arange(n, dtype=np.int32), seed=seed).bootstrap(draws)
    days = np.array([positional[0] for positional, _ in found])
    days.flags.writeable = False
    return days


def counted_auc(positive: np.ndarray, place: np.ndarray, times: np.ndarray | None = None) -> float:
    """`buysignal.models.metrics.auc` by counting, fifty times as fast, for thousands of draws.

    Parameters
    ----------
    positive : (n,) bool
    place : (n,) of each score among the distinct ones, from 0
    times : (n,) how often each row is drawn; None: once
    """
    times = np.ones(len(place)) if times is None else times
    hits, misses = np.bincount(place, times * positive), np.bincount(place, times * ~positive)
    if not hits.any() or not misses.any():
        return 0.5
    below = np.cumsum(misses) - misses / 2  # misses below each place, and half of those at it
    return float((hits * below).sum() / (hits.sum() * misses.sum()))


def _area(positive: np.ndarray, place: np.ndarray, dates: Dates | None) -> Callable[[np.ndarray], float]:
    """The area of drawn days, of many symbols of drawn dates; of very many dates their rows are counted."""
    if dates is None:
        return lambda drawn: counted_auc(positive, place, np.bincount(drawn, minlength=len(place)))
    if len(dates) <= MOST:
        return area_of_dates(positive, place, dates)
    return lambda drawn: counted_auc(positive, place, np.bincount(drawn, minlength=len(dates))[dates.day])


def precision_at_buys(label: np.ndarray, score: np.ndarray, n_buys: int) -> float:
    """Precision of the ``n_buys`` days of highest score, ties at the edge shared out evenly; 0 without a buy.

    Says what a baseline reaches with exactly as many alerts as a model.
    """
    return weighted_precision(label, highest(score, n_buys)) if n_buys else 0.0


def weighted_precision(label: np.ndarray, weight: np.ndarray) -> float:
    """Precision of weighted buys (n,), see `as_many_buys`; 0 without one."""
    return _ratio(weight * label, weight)
