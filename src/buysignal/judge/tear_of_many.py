"""What the tear sheet has besides where a row is a symbol on a day: days with their buys, and where the buys lie."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from buysignal.bars.symbols import dates_of
from buysignal.judge.concentration import Lump, concentration
from buysignal.judge.dates import Dates
from buysignal.judge.equity import of_days


@dataclass(frozen=True)
class Day:
    """A day with buys: how many, how many of them labelled 1, and what the part of the day brought after costs."""

    date: str
    buys: int
    hits: int
    net: float


@dataclass(frozen=True)
class Many:
    """Buys of many symbols.

    Attributes
    ----------
    symbols, rows : that the days have
    days_bought, alone : days with a buy, and those with one alone, which takes the whole part of its day
    random : what as many symbols drawn at random on the same days earn on average after costs, a buy
    lumps : the month and the symbol with most buys
    worst_days : whose part brought least, the worst first
    """

    symbols: int
    rows: int
    days_bought: int
    alone: int
    random: float
    lumps: Sequence[Lump]
    worst_days: Sequence[Day]

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return asdict(self) | {"lumps": [lump.to_dict() for lump in self.lumps]}


def many_of(index: pd.Index, net: np.ndarray, label: np.ndarray, alert: np.ndarray, dates: Dates, count: int) -> Many:
    """Of rows (n,) with their returns after costs, labels and alerts, bool; one alert or more; ``count`` worst days."""
    buys = dates.sums(alert)
    return Many(
        symbols=len(np.unique(dates.symbol)),
        rows=len(index),
        days_bought=int((buys > 0).sum()),
        alone=int((buys == 1).sum()),
        random=float((buys * dates.means(net)).sum() / buys.sum()),
        lumps=concentration(pd.Series(alert, index)),
        worst_days=worst_days(dates_of(index)[dates.starts], net, label, alert, dates, count),
    )


def worst_days(
    days: pd.DatetimeIndex, net: np.ndarray, label: np.ndarray, alert: np.ndarray, dates: Dates, count: int
) -> list[Day]:
    """The days (D,) with a buy whose part brought least, the worst first; of equal ones the earlier."""
    brought, bought = of_days(net, alert, dates)
    buys, hits, traded = dates.sums(alert), dates.sums(alert & label), np.flatnonzero(bought)
    lowest = traded[np.argsort(brought[traded], kind="stable")[:count]]
    return [Day(f"{days[d]:%Y-%m-%d}", int(buys[d]), int(hits[d]), float(brought[d])) for d in lowest]


def random_symbols(
    net: np.ndarray, alert: np.ndarray, dates: Dates, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """(draws, D) what the part of each day brings if as many symbols of it as it has alerts are drawn at random.

    A day after the other, so that no array has more than draws x days, or draws x symbols of a day.
    """
    brought, ends = np.zeros((draws, len(dates))), np.append(dates.starts[1:], len(net))
    for day in np.flatnonzero(dates.sums(alert)):
        rows = slice(dates.starts[day], ends[day])
        alone = Dates(np.zeros(ends[day] - rows.start, int), dates.symbol[rows])
        drawn = subsets(len(alone.day), int(alert[rows].sum()), rng, draws)
        brought[:, day] = of_days(net[rows], drawn, alone)[0][:, 0]
    return brought


def subsets(n: int, count: int, rng: np.random.Generator, draws: int) -> np.ndarray:
    """(draws, n) bool, ``count`` of n places each, every choice as likely.

    Floyd's way (Bentley & Floyd, CACM 30, 1987) asks for ``count`` random numbers a draw, where a shuffle asks for n.
    """
    chosen, every = np.zeros((draws, n), bool), np.arange(draws)
    for last in range(n - count, n):
        at = rng.integers(0, last + 1, draws)
        chosen[every, np.where(chosen[every, at], last, at)] = True
    return chosen
