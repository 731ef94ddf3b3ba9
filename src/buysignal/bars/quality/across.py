"""What bars of many symbols show only together: early ends, other calendars, and who is not among them."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import NAMED, Finding

FEW = 60  # bars, from which nothing is learnt
WEEKEND = 0.1  # of the bars on Saturdays and Sundays, from which on a market is open then
MANY, YEARS = 10, 3  # symbols and years, from which on some market or other should have ended
YEAR = 365.25


def across(bars: Mapping[str, pd.DataFrame], max_gap_days: int) -> tuple[Finding, ...]:
    """The findings of many symbols, in the order in which they are told.

    Parameters
    ----------
    bars : symbol -> legal bars, index ``date``, at least one each
    max_gap_days : calendar days before the last bar of all from which on a symbol ends early
    """
    return tuple(finding for check in CHECKS for finding in check(bars, max_gap_days))


def few_of(symbols: Sequence[str]) -> str:
    """A few symbols in words.

    >>> few_of(["A", "B", "C", "D", "E"])
    'A, B, C and 2 more'
    """
    return ", ".join(symbols[:NAMED]) + (f" and {len(symbols) - NAMED:,} more" if len(symbols) > NAMED else "")


def _few(bars: Mapping[str, pd.DataFrame], _: int) -> Iterator[Finding]:
    """Symbols with hardly a bar among others that have years."""
    few = [f"{symbol} {len(of):,}" for symbol, of in bars.items() if len(of) < FEW]
    middle = int(np.median([len(of) for of in bars.values()]))
    if few and middle >= FEW:
        text = f"{_of(few, bars)} fewer than {FEW} bars ({few_of(few)}; the median is {middle:,})"
        yield Finding("few", "warning", (), text, "get years of bars, or leave them out: nothing is learnt there")


def _ended(bars: Mapping[str, pd.DataFrame], max_gap_days: int) -> Iterator[Finding]:
    """Symbols whose bars end before the others'; or that none does, though markets end."""
    ends = {symbol: of.index[-1] for symbol, of in bars.items()}
    last, first = max(ends.values()), min(of.index[0] for of in bars.values())
    early = [f"{symbol} {end:%Y-%m-%d}" for symbol, end in ends.items() if (last - end).days > max_gap_days]
    if early:
        text = f"{_of(early, bars)} no bar near the last day of all, {last:%Y-%m-%d} ({few_of(early)})"
        yield Finding("ended", "note", (), f"{text}: delisted, or not brought up to date")
    elif len(bars) >= MANY and (last - first).days > YEARS * YEAR:
        text = (
            f"all {len(bars):,} symbols have bars up to {last:%Y-%m-%d}, so none that ended since {first:%Y-%m-%d} is "
        )
        text += "among them: what is found on the survivors is too good"
        yield Finding("survivors", "note", (), text)


def _calendars(bars: Mapping[str, pd.DataFrame], _: int) -> Iterator[Finding]:
    """Markets that are open on weekends beside those that are not."""
    always = [symbol for symbol, of in bars.items() if (of.index.day_of_week >= 5).mean() > WEEKEND]
    if 0 < len(always) < len(bars):
        text = f"{_of(always, bars)} bars on weekends ({few_of(always)}), the others none: each keeps its own calendar"
        yield Finding("calendars", "note", (), text)


def _of(some: Sequence[str], bars: Mapping[str, pd.DataFrame]) -> str:
    return f"{len(some):,} of {len(bars):,} symbols {'has' if len(some) == 1 else 'have'}"


CHECKS: tuple[Callable[[Mapping[str, pd.DataFrame], int], Iterator[Finding]], ...] = (_few, _ended, _calendars)
