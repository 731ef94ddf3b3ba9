"""Bounds of precision and recall that know that neighbouring days tell nearly the same story.

Precision is a share of the alert days, recall a share of the days labelled 1; both are *a share of
chosen days that succeed*, so one set of functions serves both:

=========  ==================  ==================
share      chosen              success
=========  ==================  ==================
precision  alert               label is 1
recall     label is 1          alert
=========  ==================  ==================

Alerts come in clusters and labels of horizon h overlap, so n chosen days hold less information than
n coin tosses. The count is shrunk to the number of independent tosses whose share would vary as
much (`effective_count`), and the exact binomial bound of Clopper and Pearson (Biometrika 26, 1934)
is taken at that count.

A bound holds for a threshold fixed beforehand: one picked as the best of many on the same days is
better on paper than in truth. And 600 days show few regimes: docs/honesty.md has the measured coverage and
width. The upper end of recall is too low where regimes last a month, because a history with few alerts
shows too little of how they cluster.

Rows of many symbols (`buysignal.judge.dates`) are summed by date first; one symbol is the case of one row a date.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri, stdtrit  # scipy.stats gives the same bits, and takes a second to import

from buysignal.core.binomial import clopper_pearson_lower, clopper_pearson_upper
from buysignal.judge.dates import Dates, sums

MIN_BLOCK = 10  # days of a bootstrap block
SIDE = 0.975  # where Student's quantile is compared with the normal one: either side of a 95 % interval


@dataclass(frozen=True)
class Interval:
    """A share with its two-sided interval; without a chosen day point 0, interval [0, 1]."""

    point: float
    low: float
    high: float
    n_eff: float


def precision_interval(
    label: np.ndarray, alert: np.ndarray, horizon: int, confidence: float, dates: Dates | None = None
) -> Interval:
    """Two-sided interval of precision from labels (n,) and alerts (n,), consecutive trading days, or rows of dates."""
    return _interval(alert, label, horizon, confidence, dates)


def recall_interval(
    label: np.ndarray, alert: np.ndarray, horizon: int, confidence: float, dates: Dates | None = None
) -> Interval:
    """Two-sided interval of recall from labels (n,) and alerts (n,), consecutive trading days, or rows of dates."""
    return _interval(label, alert, horizon, confidence, dates)


def precision_lower(
    label: np.ndarray, alert: np.ndarray, horizon: int, confidence: float, dates: Dates | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """One-sided lower bound of precision, for many thresholds at once.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days
    alert : (..., n) bool
    horizon : trading days a label looks ahead; >= 1
    confidence : probability that the true precision is above the bound; 0.5 < x < 1
    dates : of the n, where they are rows of many symbols; None: each is a day of its own

    Returns
    -------
    (bound, n_eff), each (...); both 0 where there is no alert.
    """
    n_eff = effective_count(alert, label, horizon, dates)
    return clopper_pearson_lower(_share(alert, label), n_eff, confidence), n_eff


def effective_count(chosen: np.ndarray, success: np.ndarray, horizon: int, dates: Dates | None = None) -> np.ndarray:
    """Independent tosses whose share would vary as much as that of the chosen days.

    Parameters
    ----------
    chosen : (..., n) bool
    success : (n,) or (..., n), 0 or 1
    horizon : trading days; >= 1
    dates : of the n, where they are rows of many symbols; None: each is a day of its own

    Returns
    -------
    (...), in [1, chosen days]; 0 where none is chosen.
    """
    chosen = np.asarray(chosen, bool)
    hits = chosen * np.multiply(success, 1)  # of bools their number
    return effective_of_sums(sums(chosen, dates), sums(hits, dates), horizon)


def effective_of_sums(chosen: np.ndarray, hits: np.ndarray, horizon: int) -> np.ndarray:
    """The same of how many are chosen on each date, and how many of them succeed, each (..., dates).

    With ``u[t] = hits[t] - p * chosen[t]`` and p the share, it is the number chosen divided by the largest of three
    design effects:

    - 1: dependence never adds information;
    - the variance of ``sum(u)`` (`widened_variance`, where dates have several rows `_lumped`) over that of independent
      ones;
    - what it would cost if the overlap of labels bound all of a cluster together, and a date all its rows: those
      chosen over the `thinned_count` of dates, averaged with the one before it by two weights: ``horizon - 1 / m`` with
      m those chosen a date, and the dates with the rarer outcome. A dozen alike failures may be one event seen from a
      dozen days, and where none fails u is zero: there the data cannot show dependence.
    """
    count, on = chosen.sum(axis=-1), chosen > 0
    p = hits.sum(axis=-1) / np.maximum(count, 1)
    per_date = np.maximum(count / np.maximum(on.sum(axis=-1), 1), 1.0)
    rarer = np.where((p <= 0.5)[..., None], hits, chosen - hits)
    independent = count * p * (1 - p)
    flat = independent < 1e-9
    u = hits - p[..., None] * chosen
    seen = widened_variance(u)
    if (per_date > 1).any():
        seen = seen + (1 - 1 / per_date) * np.maximum(_lumped(u, rarer, bandwidth(u.shape[-1], horizon)) - seen, 0.0)
    seen = np.where(flat, 0.0, seen / np.where(flat, 1.0, independent))
    overlap = count / np.maximum(thinned_count(on, horizon), 1)
    dates_of_each = np.count_nonzero(rarer, axis=-1) / np.maximum(rarer.sum(axis=-1), 1)
    bound, events = horizon - 1 / per_date, count * np.minimum(p, 1 - p) * dates_of_each
    weights = np.where(events > 0, np.maximum(bound + events, 1), np.where(bound > 0, bound, 1))
    pooled = (bound * overlap + events * seen) / weights
    design = np.maximum(1.0, np.maximum(seen, pooled))
    return np.where(count > 0, np.maximum(count / design, 1.0), 0.0)


def widened_variance(u: np.ndarray, even: np.ndarray | float = 1.0) -> np.ndarray:
    """Variance of ``sum(u)`` over the last axis (..., n), allowing for how few terms it is estimated from.

    The equal-weighted cosine estimator of Lazarus, Lewis, Stock and Watson (J. Bus. Econ. Stat. 36,
    2018): n times the mean square of the projections on the first B cosines of type II. A sum divided by
    its root follows Student's t with B degrees; so it is multiplied by the squared ratio of t's quantile
    to the normal one (at `SIDE`), after which normal theory holds. The larger of two is taken: from few
    cosines, which see regimes of months, and from many, which are less noisy (`cosines`). Where u fills the days
    unevenly, only a share ``even`` (...) of the degrees is there.
    """
    n = u.shape[-1]
    if n < 2:
        return (u * u).sum(axis=-1)
    few, many = cosines(n)
    squares = (u @ _projection(n, many)) ** 2  # most of a full transform would be thrown away
    return np.max([_widening(b * even) * n * squares[..., :b].mean(axis=-1) for b in (few, many)], axis=0)


def _lumped(u: np.ndarray, rarer: np.ndarray, lags: int) -> np.ndarray:
    """`widened_variance` of u (..., n) where the rows of a date are many, and their own noise hides no lump.

    The rarer outcomes (..., n) fall on G blocks, ``sum(x)^2`` over their uncentred `long_run_variance`. Of the B
    degrees the share is left that G has of the blocks of an even history; and taking away the mean, which is known
    from G blocks, costs the share ``2 / G`` of the variance, as in `buysignal.judge.paired.stretched`.
    """
    x = np.stack([np.ones(u.shape), rarer])
    even, blocks = x.sum(axis=-1) ** 2 / np.maximum(long_run_variance(x, lags), 1e-9)
    return widened_variance(u, np.clip(blocks / even, 1e-9, 1.0)) / (1 - 2 / np.maximum(blocks, 4.0))


@lru_cache(maxsize=8)
def _projection(n: int, count: int) -> np.ndarray:
    """The first ``count`` orthonormal cosines of type II but the constant one, (n, count)."""
    wave = np.outer(np.arange(n) + 0.5, np.arange(1, count + 1)) * (math.pi / n)
    return np.cos(wave) * math.sqrt(2 / n)


def cosines(n: int) -> tuple[int, int]:
    """Few and many cosines for n >= 2 days: one per 100 days, at least 4, and ``0.4 n^(2/3)`` as published.

    One per 100 days sees cycles of 200 days and more: regimes with a half-life of a month.
    """
    many = min(n - 1, max(4, round(0.4 * n ** (2 / 3))))
    return min(many, max(4, round(n / 100))), many


def _widening(degrees: np.ndarray | float) -> np.ndarray:
    return (stdtrit(np.maximum(degrees, 1.0), SIDE) / ndtri(SIDE)) ** 2


def bandwidth(n: int, horizon: int) -> int:
    """Lags of a HAC variance, days of a bootstrap block: ``1.3 sqrt(n)``, at least ``2 horizon``, below n.

    The first is what Lazarus, Lewis, Stock and Watson recommend (J. Bus. Econ. Stat. 36, 2018): with
    the common shorter rules a volatility regime of months is cut off and the bound is too high. The
    second sees the overlap of labels, which reaches ``horizon - 1`` days, at half its weight or more.
    """
    return max(0, min(max(math.ceil(1.3 * math.sqrt(n)), 2 * horizon), n - 1))


def block_length(n: int, horizon: int) -> int:
    """Mean days of a bootstrap block: the lags of the HAC variance, at least ``2 horizon`` and `MIN_BLOCK`."""
    return max(2 * horizon, MIN_BLOCK, bandwidth(n, horizon))


def long_run_variance(u: np.ndarray, lags: int) -> np.ndarray:
    """Variance of ``sum(u)`` over the last axis (..., n), Bartlett weights; >= 0 (Newey, West 1987)."""
    total = (u * u).sum(axis=-1)
    for lag in range(1, lags + 1):
        total = total + 2 * (1 - lag / (lags + 1)) * (u[..., lag:] * u[..., :-lag]).sum(axis=-1)
    return np.maximum(total, 0.0)


def thinned_count(chosen: np.ndarray, horizon: int) -> np.ndarray:
    """The most chosen days (..., n) that keep ``horizon`` days between any two: taken greedily in time order."""
    if horizon == 1:
        return np.asarray(chosen).sum(axis=-1)
    count = np.zeros(chosen.shape[:-1], int)
    free_from = np.zeros(chosen.shape[:-1], int)
    for t in np.flatnonzero(chosen.reshape(-1, chosen.shape[-1]).any(axis=0)):
        take = chosen[..., t] & (t >= free_from)
        count = count + take
        free_from = np.where(take, t + horizon, free_from)
    return count


def _interval(
    chosen: np.ndarray, success: np.ndarray, horizon: int, confidence: float, dates: Dates | None
) -> Interval:
    chosen, success = np.asarray(chosen, bool), np.asarray(success, float)
    if not chosen.any():
        return Interval(0.0, 0.0, 1.0, 0.0)
    n_eff, p = effective_count(chosen, success, horizon, dates), _share(chosen, success)
    side = (1 + confidence) / 2
    low, high = clopper_pearson_lower(p, n_eff, side), clopper_pearson_upper(p, n_eff, side)
    return Interval(float(p), float(low), float(high), float(n_eff))


def _share(chosen: np.ndarray, success: np.ndarray) -> np.ndarray:
    """Share of chosen days (..., n) that succeed; 0 where none is chosen."""
    chosen = np.asarray(chosen, bool)
    return (chosen * success).sum(axis=-1) / np.maximum(chosen.sum(axis=-1), 1)
