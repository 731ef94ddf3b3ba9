"""The area under the ROC of drawn dates from how their symbols compare: counted once, then a product for each draw."""

from collections.abc import Callable

import numpy as np

from buysignal.judge.dates import Dates

MOST = 4096  # dates, of which every pair has a number: 128 MiB


def area_of_dates(positive: np.ndarray, place: np.ndarray, dates: Dates) -> Callable[[np.ndarray], float]:
    """The area of drawn dates: of (n,) places of dates, each as often as it is drawn.

    A pair of a hit and a miss is won if the hit has the higher score, and half of it at equal ones (Mann and Whitney,
    Annals of Mathematical Statistics 18, 1947). Pairs are counted by the dates of the two; a draw weighs each count by
    how often both dates are in it. Every sum is one of halves, so no bit differs from counting the rows of each draw.

    Parameters
    ----------
    positive : (rows,) bool
    place : (rows,) of each score among the distinct ones, from 0
    dates : at most `MOST`
    """
    won, hits, misses = wins(positive, place, dates), dates.sums(positive), dates.sums(~positive)

    def area(drawn: np.ndarray) -> float:
        times = np.bincount(drawn, minlength=len(dates)).astype(float)
        pairs = (times @ hits) * (times @ misses)
        return float(times @ won @ times / pairs) if pairs else 0.5

    return area


def wins(positive: np.ndarray, place: np.ndarray, dates: Dates) -> np.ndarray:
    """(D, D) pairs that hits of a date (rows) win against misses of a date (columns); at equal scores half of them.

    >>> wins(np.array([True, False, False]), np.array([1, 0, 1]), Dates(np.array([0, 0, 1]), np.array([0, 1, 0])))
    array([[1. , 0.5],
           [0. , 0. ]])
    """
    rising = np.flatnonzero(positive)[np.argsort(place[positive], kind="stable")]
    hit, day = place[rising], dates.day[rising]
    found = np.zeros((len(dates), len(dates)))
    for date, rows in enumerate(np.split(np.arange(len(place)), dates.starts[1:])):
        missed = place[rows][~positive[rows]]
        passed = [np.searchsorted(hit, missed, side) for side in ("left", "right")]  # first hit that ties, that wins
        below = np.bincount(np.concatenate(passed), minlength=len(hit) + 1)[: len(hit)].cumsum() / 2
        found[:, date] = np.bincount(day, below, minlength=len(dates))
    return found
