"""How well scores order the symbols of one day: the area under the ROC within a date, and its mean over dates.

An area over all rows of a panel mixes two skills: to know a good day from a bad one, and a good symbol from a bad one.
Who buys a few symbols every day lives by the second.
"""

import numpy as np

from buysignal.core.binomial import clopper_pearson_lower, clopper_pearson_upper
from buysignal.judge.dates import Dates
from buysignal.judge.intervals import thinned_count
from buysignal.judge.paired import DRAWS, AucInterval, stretched


def daily_auc(label: np.ndarray, score: np.ndarray, dates: Dates) -> np.ndarray:
    """(D,) area within each date, of equal scores half; nan on a date whose labels are all the same.

    Parameters
    ----------
    label, score : (rows,) 0 or 1, and finite

    Examples
    --------
    >>> dates = Dates(np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 0, 1]))
    >>> daily_auc(np.array([0, 1, 1, 1, 1]), np.array([0.3, 0.3, 0.9, 0.1, 0.2]), dates).tolist()
    [0.75, nan]
    """
    label, score = np.asarray(label, bool), np.asarray(score, float)
    order = np.lexsort((score, dates.day))
    day, ordered, hit = dates.day[order], score[order], label[order]
    new = np.diff(ordered, prepend=np.nan) != 0
    new[dates.starts] = True
    group = np.cumsum(new) - 1  # of equal scores of a date
    miss = np.bincount(group, ~hit)
    before = np.cumsum(miss) - miss / 2  # misses of all earlier groups, and half of those of the own
    positives, negatives = dates.sums(label), dates.sums(~label)
    earlier = np.cumsum(negatives) - negatives  # of them those of earlier dates
    below = np.bincount(day, hit * (before[group] - earlier[day]), len(dates))
    pairs = positives * negatives
    return np.where(pairs > 0, below / np.maximum(pairs, 1), np.nan)


def daily_auc_interval(
    label: np.ndarray,
    score: np.ndarray,
    dates: Dates,
    horizon: int,
    confidence: float,
    seed: int,
    draws: int = DRAWS,
) -> AucInterval:
    """Mean of `daily_auc` over the dates that have one, each of equal weight, with its interval: dates are drawn.

    Without such a date point 0.5, interval [0, 1]. Where every date has the same area there is nothing to draw: the
    interval is then the exact one of as many tosses as dates at least ``horizon`` apart.
    """
    area = daily_auc(label, score, dates)
    there = np.isfinite(area)
    if not there.any():
        return AucInterval(0.5, 0.0, 1.0)
    area, point, side = np.where(there, area, 0.0), float(area[there].mean()), (1 + confidence) / 2
    if np.ptp(area[there]) == 0:
        tosses = thinned_count(there, horizon)
        low, high = (bound(point, tosses, side) for bound in (clopper_pearson_lower, clopper_pearson_upper))
    else:

        def mean(rows: np.ndarray) -> float:
            return float(area[rows].sum() / n) if (n := int(there[rows].sum())) else 0.5

        low, high = stretched(point, mean, len(area), horizon, confidence, seed, draws)
    return AucInterval(point, max(float(low), 0.0), min(float(high), 1.0))
