"""The walk to a level or a stop, day by day and price by price."""

import doctest

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from buysignal.days import barrier as module
from buysignal.days.barrier import LEVEL, NEITHER, STOP, first_end
from tests.features.samples import random_bars

PRICES = ("open", "high", "low", "close")


def walked(days, level, floor):
    """How and at which of the days (open, high, low) a trade ends, told one price after the other."""
    for at, (open_, high, low) in enumerate(days):
        if open_ >= level:
            return LEVEL, at
        if low <= floor:
            return STOP, at
        if high >= level:
            return LEVEL, at
    return NEITHER, len(days) - 1


@given(seed=st.integers(0, 10**6), horizon=st.integers(1, 6), up=st.floats(0.001, 0.05), down=st.floats(0.001, 0.05))
def test_the_first_day_that_reaches_either_ends_it(seed, horizon, up, down):
    open_, high, low, close = (random_bars(40, seed)[name].to_numpy() for name in PRICES)
    level, floor = (1 + up) * close[:-horizon], (1 - down) * close[:-horizon]
    how, at = first_end(open_, high, low, level, floor)
    for day, ends in enumerate(zip(level, floor)):
        after = slice(day + 1, day + 1 + horizon)
        right, later = walked(list(zip(open_[after], high[after], low[after])), *ends)
        assert (how[day], at[day]) == (right, day + 1 + later)


def test_ends_that_are_never_reached_leave_the_last_day():
    prices = np.full(5, 100.0)
    how, at = first_end(prices, prices, prices, np.full(3, np.inf), np.full(3, -np.inf))
    assert how.tolist() == [NEITHER] * 3 and at.tolist() == [2, 3, 4]


def test_the_example_holds():
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
