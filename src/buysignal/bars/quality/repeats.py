"""Rows that are made of other rows: sums of weeks and months among the days, and blocks that stand there twice."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import Finding, Look, iso, on, rows

SUMMED = 24  # rows that a month may have
FEWEST = 3  # rows that are sums, before they are no chance
SHARE = 0.01  # of the rows from the first to the last of them
ALIKE = 0.8  # of the sums of weeks that are of one day of the week
WEEK = 6  # rows it may have
BLOCK = 3  # rows in a row that repeat others, all four prices and volume; without volume:
BLOCK_OF_PRICES = 5


def sums(look: Look) -> Iterator[Finding]:
    """Bars of weeks or months among those of days: Open, High, Low and Close of the rows before or after them."""
    names = ["open", "high", "low", "close"]
    volume = look.bars.get("volume", pd.Series(np.nan, look.bars.index))
    prices = look.bars[names].assign(volume=volume).to_numpy()
    for side, of in (("before", prices), ("after", _backwards(prices))):
        lengths = _lengths(of)
        found = np.flatnonzero(lengths)
        if (lengths >= FEWEST).sum() < FEWEST or len(found) < SHARE * np.ptp(found):
            continue
        found = found if side == "before" else np.sort(len(of) - 1 - found)
        days, weekly = look.bars.index[found], np.median(lengths[lengths > 0]) <= WEEK
        if weekly and np.bincount(days.day_of_week).max() < ALIKE * len(days):
            continue
        days, period = iso(days), "weeks" if weekly else "months"
        text = f"{rows(len(found), len(of))} are sums of the days {side} them, as of {period} ({on(days)})"
        yield Finding("summed", "error", days, text, "leave these rows out: daily bars alone")


def _backwards(prices: np.ndarray) -> np.ndarray:
    """The same from the last row to the first, Open and Close exchanged: a sum of what follows is one of what was."""
    return prices[::-1][:, [3, 1, 2, 0, 4]]


def _lengths(prices: np.ndarray) -> np.ndarray:
    """Of how many rows just before it each row is the sum, at least 2, 0 where it is of none: (n,)."""
    open_, high, low, close, volume = prices.T
    lengths = np.zeros(len(prices), dtype=int)
    same = (close[1:] == close[:-1]) & (high[1:] >= high[:-1]) & (low[1:] <= low[:-1])
    wider = (high[1:] > high[:-1]) | (low[1:] < low[:-1])
    for row in np.flatnonzero(same & wider) + 1:
        first = max(row - SUMMED, 0)
        most = np.maximum.accumulate(high[first:row][::-1])  # of the last 1, 2, 3, ... rows
        least = np.minimum.accumulate(low[first:row][::-1])
        fits = (most == high[row]) & (least == low[row]) & (open_[first:row][::-1] == open_[row])
        length = int(np.argmax(fits)) + 1 if fits[1:].any() else 0
        lengths[row] = 0 if (volume[row - length : row] > volume[row]).any() else length  # NaN without volume
    return lengths


def blocks(look: Look) -> Iterator[Finding]:
    """Several days in a row that repeat several days of another time."""
    bars = look.bars.drop(columns="adj_close", errors="ignore")
    least = BLOCK if "volume" in bars else BLOCK_OF_PRICES
    places = pd.Series(np.arange(len(bars)))
    codes = bars.groupby(list(bars.columns), sort=False).ngroup().to_numpy()
    lag = (places - places.groupby(codes).shift(1)).fillna(0).to_numpy().astype(int)
    lag[(bars["high"] == bars["low"]).to_numpy()] = 0  # a market that stands still repeats itself
    starts = np.flatnonzero(np.diff(lag, prepend=-1) != 0)
    lengths = np.diff(np.append(starts, len(lag)))
    kept = (lag[starts] > 1) & (lengths >= least) & (lengths >= np.minimum(lag[starts], least))
    for start, length in list(zip(starts[kept], lengths[kept]))[:1]:
        days = iso(look.bars.index[np.concatenate([np.arange(s, s + n) for s, n in zip(starts[kept], lengths[kept])])])
        first, source = iso(look.bars.index[[start, start - lag[start]]])
        more = f" (and {kept.sum() - 1:,} such runs more)" if kept.sum() > 1 else ""
        text = f"{length} rows from {first} on repeat those from {source} on in every price{more}"
        yield Finding("repeated", "warning", days, text, "one of both is pasted: put the true rows of these days there")
