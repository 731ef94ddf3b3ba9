"""Labels: hand-computed, decided by the next days alone, the fall a mirror of the rise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.errors import UserError
from buysignal.labels import fall_label, touch_label

DAYS = pd.DatetimeIndex(["2018-01-02", "2018-01-03", "2018-01-04", "2018-01-05", "2018-01-08", "2018-01-09"])
BARS = pd.DataFrame(
    {
        "high": [101.0, 100.9, 102.0, 101.0, 103.1, 100.0],
        "low": [99.0, 99.5, 99.0, 98.0, 101.0, 97.0],
        "close": [100.0, 100.0, 101.0, 100.0, 102.0, 98.0],
    },
    index=DAYS.rename("date"),
)


def prices(**columns: list[float]) -> pd.DataFrame:
    """Bars of consecutive days with the given columns."""
    n = len(next(iter(columns.values())))
    return pd.DataFrame(columns, index=pd.date_range("2018-01-01", periods=n, name="date"))


def test_one_day_ahead_by_hand():
    labels = touch_label(BARS, horizon=1, threshold=0.01)
    # levels 101.00 101.00 102.01 101.00 103.02 against the next highs 100.9 102.0 101.0 103.1 100.0
    assert labels["label"].tolist() == [0, 1, 0, 1, 0]
    assert labels["label"].dtype == np.int8
    assert labels.index.equals(BARS.index[:5])
    assert labels["label_start"].tolist() == list(DAYS[1:])
    assert labels["label_end"].tolist() == list(DAYS[1:])


def test_three_days_ahead_by_hand():
    labels = touch_label(BARS, horizon=3, threshold=0.02)
    # levels 102.00 102.00 103.02 against max(100.9 102 101), max(102 101 103.1), max(101 103.1 100)
    assert labels["label"].tolist() == [1, 1, 1]
    assert labels["label_start"].tolist() == list(DAYS[1:4])
    assert labels["label_end"].tolist() == list(DAYS[3:])
    assert touch_label(BARS, horizon=3, threshold=0.021)["label"].tolist() == [0, 1, 0]  # 102.1 102.1 103.121


def test_the_fall_by_hand():
    # levels 99.00 99.00 99.99 99.00 100.98 against the next lows 99.5 99.0 98.0 101.0 97.0
    assert fall_label(BARS, horizon=1, threshold=0.01)["label"].tolist() == [0, 1, 1, 0, 1]
    # levels 98.00 98.00 98.98 against min(99.5 99 98), min(99 98 101), min(98 101 97)
    labels = fall_label(BARS, horizon=3, threshold=0.02)
    assert labels["label"].tolist() == [1, 1, 1]
    assert labels["label_end"].tolist() == list(DAYS[3:])


@pytest.mark.parametrize("horizon", [1, 2, 5])
def test_the_last_days_have_no_label(horizon):
    assert touch_label(BARS, horizon, 0.01).index.equals(BARS.index[:-horizon])
    assert fall_label(BARS, horizon, 0.01).index.equals(BARS.index[:-horizon])


@given(cents=st.integers(1, 10**7), percent=st.integers(1, 50))
def test_reaching_the_level_counts_and_a_tick_below_does_not(cents, percent):
    # the level has at most four decimals, so it is exact in units of a hundredth of a cent
    rise, fall = cents * (100 + percent), cents * (100 - percent)
    close = [cents / 100, 1.0]
    for units, expected in ((rise, 1), (rise - 1, 0)):
        bars = prices(close=close, high=[1.0, units / 10_000])
        assert touch_label(bars, 1, percent / 100)["label"].tolist() == [expected]
    for units, expected in ((fall, 1), (fall + 1, 0)):
        bars = prices(close=close, low=[1.0, units / 10_000])
        assert fall_label(bars, 1, percent / 100)["label"].tolist() == [expected]


@given(
    high=st.lists(st.floats(90, 110), min_size=8, max_size=12),
    horizon=st.integers(1, 6),
    at=st.integers(0, 11),
    shock=st.floats(1, 1000),
)
def test_only_the_days_of_the_interval_decide_a_label(high, horizon, at, shock):
    at %= len(high)
    bars = prices(high=high, low=[h - 1 for h in high], close=[100.0] * len(high))
    shocked = bars.copy()
    shocked.iloc[at, [0, 1]] = shock
    for label in (touch_label, fall_label):
        before, after = label(bars, horizon, 0.01), label(shocked, horizon, 0.01)
        outside = (before["label_start"] > bars.index[at]) | (before["label_end"] < bars.index[at])
        pd.testing.assert_frame_equal(before[outside], after[outside])


@given(returns=st.lists(st.floats(-0.05, 0.05), min_size=6, max_size=20), horizon=st.integers(1, 4))
def test_the_fall_is_the_rise_of_the_mirrored_market(returns, horizon):
    # around a constant close, high = c (1 + r) reaches up exactly when low = c (1 - r) reaches down
    moves = np.abs(returns)
    bars = prices(close=[100.0] * len(moves), high=100 * (1 + moves), low=100 * (1 - moves))
    clear = np.abs(moves - 0.01).min() > 1e-9
    if clear:
        pd.testing.assert_frame_equal(touch_label(bars, horizon, 0.01), fall_label(bars, horizon, 0.01))


@pytest.mark.parametrize("label", [touch_label, fall_label])
@pytest.mark.parametrize(
    ("horizon", "threshold", "expected"),
    [
        (0, 0.01, "label.horizon is 0: it is at least 1 trading day"),
        (1, 0.0, "label.threshold is 0.0: it is above 0, such as 0.01 for one percent"),
        (1, float("nan"), "label.threshold is nan: it is above 0, such as 0.01 for one percent"),
        (6, 0.01, "6 bars give no label at label.horizon 6: at least 7"),
    ],
)
def test_a_label_that_cannot_be_made_is_refused_in_one_line(label, horizon, threshold, expected):
    with pytest.raises(UserError) as caught:
        label(BARS, horizon, threshold)
    assert str(caught.value) == expected


def test_a_price_cannot_fall_by_all_of_itself():
    with pytest.raises(UserError, match="a price cannot fall by all of itself"):
        fall_label(BARS, 1, 1.0)
    assert touch_label(BARS, 1, 1.0)["label"].tolist() == [0, 0, 0, 0, 0]
