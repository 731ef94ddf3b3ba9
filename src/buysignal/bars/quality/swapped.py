"""Open and Close in each other's place for a time; for all of a file, `buysignal.bars.quality.shape` says it."""

from collections.abc import Iterator

import numpy as np

from buysignal.bars.quality.finding import Finding, iso
from buysignal.bars.quality.look import Look

WINDOW = 21  # days, in the median of which Close is much nearer to the Open before than Open to the Close before
MUCH = 0.3  # times as far
USUAL = 0.5  # times as far Open is from the Close before, on all days: else the market tells nothing


def for_a_time(look: Look) -> Iterator[Finding]:
    """The longest stretch of rows on which Open and Close look exchanged, where most are in order."""
    open_, close = look.logs["open"], look.logs["close"]
    as_named, other = np.abs(open_[1:] - close[:-1]), np.abs(close[1:] - open_[:-1])  # of rows 1 to n - 1
    if len(as_named) < 2 * WINDOW or np.median(as_named) > USUAL * np.median(other):
        return
    if not _near(other, as_named):
        return
    gain = np.concatenate([[0], np.cumsum(as_named - other)])  # of an exchange of all rows between two places
    rise = gain - np.minimum.accumulate(gain)
    stop = int(np.argmax(rise))
    start = int(np.argmin(gain[: stop + 1]))
    if stop - start < WINDOW // 2:  # days of one price make a median of 0
        return
    days = iso(look.used.index[start : stop + 1])
    text = (
        f"Close is much nearer to the Open of the day before than Open to the Close before from {days[0]} to {days[-1]}"
    )
    advice = "Open and Close look exchanged on these days: exchange them there"
    yield Finding("exchanged", "warning", days, text, advice)


def _near(other: np.ndarray, as_named: np.ndarray) -> bool:
    """Whether in the median of some `WINDOW` rows the one distance (n,) is much smaller than the other (n,)."""
    middle, wide = WINDOW // 2, 2 * WINDOW - 1
    starts = np.minimum(np.arange(0, len(other) - WINDOW + 1, WINDOW), len(other) - wide)
    rows = starts[:, None] + np.arange(wide)  # each window is within one of these, and its medians within these bounds
    least = np.partition(other[rows], middle, axis=1)[:, middle]
    most = np.partition(as_named[rows], -1 - middle, axis=1)[:, -1 - middle]
    starts = starts[least < MUCH * most]
    windows = np.add.outer(np.add.outer(starts, np.arange(WINDOW)), np.arange(WINDOW))
    return bool((np.median(other[windows], axis=-1) < MUCH * np.median(as_named[windows], axis=-1)).any())
