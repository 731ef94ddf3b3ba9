"""The walk through the days after a day: the first that reaches a level above or a stop below ends it."""

import numpy as np

LEVEL, STOP, NEITHER = 1, -1, 0


def first_end(
    open_: np.ndarray, high: np.ndarray, low: np.ndarray, level: np.ndarray, floor: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How the n - m days after each of the first m days end it, and on which day.

    An Open at the level or above is `LEVEL`; else the stop, where the Low reaches it, is `STOP`, also on a day whose
    High reaches the level, as no daily bar tells which came first; else a High at the level or above is `LEVEL`.

    Parameters
    ----------
    open_, high, low : (n,) prices, or all of them negated where it is a fall that is waited for
    level, floor : (m,) of each day, m < n; an infinite one is never reached

    Returns
    -------
    how, at : (m,) of `LEVEL`, `STOP` and `NEITHER`; (m,) rows of the days that end them, the last of NEITHER

    Examples
    --------
    Levels of 101 and 102, stops of 98 and 99: the second day opens at the one, and falls to the other.

    >>> open_, high, low = np.array([[100, 101, 100], [101, 103, 100], [99, 97, 99]])
    >>> first_end(open_, high, low, np.array([101, 102]), np.array([98, 99]))
    (array([ 1, -1]), array([1, 2]))
    """
    m = len(level)
    how, at = np.full(m, NEITHER), np.arange(m) + len(open_) - m
    for day in range(len(open_) - m, 0, -1):  # the earliest has the last word
        rows = slice(day, m + day)
        above, stopped = open_[rows] >= level, low[rows] <= floor
        reached = above | ((high[rows] >= level) & ~stopped)
        how = np.where(reached, LEVEL, np.where(stopped, STOP, how))
        at = np.where(reached | stopped, np.arange(m) + day, at)
    return how, at
