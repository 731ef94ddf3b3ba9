"""Prices adjusted for splits, or by Adj Close: only where the file itself says so."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import iso
from buysignal.bars.quality.fractions import LOGS, SPLITS, Split, nearest, whole, written
from buysignal.bars.quality.local import change, deviation, least
from buysignal.bars.reading import Reading

OHLC = ["open", "high", "low", "close"]
EXACT = 0.004  # of a split-size jump of Adj Close / Close, in logs: prices are written with a few digits
LOOSE = 0.03  # the same where Adj Close has so few digits that its ratio to Close jitters
LARGE = np.log(1.9)  # of a jump of Adj Close / Close that no dividend makes
SMALLEST = np.abs(LOGS).min() / 2  # of a jump: a smaller one is within LOOSE of no split
LEAST = 1e-6  # of a ratio: a smaller one, or its inverse, is none
TOLD = 4  # local deviations of the jump of a split that is in no table: a smaller one may be chance
JITTER = 4  # of these jitters a jump may be off


@dataclass(frozen=True)
class Step:
    """A split that the file tells of.

    Attributes
    ----------
    at : its row, the first with the new shares; >= 1
    day : the ISO date of that row
    split : its ratio
    by : ``Adj Close``, or ``the split ratio of the file``
    """

    at: int
    day: str
    split: Split
    by: str


def told(bars: pd.DataFrame, reading: Reading) -> tuple[Step, ...]:
    """Splits that Adj Close or a column of ratios shows and that the prices still jump by, oldest first.

    Prices of many sources are adjusted while a column names the split: so a jump that the Close does not make
    is none. A dividend changes Adj Close / Close as well, by no split's ratio.

    Parameters
    ----------
    bars : (n, ...) legal, with or without ``adj_close``
    """
    if "adj_close" not in bars and reading.splits.empty:
        return ()
    moves, found = change(np.log(bars["close"].to_numpy())), {}
    if "adj_close" in bars:
        found = {row: (split, "Adj Close") for row, split in _by_adj_close(bars, moves).items()}
    for day, ratio in reading.splits.items():
        row = int(bars.index.searchsorted(day))
        if 0 < row < len(bars) and LEAST < ratio < 1 / LEAST and ratio != 1:
            split = SPLITS[nearest(np.log([ratio]))[0]]
            if abs(np.log(ratio / split.ratio)) > EXACT:
                split = written(ratio)
            if _jumps(moves[row], np.log(split.ratio)) and _tells(bars, moves, row, split):
                found[row] = (split, "the split ratio of the file")
    days = iso(bars.index[sorted(found)])
    return tuple(Step(row, day, *found[row]) for row, day in zip(sorted(found), days))


def _by_adj_close(bars: pd.DataFrame, moves: np.ndarray) -> dict[int, Split]:
    """Row -> the split by which Adj Close / Close changes there and Close, of log changes (n,), jumps."""
    steps, found = change(np.log(bars["adj_close"].to_numpy())) - moves, {}
    off = np.clip(JITTER * np.median(np.abs(steps)), EXACT, LOOSE)
    rows = np.flatnonzero(np.abs(steps) > SMALLEST)
    steps, moves, at = steps[rows], moves[rows], nearest(steps[rows])
    close = np.abs(steps - LOGS[at]) <= off
    for k in np.flatnonzero(close & _jumps(moves, LOGS[at])):
        found[int(rows[k])] = SPLITS[at[k]]
    for k in np.flatnonzero((np.abs(steps) > LARGE) & ~close):  # no dividend is that large: 13:1, 1:200
        split = whole(steps[k])
        if abs(steps[k] - np.log(split.ratio)) <= off and _jumps(moves[k], np.log(split.ratio)):
            found[int(rows[k])] = split
    return found


def _jumps(moves: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Whether a log move is nearer to a split's jump than to none."""
    return np.abs(moves + split) < np.abs(moves)


def _tells(bars: pd.DataFrame, moves: np.ndarray, row: int, split: Split) -> bool:
    """Whether a day's jump is more than what these bars do anyway; of a small split Open must jump as well."""
    log = np.log(split.ratio)
    if split in SPLITS:
        return True
    opened = np.log(bars["open"].iloc[row] / bars["close"].iloc[row - 1])
    [sigma] = deviation(moves, np.array([row]), least(moves))
    return bool(abs(log) > TOLD * sigma and _jumps(opened, log))


def adjusted(bars: pd.DataFrame, steps: tuple[Step, ...], adjust: str) -> pd.DataFrame:
    """Bars with the jumps of splits taken out.

    Parameters
    ----------
    steps : as `told` gives them
    adjust : ``splits``: prices before a split are divided by its ratio and volume multiplied, dividends stay;
        ``all``: all prices are multiplied by Adj Close / Close, volume as for ``splits``; ``none``

    Returns
    -------
    DataFrame of the same shape; ``bars`` itself where there is nothing to adjust. ``adj_close`` is left as it is.
    """
    by_adj_close = adjust == "all" and "adj_close" in bars and not bars["adj_close"].equals(bars["close"])
    if adjust == "none" or not (steps or by_adj_close):
        return bars
    shares = np.ones(len(bars))
    for step in steps:
        shares[: step.at] *= step.split.ratio
    scale = (bars["adj_close"] / bars["close"]).to_numpy() if by_adj_close else 1 / shares
    new = {name: bars[name].to_numpy() * scale for name in OHLC}
    if "volume" in bars:
        new["volume"] = bars["volume"].to_numpy() * shares
    return bars.assign(**new)
