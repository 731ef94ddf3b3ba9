"""What no honest feature or score can follow: the days after its own."""

import numpy as np
import pandas as pd

from buysignal.models.metrics import auc

KNOWS = 0.95  # AUC, or rank correlation, that nothing honest has of daily bars
ABOVE = 0.05  # and by how much an AUC must exceed what volatility alone reaches there


def next_day(bars: pd.DataFrame) -> pd.DataFrame:
    """Return, High, Low and gap of the day after each day, relative to its Close: (n, 4), NaN on the last day."""
    after = bars.shift(-1)
    prices = {"return": "close", "High": "high", "Low": "low", "gap": "open"}
    return pd.DataFrame({name: after[price] / bars["close"] for name, price in prices.items()})


def rank_correlations(columns: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Spearman's rho of each of (n, F) columns with each of (n, k) others: (F, k); 0 where one is constant.

    >>> up = np.array([[1.0], [2.0], [3.0]])
    >>> rank_correlations(up, np.hstack([up**2, -up, up * 0])).round(3).tolist()
    [[1.0, -1.0, 0.0]]
    """
    return _ranks(columns).T @ _ranks(others)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's rho of two (n,); 0 where one is constant."""
    return float(rank_correlations(one[:, None], other[:, None])[0, 0])


def separation(bought: np.ndarray, after: np.ndarray) -> float:
    """How often what came after a buy is more than what came after another day (AUC); 0.5 without one of the two.

    It sees what a rank correlation does not: signals of 0 and 1 are ties for the most part.

    Parameters
    ----------
    bought : (n,) bool
    after : (n,) such as the return of the next day; days with NaN are left out

    >>> separation(np.array([True, False, True, False]), np.array([0.02, -0.01, 0.01, np.nan]))
    1.0
    """
    known = np.isfinite(after)
    return auc(bought[known], after[known])


def _ranks(columns: np.ndarray) -> np.ndarray:
    """Ranks of each column (n, k), centred and of length 1: their products are Spearman's rho."""
    ranks = pd.DataFrame(columns).rank().to_numpy()
    ranks = ranks - ranks.mean(axis=0)
    length = np.linalg.norm(ranks, axis=0)
    return ranks / np.where(length > 0, length, 1.0)
