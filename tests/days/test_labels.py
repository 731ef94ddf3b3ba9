"""Labels: hand-computed, decided by the next days alone, the fall a mirror of the rise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.days.labels import fall_label, in_words, thresholds, touch_label
from buysignal.days.params import Label

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
def test_a_label_that_cannot_be_made_is_refused_in_one_line(label):
    with pytest.raises(UserError) as caught:
        label(BARS, 6, 0.01)
    assert str(caught.value) == "6 bars give no label at label.horizon 6: at least 7"


@pytest.mark.parametrize("threshold", [1.0, 2.5])
def test_no_price_falls_by_all_of_itself(threshold):
    assert fall_label(BARS, 1, threshold)["label"].tolist() == [0, 0, 0, 0, 0]
    assert touch_label(BARS, 1, threshold)["label"].tolist() == [0, 0, 0, 0, 0]


def test_each_day_may_have_its_own_threshold_by_hand():
    moves = pd.Series([0.02, 0.019, 0.02, 0.031, 0.01, 0.01], index=BARS.index)
    # levels 102.00 101.90 103.02 103.10 103.02 against the next highs 100.9 102.0 101.0 103.1 100.0
    assert touch_label(BARS, 1, moves)["label"].tolist() == [0, 1, 0, 1, 0]
    # levels 98.00 98.10 98.98 96.90 100.98 against the next lows 99.5 99.0 98.0 101.0 97.0
    assert fall_label(BARS, 1, moves)["label"].tolist() == [0, 0, 1, 0, 1]


FIXED = Label(kind="touch", stop=-1.0, horizon=2, threshold=0.01, barrier="fixed", multiple=7.0)
SCALED = Label(kind="touch", stop=-1.0, horizon=4, threshold=0.5, barrier="volatility", multiple=1.5)


@pytest.mark.parametrize("label", [touch_label, fall_label])
def test_a_fixed_barrier_is_the_plain_threshold_on_every_day(label):
    assert (thresholds(BARS, FIXED) == 0.01).all()
    pd.testing.assert_frame_equal(label(BARS, 2, thresholds(BARS, FIXED)), label(BARS, 2, 0.01))


def test_a_scaled_barrier_by_hand():
    bars = prices(close=100 * np.exp(np.cumsum([0.0, 0.02, -0.01])))
    found = thresholds(bars, SCALED)
    second, third = 0.02, np.sqrt((0.01**2 + 0.94 * 0.02**2) / 1.94)
    assert found.tolist() == [np.inf, pytest.approx(1.5 * second * 2), pytest.approx(1.5 * third * 2)]


def test_a_day_without_a_deviation_has_no_level_and_is_labelled_zero():
    bars = prices(close=[100.0] * 3 + [101.0] * 4, high=[200.0] * 7, low=[1.0] * 7)
    moves = thresholds(bars, SCALED)
    assert np.isinf(moves).tolist() == [True] * 3 + [False] * 4
    for label in (touch_label, fall_label):
        assert label(bars, 1, moves)["label"].tolist() == [0, 0, 0, 1, 1, 1]


@given(moves=st.lists(st.floats(-0.1, 0.1), min_size=6, max_size=20), at=st.integers(1, 19), shock=st.floats(0.5, 2.0))
def test_a_scaled_barrier_is_known_at_the_close(moves, at, shock):
    close = 100 * np.exp(np.cumsum(moves))
    at %= len(close)
    shocked = close.copy()
    shocked[at:] *= shock
    before, after = thresholds(prices(close=close), SCALED), thresholds(prices(close=shocked), SCALED)
    pd.testing.assert_series_equal(before[:at], after[:at])


def test_a_scaled_barrier_makes_calm_and_wild_days_alike():
    rng = np.random.default_rng(0)
    sigma = np.repeat([0.003, 0.02], 2000)
    close = 100 * np.exp(np.cumsum(sigma * rng.standard_normal(4000)))
    high = close * np.exp(0.3 * sigma * np.abs(rng.standard_normal(4000)))
    bars = prices(close=close, high=high)

    def shares(barrier):
        rule = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier=barrier, multiple=1.0)
        label = touch_label(bars, 1, thresholds(bars, rule))["label"].to_numpy()
        return label[100:1999].mean(), label[2100:].mean()

    calm, wild = shares("fixed")
    assert calm < 0.02 and wild > 0.3
    calm, wild = shares("volatility")
    assert calm == pytest.approx(wild, abs=0.03) and 0.15 < calm < 0.35


def test_the_label_in_words():
    assert in_words(FIXED) == "the highest High of the next 2 days is at least 1.00% above the Close"
    words = "the highest High of the next 4 days is at least 1.5 deviations of the horizon above the Close"
    assert in_words(SCALED) == words
