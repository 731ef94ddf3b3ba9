"""How much bars move around a day, by medians: a jump does not hide behind the deviation that it makes."""

import numpy as np
import pandas as pd

WINDOW = 63  # rows on either side: a quarter of trading days
LEAST = 1e-4  # daily deviation of what hardly moves, such as a pegged currency
SIGMA = 1.4826  # deviations of a normal distribution in one median absolute deviation


def change(logs: np.ndarray) -> np.ndarray:
    """Log change since the row before: (n,), 0 of the first."""
    return np.diff(logs, prepend=logs[:1])


def least(moves: np.ndarray) -> float:
    """What `deviation` is at least: a quarter of that of all days, for where the market stood still, or `LEAST`."""
    return SIGMA * max(float(np.median(np.abs(moves))) / 4, LEAST / SIGMA)


def deviation(moves: np.ndarray, rows: np.ndarray, at_least: float) -> np.ndarray:
    """Robust daily deviation around some rows (k,), by the median of a quarter on either side: (k,).

    Parameters
    ----------
    moves : (n,) log returns of Close
    at_least : as `least` gives it
    """
    return np.maximum(SIGMA * median(np.abs(moves), rows), at_least)


def median(values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Median of `WINDOW` rows on either side of some rows (k,): (k,); of fewer at the ends."""
    inside = (rows >= WINDOW) & (rows < len(values) - WINDOW)
    found = np.empty(len(rows))
    found[inside] = np.median(values[rows[inside, None] + np.arange(-WINDOW, WINDOW + 1)], axis=1)
    found[~inside] = [np.median(values[max(row - WINDOW, 0) : row + WINDOW + 1]) for row in rows[~inside]]
    return found


def beside(values: np.ndarray, days: int, after: bool) -> np.ndarray:
    """Mean of the ``days`` rows before, or after, each row: (n,), NaN where there is none."""
    side = pd.Series(values[::-1] if after else values).shift(1).rolling(days, min_periods=1).mean().to_numpy()
    return side[::-1] if after else side
