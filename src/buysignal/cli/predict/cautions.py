"""Why an answer may be worth less than it says: bars unlike those of the training, old, or with days missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from buysignal.judge.best_of_day import the_best
from buysignal.ship.package import Shipped
from buysignal.ship.regime import EDGE

VOLATILITY, PRICE, MOVE, SPACING, GAP, USED = "volatility", "price", "move", "spacing", "gap", "used"
STALE, TODAY, FUTURE, AS_OF, ALONE = "stale", "today", "future", "as-of", "alone"
KINDS = (VOLATILITY, PRICE, MOVE, SPACING, GAP, USED)
"""Cautions of a day; `STALE`, `TODAY`, `FUTURE`, `AS_OF` and `ALONE` are those of the bars as a whole."""

SMALLER = 10  # times below the lowest close of the training: a model reads prices, and not at every scale alike
WIDEST = 3  # calendar days from bar to bar, by the median, that are still daily: a Friday to its Monday


@dataclass(frozen=True)
class Caution:
    """One reason to doubt: its kind for a program, its text for a person."""

    kind: str
    text: str


def per_day(bars: pd.DataFrame, moved: pd.Series, model: Shipped) -> np.ndarray:
    """The kinds that hold for each of the last days of some bars, as words in one text: (n,).

    Parameters
    ----------
    bars : (m, ...) all of them, index of days, with ``close``
    moved : (n,) annualised volatility of the last n of them
    """
    regime, needed = model.regime, model.needed
    missing = np.cumsum(_steps(bars) > regime.max_gap_days)
    moves = np.cumsum(_moves(bars) > regime.largest_move)
    ends = np.arange(len(bars) - len(moved), len(bars))
    holds = {
        VOLATILITY: ~moved.between(regime.low, regime.high).to_numpy(),
        PRICE: bars["close"].to_numpy()[ends] < regime.least_close / SMALLER,
        MOVE: moves[ends] > moves[ends - needed + 1],
        SPACING: _spacing(bars, model)[ends] > WIDEST,
        GAP: missing[ends] > missing[ends - needed + 1],
        USED: moved.index < pd.Timestamp(model.expected.first or model.regime.seen),
    }
    return np.array([" ".join(kind for kind in KINDS if holds[kind][at]) for at in range(len(moved))], object)


def cautions(
    answer: pd.DataFrame, bars: pd.DataFrame, model: Shipped, asked: date | None, today: date
) -> tuple[Caution, ...]:
    """All that a reader of an answer must be told.

    Parameters
    ----------
    answer : as `buysignal.cli.predict.Predictor.predict` returns it for the last days of ``bars``
    bars : as for `per_day`
    asked : the day that was asked for; None for the latest
    today : no bar may be later; what the last bar is old against, if no day was asked for
    """
    last, found = bars.index[-1].date(), []
    if asked is not None and asked != last:
        found.append(Caution(AS_OF, f"there is no bar of {asked}: the latest before it is of {last}"))
    if asked is None and (today - last).days > model.regime.max_gap_days:
        found.append(Caution(STALE, f"the last bar is of {last}, {(today - last).days:,} days before today"))
    if last == today:
        before = f"; --as-of {bars.index[-2]:%Y-%m-%d} looks at finished bars only" if len(bars) > 1 else ""
        found.append(Caution(TODAY, f"the last bar is of today, {today}, and may not be finished{before}"))
    if last > today:
        found.append(Caution(FUTURE, f"the last bar is of {last}, which is after today, {today}"))
    for kind, tell in TELL.items():
        held = answer[[kind in words.split() for words in answer["warnings"]]]
        if len(held):
            begin, end = bars.index.get_indexer(held.index[[0, -1]])
            seen = bars.iloc[begin - model.needed + 1 : end + 1]
            found.append(Caution(kind, _of(held, answer) + tell(held, seen, model)))
    return tuple(found)


def asked_day(model: Shipped, last: date, until: date | None) -> date | None:
    """The day asked for, as `cautions` takes it, of a range ``until`` a day: the last bar if it is near enough."""
    near = until is not None and (until - last).days <= model.regime.max_gap_days
    return last if near else until


def alone(model: Shipped, anyway: bool) -> tuple[Caution, ...]:
    """What must be told of one symbol by itself, where a model buys the best of each day."""
    if not model.per_day:
        return ()
    text = (
        f"this model buys {the_best(model.per_day)} of each day among {len(model.regime.symbols):,} symbols: one by "
        "itself has a score and no place among them"
    )
    return (Caution(ALONE, text + ("" if anyway else ", and no buy is said of it without --anyway")),)


def _of(days: pd.DataFrame, answer: pd.DataFrame) -> str:
    """Which days a caution is of."""
    first = f"{days.index[0]:%Y-%m-%d}"
    return f"{first}: " if len(answer) == 1 else f"{len(days):,} of {len(answer):,} days, the first {first}: "


def _volatility(days: pd.DataFrame, _: pd.DataFrame, model: Shipped) -> str:
    regime, moved = model.regime, days["volatility"]
    below, above = (moved < regime.low).sum(), (moved > regime.high).sum()
    ends = f"{moved.min():.3f}" if len(moved) == 1 else f"(below on {below:,}, above on {above:,})"
    return (
        f"volatility {ends} a year is outside {regime.low:.3f} to {regime.high:.3f}, where {1 - 2 * EDGE:.0%} of the "
        f"training days lay ({regime.market}, {regime.first} to {regime.last})"
    )


def _price(days: pd.DataFrame, bars: pd.DataFrame, model: Shipped) -> str:
    close, least = bars["close"].loc[days.index].min(), model.regime.least_close
    return (
        f"the Close {close:.6g} is under a tenth of the lowest of the training days ({least:.2f}): multiply prices by "
        f"a constant, e.g. {10 ** round(math.log10(least / close)):,}"
    )


def _move(_: pd.DataFrame, bars: pd.DataFrame, model: Shipped) -> str:
    at = int(np.argmax(_moves(bars)))
    change = bars["close"].iloc[at] / bars["close"].iloc[at - 1] - 1
    largest = math.expm1(math.copysign(model.regime.largest_move, change))  # logarithms: 1.25 up is 1 / 1.25 down
    return (
        f"the Close moved by {change:+.1%} on {bars.index[at]:%Y-%m-%d}, more than on any training day "
        f"({largest:+.1%} or its reverse): if that was a split, adjust the prices before it"
    )


def _moves(bars: pd.DataFrame) -> np.ndarray:
    """Size of each bar's log return: (m,), 0 of the first."""
    return np.abs(np.diff(np.log(bars["close"].to_numpy()), prepend=np.log(bars["close"].iloc[:1])))


