"""What the best of many models without skill shows on the same days: the alerts of one, shifted round a circle.

As `buysignal.judge.luck`, for who has the alerts of one model only and knows how many were tried before it.
"""

import numpy as np

from buysignal.judge.circle import met, wide
from buysignal.judge.dates import Dates
from buysignal.judge.intervals import bandwidth
from buysignal.judge.luck import FEWEST, Bar

SAME = 1e-12  # relative to the largest value: a transform's rounding


def best_unskilled(
    value: np.ndarray, alert: np.ndarray, horizon: int, tried: int, dates: Dates | None = None
) -> Bar | None:
    """The mean value of the alert days, as it is and as the best of ``tried`` shifted alerts has it.

    Every shift at least ``max(2 horizon, bandwidth)`` days from 0 is one model without skill: it keeps how often and
    in what clusters the real one buys. The tried ones count as independent, so the bar is rather too high.

    Parameters
    ----------
    value : (n,) label or return of consecutive trading days
    alert : (n,) bool
    tried : models looked at, this one among them; >= 1
    dates : of the n, where they are rows of many symbols: alerts of all symbols are shifted together, by dates; one
        that comes to where its symbol has no row is left out

    Returns
    -------
    Observed mean; mean and 95th percentile of the best; chance that the best reaches the observed one. None without a
    buy, or with fewer than `FEWEST` shifts.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> bar = best_unskilled(rng.random(500), rng.random(500) < 0.2, 1, 40)
    >>> bar.observed < bar.mean < bar.p95, bar.chance > 0.5
    (True, True)
    """
    value, alert = np.asarray(value, float), np.asarray(alert, float)
    n = len(alert) if dates is None else len(dates)
    near = max(2 * horizon, bandwidth(n, horizon))
    if not alert.any() or n - 2 * near + 1 < FEWEST:
        return None
    earned, bought, there = (wide(values, dates) for values in (value, alert, np.ones(len(value))))
    total, count = (met(where, bought)[near : n - near + 1] for where in (earned, there))
    some = np.rint(count) > 0
    luck = np.sort(total[some] / np.rint(count[some]))
    if len(luck) < FEWEST:
        return None
    observed = float((value * alert).sum() / alert.sum())
    reach = (1 + int((luck >= observed - SAME * np.abs(value).max()).sum())) / (1 + len(luck))
    below = (np.arange(len(luck) + 1) / len(luck)) ** tried  # chance that the best is among the k lowest
    p95 = luck[np.searchsorted(below[1:], 0.95)]
    return Bar(observed, float(np.diff(below) @ luck), float(p95), 1 - (1 - reach) ** tried)
