"""Values worked out by hand, some of every family; TA-Lib's own are pinned only where arguments or scale are ours."""

import numpy as np
import pytest

from buysignal.features.feature import BarArrays
from buysignal.features.tiers import TIERS
from tests.features.samples import bars

FEATURE = {f.name: f for f in TIERS["a200"]}


def values(name, frame):
    return FEATURE[name].function(BarArrays(frame))


def closes(*close, volume=None):
    """Bars that are nothing but their close."""
    close = np.array(close, dtype=float)
    return bars(close, close, close, close, np.full(len(close), 10.0) if volume is None else volume)


def last(name, frame):
    return values(name, frame)[-1]


def ln(x):
    return 100 * np.log(x)


def test_trend():
    assert last("sma_distance_5", closes(1, 2, 3, 4, 5)) == pytest.approx(40)  # mean 3: (5 - 3) / 5
    # EMA 12 starts as the mean of 12 closes, 10, then moves by 2/13 of the surprise: 10 + 13 * 2/13 = 12
    assert last("ema_distance_12", closes(*[10] * 12, 23)) == pytest.approx(100 * (23 - 12) / 23)
    # means of 20 and 50 days: (19 * 10 + 30) / 20 = 11 and (49 * 10 + 30) / 50 = 10.4
    assert last("sma_cross_20_50", closes(*[10] * 49, 30)) == pytest.approx(100 * (11 / 10.4 - 1))
    # 20-day mean before: 10; after five days at 14: (15 * 10 + 5 * 14) / 20 = 11
    assert last("sma_slope_20", closes(*[10] * 20, *[14] * 5)) == pytest.approx(10)
    # after one jump EMA 12 is 10 + 27 * 2/13 and EMA 26 is 10 + 27 * 2/27
    assert last("macd", closes(*[10] * 60, 37)) == pytest.approx(100 * 27 * (2 / 13 - 2 / 27) / 37)
    rising = np.arange(1, 61.0)
    up = bars(rising, rising, rising, rising, rising)
    assert last("aroon_oscillator_25", up) == 100  # the high is today's, the low 25 days old
    assert last("adx_14", up) == pytest.approx(100)
    assert last("ichimoku_cross", up) == pytest.approx(100 * (56 / 47.5 - 1))  # mid of 52..60 over mid of 35..60
    assert last("vortex_14", up) == pytest.approx(0)  # |high - last low| and |low - last high| are both 1


def test_momentum():
    assert last("roc_10", closes(*[4] * 10, 5)) == pytest.approx(25)
    assert last("acceleration_10", closes(10, *[11] * 9, 12, *[12] * 9, 15)) == pytest.approx(25 - 20)
    # Wilder's start for 2 days: mean rise 1 (of +2, 0), mean fall 0.5 (of -1)
    assert last("rsi_2", closes(10, 12, 11)) == pytest.approx(100 * 1 / 1.5)
    assert last("chande_14", closes(*[10] * 12, 13, 12, 14)) == pytest.approx(100 * (5 - 1) / 6)
    one = bars([4], [10], [2], [8], [1])
    assert last("balance_of_power", one) == pytest.approx((8 - 4) / (10 - 2))
    five = bars([5] * 7, [9] * 6 + [10], [1, 1, 1, 1, 0, 1, 1], [5] * 6 + [7], [1] * 7)
    assert last("stochastic_fast_5", five) == pytest.approx(70)  # range 0 to 10, close 7
    assert last("williams_r_14", bars([5] * 14, [9] * 14, [1] * 14, [5] * 13 + [7], [1] * 14)) == pytest.approx(-25)
    # close 11 days ago less the 20-day mean: 30 stood there once, so 30 - 11, over a close of 10
    assert last("detrended_price_20", closes(*[10] * 8, 30, *[10] * 11)) == pytest.approx(100 * (30 - 11) / 10)
    # EMA 13 = 10 for 13 days, then 10 + 7 * 2/14 = 11; high 20
    spike = bars([10] * 14, [10] * 13 + [20], [10] * 14, [10] * 13 + [17], [1] * 14)
    assert last("bull_power_13", spike) == pytest.approx(100 * (20 - 11) / 17)


