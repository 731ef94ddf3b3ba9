"""Labels of kind close and triple: a dozen days by hand, what holds on any days, and their mirrors."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.core.settings import of
from buysignal.days import labels as module
from buysignal.days.labels import (
    close_fall_label,
    close_label,
    fall_label,
    falls,
    in_words,
    rises,
    touch_label,
    triple_fall_label,
    triple_label,
)
from buysignal.days.params import Label
from tests.features.samples import random_bars
from tests.judge.test_money import DOZEN

KINDS = ("touch", "close", "triple")
MARKETS = st.builds(random_bars, st.integers(30, 60), seed=st.integers(0, 10**6))
HORIZONS, MOVES, STOPS = st.integers(1, 6), st.floats(0.001, 0.05), st.floats(-0.05, -0.001)


def asked(kind: str, horizon: int = 2, threshold: float = 0.01, stop: float = -0.02, barrier: str = "fixed") -> Label:
    return of(Label, kind, horizon, threshold, barrier, 1.0, stop)


def test_the_next_close_by_hand():
    assert close_label(DOZEN, 1, 0.0005)["label"].tolist() == [1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0]
    # 100 to 101 is a rise of one percent, and not of more
    assert close_label(DOZEN, 1, 0.01)["label"].tolist() == [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]


def test_the_third_close_by_hand_with_the_days_that_decide_it():
    labels = close_label(DOZEN, 3, 0.0005)
    assert labels["label"].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0] and labels["label"].dtype == np.int8
    assert labels.index.equals(DOZEN.index[:9])
    assert labels["label_start"].tolist() == list(DOZEN.index[1:10])
    assert labels["label_end"].tolist() == list(DOZEN.index[3:])


def test_the_fallen_close_by_hand():
    assert close_fall_label(DOZEN, 1, 0.01)["label"].tolist() == [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0]


def test_the_level_before_the_stop_by_hand():
    # stopped: day 2 by the Low, day 3 by the Open, day 4 on a day that reaches both; day 5 opens at its level
    labels = triple_label(DOZEN, 1, 0.01, -0.02)
    assert labels["label"].tolist() == [1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0]
    assert labels["label_start"].tolist() == labels["label_end"].tolist() == list(DOZEN.index[1:])
    # day 9 reaches 98.98 on its second day; day 4 is stopped on its first, whatever the second brings
    assert triple_label(DOZEN, 2, 0.01, -0.02)["label"].tolist() == [1, 1, 0, 0, 0, 1, 1, 0, 0, 1]


def test_the_fall_to_the_level_before_the_rise_to_the_stop_by_hand():
    # stopped: day 1 by an Open of 103 above 102.51, day 4 on a day that reaches both
    assert triple_fall_label(DOZEN, 1, 0.01, -0.02)["label"].tolist() == [0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0]


@given(market=MARKETS, horizon=HORIZONS, move=MOVES)
def test_without_a_stop_the_triple_barrier_is_the_touch(market, horizon, move):
    pd.testing.assert_frame_equal(triple_label(market, horizon, move, -1.0), touch_label(market, horizon, move))
    pd.testing.assert_frame_equal(triple_fall_label(market, horizon, move, -1.0), fall_label(market, horizon, move))


@given(market=MARKETS, horizon=HORIZONS, move=MOVES, stop=STOPS)
def test_a_stop_only_takes_buys_away_and_a_nearer_one_more_of_them(market, horizon, move, stop):
    touched = touch_label(market, horizon, move)["label"]
    far, near = (triple_label(market, horizon, move, at)["label"] for at in (stop, stop / 2))
    assert (near <= far).all() and (far <= touched).all()
    assert (triple_fall_label(market, horizon, move, stop)["label"] <= fall_label(market, horizon, move)["label"]).all()


@given(market=MARKETS, horizon=HORIZONS, move=MOVES)
def test_a_close_above_the_level_has_touched_it(market, horizon, move):
    closed, touched = (label(market, horizon, move)["label"] for label in (close_label, touch_label))
    assert (closed <= touched).all()


@pytest.mark.parametrize("barrier", ["fixed", "volatility"])
@pytest.mark.parametrize("kind", KINDS)
@given(market=MARKETS, horizon=HORIZONS, at=st.integers(0, 59), shock=st.floats(0.5, 2))
def test_only_the_days_of_the_interval_decide_a_label(barrier, kind, market, horizon, at, shock):
    label, at = asked(kind, horizon, barrier=barrier), at % len(market)
    shocked = market.copy()
    shocked.iloc[at:] *= shock
    for labelled in (rises, falls):
        before, after = labelled(market, label), labelled(shocked, label)
        earlier = before["label_end"] < market.index[at]
        pd.testing.assert_frame_equal(before[earlier], after[earlier])


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 10**6), horizon=HORIZONS, move=MOVES, stop=STOPS)
def test_the_fall_is_the_rise_of_the_prices_mirrored_at_the_close(kind, seed, horizon, move, stop):
    market, label = random_bars(horizon + 1, seed), asked(kind, horizon, move, stop)
    twice = 2 * market["close"].iloc[0]
    mirrored = pd.DataFrame(
        {
            "open": twice - market["open"],
            "high": twice - market["low"],
            "low": twice - market["high"],
            "close": twice - market["close"],
        }
    )
    for one, other in ((market, mirrored), (mirrored, market)):
        pd.testing.assert_frame_equal(rises(one, label), falls(other, label))


@pytest.mark.parametrize("kind", KINDS)
@given(market=MARKETS, factor=st.floats(0.01, 100))
def test_labels_know_no_units(kind, market, factor):
    scaled = market.assign(**{name: market[name] * factor for name in ("open", "high", "low", "close")})
    for labelled in (rises, falls):
        pd.testing.assert_frame_equal(labelled(scaled, asked(kind)), labelled(market, asked(kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_day_without_a_level_is_labelled_zero(kind):
    still = DOZEN.assign(close=100.0)  # the deviation is 0 on every day
    for labelled in (rises, falls):
        assert not labelled(still, asked(kind, barrier="volatility"))["label"].any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_that_cannot_be_made_is_refused_in_one_line(kind):
    for labelled in (rises, falls):
        with pytest.raises(UserError, match=r"^12 bars give no label at label.horizon 12: at least 13$"):
            labelled(DOZEN, asked(kind, 12))


def test_the_kinds_in_words():
    assert in_words(asked("touch", 1)) == "the highest High of the next day is at least 1.00% above the Close"
    assert in_words(asked("close", 1, 0.0005)) == "the Close of the next day is more than 0.05% above today's"
    assert in_words(asked("close", 5)) == "the Close of the last of the next 5 days is more than 1.00% above today's"
    said = "within the next 2 days the price is 1.00% above the Close before it is 2.00% below it"
    assert in_words(asked("triple")) == said
    assert in_words(asked("triple", stop=-1.0)).endswith("above the Close, whatever it falls before")


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
