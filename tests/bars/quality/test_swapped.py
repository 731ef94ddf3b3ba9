"""Open and Close exchanged for a time are said, with the days; markets in order are not."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bars.quality.samples import N, found, good, kinds
from tests.features.samples import random_bars


def exchanged(start: int, stop: int) -> pd.DataFrame:
    bars = good()
    bars.iloc[start:stop, [0, 3]] = bars.iloc[start:stop, [3, 0]].to_numpy()
    return bars


@pytest.mark.parametrize(("start", "stop"), [(0, 40), (100, 140), (150, 180), (N - 40, N)])
def test_open_and_close_exchanged_for_a_time_are_said_with_their_days(start, stop):
    one = found(exchanged(start, stop), "exchanged")
    rows = good().index.get_indexer(pd.DatetimeIndex(one.days))
    assert one.level == "warning" and abs(rows[0] - start) <= 2 and abs(rows[-1] - stop + 1) <= 2


@given(st.integers(0, 2**32 - 1), st.floats(0.002, 0.05))
def test_walks_are_in_order(seed, move):
    assert "exchanged" not in kinds(random_bars(300, seed, move=move))
