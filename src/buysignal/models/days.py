"""What a contender sees of a market: the days of one tier, their features, and the bars that led to them."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from buysignal.bars.symbols import age, dates_of
from buysignal.days.labels import thresholds
from buysignal.days.params import Label
from buysignal.models.dataset import Scaler, TierData

KNOWN = ("train", "stop")  # the first roles: all that a fit may see
ASKED = "asked"  # role of a day that has no role: a new one


@dataclass(frozen=True)
class Days:
    """The days of a tier that the contenders score, those of a symbol in time order, and the past they may look at.

    Attributes
    ----------
    tier : its name
    names : its F features
    scaler : what standardised them
    calendar : (T,) every row of the tier up to the last day: trading days, consecutive of a symbol
    table : (T, F) float32 their features, standardised on the train role; of them windows are made
    role, label : (n,) as in `buysignal.models.scores.Scored`
    rows : (n,) place of each day in ``calendar`` and ``table``
    move : (n,) relative move that the label of the day asks for
    horizon : trading days in which it is asked for
    kind, stop : how it is asked for, as `buysignal.days.params.Label` has them
    bars : daily bars up to the last day, with high, low and close; they reach further back than the tier.
        Their index is ``date``, or (symbol, date), as that of the days
    """

    tier: str
    names: tuple[str, ...]
    scaler: Scaler
    calendar: pd.Index
    role: np.ndarray
    label: np.ndarray
    table: np.ndarray
    rows: np.ndarray
    move: np.ndarray
    horizon: int
    kind: str
    stop: float
    bars: pd.DataFrame

    @property
    def index(self) -> pd.Index:
        """(n,) decision days: date, or (symbol, date)."""
        return self.calendar[self.rows]

    @property
    def values(self) -> np.ndarray:
        """(n, F) float32 features of the days."""
        return self.table[self.rows]

    @classmethod
    def of(
        cls,
        bars: pd.DataFrame,
        frame: pd.DataFrame,
        tier: str,
        label: Label,
        context: int,
        open_test: bool = False,
    ) -> Self:
        """Take the days of a tier's table that a window of ``context`` days reaches, those of no role left out.

        Parameters
        ----------
        bars : all daily bars
        frame : the tier's table: features, then `buysignal.days.columns.LABEL_COLUMNS`
        open_test : whether the test role is there; without it no day from its first on is looked at
        """
        data = TierData.of(frame, open_test, tier)
        rows = data.usable(context)
        seen = (data.index, data.role, data.label, data.values)
        return cls._cut(bars, tier, data.names, data.scaler, label, *seen, rows)

    @classmethod
    def asked(
        cls, bars: pd.DataFrame, table: pd.DataFrame, scaler: Scaler, tier: str, label: Label, context: int, count: int
    ) -> Self:
        """The latest ``count`` days of new bars, of each symbol, with the role `ASKED`.

        Nobody knows their label yet: it is 0.

        Parameters
        ----------
        table : features of the tier, not standardised, on the last days of ``bars``
        scaler : of the train role
        """
        with np.errstate(all="ignore"):  # a wild move overflows, and the caller looks for that
            values = scaler.transform(table.to_numpy())
        n, past = len(values), age(table.index)
        seen = (table.index, np.full(n, ASKED), np.zeros(n, np.int8), values)
        rows = np.flatnonzero((past >= context - 1) & (age(table.index[::-1])[::-1] < count))
        return cls._cut(bars, tier, tuple(table.columns), scaler, label, *seen, rows)

    @classmethod
    def _cut(cls, bars, tier, names, scaler, asks, index, role, label, table, rows) -> Self:
        """The days at some ``rows`` of what is told of every row of a table."""
        move = thresholds(bars, asks)[index[rows]].to_numpy()
        known = dict(calendar=index, role=role[rows], label=label[rows], move=move)
        how = dict(horizon=asks.horizon, kind=asks.kind, stop=asks.stop)
        return cls(tier, names, scaler, table=table, rows=rows, bars=bars, **known, **how)._trimmed()

    def _trimmed(self) -> Self:
        """The same with no row and no bar after the last day."""
        last = dates_of(self.index).max() if len(self.rows) else pd.Timestamp.min
        kept, past = dates_of(self.calendar) <= last, dates_of(self.bars.index) <= last
        places = (np.cumsum(kept) - 1)[self.rows]
        return replace(self, calendar=self.calendar[kept], table=self.table[kept], rows=places, bars=self.bars[past])

    def of_roles(self, *roles: str) -> Self:
        """The days of some roles alone, with no row and no bar after the last of them."""
        kept = np.flatnonzero(np.isin(self.role, roles))
        parts = {name: getattr(self, name)[kept] for name in ("role", "label", "rows", "move")}
        return replace(self, **parts)._trimmed()

    def judged(self) -> Self:
        """Every day but those of the train role, on which a score says little."""
        return self.of_roles(*np.unique(self.role[self.role != "train"]))

    def known(self) -> Self:
        """The train and the stop days alone: all that a fit may see."""
        return self.of_roles(*KNOWN)