def test_volatility():
    frame = closes(100, 110, 99, 99, 99, 99)
    assert last("realised_5", frame) == pytest.approx(np.sqrt((ln(1.1) ** 2 + ln(0.9) ** 2) / 5))
    assert last("natr_7", bars([9] * 8, [10] * 8, [8] * 8, [9] * 8, [1] * 8)) == pytest.approx(100 * 2 / 9)
    same = bars([100] * 23, [110] * 23, [95] * 23, [105] * 23, [1] * 23)
    assert last("parkinson_22", same) == pytest.approx(ln(110 / 95) / np.sqrt(4 * np.log(2)))
    garman_klass = ln(110 / 95) ** 2 / 2 - (2 * np.log(2) - 1) * ln(1.05) ** 2
    assert last("garman_klass_22", same) == pytest.approx(np.sqrt(garman_klass))
    rogers_satchell = ln(110 / 105) * ln(1.1) + ln(95 / 105) * ln(0.95)
    assert last("rogers_satchell_22", same) == pytest.approx(np.sqrt(rogers_satchell))
    # equal bars have no overnight or intraday variance: only the Rogers-Satchell part is left
    weight = 1 - 0.34 / (1.34 + 23 / 21)
    assert last("yang_zhang_22", same) == pytest.approx(np.sqrt(weight * rogers_satchell))
    moves = ln(1.1) ** 2
    close = 100 * 1.1 ** np.arange(23)
    steady = bars(close, 1.1 * close, 0.95 * close / 1.1, close, close)
    ranges = ln(1.1 * 1.1 / 0.95) ** 2 / (4 * np.log(2))
    assert last("directed_share_22", steady) == pytest.approx(moves / (moves + ranges))
    jump = closes(*[100] * 23, 110)
    assert last("jump_share_22", jump) == pytest.approx(1)  # one lonely move: no neighbouring products
    assert last("upside_22", jump) == pytest.approx(ln(1.1) / np.sqrt(22))
    assert last("downside_22", jump) == 0
    assert last("volatility_ratio_5_22", jump) == pytest.approx(np.log(np.sqrt(22 / 5)))
    # nineteen closes at 10 and one at 30: mean 11, variance 20 * 0.95 = 19
    spike = closes(*[10] * 19, 30)
    assert last("bollinger_position_20", spike) == pytest.approx(19 / (2 * np.sqrt(19)))
    assert last("bollinger_width_20", spike) == pytest.approx(100 * 4 * np.sqrt(19) / 11)


def test_volume():
    frame = closes(10, 11, 10, 10, 12, volume=[10, 30, 20, 50, 90])
    assert last("relative_volume_5", frame) == pytest.approx(90 / 40)
    assert last("volume_change", frame) == pytest.approx(40 / 140)
    up_down = closes(*[10, 11] * 5, 12, volume=[100.0] + [30, 20] * 5)
    # the first day's volume is outside; five rises carry 30 and one 20, four falls 20, all over 250
    assert last("obv_change_10", up_down) == pytest.approx((5 * 30 + 20 - 4 * 20) / 250)
    rise = closes(*[10] * 20, 11, volume=[5] * 20 + [100])
    assert last("pvt_change_20", rise) == pytest.approx(100 * 0.1 * 100 / (19 * 5 + 100))
    # close at the high: +1 per share; in the middle: 0
    flow = bars([1] * 20, [3] * 20, [1] * 20, [3] * 5 + [2] * 15, [8] * 5 + [4] * 15)
    assert last("chaikin_money_flow_20", flow) == pytest.approx(40 / 100)
    assert last("mfi_14", closes(*[10] * 13, 12, 11, volume=[7] * 13 + [2, 1])) == pytest.approx(100 * 24 / 35)
    # thirteen price changes: twelve of nothing and one of 13 on 10 shares, averaged; every EMA of volume is 10
    assert last("force_index_13", closes(*[10] * 13, 23)) == pytest.approx(100 * (13 * 10 / 13) / 10 / 23)
    nvi = closes(*[10] * 62, 12, 15, volume=[50] * 62 + [40, 60])
    assert last("negative_volume_index_63", nvi) == pytest.approx(20)
    assert last("positive_volume_index_63", nvi) == pytest.approx(25)


