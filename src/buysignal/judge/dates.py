"""Rows of many symbols, and the dates that they are of: the unit in which everything is doubted.

Symbols of one date rise and fall together, so 200 rows of a date are nearer to one row than to 200. Whatever says how
sure a number is therefore sees dates, all symbols of a date together: rows are summed by date, and a share, a mean
or a lead is a ratio of such sums. Resampling dates in blocks is then as cheap as of one symbol, whose dates have one
row each: there every sum is the row itself, and every function gives what it gives without dates, to the byte.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np
import pandas as pd

from buysignal.bars.symbols import is_many
from buysignal.models.best_of_day import ranks

if TYPE_CHECKING:
    from buysignal.models.scores import Scored


@dataclass(frozen=True)
class Dates:
    """The dates of rows that stand in order of date, those of a date in order of the symbol's name.

    Attributes
    ----------
    day : (rows,) place of the date among those that have a row: 0 to D - 1, rising
    symbol : (rows,) place of the symbol's name among the sorted ones, rising within a date
    """

    day: np.ndarray
    symbol: np.ndarray

    def __post_init__(self) -> None:
        key = self.day * (1 + self.symbol.max(initial=0)) + self.symbol
        if self.day.shape != self.symbol.shape or (np.diff(key) <= 0).any():
            raise ValueError("rows must rise by date and, within one, by symbol, and none may stand twice")
        if len(self.day) and (self.day[0] != 0 or (np.diff(self.day) > 1).any()):
            raise ValueError("each date from 0 on must have a row")

    @classmethod
    def of(cls, index: pd.MultiIndex) -> Self:
        """Of an index with the levels ``date`` and ``symbol``, in order of date and symbol.

        >>> Dates.of(pd.MultiIndex.from_tuples([("a", 1), ("b", 1), ("a", 2)], names=["symbol", "date"]))
        Dates(day=array([0, 0, 1]), symbol=array([0, 1, 0]))
        """
        day, symbol = (pd.factorize(index.get_level_values(name), sort=True)[0] for name in ("date", "symbol"))
        return cls(day, symbol)

    def __len__(self) -> int:
        return 0 if not len(self.day) else int(self.day[-1]) + 1

    @cached_property
    def starts(self) -> np.ndarray:
        """(D,) first row of each date."""
        return np.flatnonzero(np.diff(self.day, prepend=-1))

    @property
    def single(self) -> bool:
        """Whether every date has one row: then there is no other symbol to compare one with."""
        return len(self) == len(self.day)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sums (..., D) of values (..., rows) by date; of bools their count."""
        values = np.asarray(values)
        return np.add.reduceat(values, self.starts, axis=-1, dtype=int if values.dtype == bool else None)

    def means(self, values: np.ndarray) -> np.ndarray:
        """(D,) mean of values (rows,) over the symbols of each date."""
        return self.sums(values) / self.sums(np.ones(len(values)))

    def wide(self, values: np.ndarray) -> np.ndarray:
        """Values (rows,) as (symbols, D), 0 where a symbol has no row."""
        found = np.zeros((1 + self.symbol.max(initial=0), len(self)), np.asarray(values).dtype)
        found[self.symbol, self.day] = values
        return found

    def ranks(self, score: np.ndarray) -> np.ndarray:
        """(rows,) place of each row within its date by falling score, from 0; of equal ones the symbol's name decides.

        >>> Dates(np.array([0, 0, 0, 1]), np.array([0, 1, 2, 1])).ranks(np.array([0.2, 0.5, 0.5, 0.1])).tolist()
        [2, 0, 1, 0]
        """
        return ranks(score, self.day, self.symbol)


def sums(values: np.ndarray, dates: Dates | None) -> np.ndarray:
    """Values (..., rows) summed by date; as they are where each row is a date of its own (None)."""
    return np.asarray(values) if dates is None else dates.sums(values)


def several(dates: Dates | None) -> Dates | None:
    """The dates, if their rows are of more than one symbol; else None, as each row is a date of its own."""
    return dates if dates is not None and dates.symbol.any() else None


def dates_in(model: "Scored", role: str) -> Dates | None:
    """The dates of a model's rows of a role, where they are of many symbols; None where each is a date of its own."""
    return dates_among(model.index[model.role == role])


def dates_among(index: pd.Index) -> Dates | None:
    """The dates of rows of many symbols, in order of date and symbol; None of one, where each row is a date."""
    return Dates.of(index) if is_many(index) else None
