"""Statistics: the distribution, memory and regularity of returns and prices over a window."""

from functools import partial

import numpy as np
import talib

from buysignal.features.feature import BarArrays, Feature, ta
from buysignal.features.rolling import FLAT, deviation, highest, lag, lowest, mean, ratio, rolling

feature = partial(Feature, "statistics")
direct = partial(Feature.direct, "statistics")


def _standardised_moment(order: int, values: np.ndarray, days: int, normal: float) -> np.ndarray:
    """Central moment over a power of the deviation, less its value under normality; 0 where nothing moves."""

    def moment(windows: np.ndarray, axis: int) -> np.ndarray:
        centred = windows - windows.mean(axis=axis, keepdims=True)
        variance = (centred**2).mean(axis=axis)
        return ratio((centred**order).mean(axis=axis), variance ** (order / 2), normal, floor=FLAT**order) - normal

    return rolling(values, days, moment)


def _skewness(days: int) -> Feature:
    formula = f"third standardised moment of log returns over {days} days; 0 without moves"
    return feature(
        f"skewness_{days}", days, "Pearson", formula, lambda x: _standardised_moment(3, x.returns, days, 0.0)
    )


def _kurtosis(days: int) -> Feature:
    formula = f"fourth standardised moment of log returns over {days} days less 3; 0 without moves"
    return feature(
        f"kurtosis_{days}", days, "Pearson", formula, lambda x: _standardised_moment(4, x.returns, days, 3.0)
    )


def _autocorrelation(step: int, days: int) -> Feature:
    return feature(
        f"autocorrelation_{step}_{days}",
        days + step,
        f"TA-Lib CORREL(returns, returns {step} days before, {days})",
        f"correlation of log returns with those {step} days before, over {days} days; 0 without moves",
        lambda x: np.clip(talib.CORREL(x.returns, lag(x.returns, step), days), -1, 1),
    )


def _clustering(x: BarArrays) -> np.ndarray:
    size = np.abs(x.returns)
    return np.clip(talib.CORREL(size, lag(size, 1), 66), -1, 1)


def _leverage(x: BarArrays) -> np.ndarray:
    return np.clip(talib.CORREL(np.abs(x.returns), lag(x.returns, 1), 66), -1, 1)


def _slope(days: int) -> Feature:
    call = ta("LINEARREG_SLOPE", "close", days)
    formula = f"least-squares slope of close over {days} days, in percent of close a day"
    return feature(f"slope_{days}", call.warmup, str(call), formula, lambda x: 100 * call(x) / x.close)


def _determination(days: int) -> Feature:
    time = np.arange(days) - (days - 1) / 2

    def r_squared(windows: np.ndarray, axis: int) -> np.ndarray:
        centred = windows - windows.mean(axis=axis, keepdims=True)
        explained = (centred * time).sum(axis=axis) ** 2 / (time**2).sum()
        return ratio(explained, (centred**2).sum(axis=axis), floor=days * FLAT**2)

    formula = f"squared correlation of ln(close) with time over {days} days; 0 on flat closes"
    return feature(
        f"r_squared_{days}", days - 1, "least squares", formula, lambda x: rolling(np.log(x.close), days, r_squared)
    )


def _squared_return(x: BarArrays, step: int) -> np.ndarray:
    return (100 * np.log(x.close / lag(x.close, step))) ** 2


def _hurst(x: BarArrays) -> np.ndarray:
    """Slope of ln(root mean squared q-day return) on ln(q)."""
    steps = np.array([1, 2, 4, 8, 16])
    size = [mean(_squared_return(x, q), 126) for q in steps]
    weight = np.log(steps) - np.log(steps).mean()
    slope = sum(w * 0.5 * np.log(np.maximum(s, FLAT**2)) for w, s in zip(weight, size)) / (weight**2).sum()
    return np.where(size[0] > FLAT**2, slope, np.where(np.isnan(slope), np.nan, 0.5))


def _up_share(x: BarArrays) -> np.ndarray:
    return mean(np.where(np.isnan(x.returns), np.nan, x.returns > 0), 22)


