"""Volume of another unit: from a day on, or on single days."""

from collections.abc import Iterator

import numpy as np

from buysignal.bars.quality.finding import Finding, iso, on
from buysignal.bars.quality.look import Look

DAYS = 20  # before and after
FEWEST = 5  # of these that must be there
APART = 30  # times: the least volume on the one side is that much more than the most on the other
TIMES = 100  # so many times the volume, by the medians, of another unit
ONE_DAY = 1000  # times the volume of the days around


def jumps(look: Look) -> Iterator[Finding]:
    """Volume that is in thousands, or in another unit, from a day on, or on single days."""
    if "volume" not in look.used:
        return
    volume = look.used["volume"].to_numpy()
    traded = look.used.index[volume > 0]
    volume = volume[volume > 0]
    if len(volume) < FEWEST:
        return
    far = np.abs(np.diff(np.log(volume))) > np.log(APART)
    for row in np.flatnonzero(far) + 1:
        if (times := _changed(volume[max(row - DAYS, 0) : row], volume[row : row + DAYS])) is not None:
            [day], larger = iso(traded[[row]]), times > 1
            ratio = times if larger else 1 / times
            text = f"on {day} volume becomes {ratio:,.0f} times {'larger' if larger else 'smaller'} and stays so"
            how = "multiply" if larger else "divide"
            advice = f"another unit, as thousands: {how} the volumes before it by {10 ** round(np.log10(ratio)):,}"
            yield Finding("volume-unit", "warning", (day,), text, advice)
    single = np.flatnonzero(np.append(True, far) & np.append(far, True))  # far from both neighbours
    if wild := [row for row in single if _alone(volume, row)]:
        days = iso(traded[wild])
        text = f"volume is more than {ONE_DAY:,} times that of the days around ({on(days)})"
        yield Finding("volume-unit", "warning", days, text, "another unit, or a slip: correct these days")


def _changed(before: np.ndarray, after: np.ndarray) -> float | None:
    """How many times the volume of the days before that of the days after is, where it is of another unit."""
    if min(len(before), len(after)) < FEWEST:
        return None
    times = float(np.median(after) / np.median(before))
    apart = max(after.min() / before.max(), before.min() / after.max())
    return times if apart > APART and max(times, 1 / times) > TIMES else None


def _alone(volume: np.ndarray, row: int) -> bool:
    """Whether a day's volume is far above that of the days around."""
    around = np.delete(volume[max(row - DAYS, 0) : row + DAYS + 1], min(row, DAYS))
    return len(around) >= FEWEST and bool(volume[row] > ONE_DAY * np.median(around))
