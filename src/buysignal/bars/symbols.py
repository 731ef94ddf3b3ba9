"""One symbol or many: what a table that is indexed by date, or by (symbol, date), asks of its reader.

A table of many symbols is sorted by symbol, then by date, so that the days of a symbol lie together. Whatever looks
back from a day looks back along its own symbol (`each`); whatever cuts time, cuts it by date (`dates_of`).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from buysignal.bars.standard import INDEX
from buysignal.core.errors import UserError

SYMBOL = "symbol"
Table = pd.DataFrame | pd.Series


def is_many(index: pd.Index) -> bool:
    """Whether an index is (symbol, date) and not date alone."""
    return isinstance(index, pd.MultiIndex)


def dates_of(index: pd.Index) -> pd.DatetimeIndex:
    """The date of every row (n,): the index itself, if it is of one symbol."""
    return index if not is_many(index) else pd.DatetimeIndex(index.get_level_values(INDEX), name=INDEX)


def index_of(frame: pd.DataFrame) -> pd.Index:
    """The index of what has its days in columns: ``date``, and ``symbol`` if it is of many."""
    days = pd.DatetimeIndex(frame[INDEX], name=INDEX)
    return pd.MultiIndex.from_arrays([frame[SYMBOL], days], names=[SYMBOL, INDEX]) if SYMBOL in frame else days


def named(row: pd.Timestamp | tuple[str, pd.Timestamp]) -> str:
    """A row of an index in words: ``2018-01-02``, ``AAPL 2018-01-02``."""
    return f"{row:%Y-%m-%d}" if isinstance(row, pd.Timestamp) else f"{row[0]} {row[1]:%Y-%m-%d}"


def by_date(index: pd.Index) -> pd.Index:
    """The same rows named by (date, symbol), by which a table that is read along the dates is sorted."""
    return index.swaplevel() if is_many(index) else index


def age(index: pd.Index) -> np.ndarray:
    """Rows that the symbol of each row (n,) has before it.

    >>> age(pd.MultiIndex.from_tuples([("A", 1), ("A", 2), ("B", 1)], names=["symbol", "date"])).tolist()
    [0, 1, 0]
    """
    if not is_many(index):
        return np.arange(len(index))
    codes = index.codes[0]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    return np.arange(len(codes)) - np.repeat(starts, np.diff(starts, append=len(codes)))


def each(table: Table, function: Callable[[Table], Table], fewest: int = 1) -> Table:
    """What a function of the days of one symbol gives for each symbol, one below the other.

    Parameters
    ----------
    table : of one symbol, which is handed to the function as it is, or of many
    function : takes a table with the index ``date`` and gives one
    fewest : of many symbols those with fewer days have no row in what is given

    Raises
    ------
    UserError
        What the function raises of one symbol; of many with the symbol's name before it.

    Examples
    --------
    >>> days = pd.MultiIndex.from_tuples([("A", 1), ("A", 2), ("B", 1), ("B", 2)], names=["symbol", "date"])
    >>> each(pd.Series([1.0, 3.0, 10.0, 40.0], days), lambda one: one.diff().iloc[1:]).tolist()
    [2.0, 30.0]
    """
    if not is_many(table.index):
        return function(table)
    parts = {symbol: part.droplevel(SYMBOL) for symbol, part in table.groupby(level=SYMBOL, sort=False)}
    found = {symbol: _named(function, part, symbol) for symbol, part in parts.items() if len(part) >= fewest}
    if not found:
        raise UserError(f"none of {len(parts):,} symbols has {fewest:,} days: use more bars")
    return pd.concat(found, names=[SYMBOL, INDEX])


def _named(function: Callable[[Table], Table], part: Table, symbol: str) -> Table:
    try:
        return function(part)
    except (UserError, ValueError) as error:
        raise type(error)(f"{symbol}: {error}") from None
