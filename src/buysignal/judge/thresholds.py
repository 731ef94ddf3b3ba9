"""Precision and recall at every threshold, and whether precision rises with it as it should."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from buysignal.judge.dates import Dates, sums
from buysignal.judge.intervals import bandwidth, long_run_variance

BANDS = 10  # score bands compared by `rising`
BAND_DAYS = 30  # fewest days for each band there is: below it a share is not close to normal


@dataclass(frozen=True)
class Curve:
    """Thresholds in increasing order and what buying at ``score >= threshold`` gives; arrays (k,).

    Precision is 0.0 where there is no buy (``n_buys`` 0); recall is 0.0 if no day is labelled 1.
    """

    threshold: np.ndarray
    precision: np.ndarray
    recall: np.ndarray
    n_buys: np.ndarray
    hits: np.ndarray

    def to_frame(self) -> pd.DataFrame:
        """Columns threshold, precision, recall, n_buys, hits."""
        return pd.DataFrame(vars(self))


def exact_curve(label: np.ndarray, score: np.ndarray) -> Curve:
    """One row per distinct score, in increasing order: every threshold that can differ.

    Parameters
    ----------
    label : (n,) 0 or 1
    score : (n,); days of equal score are bought together

    Examples
    --------
    >>> c = exact_curve(np.array([0, 1, 0, 1]), np.array([0.2, 0.4, 0.4, 0.9]))
    >>> c.threshold.tolist(), c.n_buys.tolist(), c.hits.tolist()
    ([0.2, 0.4, 0.9], [4, 3, 1], [2, 2, 1])
    """
    return curve_at(label, score, np.unique(score))


def quantile_curve(label: np.ndarray, score: np.ndarray, points: int) -> Curve:
    """One row per distinct value among ``points`` evenly spaced quantiles of score, lowest to highest.

    Every threshold is a score that occurs, so a curve of few points still shows buys that exist.
    """
    return curve_at(label, score, score_quantiles(score, points))


def score_quantiles(score: np.ndarray, points: int) -> np.ndarray:
    """Distinct values, increasing, among ``points`` evenly spaced quantiles of score (n,); each occurs in it."""
    return np.unique(np.quantile(score, np.linspace(0, 1, points), method="inverted_cdf"))


def curve_at(label: np.ndarray, score: np.ndarray, threshold: np.ndarray) -> Curve:
    """Precision, recall and counts at given thresholds (k,)."""
    order = np.argsort(score, kind="stable")
    first = np.searchsorted(score[order], threshold, side="left")  # first bought day in score order
    hits_before = np.concatenate([[0], np.cumsum(label[order], dtype=np.int64)])
    positives = hits_before[-1]
    n_buys, hits = len(score) - first, positives - hits_before[first]
    return Curve(np.asarray(threshold, float), hits / np.maximum(n_buys, 1), hits / max(positives, 1), n_buys, hits)


@dataclass(frozen=True)
class Fall:
    """Precision falls where the threshold rises from ``start`` to ``end``, by more than chance explains.

    ``z`` is the fall of the share labelled 1, band against all above it, in standard errors.
    """

    start: float
    end: float
    precision_start: float
    precision_end: float
    z: float


@dataclass(frozen=True)
class Rising:
    """Whether precision rises with the threshold.

    Attributes
    ----------
    verdict : ``rises``, ``flat`` (no trend beyond chance) or ``falls`` (a downward trend, or one of
        ``falls``); anything but the first means that the model has not learned to discriminate here
    trend_z : trend of the label over the rank of the score, in standard errors
    spearman : rank correlation of precision and threshold over the bands, -1..1; to describe only
    falls : stretches where precision falls beyond chance
    """

    verdict: str
    trend_z: float
    spearman: float
    falls: tuple[Fall, ...]


def rising(
    label: np.ndarray, score: np.ndarray, horizon: int, confidence: float = 0.95, dates: Dates | None = None
) -> Rising:
    """Test whether precision rises with the threshold.

    Days are cut into up to `BANDS` score bands of equal size. Raising the threshold over a band
    lowers precision exactly when more of the band than of the days above it is labelled 1, and those
    two groups share no day. So each step is a test of two shares: a fall counts if it exceeds
    ``z(1 - (1 - confidence) / steps)`` standard errors (Bonferroni: at most ``1 - confidence`` of
    the models whose precision never falls are accused). The trend over all days counts beyond
    ``z(confidence)``, up or down. Both standard errors are Newey and West's, as days are not independent.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days
    score : (n,)
    horizon : trading days a label looks ahead; >= 1
    confidence : of the trend and of all falls together
    dates : of the n, where they are rows of many symbols, summed by date; None: each is a day of its own
    """
    from scipy.stats import spearmanr  # a second to import, and no threshold needs it

    days = len(score) if dates is None else len(dates)
    bands = min(BANDS, max(1, days // BAND_DAYS))
    start = np.unique(np.sort(score)[np.arange(bands) * len(score) // bands])  # lowest score of each band
    curve = curve_at(label, score, start)
    above = score >= start[1:, None]  # (steps, n)
    band = (score >= start[:-1, None]) & ~above
    contrast = band / band.sum(axis=1, keepdims=True) - above / above.sum(axis=1, keepdims=True)
    centred = label - curve.precision[:-1, None]  # on band and above together
    z = _standardised(sums(contrast * centred, dates), horizon)
    rank = pd.Series(score).rank().to_numpy()
    trend_z = float(_standardised(sums((rank - rank.mean()) * (label - label.mean()), dates), horizon))
    trend_limit, step_limit = ndtri(confidence), ndtri(1 - (1 - confidence) / max(len(z), 1))
    steps = zip(start, start[1:], curve.precision, curve.precision[1:], z)
    falls = tuple(Fall(*map(float, step)) for step in steps if step[-1] > step_limit)
    flat_curve = len(start) < 2 or np.ptp(curve.precision) == 0
    spearman = 0.0 if flat_curve else float(spearmanr(start, curve.precision).statistic)
    verdict = "flat"
    if falls or trend_z < -trend_limit:
        verdict = "falls"
    elif trend_z > trend_limit:
        verdict = "rises"
    return Rising(verdict, trend_z, spearman, falls)


def _standardised(u: np.ndarray, horizon: int) -> np.ndarray:
    """``sum(u)`` over consecutive dates, (..., n) -> (...), over its standard error; 0 where nothing varies."""
    deviation = np.sqrt(long_run_variance(u, bandwidth(u.shape[-1], horizon)))
    return np.where(deviation > 0, u.sum(axis=-1) / np.where(deviation > 0, deviation, 1.0), 0.0)
