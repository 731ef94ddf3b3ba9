"""Series shifted against each other round a circle of days: what stays is everything but the link between them.

Of many symbols all are shifted together, by the same number of dates, so that what they do alike on a date they still
do alike. A symbol keeps its rows: where it was not listed it has no label to be judged by, and no score either. So a
score that comes to a date without a row of its symbol is left out, and a row to which none comes has no score: it is
neither bought nor ranked. Filling it from elsewhere would put a score beside others that it never stood beside. At a
shift a panel with late or early listings therefore has fewer buys than it really had, at most by the rows it lacks.
"""

import numpy as np

from buysignal.judge.dates import Dates
from buysignal.judge.intervals import bandwidth

MOST = 200  # shifts tried at most


def shifts(n: int, horizon: int) -> np.ndarray:
    """Up to `MOST` evenly spaced shifts (s,) in days, at least ``max(2 horizon, bandwidth)`` from 0 both ways.

    Examples
    --------
    >>> shifts(12, 1).tolist()  # bandwidth 5
    [5, 6, 7]
    """
    near = max(2 * horizon, bandwidth(n, horizon))
    far = n - near
    if far < near:
        return np.zeros(0, int)
    return np.unique(np.linspace(near, far, min(MOST, far - near + 1)).round().astype(int))


def shifted(series: np.ndarray, by: np.ndarray) -> np.ndarray:
    """A series (n,) moved on by each of (s,) days round the circle: (s, n), ``[i, t]`` is ``series[t - by[i]]``."""
    return series[(np.arange(len(series)) - by[:, None]) % len(series)]


def wide(values: np.ndarray, dates: Dates | None) -> np.ndarray:
    """Values (n,) as (symbols, days), 0 where a symbol has no row; of one symbol (1, n)."""
    return values[None] if dates is None else dates.wide(values)


def met(value: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(days,) at d: the sum over symbols and days of ``value[t + d] * other[t]``, each (symbols, days), round a circle.

    At ``-d`` other has been moved on by d days to where value is read.

    >>> met(np.array([[1.0, 2.0, 4.0]]), np.array([[1.0, 0.0, 0.0]])).round().tolist()
    [1.0, 2.0, 4.0]
    """
    together = np.fft.rfft(value) * np.conj(np.fft.rfft(other))
    return np.fft.irfft(together.sum(axis=0), value.shape[1])
