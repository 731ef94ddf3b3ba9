"""Price action: the shape of bars and their place among recent ones."""

from functools import partial

import numpy as np

from buysignal.features.feature import BarArrays, Feature, ta
from buysignal.features.rolling import FLAT, highest, lag, lowest, mean, percent, ratio

feature = partial(Feature, "price action")
CANDLE = "candle anatomy (Nison 1991)"


def _return(days: int) -> Feature:
    formula = f"100 ln(close / close {days} days ago)"
    return feature(f"return_{days}", days, "log return", formula, lambda x: 100 * np.log(x.close / lag(x.close, days)))


def _high_distance(days: int) -> Feature:
    formula = f"close above the highest high of {days} days, in percent of it; never above 0"
    return feature(
        f"high_distance_{days}",
        days - 1,
        "George and Hwang 2004",
        formula,
        lambda x: percent(x.close, highest(x.high, days)),
    )


def _low_distance(days: int) -> Feature:
    formula = f"close above the lowest low of {days} days, in percent of it"
    return feature(
        f"low_distance_{days}",
        days - 1,
        "George and Hwang 2004",
        formula,
        lambda x: percent(x.close, lowest(x.low, days)),
    )


def _channel_position(x: BarArrays) -> np.ndarray:
    top, bottom = highest(x.high, 55), lowest(x.low, 55)
    return ratio(x.close - bottom, top - bottom, 0.5)


def _close_location(x: BarArrays) -> np.ndarray:
    return ratio(x.close - x.low, x.high - x.low, 0.5)


def _streak(x: BarArrays) -> np.ndarray:
    sign = np.sign(x.close - lag(x.close, 1))
    position = np.arange(len(sign))
    turned = np.append(True, sign[1:] != sign[:-1])  # NaN differs from all, so day 1 starts a streak
    return sign * (position - np.maximum.accumulate(np.where(turned, position, 0)) + 1)


def _share(name: str, days: int, happens, what: str) -> Feature:
    formula = f"share of {days} days with {what}"
    return feature(f"{name}_{days}", days, "bar counting", formula, lambda x: mean(happens(x), days))


def _compare(compare, values: np.ndarray) -> np.ndarray:
    """1 or 0 for each day against the one before; NaN on the first."""
    return np.append(np.nan, compare(values[1:], values[:-1]))


def _inside(x: BarArrays) -> np.ndarray:
    return _compare(np.less_equal, x.high) * _compare(np.greater_equal, x.low)


def _move_in_ranges(x: BarArrays) -> np.ndarray:
    return ratio(x.close - lag(x.close, 1), lag(ATR(x), 1), floor=FLAT * x.close)


ATR = ta("ATR", "high", "low", "close", 14)

FEATURES = (
    *map(_return, (1, 2, 5)),
    feature("body", 0, CANDLE, "close above open, in percent of open", lambda x: percent(x.close, x.open)),
    feature(
        "upper_shadow",
        0,
        CANDLE,
        "high above open and close, in percent of close",
        lambda x: 100 * (x.high - np.maximum(x.open, x.close)) / x.close,
    ),
    feature(
        "lower_shadow",
        0,
        CANDLE,
        "open and close above low, in percent of close",
        lambda x: 100 * (np.minimum(x.open, x.close) - x.low) / x.close,
    ),
    feature("range", 0, "Parkinson 1980", "100 ln(high / low)", lambda x: x.log_range),
    feature(
        "close_location", 0, "internal bar strength", "(close - low) / (high - low); 0.5 on a flat bar", _close_location
    ),
    feature(
        "overnight_gap",
        1,
        "log return",
        "100 ln(open / yesterday's close); the embedded sp500 has 0 on most days before 2006",
        lambda x: x.overnight,
    ),
    *map(_high_distance, (20, 63, 252)),
    *map(_low_distance, (20, 63, 252)),
    feature(
        "donchian_position_55",
        54,
        "Donchian channel (Faith 2003)",
        "close's place between lowest low and highest high of 55 days; 0.5 on flat bars",
        _channel_position,
    ),
    feature(
        "range_ratio_7",
        6,
        "narrow range days (Crabel 1990)",
        "100 ln(high / low) over its mean of 7 days; 1 where that is 0",
        lambda x: ratio(x.log_range, mean(x.log_range, 7), 1.0),
    ),
    feature(
        "breakout",
        1,
        "bar comparison",
        "close above yesterday's high, in percent of it",
        lambda x: percent(x.close, lag(x.high, 1)),
    ),
    feature("streak", 1, "Connors and Alvarez 2009", "length of the run of rising (+) or falling (-) closes", _streak),
    _share("higher_highs", 10, lambda x: _compare(np.greater, x.high), "a high above yesterday's"),
    _share("lower_lows", 10, lambda x: _compare(np.less, x.low), "a low below yesterday's"),
    _share("inside_bars", 20, _inside, "high and low inside yesterday's range"),
    feature(
        "move_in_ranges",
        ATR.warmup + 1,
        str(ATR),
        "change of close over yesterday's average true range; 0 where that is under 1e-6 of close",
        _move_in_ranges,
    ),
)
