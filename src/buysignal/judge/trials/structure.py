"""Does the objective rise with width, depth or size, and are there two good depths with a bad one between?"""

from dataclasses import dataclass, replace
from math import atanh, sqrt, tanh

import numpy as np
import pandas as pd
from scipy.optimize import isotonic_regression
from scipy.special import xlogy
from scipy.stats import norm, spearmanr

from buysignal.search.rounds.trends import CANNOT_TELL, HOLDS, VIOLATED, DimensionTrend

FEWEST = 8  # pairs below which a rank correlation is not put to a test
DRAWS = 999


@dataclass(frozen=True)
class Correlation:
    """Rank correlation of a dimension with a metric; ``low`` and ``high`` are None if not to be had.

    ``verdict`` on "more is better": ``holds`` where the interval is above 0, ``violated`` where it is below.
    ``n_buys`` is the mean number of buys behind a precision, None for another metric.
    """

    name: str
    metric: str
    n: int
    rho: float | None
    low: float | None
    high: float | None
    verdict: str
    n_buys: float | None = None


@dataclass(frozen=True)
class Modality:
    """Whether two separate regions of a dimension are good.

    ``peaks`` are the runs of neighbouring values of locally highest share in the top, ``p_value`` is
    None where there is nothing to test. ``verdict``: ``holds`` for more than one peak, else ``cannot tell``.
    """

    name: str
    peaks: tuple[tuple[float, ...], ...]
    p_value: float | None
    verdict: str


def correlation(name: str, metric: str, x: np.ndarray, y: np.ndarray, confidence: float) -> Correlation:
    """Spearman's rank correlation of ``x`` (n,) with ``y`` (n,).

    The interval is Fisher's with the variance ``(1 + rho^2 / 2) / (n - 3)`` of Bonett and Wright
    (Psychometrika 65, 2000).
    """
    n = len(x)
    if n < 3 or len(np.unique(x)) < 2 or len(np.unique(y)) < 2:
        return Correlation(name, metric, n, None, None, None, CANNOT_TELL)
    rho = float(spearmanr(x, y).statistic)
    if n < FEWEST:
        return Correlation(name, metric, n, rho, None, None, CANNOT_TELL)
    half = norm.ppf((1 + confidence) / 2) * sqrt((1 + rho**2 / 2) / (n - 3))
    centre = atanh(np.clip(rho, -1 + 1e-9, 1 - 1e-9))
    low, high = tanh(centre - half), tanh(centre + half)
    verdict = HOLDS if low > 0 else VIOLATED if high < 0 else CANNOT_TELL
    return Correlation(name, metric, n, rho, low, high, verdict)


def modality(trend: DimensionTrend, confidence: float, seed: int) -> Modality:
    """Likelihood-ratio test of one peak against any shape, over the share of each value's trials in the top.

    Under one peak the shares rise to it and fall behind it; their likeliest values are isotonic
    regressions on both sides of the best place to split (Barlow et al., 1972). How much better free
    shares fit is compared with tables drawn from these values (parametric bootstrap), which needs no
    continuous values, unlike Hartigan's dip, and allows for values that were tried more often.

    Parameters
    ----------
    trend : of an ordered dimension, such as ``n_layers``
    """
    count = np.array([v.count for v in trend.values])
    hits = np.array([v.in_top for v in trend.values])
    if len(count) < 3 or not hits.any() or (hits == count).all():
        return Modality(trend.name, (), None, CANNOT_TELL)
    one_peak = _one_peak(hits, count)
    observed = _likelihood(hits, count, hits / count) - _likelihood(hits, count, one_peak)
    drawn = np.random.default_rng(seed).binomial(count, one_peak, (DRAWS, len(count)))
    gains = [_likelihood(h, count, h / count) - _likelihood(h, count, _one_peak(h, count)) for h in drawn]
    p_value = (1 + sum(gain >= observed - 1e-9 for gain in gains)) / (1 + DRAWS)
    verdict = HOLDS if p_value < 1 - confidence else CANNOT_TELL
    return Modality(trend.name, _peaks(trend), float(p_value), verdict)


def _one_peak(hits: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Likeliest shares (m,) that rise and then fall."""
    rate, best = hits / count, (-np.inf, None)
    for split in range(len(rate) + 1):
        parts = [(rate[:split], count[:split], True), (rate[split:], count[split:], False)]
        fitted = np.concatenate([isotonic_regression(r, weights=c, increasing=up).x for r, c, up in parts if len(r)])
        best = max(best, (_likelihood(hits, count, fitted), fitted), key=lambda pair: pair[0])
    return best[1].clip(0.0, 1.0)


def _likelihood(hits: np.ndarray, count: np.ndarray, share: np.ndarray) -> float:
    """Log likelihood of binomial counts, without the constant."""
    return float((xlogy(hits, share) + xlogy(count - hits, 1 - share)).sum())


def _peaks(trend: DimensionTrend) -> tuple[tuple[float, ...], ...]:
    """Runs of neighbouring promising values."""
    runs: list[list[float]] = []
    previous = False
    for value in trend.values:
        if value.promising and previous:
            runs[-1].append(value.value)
        elif value.promising:
            runs.append([value.value])
        previous = value.promising
    return tuple(map(tuple, runs))


def correlations(rows: pd.DataFrame, confidence: float) -> list[Correlation]:
    """Width, depth and true parameter count of usable trials against AUC, the last against precision too.

    A trial without a buy has no precision and is left out of that one. The intervals are
    simultaneous (Bonferroni).
    """
    bought = rows[rows["n_buys"] > 0]
    pairs = [("parameters", "precision", bought)]
    pairs += [(name, "auc", rows) for name in ("d_model", "n_layers", "parameters")]
    level = 1 - (1 - confidence) / len(pairs)
    found = [
        correlation(name, metric, table[name].to_numpy(float), table[metric].to_numpy(float), level)
        for name, metric, table in pairs
    ]
    return [replace(found[0], n_buys=float(bought["n_buys"].mean()) if len(bought) else 0.0), *found[1:]]
