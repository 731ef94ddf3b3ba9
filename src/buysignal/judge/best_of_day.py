"""The k best of each day: a rule to buy by for who can hold few."""

import numpy as np

from buysignal.judge.dates import Dates

PER_DAY = 3
"""Symbols bought a day where nobody says more: what one person can hold, and follow."""


def best_of_day(score: np.ndarray, dates: Dates, per_day: int) -> np.ndarray:
    """Buys (rows,), bool: the ``per_day`` rows of highest score of each date.

    Of equal scores the symbol whose name sorts first is bought. A date with fewer rows buys all of them.

    >>> dates = Dates(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 1]))
    >>> best_of_day(np.array([0.5, 0.7, 0.5, 0.1]), dates, 2).tolist()
    [True, True, False, True]
    """
    return dates.ranks(score) < per_day


def the_best(per_day: int) -> str:
    """``the 3 best``, or ``the best``."""
    return "the best" if per_day == 1 else f"the {per_day} best"


def rule_in_words(threshold: float, per_day: int) -> str:
    """What is bought, after a word such as *buys*.

    >>> rule_in_words(0.25, 0), rule_in_words(0.0, 3), rule_in_words(0.25, 1)
    ('from a score of 0.250000 on', 'the 3 best of each day', 'the best of each day from a score of 0.250000 on')
    """
    reached = f"from a score of {threshold:.6f} on"
    if not per_day:
        return reached
    return f"{the_best(per_day)} of each day{f' {reached}' if threshold else ''}"


def held(score: np.ndarray, dates: Dates | None, per_day: int) -> np.ndarray:
    """Scores (rows,) as a threshold sees them: -inf where a row is none of the ``per_day`` best of its date; 0: all.

    So whatever the threshold, no date has more buys than that, and a higher threshold has some of those of a lower one:
    what curves and certificates are built on. Without dates each row is a date of its own, and the best of it.

    >>> held(np.array([0.5, 0.7, 0.5, 0.1]), Dates(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 1])), 1).tolist()
    [-inf, 0.7, -inf, 0.1]
    """
    if not per_day or dates is None:
        return score
    return np.where(best_of_day(score, dates, per_day), score, -np.inf)


def as_many_of_day(score: np.ndarray, alert: np.ndarray, dates: Dates) -> np.ndarray:
    """Weights (rows,) in [0, 1]: on each date as many buys of another score as there are alerts (rows,).

    Of equal scores at the edge all share what is left of the date evenly, as none is better.

    >>> dates = Dates(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 1]))
    >>> as_many_of_day(np.array([0.5, 0.7, 0.5, 0.1]), np.array([True, False, True, False]), dates).tolist()
    [0.5, 1.0, 0.5, 0.0]
    """
    score, count = np.asarray(score, float), dates.sums(np.asarray(alert, bool))
    last = dates.ranks(score) == count[dates.day] - 1
    edge = np.full(len(dates), np.inf)
    edge[dates.day[last]] = score[last]
    above, at = score > edge[dates.day], score == edge[dates.day]
    left = (count - dates.sums(above)) / np.maximum(dates.sums(at), 1)
    return above + at * left[dates.day]
