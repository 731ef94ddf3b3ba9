"""Rows that repeat: holidays, prices that stand still, volume that does."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import Finding, iso, on, rows
from buysignal.bars.quality.look import Look

FEW = 0.1  # of all rows: more rows without trade are no holidays, but a market in which little is traded
STILL = 5  # equal Closes in a row
FLAT = 0.02  # of all rows that may have one price alone
ECHO = 0.05  # of all days whose Open may be the Close before by chance
NEARLY = 0.9  # of the days up to one: a stretch
LEAST = 60  # days of a stretch


def untraded(bars: pd.DataFrame) -> np.ndarray:
    """Rows with volume 0 that repeat the day before: its four prices, or its Close four times; (n,).

    None where bars have no volume, or none but 0: then it tells nothing.
    """
    found = np.zeros(len(bars), dtype=bool)
    if "volume" not in bars:
        return found
    volume = bars["volume"].to_numpy()
    silent = np.flatnonzero(volume[1:] == 0) + 1
    if len(silent) and (volume > 0).any():
        prices = bars[["open", "high", "low", "close"]].to_numpy()
        before, prices = prices[silent - 1], prices[silent]
        repeats = (prices == before).all(axis=1) | (prices == before[:, 3:]).all(axis=1)
        found[silent] = repeats & (prices > 0).all(axis=1)
    return found


def holidays(bars: pd.DataFrame) -> np.ndarray:
    """`untraded` rows where there are few of them: (n,)."""
    found = untraded(bars)
    return found if found.sum() <= FEW * len(bars) else np.zeros(len(bars), dtype=bool)


def holiday_rows(look: Look) -> Iterator[Finding]:
    """Rows of days without a session."""
    bars = look.bars
    silent = untraded(bars)
    if not silent.any():
        return
    found = iso(bars.index[silent])
    text = f"{rows(len(found), len(bars))} repeat the day before with volume 0 ({on(found)})"
    if len(found) <= FEW * len(bars):
        yield Finding("holiday", "warning", found, f"{text}: holidays", "set ingest.on_bad_rows to repair: left out")
    else:
        yield Finding("untraded", "warning", found, f"{text}: little is traded", "a signal on such days cannot be used")


def standing(look: Look) -> Iterator[Finding]:
    """Runs of one Close; holiday rows do not count."""
    traded = ~untraded(look.bars)
    days, close = look.bars.index[traded], look.bars["close"].to_numpy()[traded]
    starts = np.flatnonzero(np.diff(close, prepend=np.nan) != 0)  # NaN is unlike 0
    lengths = np.diff(np.append(starts, len(close)))
    longest = np.argsort(-lengths, kind="stable")[: (lengths >= STILL).sum()]
    if len(longest):
        found = iso(days[starts[np.sort(longest)]])
        runs = f"{len(longest)} run{'s' * (len(longest) > 1)} of {STILL} or more equal Closes"
        most = f"the longest {lengths[longest[0]]} rows from {iso(days[[starts[longest[0]]]])[0]}"
        yield Finding(
            "stale", "warning", found, f"{runs}, {most}", "compare with another source: a feed may have stood still"
        )


def flat(look: Look) -> Iterator[Finding]:
    """Bars of one price: their High and Low are not known, and the label asks for the High."""
    traded = ~untraded(look.bars)
    flat = traded & (look.bars["high"].to_numpy() == look.bars["low"].to_numpy())
    if flat.sum() > FLAT * traded.sum():
        found = iso(look.bars.index[flat])
        text = f"{rows(len(found), traded.sum())} have one price for Open, High, Low and Close, the last {found[-1]}"
        advice = "the label asks for the High: begin after the last of them, or use bars that have one"
        yield Finding("flat", "warning", found, text, advice)


def volume(look: Look) -> Iterator[Finding]:
    """Volume that tells nothing."""
    if "volume" not in look.bars:
        return
    values = look.bars["volume"].to_numpy()
    silent = (values == 0) & ~untraded(look.bars)
    if len(values) > 1 and (values == values[0]).all():
        text = f"volume is {values[0]:g} on every row: volume features are constant"
        yield Finding("volume", "warning", (), text, "set ingest.volume to none: they are left out")
    elif silent.any() and not silent.all():
        days = iso(look.bars.index[silent])
        yield Finding("volume", "note", days, f"{rows(len(days), len(values))} have volume 0 ({on(days)})")


def echoes(look: Look) -> Iterator[Finding]:
    """Opens that are the Close of the day before: where no opening price was known, overnight features are 0."""
    bars = look.bars
    same = bars["open"].to_numpy()[1:] == bars["close"].to_numpy()[:-1]
    if len(same) < LEAST or same.mean() <= ECHO:
        return
    days, share = iso(bars.index[1:][same]), f"Open is the Close of the day before on {100 * same.mean():.0f} % of days"
    advice = "features of what happens overnight are 0 on these"
    nearly = np.flatnonzero(np.cumsum(same) >= NEARLY * np.arange(1, len(same) + 1))
    until = int(nearly[-1]) if len(nearly) else 0
    if LEAST <= until < len(same) - LEAST:
        first = f", and on nearly all up to {iso(bars.index[[until + 1]])[0]}"
        yield Finding(
            "echoed-open", "warning", days, share + first, f"{advice} and not later: begin after them, or mind it"
        )
    else:
        yield Finding("echoed-open", "note", days, share, advice)
