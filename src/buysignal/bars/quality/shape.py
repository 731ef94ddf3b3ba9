"""Files that are not of daily bars, or not in these columns: what must not be read is found before rows are judged."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import Finding, iso, rows
from buysignal.bars.quality.meaning import restarts
from buysignal.bars.reading import Reading

OHLC = ("open", "high", "low", "close")
RESAMPLE = "resample to days (Open first, High max, Low min, Close last, Volume sum)"
ILLEGAL = 0.5  # of the rows: then it is the columns, and not the rows
LEGAL = 0.98  # of the rows under the right order of columns
EXCHANGED = 0.7  # of the usual distance between an Open and the Close before
LEAST = 30  # rows, before a habit is told from chance
FEWEST = 14  # rows: two days of seven hours
OFTEN = 0.2  # of the days that have several rows: then it is a habit
APART = 0.25  # prices of one day further apart than this, in logs, are of two symbols
DAILY, WEEKLY, MONTHLY = 4, 10, 45  # calendar days, by the median, up to which bars are daily, weekly, monthly
STRETCH = 21  # bars
RUN = 6  # steps in a row longer than any of daily bars: no holidays follow one another so
HABIT = 0.5  # of the days, on which Close moves at all
WITHIN = 0.97  # of the days, whose Close is between the Low and High of the day before: its own, shifted


def shape(reading: Reading) -> tuple[Finding, ...]:
    """What is wrong with the file as a whole, which makes all else moot: the first of its kind, or none."""
    days, prices = reading.bars.index, np.array([reading.bars[name] for name in OHLC]).T
    for check in (scrambled(prices), several_a_day(reading), frequency(days), exchanged(prices), shifted(prices)):
        if found := tuple(check):
            return found
    return ()


def scrambled(prices: np.ndarray) -> Iterator[Finding]:
    """Columns whose names are of other columns: an order of them makes nearly every row a bar, and theirs does not."""
    prices = prices[np.isfinite(prices).all(axis=1)]
    if len(prices) < LEAST or _legal(prices).mean() >= 1 - ILLEGAL:
        return
    orders = [order for order in permutations(range(4)) if _legal(prices[:, order]).mean() >= LEGAL]
    if not orders:
        return
    best = min(orders, key=lambda order: _apart(prices[:, order[0]], prices[:, order[3]]))  # Open from Close before
    # best[i] is where the i-th of open, high, low, close stands; told the other way round, as a header reads
    names = [OHLC[best.index(at)].capitalize() for at in range(4)]
    inverted = (prices[:, 1] < prices[:, 2]).mean() > ILLEGAL
    seen = "High is below Low" if inverted else "High or Low is not the highest or lowest price"
    wrong = int((prices[:, 1] < prices[:, 2]).sum()) if inverted else int((~_legal(prices)).sum())
    text = f"{seen} on {rows(wrong, len(prices))}: the columns Open, High, Low, Close look like {', '.join(names)}"
    yield Finding("columns", "error", (), text, "name them so in the header (a file without one: write one)")


def _legal(prices: np.ndarray) -> np.ndarray:
    """Rows (n, 4) of open, high, low, close that can be a bar: (n,)."""
    return (prices[:, 1] >= prices.max(axis=1)) & (prices[:, 2] <= prices.min(axis=1))


def _apart(open_: np.ndarray, close: np.ndarray) -> float:
    """Median distance of an Open from the Close before it, in logs."""
    with np.errstate(all="ignore"):
        return float(np.nanmedian(np.abs(np.log(open_[1:] / close[:-1]))))


def exchanged(prices: np.ndarray) -> Iterator[Finding]:
    """Open and Close in each other's place.

    A market opens nearer to where it closed than it closes to where it opened the day before: one night is
    shorter than a night and two days.
    """
    good = (prices > 0).all(axis=1)
    open_, close = prices[good, 0], prices[good, 3]
    if len(close) <= LEAST:
        return
    as_named, other = _apart(open_, close), _apart(close, open_)
    if other < EXCHANGED * as_named:
        equal = (close[1:] == open_[:-1]).mean()
        nights = f"{100 * other:.2f} % from the Open of the day before (the same on {100 * equal:.0f} % of days)"
        text = f"Close is {nights} and Open {100 * as_named:.2f} % from the Close before: Open and Close look exchanged"
        yield Finding(
            "exchanged", "error", (), text, "exchange their names in the header (a file without one: write one)"
        )


def shifted(prices: np.ndarray) -> Iterator[Finding]:
    """Close a day late: each is within the High and Low of the day before, whose Close it is; no market is so."""
    if len(prices) <= LEAST or not (prices > 0).all():
        return
    open_, high, low, close = prices.T
    within = (close[1:] <= high[:-1]) & (close[1:] >= low[:-1])
    moves = close[1:] != close[:-1]
    if moves.mean() > HABIT and within[moves].mean() >= WITHIN and _night(open_, close) < EXCHANGED * _day(open_):
        text = (
            f"Close is within the High and Low of the day before on {100 * within.mean():.0f} % of days, and near Open"
        )
        advice = "it looks like the Close of the day before: move that column up by a day"
        yield Finding("shifted", "error", (), f"{text}: Close is a day late", advice)


def _night(open_: np.ndarray, close: np.ndarray) -> float:
    """Median distance of a Close from the Open of its row, in logs."""
    return float(np.median(np.abs(np.log(close / open_))))


def _day(open_: np.ndarray) -> float:
    """Median move from an Open to the next, in logs."""
    return float(np.median(np.abs(np.diff(np.log(open_)))))


def several_a_day(reading: Reading) -> Iterator[Finding]:
    """Bars of hours or minutes, or of several symbols."""
    bars, days = reading.bars, reading.bars.index.normalize()
    if len(bars) < FEWEST or days.is_unique:
        return
    unlike = ~bars.reset_index(names="date").duplicated().to_numpy()  # a row that is there twice is one
    counts = days[unlike & ~days.isna()].value_counts()
    most = counts[counts > 1]
    if most.empty or len(most) < OFTEN * len(counts):
        return
    many, found = int(counts.median()), iso(most.index.sort_values())
    moments = reading.zoned if reading.zoned is not None and not reading.zoned.isna().any() else None
    if moments is not None and moments.nunique() > 0.9 * len(moments):
        steps = np.diff(moments.sort_values().to_numpy()) / np.timedelta64(1, "m")
        minutes = max(1, round(float(np.median(steps))))
        text = f"these are {_long(minutes)} bars, {many} a day"
    else:
        close = bars["close"].groupby(days)
        apart = np.log((close.max() / close.min()).to_numpy())
        if np.median(np.append(apart[np.isfinite(apart)], 0)) > APART or restarts(days):
            text = f"{many} rows a day{', and dates begin anew' * bool(restarts(days))}: several symbols"
            yield Finding("symbols", "error", found, text, "keep one symbol (ingest.symbol, where the file names them)")
            return
        text = f"{many} rows a day: bars of parts of a day"
    yield Finding("intraday", "error", found, f"{text}; this is for daily bars", RESAMPLE)


def _long(minutes: int) -> str:
    if minutes < 60 or minutes % 60:
        return f"{minutes}-minute"
    return "hourly" if minutes == 60 else f"{minutes // 60}-hour"


def frequency(days: pd.DatetimeIndex) -> Iterator[Finding]:
    """Bars of weeks or months, all of them or those of one time."""
    days = np.unique(days.dropna().to_numpy())
    if len(days) < STRETCH:
        return
    steps = np.diff(days) / np.timedelta64(1, "D")
    usual = np.median(steps)
    if usual > DAILY:
        told = f"every step is {usual:g} days" if (steps == usual).all() else f"the median step is {usual:g} days"
        text = f"{told}: these are {_period(usual)} bars"
        counts = f"{_period(usual).removesuffix('ly')}s"
        advice = f"daily bars are asked for (horizon would count {counts}): get them from the source"
        yield Finding("frequency", "error", (), text, advice)
        return
    long = steps > DAILY
    if np.convolve(long, np.ones(STRETCH), mode="same").max() < RUN:  # at an end a median of eleven steps is the sixth
        return
    slow = (pd.Series(steps).rolling(STRETCH, center=True, min_periods=1).median() > DAILY).to_numpy()
    if slow.sum() < STRETCH:
        slow = _in_runs(long)
    if not slow.any():
        return
    edges = np.flatnonzero(np.diff(slow.astype(int)))
    period = _period(float(np.median(steps[slow])))
    if slow[0] and len(edges) == 1:
        from_day = iso(days[[_first_daily(steps, int(edges[0]))]])[0]
        text = f"bars are {period} before {from_day} and daily from then on"
        yield Finding("frequency", "error", iso(days[:-1][slow]), text, f"leave out the rows before {from_day}")
    elif slow[-1] and len(edges) == 1:
        to_day = iso(days[[_last_daily(steps, int(edges[0]))]])[0]
        text = f"bars are daily up to {to_day} and {period} from then on"
        yield Finding("frequency", "error", iso(days[1:][slow]), text, f"leave out the rows after {to_day}")
    else:
        first, last = iso(days[:-1][slow][[0, -1]])
        text = f"{int(slow.sum()):,} bars between {first} and {last} are {period}, the others daily"
        yield Finding("frequency", "error", iso(days[:-1][slow]), text, "use the daily ones alone")


def _in_runs(long: np.ndarray) -> np.ndarray:
    """Those of the long steps that stand in runs of at least `RUN`: (n,)."""
    starts = np.flatnonzero(np.diff(long, prepend=~long[:1]))
    lengths = np.diff(np.append(starts, len(long)))
    return np.repeat(long[starts] & (lengths >= RUN), lengths)


def _last_daily(steps: np.ndarray, edge: int) -> int:
    """The row up to which steps are daily, near where their median changes."""
    first = max(edge - STRETCH // 2, 0)
    return first + int(np.flatnonzero(steps[first:] > DAILY)[0])


def _first_daily(steps: np.ndarray, edge: int) -> int:
    """The row from which on steps are daily, near where their median changes."""
    long = np.flatnonzero(steps[: edge + STRETCH] > DAILY)
    long = long[long <= edge + STRETCH // 2]
    return int(long[-1]) + 1


def _period(step: float) -> str:
    return "weekly" if step <= WEEKLY else "monthly" if step <= MONTHLY else "yearly" if step > 300 else "quarterly"
