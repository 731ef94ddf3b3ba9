"""Why an answer may be worth less than it says: bars unlike those of the training, old, or with days missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from buysignal.shipping import Shipped

VOLATILITY, GAP, USED, STALE, AS_OF = "volatility", "gap", "used", "stale", "as-of"
KINDS = (VOLATILITY, GAP, USED)
"""Cautions of a day; `STALE` and `AS_OF` are those of the bars as a whole."""


@dataclass(frozen=True)
class Caution:
    """One reason to doubt: its kind for a program, its text for a person."""

    kind: str
    text: str


def per_day(bars: pd.DatetimeIndex, moved: pd.Series, needed: int, model: Shipped) -> np.ndarray:
    """The kinds that hold for each of the last days of some bars, as words in one text: (n,).

    Parameters
    ----------
    bars : (m,) all days
    moved : (n,) annualised volatility of the last n of them
    needed : bars that an answer is computed from
    """
    regime = model.regime
    missing = np.cumsum(_steps(bars) > regime.max_gap_days)
    ends = np.arange(len(bars) - len(moved), len(bars))
    holds = {
        VOLATILITY: ~moved.between(regime.low, regime.high).to_numpy(),
        GAP: missing[ends] > missing[ends - needed + 1],
        USED: moved.index < pd.Timestamp(model.expected.first),
    }
    return np.array([" ".join(kind for kind in KINDS if holds[kind][at]) for at in range(len(moved))], object)


def cautions(
    answer: pd.DataFrame,
    bars: pd.DatetimeIndex,
    needed: int,
    model: Shipped,
    asked: date | None,
    today: date,
) -> tuple[Caution, ...]:
    """All that a reader of an answer must be told.

    Parameters
    ----------
    answer : as `buysignal.predict.Predictor.predict` returns it for the last days of ``bars``
    asked : the day that was asked for; None for the latest
    today : what the last bar is old against, if no day was asked for
    """
    last = bars[-1].date()
    found = []
    if asked is not None and asked != last:
        found.append(Caution(AS_OF, f"there is no bar of {asked}: the latest before it is of {last}"))
    if asked is None and (today - last).days > model.regime.max_gap_days:
        found.append(Caution(STALE, f"the last bar is of {last}, {(today - last).days:,} days before today"))
    tell = {VOLATILITY: _volatility, GAP: lambda days, model: _gaps(days, model, bars, needed), USED: _used}
    for kind in KINDS:
        days = answer[[kind in words.split() for words in answer["warnings"]]]
        if len(days):
            found.append(Caution(kind, _of(days, answer) + tell[kind](days, model)))
    return tuple(found)


def _of(days: pd.DataFrame, answer: pd.DataFrame) -> str:
    """Which days a caution is of."""
    first = f"{days.index[0]:%Y-%m-%d}"
    return f"{first}: " if len(answer) == 1 else f"{len(days):,} of {len(answer):,} days, the first {first}: "


def _volatility(days: pd.DataFrame, model: Shipped) -> str:
    regime, moved = model.regime, days["volatility"]
    ends = f"{moved.min():.3f}" if len(moved) == 1 else f"{moved.min():.3f} to {moved.max():.3f}"
    return (
        f"volatility {ends} a year is outside {regime.low:.3f} to {regime.high:.3f}, the range of the training days "
        f"({regime.market}, {regime.first} to {regime.last})"
    )


def _gaps(days: pd.DataFrame, model: Shipped, bars: pd.DatetimeIndex, needed: int) -> str:
    begin = bars.get_loc(days.index[0]) - needed + 1
    steps = _steps(bars[begin : bars.get_loc(days.index[-1]) + 1])
    longest = begin + int(np.argmax(steps))
    count = int((steps > model.regime.max_gap_days).sum())
    gaps = "a gap" if count == 1 else f"{count} gaps, the longest"
    return (
        f"days are missing in the {needed} bars before: {gaps} of {steps.max()} days from {bars[longest - 1]:%Y-%m-%d} "
        f"to {bars[longest]:%Y-%m-%d}"
    )


def _used(_: pd.DataFrame, model: Shipped) -> str:
    return f"the model was trained and chosen on days before {model.expected.first}, so these are no test of it"


def _steps(days: pd.DatetimeIndex) -> np.ndarray:
    """Calendar days since the bar before; 0 of the first."""
    return np.diff(days.to_numpy(), prepend=days.to_numpy()[:1]) // np.timedelta64(1, "D")


def in_lines(found: Sequence[Caution]) -> list[str]:
    """One line each."""
    return [f"warning: {caution.text}" for caution in found]