def test_price_action():
    frame = bars([100, 104], [110, 112], [90, 100], [102, 106], [1, 1])
    assert last("return_1", frame) == pytest.approx(ln(106 / 102))
    assert last("overnight_gap", frame) == pytest.approx(ln(104 / 102))
    assert last("body", frame) == pytest.approx(100 * 2 / 104)
    assert last("upper_shadow", frame) == pytest.approx(100 * 6 / 106)
    assert last("lower_shadow", frame) == pytest.approx(100 * 4 / 106)
    assert last("range", frame) == pytest.approx(ln(1.12))
    assert last("close_location", frame) == pytest.approx(0.5)
    assert last("breakout", frame) == pytest.approx(100 * (106 / 110 - 1))
    wide = bars([50] * 20, [80] + [60] * 19, [40] * 19 + [25], [50] * 20, [1] * 20)
    assert last("high_distance_20", wide) == pytest.approx(-37.5)
    assert last("low_distance_20", wide) == pytest.approx(100)
    np.testing.assert_array_equal(values("streak", closes(5, 6, 7, 6, 6, 5, 4)), [np.nan, 1, 2, -1, 0, -1, -2])
    high = np.array([10, 11, 10, 12, 13, 13, 13, 12, 14, 15, 9.0])  # five rise
    assert last("higher_highs_10", bars(high, high, high, high, high)) == pytest.approx(0.5)
    inside = bars([5] * 21, [9] * 20 + [8], [2] * 20 + [3], [5] * 21, [1] * 21)
    assert last("inside_bars_20", inside) == 1  # touching yesterday's range counts as inside
    assert last("move_in_ranges", bars([9] * 16, [10] * 16, [8] * 16, [9] * 15 + [10], [1] * 16)) == pytest.approx(0.5)
    assert last("range_ratio_7", bars([5] * 7, [5] * 6 + [6], [5] * 7, [5] * 7, [1] * 7)) == pytest.approx(7)


def test_candles():
    falling = [20 - i for i in range(12)]
    frame = bars(
        [*(f + 0.5 for f in falling), 7.0],
        [*(f + 0.6 for f in falling), 11.1],
        [*(f - 0.6 for f in falling), 6.9],
        [*(f - 0.5 for f in falling), 11.0],
        [1] * 13,
    )
    assert last("candle_engulfing", frame) == 1  # 7 to 11 covers the fall from 9.5 to 8.5
    assert last("candle_long_line", frame) == 1
    assert last("candle_doji", frame) == 0
    assert np.isnan(values("candle_doji", frame)[:10]).all()
    doji = frame.copy()
    doji.iloc[-1] = [9.0, 9.8, 8.2, 9.0, 1]
    assert last("candle_doji", doji) == 1


def test_statistics():
    jump = closes(*[100] * 22, 110)  # one move m among 22: mean m/22, a Bernoulli variable with p = 1/22
    p = 1 / 22
    assert last("skewness_22", jump) == pytest.approx((1 - 2 * p) / np.sqrt(p * (1 - p)))
    assert last("kurtosis_22", jump) == pytest.approx((1 - 6 * p * (1 - p)) / (p * (1 - p)))
    assert last("up_share_22", jump) == pytest.approx(1 / 22)
    alternating = closes(*[100, 110] * 34)
    assert last("autocorrelation_1_66", alternating) == pytest.approx(-1)
    assert last("autocorrelation_2_66", closes(*[100, 110] * 35)) == pytest.approx(1)
    assert last("slope_20", closes(*range(1, 21))) == pytest.approx(100 / 20)
    assert last("r_squared_20", closes(*np.exp(0.1 * np.arange(20)))) == pytest.approx(1)
    assert last("close_rank_252", closes(*range(252), 126)) == pytest.approx(50)  # 0..125 are lower
    assert last("efficiency_22", closes(*[10] * 20, 12, 11, 13)) == pytest.approx(3 / 5)
    assert last("z_score_100", closes(*[10] * 99, 20)) == pytest.approx(
        9.9 / np.sqrt(0.99)
    )  # mean 10.1, deviation 0.995
    swing = closes(*[100] * 40, *[120] * 10, *[90] * 10, *[100] * 6)
    assert last("max_drawdown_66", swing) == pytest.approx(-25)
    assert last("ulcer_22", closes(*[100] * 11, *[90] * 11)) == pytest.approx(10 / np.sqrt(2))
    assert last("tail_balance_66", closes(*[100] * 64, 110, 99, 99)) == pytest.approx(
        (ln(1.1) + ln(0.9)) / (ln(1.1) - ln(0.9))
    )
    growth = closes(*np.exp(0.01 * np.arange(200)))  # q-day returns are q times a day's: a straight line of slope 1
    assert last("hurst_126", growth) == pytest.approx(1)
    assert last("variance_ratio_5_126", growth) == pytest.approx(5)
    assert last("variance_ratio_5_126", alternating_long := closes(*[100, 110] * 100)) == pytest.approx(0.2)
    assert last("sharpe_66", alternating_long) == pytest.approx(0)
