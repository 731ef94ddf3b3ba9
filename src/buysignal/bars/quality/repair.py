"""Repairs that need no judgement: what they change is certain, and counted."""

from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import iso
from buysignal.bars.quality.stale import holidays

NOISE = 1e-6  # of a price: what a division by an adjustment factor leaves
OHLC = ["open", "high", "low", "close"]


@dataclass(frozen=True)
class Repair:
    """One thing that was done, and to which days."""

    what: str
    days: tuple[str, ...]


def noise(bars: pd.DataFrame) -> np.ndarray:
    """Rows where High or Low misses the other prices, by no more than `NOISE` of the one it misses: (n,)."""
    prices = bars[OHLC].to_numpy()  # NaN compares as False
    most, least = prices.max(axis=1), prices.min(axis=1)
    above, below = most - prices[:, 1], prices[:, 2] - least
    return ((above > 0) | (below > 0)) & (above <= NOISE * most) & (below <= NOISE * least)


def unfinished(bars: pd.DataFrame, today: date | None) -> np.ndarray:
    """The last row if it lacks a value or is of today: (n,)."""
    found = np.zeros(len(bars), dtype=bool)
    if len(bars):
        of_today = today is not None and bars.index[-1] == pd.Timestamp(today)
        found[-1] = of_today or bool((bars.iloc[-1].isna() & bars.notna().any()).any())  # an empty column tells nothing
    return found


def repaired(bars: pd.DataFrame, today: date | None) -> tuple[pd.DataFrame, tuple[Repair, ...]]:
    """Bars with rounding noise taken out of High and Low, without holiday rows and an unfinished last bar.

    Rows that are no bars, such as dividends, were left out when the file was read. Good bars come back as they are.

    Parameters
    ----------
    bars : (n, ...) as read, bad rows among them
    today : the day whose bar is unfinished; None keeps it
    """
    done = []
    dropped = {"unfinished last bar left out": partial(unfinished, today=today), "holiday row left out": holidays}
    for what, found in dropped.items():
        rows = found(bars)
        done += [Repair(what, iso(bars.index[rows]))] if rows.any() else []
        bars = bars[~rows] if rows.any() else bars
    rows = noise(bars)
    if rows.any():
        prices = bars.loc[:, OHLC].to_numpy()
        high = np.where(rows, prices.max(axis=1), prices[:, 1])
        low = np.where(rows, prices.min(axis=1), prices[:, 2])
        done.append(Repair("rounding noise taken out of High or Low", iso(bars.index[rows])))
        bars = bars.assign(high=high, low=low)
    return bars, tuple(done)
