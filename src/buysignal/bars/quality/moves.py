"""Jumps of prices: splits that nobody adjusted for, units that change, and days that are merely wild."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from buysignal.bars.quality import currency
from buysignal.bars.quality.adjust import told
from buysignal.bars.quality.finding import Finding, Look, change, fall, iso, on, overnight
from buysignal.bars.quality.fractions import LOGS, SPLITS, nearest
from buysignal.bars.quality.local import beside, deviation, median

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


def likely_splits(bars: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Days on which the prices jump as by a split and nothing else happens: rows, and positions in `SPLITS`.

    All must hold: Close and Open jump by a split's ratio, far beyond the local deviation; the day's own range and
    the days before and after are as calm as ever; shares and value traded (volume moves inversely to the price) are
    not both those of a day of news. Nothing of this is proof.
    """
    moves, sigma = change(bars["close"]), deviation(bars)
    opened = overnight(bars)
    width = np.log((bars["high"] / bars["low"]).to_numpy())
    at = nearest(-moves)
    most = np.minimum(NEAR[0] + NEAR[1] * sigma, NEAR[2])
    found = (np.abs(moves) > np.maximum(JUMP * sigma, SMALLEST)) & (np.abs(moves + LOGS[at]) <= most)
    found &= np.abs(opened + LOGS[at]) <= most
    found &= width <= WIDE * np.maximum(median(width), sigma)
    for after in (False, True):  # of the last row no day after is known: it is doubted as others are
        found &= ~(beside(np.abs(moves), DAYS, after) > CALM * sigma)
    if "volume" in bars:
        traded = pd.DataFrame({"shares": bars["volume"], "value": bars["close"] * bars["volume"]})
        usual = traded.shift(1).rolling(20, min_periods=1).median()
        found &= ~((traded > TRADED * usual) & (usual > 0)).all(axis=1).to_numpy()
    rows = np.flatnonzero(found)
    return rows, at[rows]


def unadjusted(look: Look) -> Iterator[Finding]:
    """Likely splits of which the file does not tell."""
    bars = look.used
    known = _known(look)
    for row, at in zip(*likely_splits(bars)):
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
    return _units(look.used)[1] | set(currency.jumps(look)) | {step.at for step in told(look.used, look.reading)}


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
    stretches, jumps = _units(bars)
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


def _units(bars: pd.DataFrame) -> tuple[list[tuple[int, int, bool]], set[int]]:
    """Stretches (first row, first row after, too small) of another unit, and all rows that jump by 100."""
    moves, sigma = change(bars["close"]), deviation(bars)
    opened = overnight(bars)
    off = np.minimum(0.02 + 3 * sigma, 0.3)
    jumps = [
        int(row)
        for row in np.flatnonzero((np.abs(np.abs(moves) - HUNDRED) <= off) & (np.abs(np.abs(opened) - HUNDRED) <= off))
    ]
    stretches, at = [], 0
    while at + 1 < len(jumps):
        one, other = jumps[at], jumps[at + 1]
        if moves[one] * moves[other] < 0 and other - one <= len(bars) // 2:
            stretches.append((one, other, bool(moves[one] < 0)))
            at += 1
        at += 1
    return stretches, set(jumps)


def outliers(look: Look) -> Iterator[Finding]:
    """Returns far beyond those around them that are no split and no unit: true or not, a model learns them."""
    bars = look.used
    moves, sigma = change(bars["close"]), deviation(bars)
    wild = np.abs(moves) > WILD * sigma
    known = _known(look) | set(likely_splits(bars)[0].tolist())
    back = np.abs(moves + np.append(moves[1:], np.inf)) <= 3 * sigma  # most of it is gone the day after
    spikes = wild & back & (np.abs(moves) > np.log(1.1))
    known |= {int(row) for row in np.flatnonzero(spikes) + 1}
    wild[[row for row in known if row < len(wild)]] = False
    if (at := np.flatnonzero(spikes & wild)).size:
        days = iso(bars.index[at])
        text = f"Close leaves its level for one day and comes back ({on(days)})"
        yield Finding("spike", "warning", days, text, "a wrong digit? compare these days with another source")
    large = wild & ~spikes & (np.abs(moves) > LARGE)
    if (at := np.flatnonzero(large)).size:
        days = iso(bars.index[at])
        shown = ", ".join(f"{day} {100 * np.expm1(moves[row]):+.0f} %" for day, row in zip(days[:3], at))
        more = f" and {len(days) - 3:,} more" if len(days) > 3 else ""
        yield Finding(
            "outlier",
            "warning",
            days,
            f"{len(days)} move{'s' * (len(days) > 1)} far beyond the days around: {shown}{more}",
            "true or not, a model learns them: compare with another source; nothing was changed",
        )
    if (at := np.flatnonzero(wild & ~spikes & ~large)).size:
        days = iso(bars.index[at])
        text = f"{len(days)} return{'s' * (len(days) > 1)} beyond {WILD} deviations of the days around ({on(days)})"
        yield Finding("outlier", "note", days, text)
