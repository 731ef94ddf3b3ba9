"""Trend: where the price stands against its averages, and how directed its moves are."""

from functools import partial

from buysignal.features.feature import Feature, TaLib, ta
from buysignal.features.rolling import lag, percent

feature = partial(Feature, "trend")
direct = partial(Feature.direct, "trend")
scaled = partial(Feature.scaled, "trend")


def _distance(name: str, level: TaLib, what: str) -> Feature:
    """Close against a price level that TA-Lib computes."""
    formula = f"close less {what}, in percent of close"  # of close: DEMA and its kin can cross zero in a crash
    return feature(name, level.warmup, str(level), formula, lambda x: 100 * (1 - level(x) / x.close))


def _average(kind: str, days: int, what: str) -> Feature:
    return _distance(f"{kind.lower()}_distance_{days}", ta(kind, "close", days), f"its {what} over {days} days")


def _cross(name: str, fast: TaLib, slow: TaLib) -> Feature:
    formula = "the first level above the second, in percent of it"
    return feature(name, slow.warmup, f"{fast} over {slow}", formula, lambda x: percent(fast(x), slow(x)))


def _slope(kind: str, days: int, step: int) -> Feature:
    average = ta(kind, "close", days)
    formula = f"change of the {kind} over {days} days in {step} days, in percent"
    return feature(
        f"{kind.lower()}_slope_{days}",
        average.warmup + step,
        str(average),
        formula,
        lambda x: percent(average(x), lag(average(x), step)),
    )


DI = "directional movement, smoothed, in percent of true range"
HLC = ("high", "low", "close")
VORTEX_PLUS = ta("VORTEX", *HLC, 14)
VORTEX_MINUS = ta("VORTEX", *HLC, 14, output=1)

FEATURES = (
    *(_average("SMA", days, "simple average") for days in (5, 10, 20, 50, 100, 200)),
    *(_average("EMA", days, "exponential average") for days in (12, 26, 50)),
    _average("DEMA", 20, "double exponential average (Mulloy 1994)"),
    _average("TEMA", 20, "triple exponential average (Mulloy 1994)"),
    _average("HMA", 20, "Hull average (Hull 2005)"),
    _average("KAMA", 10, "adaptive average (Kaufman 1995)"),
    _distance("t3_distance_10", ta("T3", "close", 10, 0.7), "its T3 average over 10 days (Tillson 1998)"),
    _distance("sar_distance", ta("SAR", "high", "low", 0.02, 0.2), "the parabolic stop (Wilder 1978)"),
    _distance("supertrend_distance", ta("SUPERTREND", *HLC, 10, 3.0), "the SuperTrend line (Seban 2009)"),
    _distance("ichimoku_base_26", ta("MIDPRICE", "high", "low", 26), "the base line (Hosoda 1968)"),
    _cross("ichimoku_cross", ta("MIDPRICE", "high", "low", 9), ta("MIDPRICE", "high", "low", 26)),
    _cross("sma_cross_20_50", ta("SMA", "close", 20), ta("SMA", "close", 50)),
    _cross("sma_cross_50_200", ta("SMA", "close", 50), ta("SMA", "close", 200)),
    _cross("ema_cross_5_20", ta("EMA", "close", 5), ta("EMA", "close", 20)),
    _cross("ema_cross_20_100", ta("EMA", "close", 20), ta("EMA", "close", 100)),
    _slope("SMA", 20, 5),
    _slope("SMA", 50, 10),
    scaled("macd", ta("MACD", "close", 12, 26, 9), "EMA 12 less EMA 26"),
    scaled("macd_signal", ta("MACD", "close", 12, 26, 9, output=1), "EMA 9 of MACD"),
    scaled("macd_histogram", ta("MACD", "close", 12, 26, 9, output=2), "MACD less its signal"),
    *(direct(f"adx_{days}", ta("ADX", *HLC, days), "average directional index, 0 to 100") for days in (7, 14, 28)),
    direct("adxr_14", ta("ADXR", *HLC, 14), "mean of ADX now and 13 days ago, 0 to 100"),
    direct("plus_di_14", ta("PLUS_DI", *HLC, 14), f"upward {DI}"),
    direct("minus_di_14", ta("MINUS_DI", *HLC, 14), f"downward {DI}"),
    direct("aroon_oscillator_25", ta("AROONOSC", "high", "low", 25), "Aroon up less Aroon down"),
    direct("aroon_oscillator_50", ta("AROONOSC", "high", "low", 50), "Aroon up less Aroon down"),
    direct("vhf_28", ta("VHF", "close", 28), "price range over path length (White 1991); 0 on flat bars"),
    feature(
        "vortex_14",
        VORTEX_PLUS.warmup,
        str(VORTEX_PLUS),
        "upward less downward vortex movement over true range (Botes and Siepman 2010); 0 on flat bars",
        lambda x: VORTEX_PLUS(x) - VORTEX_MINUS(x),
    ),
    direct("ht_cycle_period", ta("HT_DCPERIOD", "close"), "dominant cycle in days, Hilbert transform (Ehlers 2001)"),
    direct("ht_sine", ta("HT_SINE", "close"), "sine of the dominant cycle's phase (Ehlers 2001)"),
    direct("ht_trend_mode", ta("HT_TRENDMODE", "close"), "1 in a trend, 0 in a cycle (Ehlers 2001)"),
)
