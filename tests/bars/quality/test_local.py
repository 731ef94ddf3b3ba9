"""What is usual around a day, asked of a few days, is what a rolling window over all of them says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.bars.quality.local import LEAST, SIGMA, WINDOW, change, deviation, least, median


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, WINDOW, 2 * WINDOW, 2 * WINDOW + 1, 2 * WINDOW + 2, 400]))
def test_medians_around_some_rows_are_those_of_a_rolling_window(seed, count):
    rng = np.random.default_rng(seed)
    values = rng.standard_normal(count).round(1)
    rolling = pd.Series(values).rolling(2 * WINDOW + 1, center=True, min_periods=1).median().to_numpy()
    rows = np.sort(rng.choice(count, rng.integers(0, count + 1), replace=False))
    assert median(values, rows).tolist() == rolling[rows].tolist()


def test_no_day_is_below_a_quarter_of_all_days_nor_of_what_hardly_moves():
    moves = np.append(np.zeros(200), np.full(210, 0.04))  # the median of all is .04
    quiet, busy = deviation(moves, np.array([0, 409]), least(moves))
    assert (quiet, busy) == pytest.approx((SIGMA * 0.01, SIGMA * 0.04))
    still = np.zeros(300)
    assert deviation(still, np.array([150]), least(still)).tolist() == pytest.approx([LEAST])


def test_the_first_row_does_not_change():
    assert change(np.array([1.0, 1.5, 1.25])).tolist() == [0.0, 0.5, -0.25]
