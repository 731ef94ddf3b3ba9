"""From moments to the days they stand for at the exchange."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from buysignal.bars.forms.cells import Cells, Days
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError, shown

FRIDAY, SATURDAY, SUNDAY, MONDAY = 4, 5, 6, 0
NOON = 11  # from this hour on, a stamp in UTC may be the midnight before a day in Asia, Australia or Europe
EVIDENCE = 3  # bars on a day of the week that has none otherwise


@dataclass(frozen=True)
class Moments:
    """Wall times (n,) datetime64[s]; minutes (n,) that their clock is ahead of UTC, NaN where untold; what they are."""

    wall: np.ndarray
    offset: np.ndarray
    said: str


def days_of(moments: Moments, cells: Cells, said: Sequence[str]) -> Days:
    """The day that each moment stands for: that on its own clock, in the zone asked for, or the day after.

    Midnight of Berlin, kept in UTC, is 22 or 23 o'clock of the evening before. Days of the week tell it: bars on
    Sundays and none on Fridays.

    Raises
    ------
    UserError
        If the moments are in the UTC's second half of the day and the days of the week do not tell, or there are
        bars on Saturdays and none on Mondays; the message names the key that settles it.
    """
    said = [*said, moments.said] if moments.said else list(said)
    utc = moments.wall - np.nan_to_num(moments.offset * 60).astype("timedelta64[s]")
    zoned = pd.DatetimeIndex(utc).tz_localize("UTC") if np.isfinite(moments.offset).all() else None
    if cells.wanted.zone != "auto":
        zoned = pd.DatetimeIndex(utc).tz_localize("UTC").tz_convert(_zone(cells.wanted))
        said.append(f"days of {cells.wanted.zone}")
        wall = zoned.tz_localize(None).to_numpy().astype("datetime64[s]")
        return Days(wall.astype("datetime64[D]"), zoned, tuple(said))
    days = moments.wall.astype("datetime64[D]")
    if _evening(moments, days, cells):
        days = days + np.timedelta64(1, "D")
        said.append(f"{_hours(moments.wall)} is midnight at the exchange: the day after is meant")
    return Days(days, pd.DatetimeIndex(moments.wall) if zoned is None else zoned, tuple(said))


def _zone(wanted: Wanted) -> ZoneInfo:
    try:
        return ZoneInfo(wanted.zone)
    except (KeyError, ValueError, OSError):
        example = wanted.key("zone", "Europe/Berlin")
        raise UserError(f"{shown(wanted.zone)} is no time zone: write it as IANA does, {example}") from None


def _evening(moments: Moments, days: np.ndarray, cells: Cells) -> bool:
    """Whether the day after is meant."""
    seconds = (moments.wall - days.astype("datetime64[s]")).astype(int)
    if not seconds.any():
        return False
    count = np.bincount((days.astype(int) + 3) % 7, minlength=7)  # Mondays first: 1970 began on a Thursday
    usual = np.median(count[:4])
    late = np.mean(seconds >= NOON * 3600) > 0.9
    key = cells.wanted.key("zone", "Europe/Berlin")
    if late and count[SUNDAY] >= max(EVIDENCE, usual / 2) and count[FRIDAY] < usual / 10:
        return True
    if count[SATURDAY] >= max(EVIDENCE, usual / 2) and count[MONDAY] < count[1:4].mean() / 10:
        raise UserError(
            f"{cells.place.name}: bars on Saturdays and none on Mondays: the day before is meant, in the exchange's "
            f"zone; name it, e.g. {key}"
        )
    apart = bool((np.diff(np.unique(days)) > np.timedelta64(0, "D")).all()) and len(np.unique(days)) > len(days) / 2
    weekdays = count[FRIDAY] and not count[SUNDAY]
    at_the_end = bool((seconds >= 86_340).all())  # one second before midnight: the end of its own day
    if late and apart and not weekdays and not at_the_end and (moments.offset == 0).all():
        raise UserError(
            f"{cells.place.name}: bars are of {_hours(moments.wall)} UTC, and their days of the week do not tell "
            f"whether that day or the one after is meant; name the exchange's zone, e.g. {key}"
        )
    return False


def _hours(wall: np.ndarray) -> str:
    """The commonest times of day: ``22:00 or 23:00``."""
    times, counts = np.unique(
        (wall - wall.astype("datetime64[D]").astype("datetime64[s]")).astype(int), return_counts=True
    )
    common = sorted(times[np.argsort(-counts, kind="stable")[:2]])
    return " or ".join(f"{time // 3600:02d}:{time % 3600 // 60:02d}" for time in common)
