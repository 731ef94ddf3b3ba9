"""The buys of many symbols, symbol by symbol and year by year.

A symbol has plain counts and means and no interval: its handful of buys tells nothing of it, and of many symbols some
is always first. A year has intervals, made of its dates with all their symbols.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from buysignal.judge.concentration import Lump, concentration
from buysignal.judge.dates import Dates
from buysignal.judge.evidence import EVIDENCE_ROW, Evidence, evidence
from buysignal.judge.paired import MIN_BUYS

NO_MONTHS = pd.DataFrame({"symbol": [], "month": [], "n_buys": [], "hits": []})
"""Of no symbol, see `by_month`."""
SYMBOLS_DRAWN = ("symbol", "days", "positives", "n_buys", "hits")
YEARS_DRAWN = ("year", *EVIDENCE_ROW)
CONFIDENCE = 0.95
ENDS = 3  # symbols named at either end


@dataclass(frozen=True)
class Bought:
    """Rows of many symbols in order of date and symbol, and which of them are bought.

    Attributes
    ----------
    index : (rows,) levels ``symbol`` and ``date``
    label : (rows,) 0 or 1
    alert : (rows,) bool
    net : (rows,) return of each after costs, as if it were bought; relative
    """

    index: pd.MultiIndex
    label: np.ndarray
    alert: np.ndarray
    net: np.ndarray

    @cached_property
    def dates(self) -> Dates:
        """The dates of the rows."""
        return Dates.of(self.index)

    @cached_property
    def ahead(self) -> np.ndarray:
        """(rows,) what each earns more than the average symbol of its date."""
        return self.net - self.dates.means(self.net)[self.dates.day]


@dataclass(frozen=True)
class Counts:
    """What was bought of some rows, in plain counts and means.

    Attributes
    ----------
    name : of the symbol, or the year
    days : rows; a day here is one of a symbol
    positives : of them labelled 1
    n_buys, hits : buys, and those of them labelled 1
    mean_return : of a trade after costs, relative; None without a buy: what never traded earned no 0 %
    ahead : how much that is above the average symbol of the same dates; None without a buy
    """

    name: str
    days: int
    positives: int
    n_buys: int
    hits: int
    mean_return: float | None
    ahead: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {field.name: getattr(self, field.name) for field in fields(Counts)}


@dataclass(frozen=True)
class Part(Counts):
    """The same with its evidence, doubted by date."""

    evidence: Evidence

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return super().to_dict() | self.evidence.to_dict()


@dataclass(frozen=True)
class Parts:
    """What a contender bought on a role, in parts.

    Attributes
    ----------
    name, role : of the contender and the role
    first, last, dates : first and last date of the role, and how many it has
    confidence : of the intervals of the years
    symbols, years : in order of name
    worst, best : names of the symbols whose buys earned least and most, see `extremes`
    lumps : see `buysignal.judge.concentration`
    """

    name: str
    role: str
    first: str
    last: str
    dates: int
    confidence: float
    symbols: tuple[Counts, ...]
    years: tuple[Part, ...]
    worst: tuple[str, ...]
    best: tuple[str, ...]
    lumps: tuple[Lump, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        lists = {name: [one.to_dict() for one in getattr(self, name)] for name in ("symbols", "years", "lumps")}
        return {field.name: getattr(self, field.name) for field in fields(self)} | lists


def parts(name: str, role: str, rows: Bought, horizon: int, seeds: int, configurations: int) -> Parts:
    """All that is told of a contender's buys on a role, part by part.

    Parameters
    ----------
    name, role : of the contender and the role
    rows : all rows of the role; at least one
    horizon : trading days a label looks ahead; >= 1
    seeds, configurations : see `buysignal.judge.evidence.Evidence`
    """
    days, symbols = rows.index.get_level_values("date"), by_symbol(rows)
    return Parts(
        name,
        role,
        *(f"{day:%Y-%m-%d}" for day in (days[0], days[-1])),
        len(rows.dates),
        CONFIDENCE,
        symbols,
        by_year(rows, horizon, CONFIDENCE, seeds, configurations),
        *extremes(symbols),
        concentration(pd.Series(rows.alert, rows.index)),
    )


def by_symbol(rows: Bought) -> tuple[Counts, ...]:
    """Every symbol that has a row, in order of name.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("a", 1), ("b", 1), ("a", 2)], names=["symbol", "date"])
    >>> rows = Bought(index, np.array([1, 0, 0]), np.array([True, False, True]), np.array([0.02, 0.01, -0.03]))
    >>> one, other = by_symbol(rows)
    >>> one.days, one.n_buys, one.hits, round(one.mean_return, 4), round(one.ahead, 4), other.n_buys, other.ahead
    (2, 2, 1, -0.005, 0.0025, 0, None)
    """
    return _counted(_symbols(rows), rows.dates.symbol, rows)


def by_year(rows: Bought, horizon: int, confidence: float, seeds: int, configurations: int) -> tuple[Part, ...]:
    """Every year that has a row, with its evidence; parameters as of `parts`."""
    code, years = pd.factorize(pd.DatetimeIndex(rows.index.get_level_values("date")).year, sort=True)
    names, doubt = [str(year) for year in years], (horizon, confidence, seeds, configurations)
    return tuple(_part(one, code == at, rows, *doubt) for at, one in enumerate(_counted(names, code, rows)))


def with_evidence(
    names: Sequence[str], rows: Bought, horizon: int, confidence: float, seeds: int, configurations: int
) -> tuple[Part, ...]:
    """Some of the symbols, in the order given, with their evidence; parameters as of `parts`."""
    known, doubt = _symbols(rows), (horizon, confidence, seeds, configurations)
    counts = dict(zip(known, by_symbol(rows)))
    return tuple(_part(counts[name], rows.dates.symbol == known.index(name), rows, *doubt) for name in names)


def extremes(symbols: Sequence[Counts]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the symbols whose buys earned least and most, the worst first and the best first.

    They are of those with `MIN_BUYS` buys or more, at most `ENDS` at either end, none at both; of equal ones the one
    that stands first is the worse.
    """
    enough = sorted((one for one in symbols if one.n_buys >= MIN_BUYS), key=lambda one: one.mean_return)
    count, names = min(ENDS, len(enough) // 2), tuple(one.name for one in enough)
    return names[:count], names[::-1][:count]


def by_month(rows: Bought) -> pd.DataFrame:
    """Buys and hits of every symbol in every month: columns ``symbol``, ``month``, ``n_buys``, ``hits``.

    A row where something was bought, in order of symbol and month.
    """
    bought = rows.index[rows.alert]
    months = pd.DatetimeIndex(bought.get_level_values("date")).strftime("%Y-%m")
    frame = pd.DataFrame({"symbol": bought.get_level_values("symbol"), "month": months, "hits": rows.label[rows.alert]})
    return frame.groupby(["symbol", "month"])["hits"].agg(n_buys="count", hits="sum").reset_index()


def symbols_drawn(symbols: Sequence[Counts]) -> pd.DataFrame:
    """Columns `SYMBOLS_DRAWN`, a row of each symbol that was bought: counts, as they are all that is told of it."""
    rows = [(one.name, one.days, one.positives, one.n_buys, one.hits) for one in symbols if one.n_buys]
    return pd.DataFrame(rows, columns=list(SYMBOLS_DRAWN))


def years_drawn(years: Sequence[Part]) -> pd.DataFrame:
    """Columns `YEARS_DRAWN`, a row of each year in which something was bought, with its evidence."""
    rows = [{"year": one.name} | one.evidence.to_row() for one in years if one.n_buys]
    return pd.DataFrame(rows, columns=list(YEARS_DRAWN))


def _symbols(rows: Bought) -> list[str]:
    """Names in the order of the places that `Dates` gives them."""
    return [str(name) for name in sorted(rows.index.unique("symbol"))]


def _counted(names: Sequence[str], code: np.ndarray, rows: Bought) -> tuple[Counts, ...]:
    """Counts of each name; ``code`` (rows,) is the place of each row's among them."""
    right, alert = np.asarray(rows.label, bool), rows.alert
    counts = [
        np.bincount(code[at], minlength=len(names)) for at in (np.ones(len(code), bool), right, alert, alert & right)
    ]
    totals = [np.bincount(code[alert], of[alert], minlength=len(names)) for of in (rows.net, rows.ahead)]
    return tuple(
        Counts(name, *map(int, counted), *(float(total / counted[2]) if counted[2] else None for total in earned))
        for name, counted, earned in zip(names, zip(*counts), zip(*totals))
    )


def _part(
    counts: Counts, at: np.ndarray, rows: Bought, horizon: int, confidence: float, seeds: int, configurations: int
) -> Part:
    chosen = (rows.label[at], rows.alert[at], horizon, confidence, seeds, configurations)
    return Part(**asdict(counts), evidence=evidence(*chosen, Dates.of(rows.index[at])))