def _drawdown(windows: np.ndarray, axis: int) -> np.ndarray:
    """Fall of each day below the highest of its window so far, in percent."""
    return 100 * (windows / np.maximum.accumulate(windows, axis=axis) - 1)


def _tail_balance(x: BarArrays) -> np.ndarray:
    top, bottom = highest(x.returns, 66), lowest(x.returns, 66)
    return ratio(top + bottom, np.abs(top) + np.abs(bottom), floor=FLAT)


RANK = "percent of the days before, within the period, with a lower {}"

FEATURES = (
    *map(_skewness, (22, 66)),
    *map(_kurtosis, (22, 66)),
    *(_autocorrelation(step, days) for step, days in ((1, 22), (1, 66), (2, 66), (5, 66))),
    feature(
        "volatility_clustering_66",
        67,
        "TA-Lib CORREL(size of returns, the same 1 day before, 66); Ding, Granger and Engle 1993",
        "correlation of absolute returns with yesterday's, over 66 days; 0 without moves",
        _clustering,
    ),
    feature(
        "leverage_66",
        67,
        "TA-Lib CORREL(size of returns, returns 1 day before, 66); Black 1976",
        "correlation of absolute returns with yesterday's return, over 66 days; 0 without moves",
        _leverage,
    ),
    *map(_slope, (20, 100)),
    *map(_determination, (20, 100)),
    direct("close_rank_252", ta("PERCENTRANK", "close", 252), RANK.format("close")),
    direct("return_rank_66", ta("PERCENTRANK", "returns", 66), RANK.format("log return")),
    direct("range_rank_252", ta("PERCENTRANK", "log_range", 252), RANK.format("range")),
    direct("volume_rank_126", ta("PERCENTRANK", "volume", 126), RANK.format("volume")),
    feature(
        "z_score_100",
        99,
        "standard score",
        "close less its mean over its standard deviation, 100 days; 0 where that is under 1e-6 of the mean",
        lambda x: ratio(x.close - mean(x.close, 100), deviation(x.close, 100), floor=FLAT * mean(x.close, 100)),
    ),
    feature(
        "variance_ratio_5_126",
        130,
        "Lo and MacKinlay 1988, mean zero",
        "mean squared 5-day return over 5 times that of a day, 126 days; 1 without moves",
        lambda x: ratio(mean(_squared_return(x, 5), 126), 5 * mean(x.squared_returns, 126), 1.0, floor=FLAT**2),
    ),
    feature(
        "hurst_126",
        141,
        "Mandelbrot 1963, by the scaling of root mean squared returns",
        "slope of ln(root mean squared q-day return) on ln(q), q = 1 2 4 8 16, 126 days; 0.5 without moves",
        _hurst,
    ),
    direct("efficiency_22", ta("ER", "close", 22), "distance over path length (Kaufman 1995); 1 on flat closes"),
    feature(
        "sharpe_66",
        66,
        "Sharpe 1966",
        "mean over standard deviation of log returns, 66 days; 0 without moves",
        lambda x: ratio(mean(x.returns, 66), deviation(x.returns, 66), floor=FLAT),
    ),
    feature("up_share_22", 22, "sign counting", "share of rising closes in 22 days", _up_share),
    feature(
        "max_drawdown_66",
        65,
        "Magdon-Ismail and Atiya 2004",
        "deepest fall of close below its highest so far within 66 days, in percent; never above 0",
        lambda x: rolling(x.close, 66, lambda windows, axis: _drawdown(windows, axis).min(axis=axis)),
    ),
    feature(
        "ulcer_22",
        21,
        "Martin and McCann 1989",
        "root mean squared fall of close below its highest so far within 22 days, in percent",
        lambda x: np.sqrt(rolling(x.close, 22, lambda windows, axis: (_drawdown(windows, axis) ** 2).mean(axis=axis))),
    ),
    feature(
        "tail_balance_66",
        66,
        "extremes of the window",
        "best plus worst log return over the sum of their sizes, 66 days; 0 without moves",
        _tail_balance,
    ),
)
