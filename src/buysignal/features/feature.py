"""What a feature is, the bars it is computed from, and a TA-Lib call as a value."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
import talib
from talib import abstract

from buysignal.features.rolling import lag, ratio

SECOND_DAY = ("returns", "squared_returns", "overnight", "volume_change")
"""Arrays of `BarArrays` that compare with the day before."""


class NoVolume(Exception):
    """A feature read the volume of bars that have none."""


class BarArrays:
    """Bars as contiguous float64 arrays (n,), and what several features share, computed once.

    Of bars without volume there is none, and a feature that asks for it raises `NoVolume`.
    """

    def __init__(self, bars: pd.DataFrame):
        columns = (np.ascontiguousarray(bars[name], np.float64) for name in ("open", "high", "low", "close"))
        self.open, self.high, self.low, self.close = columns
        self._volume = np.ascontiguousarray(bars["volume"], np.float64) if "volume" in bars else None
        self._results: dict[tuple, tuple[np.ndarray, ...]] = {}

    @property
    def volume(self) -> np.ndarray:
        """Shares traded."""
        if self._volume is None:
            raise NoVolume
        return self._volume

    @cached_property
    def returns(self) -> np.ndarray:
        """Log return of the close in percent; NaN on the first day."""
        return 100 * np.log(self.close / lag(self.close, 1))

    @cached_property
    def squared_returns(self) -> np.ndarray:
        """Square of `returns`."""
        return self.returns**2

    @cached_property
    def overnight(self) -> np.ndarray:
        """Log return from the last close to the open in percent; NaN on the first day."""
        return 100 * np.log(self.open / lag(self.close, 1))

    @cached_property
    def log_range(self) -> np.ndarray:
        """Log of high over low in percent."""
        return 100 * np.log(self.high / self.low)

    @cached_property
    def volume_change(self) -> np.ndarray:
        """Change of volume over the sum of both days, -1 to 1, so that a day without volume stays finite."""
        before = lag(self.volume, 1)
        return ratio(self.volume - before, self.volume + before)

    def talib(self, function: str, *arguments: str | float) -> tuple[np.ndarray, ...]:
        """All outputs of a TA-Lib function; a string argument names a series of this object."""
        key = (function, *arguments)
        if key not in self._results:
            values = [getattr(self, a) if isinstance(a, str) else a for a in arguments]
            result = getattr(talib, function)(*values)
            self._results[key] = result if isinstance(result, tuple) else (result,)
        return self._results[key]


@dataclass(frozen=True)
class TaLib:
    """One output of a TA-Lib function: callable on `BarArrays`, printable, and it knows its own warm-up.

    >>> rsi = TaLib("RSI", ("close",), (14,))
    >>> str(rsi), rsi.warmup
    ('TA-Lib RSI(close, 14)', 14)
    """

    function: str
    series: tuple[str, ...]
    options: tuple[float, ...]
    output: int = 0

    def __call__(self, x: BarArrays) -> np.ndarray:
        values = x.talib(self.function, *self.series, *self.options)[self.output]
        if values.dtype.kind == "i":  # integer outputs hold 0, not NaN, before they are defined
            values = values.astype(np.float64)
            values[: self.warmup] = np.nan
        return values

    def __str__(self) -> str:
        return f"TA-Lib {self.function}({', '.join(map(str, (*self.series, *self.options)))})"

    @cached_property
    def warmup(self) -> int:
        """TA-Lib's look-back, and one day more on series that start on the second day."""
        function = abstract.Function(self.function)
        function.parameters = dict(zip(function.parameters, self.options, strict=False))
        return function.lookback + any(name in SECOND_DAY for name in self.series)


def ta(function: str, *arguments: str | float, output: int = 0) -> TaLib:
    """``ta("RSI", "close", 14)``: strings are series, the numbers after them options."""
    series = tuple(a for a in arguments if isinstance(a, str))
    return TaLib(function, series, tuple(arguments[len(series) :]), output)


@dataclass(frozen=True)
class Feature:
    """One column of a tier.

    Attributes
    ----------
    family : module that holds it, such as ``trend``
    name : column name
    warmup : rows before its first valid value
    source : TA-Lib function with its arguments, or the author and year it comes from
    formula : what the values are, in one line, with the rule for days it would be undefined
    function : computes it, (n,) with the first ``warmup`` values NaN or not to be used
    """

    family: str
    name: str
    warmup: int
    source: str
    formula: str
    function: Callable[[BarArrays], np.ndarray] = field(repr=False, compare=False)

    @classmethod
    def direct(cls, family: str, name: str, call: TaLib, formula: str) -> Self:
        """What TA-Lib returns, as it is."""
        return cls(family, name, call.warmup, str(call), formula, call)

    @classmethod
    def scaled(cls, family: str, name: str, call: TaLib, formula: str) -> Self:
        """A TA-Lib indicator in price units, in percent of the close."""
        formula = f"{formula}, in percent of close"
        return cls(family, name, call.warmup, str(call), formula, lambda x: 100 * call(x) / x.close)
