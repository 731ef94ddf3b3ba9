"""What a contender sees of a market: the days of one tier, their features, and the bars that led to them."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd

from buysignal.days.labels import thresholds
from buysignal.days.params import Label
from buysignal.models.dataset import Scaler, TierData

KNOWN = ("train", "stop")  # the first roles: all that a fit may see
ASKED = "asked"  # role of a day that has no role: a new one


@dataclass(frozen=True)
class Days:
    """The days of a tier that the contenders score, in time order, and the past that they may look at.

    Attributes
    ----------
    tier : its name
    names : its F features
    scaler : what standardised them
    dates, role, label : (n,) as in `buysignal.models.scores.Scored`
    table : (T, F) float32 features of every row of the tier up to the last day, standardised on the train role;
        consecutive trading days, of which windows are made
    rows : (n,) place of each day in ``table``
    move : (n,) relative move that the label of the day asks for
    horizon : trading days in which it is asked for
    bars : daily bars up to the last day, with high, low and close; they reach further back than the tier
    """

    tier: str
    names: tuple[str, ...]
    scaler: Scaler
    dates: pd.DatetimeIndex
    role: np.ndarray
    label: np.ndarray
    table: np.ndarray
    rows: np.ndarray
    move: np.ndarray
    horizon: int
    bars: pd.DataFrame

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
        rows = np.flatnonzero(data.role != "purged")
        rows = rows[rows >= context - 1]
        seen = (data.dates, data.role, data.label, data.values, rows)
        return cls._cut(bars, tier, data.names, data.scaler, label, *seen)

    @classmethod
    def asked(
        cls, bars: pd.DataFrame, table: pd.DataFrame, scaler: Scaler, tier: str, label: Label, context: int, count: int
    ) -> Self:
        """The latest ``count`` days of new bars, whose label nobody knows yet: it is 0, and their role `ASKED`.

        Parameters
        ----------
        table : features of the tier, not standardised, on the last days of ``bars``
        scaler : of the train role
        """
        with np.errstate(all="ignore"):  # a wild move overflows, and the caller looks for that
            values = scaler.transform(table.to_numpy())
        n = len(values)
        rows = np.arange(max(context - 1, n - count), n)
        role, unknown = np.full(n, ASKED), np.zeros(n, np.int8)
        return cls._cut(bars, values, tuple(table.columns), table.index, role, unknown, rows, tier, label)

    @classmethod
    def _cut(cls, bars, values, names, dates, role, label, rows, tier, asks) -> Self:
        days, move = dates[rows], thresholds(bars, asks)
        seen = dict(dates=days, role=role[rows], label=label[rows], table=values[: rows[-1] + 1], rows=rows)
        return cls(tier, names, **seen, move=move[days].to_numpy(), horizon=asks.horizon, bars=bars.loc[: days[-1]])

    def of_roles(self, *roles: str) -> Self:
        """The days of some roles alone, with no bar and no row after the last of them."""
        kept = np.flatnonzero(np.isin(self.role, roles))
        parts = {name: getattr(self, name)[kept] for name in ("dates", "role", "label", "rows", "move")}
        last = parts["rows"][-1] if len(kept) else -1
        past = dict(
            table=self.table[: last + 1], bars=self.bars.loc[: parts["dates"][-1]] if len(kept) else self.bars[:0]
        )
        return replace(self, **parts, **past)

    def judged(self) -> Self:
        """Every day but those of the train role, on which a score says little."""
        return self.of_roles(*np.unique(self.role[self.role != "train"]))

    def known(self) -> Self:
        """The train and the stop days alone: all that a fit may see."""
        return self.of_roles(*KNOWN)
