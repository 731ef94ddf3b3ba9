"""What was understood of a file of bars, and what its reader may settle beforehand."""

import re
from dataclasses import dataclass, field, replace
from typing import Self

import pandas as pd

from buysignal.core.errors import UserError

OTHER = re.compile(r"[\d.=&^-]*(e-?\d+)?|0[xob].*|[-.]?(true|false|null|yes|no|on|off|y|n|inf|nan)", re.I)  # to YAML


class Unanswered(UserError):
    """A source that did not answer: this tells nothing of a symbol, so none is left out for it."""


@dataclass(frozen=True)
class Wanted:
    """What the user settles of a file that can be read in more than one way; each names its key of ``ingest``.

    Attributes
    ----------
    dates : ``auto``, or the order in which a date is written: ``year-first``, ``day-first`` or ``month-first``
    decimal : ``auto``, or the decimal mark: ``point`` or ``comma``
    zone : ``auto``, or the exchange's zone as IANA names it (``Europe/Berlin``): the day of a moment is the day there
    volume : ``file``, or ``none`` for bars that have no volume (an index, a currency), ``needed`` if a model reads it
    symbol : the one to take of a file that holds several; None where the user named none
    spelled : how a message names one of these with its value: as a key of ``ingest``, or as a command's option
    forms : of a user's own, tried before those that are known, see `buysignal.bars.forms.own`
    """

    dates: str = "auto"
    decimal: str = "auto"
    zone: str = "auto"
    volume: str = "file"
    symbol: str | None = None
    spelled: str = "ingest.{}: {}"
    forms: tuple[str, ...] = ()

    def key(self, name: str, value: str) -> str:
        """What settles a question, as the user would write it: ``ingest.dates: day-first``."""
        in_yaml = name == "symbol" and self.spelled == Wanted.spelled
        return self.spelled.format(name, f"'{value}'" if in_yaml and OTHER.fullmatch(value) else value)


@dataclass(frozen=True)
class LeftOut:
    """Rows of a file that are no bars, and so are left out whatever is done about bad ones."""

    why: str  # "dividend row", "empty twin of a day that has its bar", ...
    days: tuple[str, ...]  # ISO dates


@dataclass(frozen=True)
class Reading:
    """Bars of a source as they were read, before any is judged, adjusted or repaired.

    Attributes
    ----------
    bars : float64 open, high, low, close[, volume][, adj_close], index ``date`` (naive, midnight); oldest first if
        the file runs newest first. ``volume`` is absent only if ``Wanted.volume`` is ``none``
    form : how the file was recognised, as a person names it: ``Investing.com``
    understood : what was settled, in words, in reading order: ``month/day/year``, ``thousands ','``
    left_out : rows that are no bars
    splits : new shares for one old by date, where the file says so; index ``date``, empty where it does not
    symbol : the one the bars are of, where the file tells
    zoned : the moments of the file where it gives moments and not days, index as ``bars``; for checks of their hours
    """

    bars: pd.DataFrame
    form: str
    understood: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    splits: pd.Series = field(default_factory=lambda: pd.Series(index=pd.DatetimeIndex([]), dtype="float64"))
    symbol: str | None = None
    zoned: pd.DatetimeIndex | None = None

    def until(self, day: pd.Timestamp) -> Self:
        """The same, as it was on a day: of what is later nothing is known, nor of its splits; a bar of no day stays."""
        kept = ~(self.bars.index > day) if len(self.bars) else slice(0)
        zoned = None if self.zoned is None else self.zoned[kept]
        left = [LeftOut(out.why, tuple(one for one in out.days if one <= f"{day:%Y-%m-%d}")) for out in self.left_out]
        splits = self.splits[self.splits.index <= day]
        told = tuple(out for out in left if out.days)
        return replace(self, bars=self.bars[kept], splits=splits, zoned=zoned, left_out=told)

    def said(self, name: str) -> str:
        """The line for a person: ``bars.csv: Stooq form, ...: 300 bars 2021-01-04 to 2022-02-25``."""
        days = self.bars.index
        span = f" {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}" if len(days) and not days.hasnans else ""
        left = "".join(f"; {len(out.days)} {out.why}{'s' * (len(out.days) > 1)} left out" for out in self.left_out)
        return f"{name}: {', '.join((f'{self.form} form', *self.understood))}: {len(self.bars):,} bars{span}{left}"
