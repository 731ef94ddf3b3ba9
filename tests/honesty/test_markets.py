"""The simulated markets are what they say: valid bars, no direction unless planted, a truth that is calibrated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bench.honesty.markets import Design, Regimes, Signal, oracle_precision, simulate, touch_probability
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from buysignal.bars.validate import validate
from buysignal.days.labels import fall_label, touch_label

LONG = 60_000


def returns(market) -> np.ndarray:
    return np.diff(np.log(market.bars["close"].to_numpy()))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    strength=st.floats(-3, 3),
    stillness=st.floats(0.01, 2),
)
def test_bars_of_any_design_are_valid(seed, strength, stillness):
    design = Design(300, Signal(strength), Regimes(still=(0.3, 0.6), stillness=stillness))
    market = simulate(design, seed)
    assume(market.bars["high"].max() < 1e12)  # a variance that feeds on itself may run away
    bars, report = validate(market.bars, "error", 10)
    assert report.rows == 300 and (bars["volume"] > 0).all()


def test_a_signal_without_strength_changes_volume_alone():
    null, planted = simulate(Design(500), 3).bars, simulate(Design(500, Signal(strength=0.0)), 3).bars
    prices = ["open", "high", "low", "close"]
    pd.testing.assert_frame_equal(null[prices], planted[prices])
    factor = (planted["volume"] / null["volume"]).round(6)
    assert set(factor) == {1.0, 2.5} and 0.1 < (factor == 2.5).mean() < 0.3


def test_the_null_market_has_no_direction():
    """z scores of what could tell the sign of tomorrow, or tie it to today, each in [-3, 3]."""
    market = simulate(Design(LONG), 11)
    r = returns(market)
    z = r / market.deviation[1:]  # variance 1, independent if the simulation is right
    volume = np.log(market.bars["volume"].to_numpy())[1:]
    today = {"return": z, "size": np.abs(z), "volume": volume - volume.mean()}
    scores = {name: np.corrcoef(x[:-1], np.sign(z[1:]))[0, 1] * np.sqrt(LONG) for name, x in today.items()}
    scores["mean"] = z.mean() * np.sqrt(LONG)
    ranks = pd.Series(np.abs(z[1:]))
    scores["leverage"] = pd.Series(z[:-1]).corr(ranks, method="spearman") * np.sqrt(LONG)
    rises = touch_label(market.bars, 1, 0.01)["label"].sum()
    falls = fall_label(market.bars, 1, 1 - 1 / 1.01)["label"].sum()  # as far down as up, in logs
    scores["rises against falls"] = (rises - falls) / np.sqrt(rises + falls)
    assert {name: score for name, score in scores.items() if abs(score) > 3} == {}


def test_shocks_have_the_variance_and_the_tails_that_were_fitted():
    market = simulate(Design(LONG), 12)
    z = returns(market) / market.deviation[1:]
    assert z.var() == pytest.approx(1.0, abs=0.02)
    assert (np.abs(z) > 3).mean() == pytest.approx(0.0095, abs=0.0012)  # Student t, 6.8 degrees, unit variance


@pytest.mark.parametrize("signal", [None, Signal()])
def test_the_truth_is_calibrated(signal):
    """Days of a forecast touch probability touch as often as it says: range, drift and label fit together."""
    market = simulate(Design(LONG, signal), 13)
    label = touch_label(market.bars, 1, 0.01)["label"].to_numpy()
    forecast = touch_probability(market, 0.01, skill=True)
    for band in np.array_split(np.argsort(forecast), 10):
        assert label[band].mean() == pytest.approx(forecast[band].mean(), abs=0.02)


def test_the_planted_drift_is_zero_on_average_and_follows_the_volume_of_the_day_before():
    signal = Signal()
    market = simulate(Design(LONG, signal), 14)
    in_deviations = market.drift[1:] / market.deviation[1:]
    assert sorted(set(in_deviations.round(9))) == [-0.5, 2.0]  # strength x share / (1 - share) the other way
    assert in_deviations.mean() == pytest.approx(0.0, abs=0.03)
    loud = market.bars["volume"].to_numpy()[:-1] > 1.6 * 3.0e9
    assert (loud == (in_deviations > 0)).mean() > 0.97


def test_who_knows_the_signal_is_more_precise_than_who_knows_the_volatility():
    """Strictly more at every alert rate where it was planted; not one day differently where it was not."""
    for signal, expected in ((Signal(), True), (None, False)):
        market = simulate(Design(LONG, signal), 15)
        label = touch_label(market.bars, 1, 0.01)["label"].to_numpy()
        for rate in (0.05, 0.10, 0.20):
            truth, blind = (
                oracle_precision(label, touch_probability(market, 0.01, skill), rate) for skill in (True, False)
            )
            assert (truth > blind + 0.15) if expected else truth == blind


def test_precision_of_an_oracle_by_hand():
    label, probability = np.array([1, 0, 1, 0, 1]), np.array([0.9, 0.8, 0.7, 0.1, 0.2])
    assert oracle_precision(label, probability, 0.4) == 0.5
    assert oracle_precision(label, probability, 0.6) == pytest.approx(2 / 3)


def test_a_still_stretch_has_next_to_no_positives_and_the_rest_has_many():
    market = simulate(Design(5000, regimes=Regimes(still=(0.6, 0.8))), 16)
    label = touch_label(market.bars, 1, 0.01)["label"].to_numpy()
    assert label[3010:3990].mean() < 0.02 and label[:3000].mean() > 0.1
