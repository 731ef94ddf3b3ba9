"""Volume: who pays for the moves. Running totals enter as changes over a window, never as levels."""

from collections.abc import Callable
from functools import partial

import numpy as np

from buysignal.features.feature import BarArrays, Feature, TaLib, ta
from buysignal.features.rolling import lag, mean, percent, ratio, total

feature = partial(Feature, "volume")
direct = partial(Feature.direct, "volume")


def _relative(days: int) -> Feature:
    return feature(
        f"relative_volume_{days}",
        days - 1,
        "volume over its mean; TA-Lib RVOL is undefined without volume",
        f"volume over its mean of {days} days; 1 where that is 0",
        lambda x: ratio(x.volume, mean(x.volume, days), 1.0),
    )


def _share_of_volume(name: str, line: TaLib, days: int, what: str, unit: float = 1.0) -> Feature:
    """Change of a running total in ``days`` days over the volume of these days."""

    def function(x: BarArrays) -> np.ndarray:
        return ratio(unit * (line(x) - lag(line(x), days)), total(x.volume, days))

    formula = f"change of {what} in {days} days over their volume; 0 without volume"
    return feature(f"{name}_{days}", days, str(line), formula, function)


def _over_average_volume(name: str, call: TaLib, days: int, what: str, scale: Callable) -> Feature:
    average = ta("EMA", "volume", days)

    def function(x: BarArrays) -> np.ndarray:
        # an EMA never forgets: only the window can tell that there was no volume
        floor = np.where(total(x.volume, days) > 0, 0.0, np.inf)
        return ratio(scale(x) * call(x), average(x), floor=floor)

    formula = f"{what} over the EMA of volume over {days} days; 0 without volume in {days} days"
    return feature(name, call.warmup, str(call), formula, function)


def _flow(name: str, call: TaLib, bounds: tuple[float, float], what: str) -> Feature:
    """A share of the window's volume; in the middle of its bounds where there is none."""
    days, middle = call.options[0], sum(bounds) / 2

    def function(x: BarArrays) -> np.ndarray:
        # TA-Lib's running sums keep what rounding left of earlier volume, so the window itself is asked
        share = np.where(total(x.volume, days) > 0, call(x), middle)
        return np.where(np.isnan(call(x)), np.nan, np.clip(share, *bounds))

    formula = f"{what}, {bounds[0]:g} to {bounds[1]:g}; {middle:g} without volume"
    return feature(f"{name}_{days}", call.warmup, str(call), formula, function)


def _index_change(name: str, call: TaLib, what: str) -> Feature:
    formula = f"change in 63 days of an index that moves only on days of {what} volume, in percent"
    return feature(f"{name}_63", 63, str(call), formula, lambda x: percent(call(x), lag(call(x), 63)))


def _illiquidity(x: BarArrays) -> np.ndarray:
    def price_of_volume(days: int) -> np.ndarray:
        return ratio(total(np.abs(x.returns), days), total(x.close * x.volume, days))

    return ratio(price_of_volume(22), price_of_volume(126), 1.0)


HLCV = ("high", "low", "close", "volume")
OBV = ta("OBV", "close", "volume")
CORRELATION = ta("CORREL", "returns", "volume_change", 66)
PVT = ta("PVT", "close", "volume")

FEATURES = (
    *map(_relative, (5, 20, 66)),
    feature(
        "volume_change",
        1,
        "symmetric relative change",
        "volume less yesterday's over their sum, -1 to 1; 0 without volume",
        lambda x: x.volume_change,
    ),
    *(_share_of_volume("obv_change", OBV, days, "on-balance volume (Granville 1963)") for days in (10, 20, 63)),
    _share_of_volume("pvt_change", PVT, 20, "price volume trend, in percent,", 100.0),
    *(
        _flow("chaikin_money_flow", ta("CMF", *HLCV, days), (-1, 1), "change of accumulation/distribution over volume")
        for days in (20, 63)
    ),
    _over_average_volume(
        "chaikin_oscillator",
        ta("ADOSC", *HLCV, 3, 10),
        10,
        "EMA 3 less EMA 10 of accumulation/distribution",
        lambda x: 1.0,
    ),
    _over_average_volume(
        "force_index_13",
        ta("EFI", "close", "volume", 13),
        13,
        "EMA of price change times volume (Elder 1993), in percent of close,",
        lambda x: 100 / x.close,
    ),
    *(_flow("mfi", ta("MFI", *HLCV, days), (0, 100), "money flow index (Quong and Soudack 1989)") for days in (14, 28)),
    direct("volume_oscillator", ta("PVO", "volume", 12, 26, 1), "EMA 12 of volume above EMA 26, in percent of it"),
    _index_change("negative_volume_index", ta("NVI", "close", "volume"), "falling"),
    _index_change("positive_volume_index", ta("PVI", "close", "volume"), "rising"),
    feature(
        "return_volume_correlation_66",
        CORRELATION.warmup,
        f"{CORRELATION}; Karpoff 1987",
        "correlation of log returns and volume_change over 66 days; 0 where one does not move",
        lambda x: np.clip(CORRELATION(x), -1, 1),
    ),
    feature(
        "illiquidity_22_126",
        126,
        "Amihud 2002, sums in place of daily ratios",
        "absolute returns over traded value, 22 days relative to 126; 0 without volume or moves, 1 in all 126 days",
        _illiquidity,
    ),
)
