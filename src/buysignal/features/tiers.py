"""The four nested tiers: which features enter at which, and their values for a set of bars."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from itertools import accumulate
from types import MappingProxyType

import numpy as np
import pandas as pd

from buysignal.core.errors import UserError
from buysignal.features import candles, momentum, ohlcv, price_action, statistics, trend, volatility, volume
from buysignal.features.feature import BarArrays, Feature, NoVolume

FAMILIES = (ohlcv, trend, momentum, volatility, volume, price_action, candles, statistics)

ADDED = {
    # the bar, and the textbook indicators at their textbook periods
    "a20": """
        open high low close volume
        return_1 return_5 roc_10
        sma_distance_20 sma_distance_50 ema_distance_12 ema_distance_26 macd macd_histogram adx_14
        rsi_14 stochastic_k stochastic_d williams_r_14 cci_20
        natr_14 bollinger_position_20 bollinger_width_20
        obv_change_20 mfi_14
    """,
    # volatility by day, week, month and quarter, the anatomy of the bar, more standard indicators
    "a50": """
        realised_5 realised_22 realised_66 parkinson_22 garman_klass_22
        range body upper_shadow lower_shadow close_location breakout high_distance_20 low_distance_20
        sma_distance_10 ema_distance_50 macd_signal plus_di_14 minus_di_14 aroon_oscillator_25 sar_distance
        rsi_7 rsi_21 roc_21 stochastic_rsi_14 ultimate_oscillator trix_15 chande_14
        relative_volume_20 chaikin_money_flow_20 chaikin_oscillator
    """,
    # other periods, and the families less often used
    "a100": """
        sma_distance_5 sma_distance_100 sma_distance_200 sma_cross_20_50 sma_cross_50_200 ema_cross_5_20
        sma_slope_20 sma_slope_50 dema_distance_20 kama_distance_10 adx_28 adxr_14 vortex_14
        ichimoku_base_26 ichimoku_cross supertrend_distance
        rsi_2 roc_63 roc_126 acceleration_10 stochastic_fast_5 williams_r_28 cci_10 cci_50
        tsi_25_13 coppock awesome_oscillator balance_of_power
        natr_7 natr_28 realised_10 realised_126 rogers_satchell_22 yang_zhang_22 volatility_ratio_5_22
        volatility_ratio_22_126 downside_22 upside_22 keltner_position_20
        relative_volume_5 obv_change_63 force_index_13 mfi_28 volume_oscillator return_volume_correlation_66
        return_2 high_distance_63 low_distance_63 range_ratio_7 donchian_position_55
    """,
    # candle patterns, statistics of the window, and the rest of every family
    "a200": """
        candle_doji candle_doji_star candle_dragonfly_doji candle_gravestone_doji candle_rickshaw_man
        candle_spinning_top candle_high_wave candle_long_line candle_short_line candle_marubozu
        candle_closing_marubozu candle_belt_hold candle_hammer candle_hanging_man candle_shooting_star
        candle_engulfing candle_harami candle_harami_cross candle_homing_pigeon candle_matching_low
        candle_separating_lines candle_hikkake candle_three_inside candle_three_outside candle_morning_star
        candle_evening_star candle_stalled candle_advance_block candle_tasuki_gap candle_gap_three_methods
        skewness_22 skewness_66 kurtosis_22 kurtosis_66 autocorrelation_1_22 autocorrelation_1_66
        autocorrelation_2_66 autocorrelation_5_66 volatility_clustering_66 leverage_66 slope_20 slope_100
        r_squared_20 r_squared_100 close_rank_252 return_rank_66 range_rank_252 volume_rank_126 z_score_100
        variance_ratio_5_126 hurst_126 efficiency_22 sharpe_66 up_share_22 max_drawdown_66
        ulcer_22 tail_balance_66
        ema_cross_20_100 tema_distance_20 hma_distance_20 t3_distance_10 adx_7 aroon_oscillator_50 vhf_28
        ht_cycle_period ht_sine ht_trend_mode
        roc_252 acceleration_21 kdj_j trix_30 accelerator bull_power_13 bear_power_13 detrended_price_20
        bollinger_width_50 parkinson_5 parkinson_66 ewma_volatility range_deviation_22 jump_share_22
        directed_share_22 chaikin_volatility_10 mass_index relative_volatility_14
        relative_volume_66 volume_change obv_change_10 pvt_change_20 chaikin_money_flow_63
        negative_volume_index_63 positive_volume_index_63 illiquidity_22_126
        high_distance_252 low_distance_252 overnight_gap streak higher_highs_10 lower_lows_10 inside_bars_20
        move_in_ranges
    """,
}
"""Names that each tier adds to the one before it."""

_BY_NAME = {feature.name: feature for family in FAMILIES for feature in family.FEATURES}

TIERS: Mapping[str, tuple[Feature, ...]] = MappingProxyType(
    dict(
        zip(
            ADDED,
            accumulate(tuple(_BY_NAME[name] for name in names.split()) for names in ADDED.values()),
        )
    )
)
"""Tier -> its features in column order, ascending; a tier starts with the whole tier before it."""


def features(tier: str, volume: bool = True, raw: bool = True) -> tuple[Feature, ...]:
    """The features of a tier; without ``volume`` those that need none, without ``raw`` not the bar itself.

    An unknown name raises `UserError`.
    """
    if tier not in TIERS:
        near = get_close_matches(tier, TIERS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UserError(f"tier {tier!r} is unknown: {hint}it is one of {', '.join(TIERS)}")
    left_out = (of_volume() if not volume else set()) | (set() if raw else {f.name for f in ohlcv.FEATURES})
    return tuple(f for f in TIERS[tier] if f.name not in left_out)


@cache
def of_volume() -> frozenset[str]:
    """Names of the features that read the volume: asked of themselves, on bars that have none."""
    days = pd.date_range("2000-01-03", periods=2 * max(f.warmup for f in TIERS["a200"]), freq="B")
    rising = 100.0 + np.arange(len(days))
    bars = pd.DataFrame({"open": rising, "high": rising + 2, "low": rising - 2, "close": rising + 1}, index=days)
    return frozenset(feature.name for feature in TIERS["a200"] if not _without_volume(feature, BarArrays(bars)))


def _without_volume(feature: Feature, series: BarArrays) -> bool:
    try:
        with np.errstate(all="ignore"):
            feature.function(series)
    except NoVolume:
        return False
    return True


def n_features(tier: str, volume: bool = True, raw: bool = True) -> int:
    """Number of columns of a tier; ``volume`` and ``raw`` as in `features`."""
    return len(features(tier, volume, raw))


def warmup(tier: str) -> int:
    """Rows at the front of the bars that a tier cannot have: the longest warm-up of its features.

    No feature of volume has the longest: bars without volume lose as many.
    """
    return max(feature.warmup for feature in features(tier))


def compute(bars: pd.DataFrame, tier: str, raw: bool = True) -> pd.DataFrame:
    """Values of a tier's features on every day after its warm-up.

    A value depends on the bars up to its own day alone. The warm-up is dropped, never filled.

    Parameters
    ----------
    bars : (n, ...) valid bars as `buysignal.bars.validate` leaves them, float64 open, high, low,
        close[, volume], index ``date``; other columns are ignored. Without volume the features of it are left out
    tier : a key of `TIERS`
    raw : whether the bar itself is among them, whose prices say nothing beside those of another symbol

    Returns
    -------
    DataFrame (n - warmup(tier), n_features(tier, volume, raw)), float64 and finite, columns named by feature,
    index the last days of bars.

    Raises
    ------
    UserError
        If the tier is unknown, or there are no more bars than its warm-up.
    ValueError
        If a value is not finite: the bars were not valid, or a feature lacks a rule.
    """
    lost = warmup(tier)
    if len(bars) <= lost:
        raise UserError(
            f"{len(bars):,} bars are too few for tier {tier}: its warm-up is {lost}, so at least {lost + 1}"
        )
    series, asked = BarArrays(bars), features(tier, "volume" in bars, raw)
    table = pd.DataFrame({f.name: f.function(series)[lost:] for f in asked}, index=bars.index[lost:])
    finite = np.isfinite(table.to_numpy()).all(axis=0)
    if not finite.all():
        raise ValueError(f"not finite: {', '.join(table.columns[~finite])}")
    return table
