"""The same 300 days, and what writes them as a source does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

DAYS = pd.bdate_range("2021-01-04", "2022-02-25")  # 300 of them; the year has days above 12 and months above


def _bars() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(DAYS)))), 2)
    open_ = np.round(close * np.exp(rng.normal(0, 0.004, len(DAYS))), 2)
    high = np.round(np.maximum(open_, close) * (1 + rng.uniform(0, 0.01, len(DAYS))), 2)
    low = np.round(np.minimum(open_, close) * (1 - rng.uniform(0, 0.01, len(DAYS))), 2)
    volume = rng.integers(1_000_000, 9_000_000, len(DAYS)).astype(float)
    columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    return pd.DataFrame(columns, index=pd.DatetimeIndex(DAYS.to_numpy(), name="date").as_unit("us"), dtype="float64")


BARS = _bars()
"""The bars that every sample holds."""


@dataclass(frozen=True)
class Sample:
    """What a source writes.

    Attributes
    ----------
    form : what the reader should call it
    text : the file
    said : words that must be among what was understood
    rough : relative error of a volume that is written as 3.34M
    adjusted : whether the file has an adjusted close, here the same as the close
    """

    form: str
    text: str
    said: tuple[str, ...] = ()
    rough: float = 0.0
    adjusted: bool = False
    symbol: str | None = None


def rows(template: str, newest_first: bool = False, comma: bool = False, **shift: float) -> str:
    """A line per day; ``{d}`` is the day, ``{o} {h} {l} {c}`` the prices, ``{v}`` the volume, ``{n}`` its number."""
    lines = []
    for at, (day, *prices, volume) in enumerate(BARS.itertuples()):
        told = {name: _price(value, comma) for name, value in zip("ohlc", prices)}
        utc = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(**shift)
        lines.append(
            template.format(d=day, v=int(volume), n=at, u=int(utc.timestamp()), m=f"{volume / 1e6:.2f}M", **told)
        )
    return "\n".join(lines[::-1] if newest_first else lines) + "\n"


def _price(value: float, comma: bool) -> str:
    return f"{value:.2f}".replace(".", ",") if comma else f"{value:.2f}"


def yfinance(symbols: tuple[str, ...], by_symbol: bool = False) -> str:
    """Three header lines, as frame.to_csv() of yfinance.download writes them since 2025."""
    fields = ("Close", "High", "Low", "Open", "Volume")
    pairs = [(field, symbol) for symbol in symbols for field in fields]
    pairs = pairs if by_symbol else sorted(pairs, key=lambda pair: fields.index(pair[0]))
    top, below = (",".join(part) for part in zip(*pairs))
    head = f"Ticker,{below}\nPrice,{top}\n" if by_symbol else f"Price,{top}\nTicker,{below}\n"
    values = {"Close": "{c}", "High": "{h}", "Low": "{l}", "Open": "{o}", "Volume": "{v}"}
    cells = [values[of] if symbol == symbols[0] else "1" for of, symbol in pairs]
    return head + "Date" + "," * len(pairs) + "\n" + rows("{d:%Y-%m-%d}," + ",".join(cells))


def berlin_in_utc(template: str) -> str:
    """Midnight of Berlin as UTC has it: 22 or 23 o'clock of the evening before."""
    lines = []
    for line, day in zip(rows(template).splitlines(), DAYS):
        utc = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
        lines.append(line.replace("MOMENT", f"{utc:%Y-%m-%d %H:%M:%S}+00:00"))
    return "\n".join(lines) + "\n"
