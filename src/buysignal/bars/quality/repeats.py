"""Rows that are made of other rows: sums of weeks and months among the days, and blocks that stand there twice."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import Finding, iso, on, rows
from buysignal.bars.quality.look import Look

SUMMED = 24  # rows that a month may have
FEWEST = 3  # rows that are sums, before they are no chance
SHARE = 0.01  # of the rows from the first to the last of them
ALIKE = 0.8  # of the sums of weeks that are of one day of the week
WEEK = 6  # rows it may have
BLOCK = 3  # rows in a row that repeat others, all four prices and volume; without volume:
BLOCK_OF_PRICES = 5


def sums(look: Look) -> Iterator[Finding]:
    """Bars of weeks or months among those of days: Open, High, Low and Close of the rows before or after them."""
    open_, high, low, close = (look.bars[name].to_numpy() for name in ("open", "high", "low", "close"))
    volume = look.bars["volume"].to_numpy() if "volume" in look.bars else np.full(len(close), np.nan)
    # from the last row to the first, Open and Close exchanged, a sum of what follows is one of what was
    backwards = (column[::-1] for column in (close, high, low, open_, volume))
    for side, of in (("before", (open_, high, low, close, volume)), ("after", backwards)):
        lengths = _lengths(*of)
        found = np.flatnonzero(lengths)
        if (lengths >= FEWEST).sum() < FEWEST or len(found) < SHARE * np.ptp(found):
            continue
        found = found if side == "before" else np.sort(len(lengths) - 1 - found)
        days, weekly = look.bars.index[found], np.median(lengths[lengths > 0]) <= WEEK
        if weekly and np.bincount(days.day_of_week).max() < ALIKE * len(days):
            continue
        days, period = iso(days), "weeks" if weekly else "months"
        text = f"{rows(len(found), len(lengths))} are sums of the days {side} them, as of {period} ({on(days)})"
        yield Finding("summed", "error", days, text, "leave these rows out: daily bars alone")


def _lengths(open_: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Of how many rows just before it each row is the sum, at least 2, 0 where it is of none: (n,), as all are."""
    lengths = np.zeros(len(close), dtype=int)
    same = (close[1:] == close[:-1]) & (high[1:] >= high[:-1]) & (low[1:] <= low[:-1])
    wider = (high[1:] > high[:-1]) | (low[1:] < low[:-1])
    at = np.flatnonzero(same & wider) + 1
    back = at[:, None] - np.arange(1, SUMMED + 1)
    before = np.maximum(back, 0)
    most = np.maximum.accumulate(high[before], axis=1)  # of the last 1, 2, 3, ... rows
    least = np.minimum.accumulate(low[before], axis=1)
    fits = (most == high[at, None]) & (least == low[at, None]) & (open_[before] == open_[at, None]) & (back >= 0)
    lengths[at] = np.where(fits[:, 1:].any(axis=1), fits.argmax(axis=1) + 1, 0)
    for row in np.flatnonzero(lengths):
        if (volume[row - lengths[row] : row] > volume[row]).any():  # NaN without volume
            lengths[row] = 0
    return lengths


def blocks(look: Look) -> Iterator[Finding]:
    """Several days in a row that repeat several days of another time."""
    columns = {name: look.bars[name].to_numpy() for name in look.bars if name != "adj_close"}
    least = BLOCK if "volume" in columns else BLOCK_OF_PRICES
    twins = _twins([*columns.values()])
    if len(twins) <= least:
        return
    codes = look.bars.iloc[twins].groupby([*columns], sort=False).ngroup().to_numpy()
    lag = np.zeros(len(look.bars), dtype=int)
    lag[twins] = (twins - pd.Series(twins).groupby(codes).shift(1)).fillna(0)
    lag[columns["high"] == columns["low"]] = 0  # a market that stands still repeats itself
    starts = np.flatnonzero(np.diff(lag, prepend=-1) != 0)
    lengths = np.diff(np.append(starts, len(lag)))
    kept = (lag[starts] > 1) & (lengths >= least) & (lengths >= np.minimum(lag[starts], least))
    for start, length in list(zip(starts[kept], lengths[kept]))[:1]:
        days = iso(look.bars.index[np.concatenate([np.arange(s, s + n) for s, n in zip(starts[kept], lengths[kept])])])
        first, source = iso(look.bars.index[[start, start - lag[start]]])
        more = f" (and {kept.sum() - 1:,} such runs more)" if kept.sum() > 1 else ""
        text = f"{length} rows from {first} on repeat those from {source} on in every price{more}"
        yield Finding("repeated", "warning", days, text, "one of both is pasted: put the true rows of these days there")


def _twins(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Rows each of whose values stands in another of them, too, and so all that repeat or are repeated: (k,)."""
    twins = np.arange(len(columns[0]))
    for values in reversed(columns):  # volume first: the fewest are equal by chance
        twins = twins[pd.Series(values[twins]).duplicated(keep=False).to_numpy()]
    return twins
