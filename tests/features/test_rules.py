"""Whatever valid bars come, every value is a finite number, and the stated rules hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.features.feature import BarArrays
from buysignal.features.rolling import lag, ratio, rolling
from buysignal.features.tiers import TIERS, compute
from tests.features.samples import bars, random_bars

FEATURE = {f.name: f for f in TIERS["a200"]}
N = 330
STRETCHES = st.lists(
    st.tuples(st.integers(0, N - 1), st.integers(1, N)).map(lambda pair: (pair[0], min(sum(pair), N))), max_size=3
)


def value(name, frame):
    return FEATURE[name].function(BarArrays(frame))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32 - 1),
    price=st.sampled_from([0.01, 1.0, 30.0, 2500.0, 1e6]),
    move=st.sampled_from([1e-5, 1e-3, 0.01, 0.1, 0.4]),
    volume_scale=st.sampled_from([1e-9, 1e-3, 1.0, 1234.5]),
    flat=STRETCHES,
    silent=STRETCHES,
)
def test_valid_bars_never_give_nan_or_infinity(seed, price, move, volume_scale, flat, silent):
    frame = random_bars(N, seed, price, move, flat, silent)
    frame["volume"] *= volume_scale
    table = compute(frame, "a200")  # raises if a value is not finite
    indicators = table.drop(columns=["open", "high", "low", "close", "volume"])
    assert np.isfinite(indicators.to_numpy()).all()
    for name, low, high in BOUNDS:
        assert indicators[name].between(low - 1e-9, high + 1e-9).all(), name


BOUNDS = [
    *((name, 0, 100) for name in ("rsi_14", "mfi_14", "mfi_28", "adx_14", "stochastic_k", "close_rank_252")),
    *((name, -1, 1) for name in ("obv_change_20", "chaikin_money_flow_20", "autocorrelation_1_22", "volume_change")),
    *((name, 0, 1) for name in ("close_location", "donchian_position_55", "r_squared_20", "r_squared_100")),
    *((name, 0, 1) for name in ("up_share_22", "higher_highs_10", "directed_share_22")),
    ("williams_r_14", -100, 0),
    ("high_distance_20", -100, 0),
    ("max_drawdown_66", -100, 0),
    ("tail_balance_66", -1, 1),
    ("z_score_100", -10, 10),  # at most sqrt(days - 1) deviations
]


def test_bars_that_never_move_or_trade_give_the_stated_values():
    still = np.full(300, 50.0)
    table = compute(bars(still, still, still, still, np.zeros(300)), "a200")
    row = table.iloc[-1]
    assert (table == row).all().all()
    expected = {
        "close_location": 0.5, "donchian_position_55": 0.5, "hurst_126": 0.5, "mfi_14": 50, "relative_volume_20": 1,
        "range_ratio_7": 1, "variance_ratio_5_126": 1, "illiquidity_22_126": 1, "efficiency_22": 1, "rsi_14": 0,
        "bollinger_position_20": 0, "keltner_position_20": 0, "realised_22": 0, "jump_share_22": 0, "skewness_66": 0,
        "kurtosis_66": 0, "autocorrelation_1_66": 0, "z_score_100": 0, "obv_change_20": 0, "volume_change": 0,
        "chaikin_money_flow_20": 0, "chaikin_oscillator": 0, "volatility_ratio_5_22": 0, "streak": 0,
        "chaikin_volatility_10": 0, "r_squared_100": 0, "up_share_22": 0, "move_in_ranges": 0, "sharpe_66": 0,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_a_flat_stretch_after_moves_is_flat_and_not_rounding_noise():
    frame = random_bars(400, flat=[(150, 400)], silent=[(150, 400)])
    last = compute(frame, "a200").iloc[-1]
    zero = ["bollinger_position_20", "z_score_100", "skewness_66", "sharpe_66", "r_squared_100", "force_index_13"]
    zero += ["chaikin_oscillator", "chaikin_money_flow_63", "return_volume_correlation_66", "obv_change_63"]
    assert last[zero].to_dict() == pytest.approx(dict.fromkeys(zero, 0.0), abs=1e-12)
    assert last["mfi_28"] == 50


def test_nan_stays_nan_in_a_ratio_whatever_the_rule():
    above = np.array([np.nan, 1.0, np.nan, 4.0])
    below = np.array([1.0, np.nan, 0.0, 2.0])
    np.testing.assert_array_equal(ratio(above, below, 7.0), [np.nan, np.nan, np.nan, 2.0])
    np.testing.assert_array_equal(ratio(np.ones(3), np.array([0.0, -1.0, 0.5]), 7.0, floor=0.5), [7.0, 7.0, 7.0])


def test_more_days_than_rows_leave_all_undefined():
    assert np.isnan(lag(np.ones(3), 5)).all()
    assert np.isnan(rolling(np.ones(3), 4, np.mean)).all()
    np.testing.assert_array_equal(lag(np.array([1.0, 2.0, 3.0]), 2), [np.nan, np.nan, 1.0])
    np.testing.assert_array_equal(rolling(np.array([1.0, 2.0, 6.0]), 2, np.mean), [np.nan, 1.5, 4.0])
