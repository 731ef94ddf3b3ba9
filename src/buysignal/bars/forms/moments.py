"""From moments to the days they stand for at the exchange."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from buysignal.bars.forms.cells import Cells, Days
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError, shown

MONDAY, TUESDAY, FRIDAY, SATURDAY, SUNDAY = 0, 1, 4, 5, 6
NOON = 11  # from this hour on, a stamp in UTC may be the midnight before a day in Asia, Australia or Europe
EVENING = 18  # no exchange is open from this hour on: what is stamped later is a midnight elsewhere
EASTERN = (15, 16, 17)  # midnights of Tokyo, Shanghai and Bangkok, where no clock is ever changed
SOUTHERN = ("Australia/Sydney", "Pacific/Auckland")  # the days on which they change their clocks tell them
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
    eve = _eve(moments, days, cells)
    if eve.any():
        days = days + eve.astype("timedelta64[D]")
        said.append(f"{_hours(moments.wall[eve])} is midnight at the exchange: the day after is meant")
    return Days(days, pd.DatetimeIndex(moments.wall) if zoned is None else zoned, tuple(said))


def _zone(wanted: Wanted) -> ZoneInfo:
    try:
        return ZoneInfo(wanted.zone)
    except (KeyError, ValueError, OSError):
        example = wanted.key("zone", "Europe/Berlin")
        raise UserError(f"{shown(wanted.zone)} is no time zone: write it as IANA does, {example}") from None


def _eve(moments: Moments, days: np.ndarray, cells: Cells) -> np.ndarray:
    """Which moments are the midnight before the day that is meant: (n,) bool, those late in the day or none.

    London's midnight is 23 o'clock in summer and is that of its own day in winter, so the late ones are judged alone.
    A clock that is not UTC's is taken to be the exchange's.
    """
    seconds = (moments.wall - days.astype("datetime64[s]")).astype(int)
    late = (seconds >= NOON * 3600) & ~(np.abs(np.nan_to_num(moments.offset)) > 0)
    none = np.zeros(len(days), dtype=bool)
    if not late.all() and late.sum() < EVIDENCE:
        _require_no_morrow(seconds, days, cells)
        return none
    count = np.bincount((days[late].astype(int) + 3) % 7, minlength=7)  # Mondays first: 1970 began on a Thursday
    sundays = count[SUNDAY] >= max(EVIDENCE, np.median(count[:4]) / 2) and count[FRIDAY] < np.median(count[:4]) / 10
    if sundays and _midnights(moments.wall[late], seconds[late], bool((moments.offset[late] == 0).all())):
        return late
    workdays = count[FRIDAY] and not count[SUNDAY]
    at_the_end = bool((seconds[late] >= 86_340).all())  # a second before midnight: the end of its own day
    several = len(np.unique(days)) < len(days) / 2  # several bars a day, which is another matter
    untold = (moments.offset[late] == 0).all() or (count[SUNDAY] and not count[FRIDAY])
    if untold and not (workdays or at_the_end or several):
        utc = " UTC" if not np.isnan(moments.offset[late]).any() else ""
        raise UserError(
            f"{cells.place.name}: bars are of {_hours(moments.wall[late])}{utc}, and their days of the week do not "
            f"tell whether that day or the one after is meant; name the exchange's zone, e.g. {_example(cells.wanted)}"
        )
    return none


def _midnights(wall: np.ndarray, seconds: np.ndarray, in_utc: bool) -> bool:
    """Whether times of day can only be midnights elsewhere: exchanges from Cairo to Dhaka are open on Sundays.

    Until the evening they may be the hours of such an exchange. Then it takes a clock that says it is UTC's, or the
    change of the clocks in a zone.
    """
    if seconds.min() >= EVENING * 3600:
        return bool(np.isin(seconds % 3600, [0, 1800]).all())
    if len(np.unique(seconds)) == 1:
        return in_utc and seconds[0] in [hour * 3600 for hour in EASTERN]
    utc = pd.DatetimeIndex(wall).tz_localize("UTC")
    return any((utc.tz_convert(zone).normalize() == utc.tz_convert(zone)).all() for zone in SOUTHERN)


def _require_no_morrow(seconds: np.ndarray, days: np.ndarray, cells: Cells) -> None:
    """Refuse times of day on Saturdays and never on Mondays: the day before is meant, in a zone that is not known."""
    count = np.bincount((days.astype(int) + 3) % 7, minlength=7)
    usual = count[TUESDAY:SATURDAY].mean()
    if seconds.any() and count[SATURDAY] >= max(EVIDENCE, usual / 2) and count[MONDAY] < usual / 10:
        raise UserError(
            f"{cells.place.name}: bars on Saturdays and none on Mondays: the day before is meant, in the exchange's "
            f"zone; name it, e.g. {_example(cells.wanted)}"
        )


def _example(wanted: Wanted) -> str:
    return wanted.key("zone", "Europe/Berlin")


def _hours(wall: np.ndarray) -> str:
    """The commonest times of day: ``22:00 or 23:00``."""
    clock = (wall - wall.astype("datetime64[D]").astype("datetime64[s]")).astype(int)
    times, counts = np.unique(clock, return_counts=True)
    common = sorted(times[np.argsort(-counts, kind="stable")[:2]])
    return " or ".join(f"{time // 3600:02d}:{time % 3600 // 60:02d}" for time in common)
