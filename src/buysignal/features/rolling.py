"""Arithmetic that features share. Everything looks back only, and NaN at the front stays NaN.

Windows are reduced afresh at every row, not by running sums: a value depends on its own window alone, and
nothing is left over from a large value that has moved out of it.
"""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

FLAT = 1e-6
"""Share of its scale below which a deviation counts as zero: TA-Lib's running sums leave up to 1e-7 behind."""


def lag(values: np.ndarray, days: int) -> np.ndarray:
    """Values of ``days`` rows ago; NaN where there were none."""
    past = np.full(len(values), np.nan)
    past[days:] = values[: max(len(values) - days, 0)]
    return past


def ratio(above: np.ndarray, below: np.ndarray, otherwise: float = 0.0, floor: np.ndarray | float = 0.0) -> np.ndarray:
    """``above / below``, or ``otherwise`` where ``below`` is not above ``floor``; NaN stays NaN.

    >>> ratio(np.array([1.0, 1.0, np.nan]), np.array([2.0, 0.0, 0.0]))
    array([0.5, 0. , nan])
    """
    defined = below > floor
    result = np.where(defined, above, otherwise) / np.where(defined, below, 1.0)
    return np.where(np.isnan(above) | np.isnan(below), np.nan, result)


def rolling(values: np.ndarray, days: int, reduce: Callable[..., np.ndarray]) -> np.ndarray:
    """``reduce(windows, axis=1)`` over the windows of the last ``days`` rows; NaN before the first whole one."""
    result = np.full(len(values), np.nan)
    if len(values) >= days:
        result[days - 1 :] = reduce(sliding_window_view(values, days), axis=1)
    return result


def mean(values: np.ndarray, days: int) -> np.ndarray:
    """Mean of the last ``days`` rows."""
    return rolling(values, days, np.mean)


def total(values: np.ndarray, days: int) -> np.ndarray:
    """Sum of the last ``days`` rows."""
    return rolling(values, days, np.sum)


def highest(values: np.ndarray, days: int) -> np.ndarray:
    """Largest of the last ``days`` rows."""
    return rolling(values, days, np.max)


def lowest(values: np.ndarray, days: int) -> np.ndarray:
    """Smallest of the last ``days`` rows."""
    return rolling(values, days, np.min)


def deviation(values: np.ndarray, days: int) -> np.ndarray:
    """Population standard deviation of the last ``days`` rows."""
    return rolling(values, days, np.std)


def percent(values: np.ndarray, base: np.ndarray) -> np.ndarray:
    """How far values lie above a positive base, in percent of it."""
    return 100 * (values / base - 1)
