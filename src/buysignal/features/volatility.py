"""Volatility: size of moves, whatever their direction; percent per day, not annualised."""

from functools import partial

import numpy as np

from buysignal.features.feature import BarArrays, Feature, ta
from buysignal.features.rolling import FLAT, deviation, lag, mean, ratio

feature = partial(Feature, "volatility")
direct = partial(Feature.direct, "volatility")
HLC = ("high", "low", "close")


def realised(x: BarArrays, days: int) -> np.ndarray:
    """Root mean squared return."""
    return np.sqrt(mean(x.squared_returns, days))


def _realised(days: int) -> Feature:
    formula = f"root mean squared log return over {days} days"
    return feature(f"realised_{days}", days, "Andersen and Bollerslev 1998", formula, lambda x: realised(x, days))


def _parkinson_variance(x: BarArrays, days: int) -> np.ndarray:
    return mean(x.log_range**2, days) / (4 * np.log(2))


def _parkinson(days: int) -> Feature:
    formula = f"root of the mean of ln(high/low)^2 / (4 ln 2) over {days} days"
    return feature(
        f"parkinson_{days}",
        days - 1,
        "Parkinson 1980",
        formula,
        lambda x: np.sqrt(_parkinson_variance(x, days)),
    )


def _garman_klass(x: BarArrays) -> np.ndarray:
    body = 100 * np.log(x.close / x.open)
    variance = 0.5 * x.log_range**2 - (2 * np.log(2) - 1) * body**2  # >= 0: a body lies inside its range
    return np.sqrt(mean(variance, 22))


def _rogers_satchell(x: BarArrays) -> np.ndarray:
    """Daily variance that a drift does not bias; >= 0."""
    up = np.log(x.high / x.close) * np.log(x.high / x.open)
    return 1e4 * (up + np.log(x.low / x.close) * np.log(x.low / x.open))


def _yang_zhang(x: BarArrays) -> np.ndarray:
    days = 22
    weight = 0.34 / (1.34 + (days + 1) / (days - 1))
    unbiased = days / (days - 1)
    overnight = unbiased * deviation(x.overnight, days) ** 2
    intraday = unbiased * deviation(100 * np.log(x.close / x.open), days) ** 2
    return np.sqrt(overnight + weight * intraday + (1 - weight) * mean(_rogers_satchell(x), days))


def _ratio(fast: int, slow: int) -> Feature:
    formula = f"ln of realised_{fast} over realised_{slow}, each at least 1e-6 percent"
    return feature(
        f"volatility_ratio_{fast}_{slow}",
        slow,
        "Corsi 2009, the components of HAR",
        formula,
        lambda x: np.log(np.maximum(realised(x, fast), FLAT) / np.maximum(realised(x, slow), FLAT)),
    )


def _semideviation(sign: int, name: str, what: str) -> Feature:
    def function(x: BarArrays) -> np.ndarray:
        return np.sqrt(mean(np.maximum(sign * x.returns, 0) ** 2, 22))

    formula = f"root mean square of {what} over 22 days, other days count as 0"
    return feature(name, 22, "Barndorff-Nielsen, Kinnebrock and Shephard 2010", formula, function)


def _jump_share(x: BarArrays) -> np.ndarray:
    size = np.abs(x.returns)
    bipower = np.pi / 2 * mean(size * lag(size, 1), 22)
    return 1 - ratio(bipower, mean(x.squared_returns, 22), 1.0, floor=FLAT**2)


def _directed_share(x: BarArrays) -> np.ndarray:
    moves = mean(x.squared_returns, 22)
    return ratio(moves, moves + _parkinson_variance(x, 22), 0.5, floor=FLAT**2)


def _bollinger_width(days: int) -> Feature:
    bands = ta("BBANDS", "close", days, 2.0, 2.0)
    middle = ta("BBANDS", "close", days, 2.0, 2.0, output=1)
    formula = "four standard deviations of the close, in percent of its mean"
    return feature(
        f"bollinger_width_{days}",
        bands.warmup,
        str(bands),
        formula,
        lambda x: 200 * (bands(x) - middle(x)) / middle(x),
    )


