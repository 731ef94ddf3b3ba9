"""Rows that repeat: holidays, prices that stand still, volume that does."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import Finding, Look, iso, on, rows

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
    if "volume" not in bars or not (bars["volume"] > 0).any():
        return np.zeros(len(bars), dtype=bool)
    prices = bars[["open", "high", "low", "close"]].to_numpy()
    before = np.vstack([np.full((1, 4), np.nan), prices[:-1]])[: len(prices)]
    repeats = (prices == before).all(axis=1) | (prices == before[:, 3:]).all(axis=1)
    return repeats & (prices > 0).all(axis=1) & (bars["volume"] == 0).to_numpy()


def holidays(bars: pd.DataFrame) -> np.ndarray:
    """`untraded` rows where there are few of them: (n,)."""
    found = untraded(bars)
    return found if found.sum() <= FEW * len(bars) else np.zeros(len(bars), dtype=bool)


def holiday_rows(look: Look) -> Iterator[Finding]:
    """Rows of days without a session."""
    bars = look.bars
    found = iso(bars.index[untraded(bars)])
    if not found:
        return
    text = f"{rows(len(found), len(bars))} repeat the day before with volume 0 ({on(found)})"
    if len(found) <= FEW * len(bars):
        yield Finding("holiday", "warning", found, f"{text}: holidays", "set ingest.on_bad_rows to repair: left out")
    else:
        yield Finding("untraded", "warning", found, f"{text}: little is traded", "a signal on such days cannot be used")


def standing(look: Look) -> Iterator[Finding]:
    """Runs of one Close; holiday rows do not count."""
    bars = look.bars[~untraded(look.bars)]
    close = bars["close"].to_numpy()
    starts = np.flatnonzero(np.diff(close, prepend=np.nan) != 0)  # NaN is unlike 0
    lengths = np.diff(np.append(starts, len(close)))
    longest = np.argsort(-lengths, kind="stable")[: (lengths >= STILL).sum()]
    if len(longest):
        found = iso(bars.index[starts[np.sort(longest)]])
        runs = f"{len(longest)} run{'s' * (len(longest) > 1)} of {STILL} or more equal Closes"
        most = f"the longest {lengths[longest[0]]} rows from {iso(bars.index[[starts[longest[0]]]])[0]}"
        yield Finding(
            "stale", "warning", found, f"{runs}, {most}", "compare with another source: a feed may have stood still"
        )


def flat(look: Look) -> Iterator[Finding]:
    """Bars of one price: their High and Low are not known, and the label asks for the High."""
    bars = look.bars[~untraded(look.bars)]
    found = bars.index[(bars["high"] == bars["low"]).to_numpy()]
    if len(found) > FLAT * len(bars):
        text = f"{rows(len(found), len(bars))} have one price for Open, High, Low and Close, the last {iso(found)[-1]}"
        advice = "the label asks for the High: begin after the last of them, or use bars that have one"
        yield Finding("flat", "warning", iso(found), text, advice)


def volume(look: Look) -> Iterator[Finding]:
    """Volume that tells nothing."""
    if "volume" not in look.bars:
        return
    values = look.bars["volume"]
    silent = look.bars.index[((values == 0) & ~untraded(look.bars)).to_numpy()]
    if len(values) > 1 and (values == values.iloc[0]).all():
        text = f"volume is {values.iloc[0]:g} on every row: volume features are constant"
        yield Finding("volume", "warning", (), text, "set ingest.volume to none: they are left out")
    elif len(silent) < len(values) and len(silent):
        text = f"{rows(len(silent), len(values))} have volume 0 ({on(iso(silent))})"
        yield Finding("volume", "note", iso(silent), text)


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
