"""Jumps of prices: splits that nobody adjusted for, units that change, and days that are merely wild."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from buysignal.bars.quality import currency
from buysignal.bars.quality.finding import Finding, fall, iso, on
from buysignal.bars.quality.fractions import LOGS, SPLITS, nearest
from buysignal.bars.quality.local import beside, median
from buysignal.bars.quality.look import Look

JUMP = 8  # local deviations of a jump that may be a split
SMALLEST = np.log(1.4)  # a smaller split (5:4, 4:3) is not told from a bad day
NEAR = (0.01, 2.5, 0.12)  # a split's jump is off by at most .01 + 2.5 local deviations, and .12, in logs
WIDE = 3  # times the local range: a day of news is wider than a day on which shares were split
CALM = 2  # times the local deviation: news goes on moving a market in the days after
DAYS = 5  # that are before and after
TRADED = 4  # times the shares, and the value, traded in the days before: news is traded, a split is not
WILD = 12  # local deviations of an outlier
LARGE = np.log(1.35)  # an outlier of this size is looked at
HUNDRED = np.log(100)
OFF = 0.3  # from it, in logs, at most


def likely_splits(look: Look) -> tuple[np.ndarray, np.ndarray]:
    """Days on which the prices jump as by a split and nothing else happens: rows, and positions in `SPLITS`.

    All must hold: Close and Open jump by a split's ratio, far beyond the local deviation; the day's own range and
    the days before and after are as calm as ever; shares and value traded (volume moves inversely to the price) are
    not both those of a day of news. Nothing of this is proof.
    """
    bars, sizes = look.used, np.abs(look.moves)
    rows, sigma = look.wild(JUMP, np.flatnonzero(sizes > SMALLEST))
    at = nearest(-look.moves[rows])
    most = np.minimum(NEAR[0] + NEAR[1] * sigma, NEAR[2])
    found = (np.abs(look.moves[rows] + LOGS[at]) <= most) & (np.abs(look.opened[rows] + LOGS[at]) <= most)
    rows, at, sigma = rows[found], at[found], sigma[found]
    if not len(rows):
        return rows, at
    width = np.log((bars["high"] / bars["low"]).to_numpy())
    found = width[rows] <= WIDE * np.maximum(median(width, rows), sigma)
    for after in (False, True):  # of the last row no day after is known: it is doubted as others are
        found &= ~(beside(sizes, DAYS, after)[rows] > CALM * sigma)
    if "volume" in bars:
        found &= [not _is_news(bars, row) for row in rows]
    return rows[found], at[found]


def _is_news(bars: pd.DataFrame, row: int) -> bool:
    """Whether far more shares, and far more value, are traded on a day than on the days before."""
    shares = bars["volume"].to_numpy()[max(row - 20, 0) : row + 1]
    value = shares * bars["close"].to_numpy()[max(row - 20, 0) : row + 1]
    return all(traded[-1] > TRADED * np.median(traded[:-1]) > 0 for traded in (shares, value))


def unadjusted(look: Look) -> Iterator[Finding]:
    """Likely splits of which the file does not tell."""
    bars, (rows, ats) = look.used, likely_splits(look)
    known = _known(look) if len(rows) else ()
    for row, at in zip(rows, ats):
        if row in known:
            continue
        day, split = iso(bars.index[[row]]), SPLITS[at]
        ratio = bars["close"].iloc[row] / bars["close"].iloc[row - 1]
        text = (
            f"on {day[0]} Close {fall(ratio)} between calm days{_volume(bars, row)}: "
            f"likely a {split.called} for which prices are not adjusted"
        )
        how = f"divide prices before it by {split.ratio:g} and multiply volume"
        yield Finding("unadjusted-split", "warning", day, text, f"if it was one, {how}; nothing was changed")


def _known(look: Look) -> set[int]:
    """Rows whose jump is told elsewhere: of units, of the euro, and of splits of which the file tells."""
    return _units(look)[1] | set(currency.jumps(look)) | {step.at for step in look.splits_left}


def _volume(bars: pd.DataFrame, row: int) -> str:
    """How volume moved, where it did so inversely."""
    if "volume" not in bars:
        return ""
    values = bars["volume"].to_numpy()
    before, after = np.median(values[max(row - 20, 0) : row]), np.median(values[row : row + 20])
    down = bars["close"].iloc[row] < bars["close"].iloc[row - 1]
    if not before > 0 or not after > 0 or not (after / before > 1.4 if down else after / before < 1 / 1.4):
        return " (volume does not tell)"
    return f", and volume {fall(after / before)} (medians of 20 days)"


def units(look: Look) -> Iterator[Finding]:
    """Prices that are 100 times too small or too large for a while, or from a day on."""
    bars = look.used
    stretches, jumps = _units(look)
    inside = set()
    for start, stop, small in stretches:
        days = iso(bars.index[start:stop])
        inside |= {start, stop}
        text = f"prices are 100 times too {'small' if small else 'large'} on {len(days)} days, {_from(days)}"
        advice = f"pounds among pence or the like: {'multiply' if small else 'divide'} the prices of these days by 100"
        yield Finding("units", "error", days, text, advice)
    for row in sorted(jumps - inside):
        day = iso(bars.index[[row]])
        ratio = bars["close"].iloc[row] / bars["close"].iloc[row - 1]
        text = f"on {day[0]} prices become 100 times {'smaller' if ratio < 1 else 'larger'} and stay so"
        advice = "pence and pounds, or a split of 100:1 or 1:100: bring the prices before it to the unit after it"
        yield Finding("units", "warning", day, text, advice)


def _from(days: tuple[str, ...]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _units(look: Look) -> tuple[list[tuple[int, int, bool]], set[int]]:
    """Stretches (first row, first row after, too small) of another unit, and all rows that jump by 100."""
    moves = look.moves
    off = np.maximum(np.abs(np.abs(moves) - HUNDRED), np.abs(np.abs(look.opened) - HUNDRED))
    rows = np.flatnonzero(off <= OFF)
    jumps = rows[off[rows] <= 0.02 + 3 * look.deviation(rows)].tolist()
    stretches, at = [], 0
    while at + 1 < len(jumps):
        one, other = jumps[at], jumps[at + 1]
        if moves[one] * moves[other] < 0 and other - one <= len(moves) // 2:
            stretches.append((one, other, bool(moves[one] < 0)))
            at += 1
        at += 1
    return stretches, set(jumps)


def outliers(look: Look) -> Iterator[Finding]:
    """Returns far beyond those around them that are no split and no unit: true or not, a model learns them."""
    moves, index = look.moves, look.used.index
    wild, sigma = look.wild(WILD, np.arange(len(moves)))
    if not len(wild):
        return
    sizes, after = np.abs(moves[wild]), np.append(moves[1:], np.inf)[wild]
    spikes = (np.abs(moves[wild] + after) <= 3 * sigma) & (sizes > np.log(1.1))  # most of it is gone the day after
    known = _known(look) | set(likely_splits(look)[0].tolist()) | set((wild[spikes] + 1).tolist())
    new = ~np.isin(wild, [*known])
    if (at := wild[spikes & new]).size:
        days = iso(index[at])
        text = f"Close leaves its level for one day and comes back ({on(days)})"
        yield Finding("spike", "warning", days, text, "a wrong digit? compare these days with another source")
    large = sizes > LARGE
    if (at := wild[new & ~spikes & large]).size:
        days = iso(index[at])
        shown = ", ".join(f"{day} {100 * np.expm1(moves[row]):+.0f} %" for day, row in zip(days[:3], at))
        more = f" and {len(days) - 3:,} more" if len(days) > 3 else ""
        yield Finding(
            "outlier",
            "warning",
            days,
            f"{len(days)} move{'s' * (len(days) > 1)} far beyond the days around: {shown}{more}",
            "true or not, a model learns them: compare with another source; nothing was changed",
        )
    if (at := wild[new & ~spikes & ~large]).size:
        days = iso(index[at])
        text = f"{len(days)} return{'s' * (len(days) > 1)} beyond {WILD} deviations of the days around ({on(days)})"
        yield Finding("outlier", "note", days, text)
