"""The mean of one number per seed, with a t interval: is a difference more than the luck of seeds?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t


@dataclass(frozen=True)
class SeedMean:
    """Mean over seeds; ``low`` and ``high`` are None below two seeds, where nothing is known of its spread."""

    mean: float
    low: float | None
    high: float | None
    seeds: int
    confidence: float


def seed_mean(differences: Sequence[float], confidence: float) -> SeedMean:
    """Mean of paired differences, one per seed, with Student's two-sided t interval (n - 1 degrees).

    Parameters
    ----------
    differences : one per seed, at least one
    confidence : of the interval; 0.5 < x < 1

    Examples
    --------
    Mean 2, standard deviation 1, n = 3: half width 4.303 / sqrt(3).

    >>> d = seed_mean([1.0, 2.0, 3.0], 0.95)
    >>> d.mean, round(d.low, 3), round(d.high, 3)
    (2.0, -0.484, 4.484)
    """
    values = np.asarray(differences, float)
    mean, n = float(values.mean()), len(values)
    if n < 2:
        return SeedMean(mean, None, None, n, confidence)
    half = float(t.ppf((1 + confidence) / 2, n - 1) * values.std(ddof=1) / n**0.5)
    return SeedMean(mean, mean - half, mean + half, n, confidence)