def _apart(days: pd.DataFrame, bars: pd.DataFrame, model: Shipped) -> str:
    widest = _spacing(bars, model)[bars.index.isin(days.index)].max()
    return f"bars are {widest:g} days apart (median of {model.context}), the model was trained on daily ones"


def _spacing(bars: pd.DataFrame, model: Shipped) -> np.ndarray:
    """Median of the calendar days before each bar of the window that ends on a day: (m,), NaN before the first."""
    return pd.Series(_steps(bars)).rolling(model.context).median().to_numpy()


def _gaps(_: pd.DataFrame, bars: pd.DataFrame, model: Shipped) -> str:
    steps = _steps(bars)
    longest, count = int(np.argmax(steps)), int((steps > model.regime.max_gap_days).sum())
    gaps = "a gap" if count == 1 else f"{count} gaps, the longest"
    return (
        f"days are missing in the {model.needed} bars before: {gaps} of {steps.max()} days from "
        f"{bars.index[longest - 1]:%Y-%m-%d} to {bars.index[longest]:%Y-%m-%d}"
    )


def _used(_: pd.DataFrame, __: pd.DataFrame, model: Shipped) -> str:
    if not model.expected.examined:
        return f"the pipeline that made the model had the bars up to {model.regime.seen}: these are no new days to it"
    return f"the model was trained and chosen on days before {model.expected.first}, so these are no test of it"


def _steps(bars: pd.DataFrame) -> np.ndarray:
    """Calendar days since the bar before; 0 of the first."""
    days = bars.index.to_numpy()
    return np.diff(days, prepend=days[:1]) // np.timedelta64(1, "D")


TELL = dict(zip(KINDS, (_volatility, _price, _move, _apart, _gaps, _used)))
"""What is said of a kind, from the days it holds for, the bars they are computed from, and the model."""
