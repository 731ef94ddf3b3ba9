"""The rows of many symbols on which outside scores are judged, and the rule that says which of them are bought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.cli.judge.asked import Asked
from buysignal.cli.judge.cut import DOES, FEWEST, require_within
from buysignal.core.errors import UserError
from buysignal.days.labels import rises, thresholds
from buysignal.judge.best_of_day import PER_DAY, best_of_day
from buysignal.judge.dates import Dates
from buysignal.judge.money import exits, trade_returns


@dataclass(frozen=True)
class One:
    """A symbol: its bars (T, ...), labels (T - h,), relative moves asked for (T,), and the places (n,) of its rows."""

    symbol: str
    bars: pd.DataFrame
    labels: np.ndarray
    move: pd.Series
    rows: np.ndarray


@dataclass(frozen=True)
class Rows:
    """The rows judged, in order of date and, within one, of symbol.

    Attributes
    ----------
    symbols : each with its bars
    index : (rows,) levels ``symbol`` and ``date``
    dates : the dates of the rows
    order : (rows,) place of each among the rows of one symbol after the other
    score, label, alert, gross : (rows,) float, int8, bool, and return before costs
    threshold : what is bought on; None where the best of each day are
    per_day : how many are bought a day; None where a threshold is
    chosen : where that comes from
    notes : rows that were left out, and days that are missing
    """

    symbols: tuple[One, ...]
    index: pd.MultiIndex
    dates: Dates
    order: np.ndarray
    score: np.ndarray
    label: np.ndarray
    alert: np.ndarray
    gross: np.ndarray
    threshold: float | None
    per_day: int | None
    chosen: str
    notes: tuple[str, ...]

    @property
    def days(self) -> pd.DatetimeIndex:
        """(rows,) the date of each."""
        return pd.DatetimeIndex(self.index.get_level_values("date"))

    def laid(self, of: Callable[[One], np.ndarray]) -> np.ndarray:
        """What is told of the rows of each symbol, in the order of the rows."""
        return np.concatenate([of(one) for one in self.symbols])[self.order]


def cut(scores: pd.Series, bars: Mapping[str, pd.DataFrame], asked: Asked, names: tuple[str, str]) -> Rows:
    """Take the rows that are scored, have a past and an outcome.

    Parameters
    ----------
    scores : index ``symbol`` and ``date``, sorted
    bars : of each symbol, index ``date``
    names : what messages call the two

    Raises
    ------
    UserError
        If a scored symbol has no bars, a scored day is no bar of its symbol, too few days are left, all have the same
        label, or the rule buys what is not there or everything; in one line.
    """
    name, signals = names[0], set(np.unique(scores)) <= {0.0, 1.0}
    if signals and asked.per_day is not None:
        raise UserError(f"per_day is {asked.per_day}, and the scores of {name} are signals: those are bought on 1")
    require_within(asked.threshold, scores, signals)
    scores = scores[scores.index.get_level_values("date") >= asked.start] if asked.start else scores
    if not len(scores):
        raise UserError(f"{name} has no score on or after the day that --from names: name an earlier one")
    each = {str(symbol): own.droplevel("symbol") for symbol, own in scores.groupby(level="symbol")}
    _require_bars(each, bars, names)
    places = {symbol: bars[symbol].index.get_indexer(own.index) for symbol, own in each.items()}
    _require_days(each, places, names)
    found = [_one(symbol, bars[symbol], places[symbol], asked) for symbol in each]
    index, order = _ordered(found)
    if (count := index.get_level_values("date").nunique()) < FEWEST:
        raise UserError(f"{name} leaves {count:,} days to judge: {FEWEST} are the fewest that tell anything")
    score, label, gross = (
        np.concatenate(list(values))[order]
        for values in (
            (own.to_numpy()[_judged(one, places[one.symbol])] for one, own in zip(found, each.values())),
            (one.labels[one.rows] for one in found),
            (_gross(one, asked) for one in found),
        )
    )
    if label.min() == label.max():
        which = "each" if label[0] else "none"
        raise UserError(
            f"{which} of the {len(label):,} rows {DOES[asked.kind]}: set one that some reach and some do not"
        )
    dates = Dates.of(index)
    alert, *rule = _rule(score, dates, asked, signals)
    notes = (*_left_out(places, found, asked.horizon), *_gaps(found, places))
    return Rows(tuple(found), index, dates, order, score, label, alert, gross, *rule, notes)


def _require_bars(each: Mapping[str, pd.Series], bars: Mapping[str, pd.DataFrame], names: tuple[str, str]) -> None:
    without = [symbol for symbol in each if symbol not in bars]
    if without:
        named = ", ".join(without[:3]) + (f" and {len(without) - 3:,} more" if len(without) > 3 else "")
        raise UserError(f"{len(without):,} of {len(each):,} symbols of {names[0]} have no bars in {names[1]}: {named}")


def _require_days(each: Mapping[str, pd.Series], places: Mapping[str, np.ndarray], names: tuple[str, str]) -> None:
    """Refuse scores of days that are no bar of their symbol."""
    outside = [(symbol, each[symbol].index[at < 0]) for symbol, at in places.items() if (at < 0).any()]
    count, rows = sum(len(days) for _, days in outside), sum(map(len, places.values()))
    if count == rows:
        raise UserError(f"{names[0]} and {names[1]} have no day in common: none of {rows:,} scores is on a bar of its "
                        "symbol")  # fmt: skip
    if count:
        symbol, days = outside[0]
        raise UserError(f"{names[0]}: {count:,} of {rows:,} scores are on no bar of their symbol, the first is "
                        f"{symbol} on {days[0]:%Y-%m-%d}")  # fmt: skip


def _one(symbol: str, bars: pd.DataFrame, places: np.ndarray, asked: Asked) -> One:
    if len(bars) <= asked.horizon:
        raise UserError(f"horizon is {asked.horizon}, and {symbol} has {len(bars):,} bars: no day has an outcome")
    labels = rises(bars, asked.label)["label"].to_numpy()
    decided = (places > 0) & (places < len(labels))
    return One(symbol, bars, labels, thresholds(bars, asked.label), places[decided])


def _judged(one: One, places: np.ndarray) -> np.ndarray:
    return (places > 0) & (places < len(one.labels))


def _gross(one: One, asked: Asked) -> np.ndarray:
    return trade_returns(one.bars, asked.horizon, *exits(asked.label, one.move, asked.stop)).to_numpy()[one.rows]


def _ordered(found: list[One]) -> tuple[pd.MultiIndex, np.ndarray]:
    """The rows in order of date and symbol, and where each stands among those of one symbol after the other."""
    code = np.repeat(np.arange(len(found)), [len(one.rows) for one in found])
    days = np.concatenate([one.bars.index.to_numpy()[one.rows] for one in found])
    order = np.lexsort((code, days))
    symbols = pd.Categorical.from_codes(code, [one.symbol for one in found])
    return pd.MultiIndex.from_arrays([symbols[order].astype(object), days[order]], names=["symbol", "date"]), order


def _rule(
    score: np.ndarray, dates: Dates, asked: Asked, signals: bool
) -> tuple[np.ndarray, float | None, int | None, str]:
    """The buys, the threshold or how many a day, and where that comes from."""
    if signals or asked.threshold is not None:
        threshold = 0.5 if asked.threshold is None else asked.threshold
        return score >= threshold, threshold, None, "signals" if asked.threshold is None else "as given"
    per_day = PER_DAY if asked.per_day is None else asked.per_day
    if (most := int(dates.sums(np.ones(len(score))).max())) <= per_day:
        raise UserError(f"per_day is {per_day}, and at most {most} symbols are scored on a day: all would be bought")
    return best_of_day(score, dates, per_day), None, per_day, "by default" if asked.per_day is None else "as given"


def _left_out(places: Mapping[str, np.ndarray], found: list[One], horizon: int) -> Iterator[str]:
    late = sum(int((places[one.symbol] >= len(one.labels)).sum()) for one in found)
    early = sum(int((places[one.symbol] == 0).sum()) for one in found)
    if late:
        yield f"{late:,} rows are not judged: their outcome takes {horizon} more day{'s' * (horizon > 1)} of bars"
    if early:
        yield f"{early:,} rows are not judged: the first bar of a symbol has no past"


def _gaps(found: list[One], places: Mapping[str, np.ndarray]) -> Iterator[str]:
    """Bars between the first and the last scored one of a symbol that have no score."""
    gaps = {
        one.symbol: np.setdiff1d(np.arange(at[0], at[-1] + 1), at) for one in found if len(at := places[one.symbol])
    }
    first = next(((one, gaps[one.symbol][0]) for one in found if len(gaps.get(one.symbol, ()))), None)
    if first:
        count, symbols = sum(map(len, gaps.values())), sum(len(gap) > 0 for gap in gaps.values())
        yield (
            f"{count:,} bars of {symbols:,} symbol{'s' * (symbols > 1)} lie between scored ones and have no score, the "
            f"first is {first[0].symbol} on {first[0].bars.index[first[1]]:%Y-%m-%d}: they are not judged"
        )