def _keltner_position(x: BarArrays) -> np.ndarray:
    upper, middle, _ = x.talib("KC", *HLC, 20, 10, 2.0)
    return ratio(x.close - middle, upper - middle, floor=FLAT * middle)


BAND_TOP = ta("BBANDS", "close", 20, 2.0, 2.0)
BAND_MIDDLE = ta("BBANDS", "close", 20, 2.0, 2.0, output=1)
KELTNER = ta("KC", *HLC, 20, 10, 2.0)
RANGE_CHANGE = ta("CVI", "high", "low", 10, 10)
EWMA = ta("EMA", "squared_returns", 32)

FEATURES = (
    *(direct(f"natr_{days}", ta("NATR", *HLC, days), "average true range in percent of close") for days in (7, 14, 28)),
    *map(_bollinger_width, (20, 50)),
    feature(
        "bollinger_position_20",
        BAND_TOP.warmup,
        str(BAND_TOP),
        "close above its mean over two standard deviations; 0 where these are under 1e-6 of the mean",
        lambda x: ratio(x.close - BAND_MIDDLE(x), BAND_TOP(x) - BAND_MIDDLE(x), floor=FLAT * BAND_MIDDLE(x)),
    ),
    feature(
        "keltner_position_20",
        KELTNER.warmup,
        str(KELTNER),
        "close above the channel's middle over its half width; 0 where that is under 1e-6 of the middle",
        _keltner_position,
    ),
    *map(_realised, (5, 10, 22, 66, 126)),
    *map(_parkinson, (5, 22, 66)),
    feature(
        "garman_klass_22",
        21,
        "Garman and Klass 1980",
        "root of the mean of ln(high/low)^2 / 2 - (2 ln 2 - 1) ln(close/open)^2 over 22 days",
        _garman_klass,
    ),
    feature(
        "rogers_satchell_22",
        21,
        "Rogers and Satchell 1991",
        "root of the mean of ln(high/close) ln(high/open) + ln(low/close) ln(low/open) over 22 days",
        lambda x: np.sqrt(mean(_rogers_satchell(x), 22)),
    ),
    feature(
        "yang_zhang_22",
        22,
        "Yang and Zhang 2000",
        "root of overnight + k intraday + (1 - k) Rogers-Satchell variance, k = 0.34 / (1.34 + 23 / 21), 22 days",
        _yang_zhang,
    ),
    feature(
        "ewma_volatility",
        EWMA.warmup,
        f"root of {EWMA}; RiskMetrics 1996",
        "root of exponentially weighted squared returns, decay 0.94",
        lambda x: np.sqrt(EWMA(x)),
    ),
    _ratio(5, 22),
    _ratio(22, 126),
    _semideviation(-1, "downside_22", "falls"),
    _semideviation(1, "upside_22", "rises"),
    feature(
        "range_deviation_22",
        21,
        "volatility of volatility from ranges (Alizadeh, Brandt and Diebold 2002)",
        "standard deviation of 100 ln(high/low) over 22 days",
        lambda x: deviation(x.log_range, 22),
    ),
    feature(
        "jump_share_22",
        23,
        "Barndorff-Nielsen and Shephard 2004",
        "1 - bipower / squared variation over 22 days; 0 without moves",
        _jump_share,
    ),
    feature(
        "directed_share_22",
        22,
        "Parkinson 1980, against the close-to-close variance",
        "mean squared return over itself plus Parkinson variance, 22 days; low when days reverse; 0.5 without moves",
        _directed_share,
    ),
    feature(
        "chaikin_volatility_10",
        RANGE_CHANGE.warmup,
        str(RANGE_CHANGE),
        "change of the EMA of high - low in 10 days, in percent, at most 1000 (reached after flat bars only)",
        lambda x: np.minimum(RANGE_CHANGE(x), 1000.0),
    ),
    direct("mass_index", ta("MASSI", "high", "low", 9, 25), "sum over 25 days of EMA over double EMA of high - low"),
    direct("relative_volatility_14", ta("RVI", "close", 14, 10), "share of deviation on rising days (Dorsey 1993)"),
)
