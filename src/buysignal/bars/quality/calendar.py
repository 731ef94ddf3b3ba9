"""Days that should be there, days that should not, and a last day that is not over."""

from collections.abc import Iterator

import numpy as np

from buysignal.bars.quality.finding import Finding, iso, on
from buysignal.bars.quality.look import Look
from buysignal.core.errors import UserError

INSTALL = "pip install exchange_calendars"
SUNDAY, SATURDAY, FRIDAY, MONDAY = 6, 5, 4, 0
OFTEN = 0.1  # of all bars, for a day of the week: a fifth or sixth is all it can be
EVENING = 20  # o'clock: midnight in the east of the zone that the time is written in
LEAST = 30  # bars, before days of the week tell anything


def weekdays(look: Look) -> Iterator[Finding]:
    """Bars a day early, or late, as of midnights that were written in another zone."""
    days = np.bincount(look.weekdays, minlength=7)
    often = OFTEN * len(look.bars)
    if len(look.bars) < LEAST:
        return
    zoned = look.reading.zoned
    for there, absent, early in ((SUNDAY, FRIDAY, True), (SATURDAY, MONDAY, False)):
        if days[there] > often and days[absent] == 0:
            found = iso(look.bars.index[look.weekdays == there])
            names = ("Sundays", "Fridays") if early else ("Saturdays", "Mondays")
            text = f"{len(found):,} bars are on {names[0]} and none on {names[1]}: every bar looks a day "
            text += "early, as of midnights of the exchange written in UTC" if early else "late"
            evening = early and zoned is not None and (zoned.hour >= EVENING).all()
            kept = "" if evening or not early else ", unless the exchange is open from Sunday to Thursday"
            advice = f"move the dates by a day{kept}"
            level = "error" if evening else "warning"
            yield Finding("day-early" if early else "day-late", level, found, text, advice)


def gaps(look: Look) -> Iterator[Finding]:
    """Neighbours further apart than `ingest.max_gap_days`."""
    days = look.bars.index
    steps = np.diff(days.to_numpy()) // np.timedelta64(1, "D")
    far = np.flatnonzero(steps.astype(int) > look.max_gap_days)
    if len(far):
        longest = far[np.argmax(steps[far])]
        after, before = iso(days[[longest, longest + 1]])
        many = "1 gap" if len(far) == 1 else f"{len(far):,} gaps"
        text = (
            f"{many} of more than {look.max_gap_days} days, the longest {int(steps[longest])} from {after} to {before}"
        )
        yield Finding("gap", "warning", iso(days[far]), text, "fill them, or begin after the longest")


def sessions(look: Look) -> Iterator[Finding]:
    """Bars against the sessions of an exchange, where one is named.

    Raises
    ------
    UserError
        If exchange_calendars is not installed, or does not know the name.
    """
    if look.calendar == "none":
        return
    known, start, end = _sessions(look.calendar, *iso(look.bars.index[[0, -1]]))
    bars = look.bars.index[(look.bars.index >= start) & (look.bars.index <= end)]
    for kind, days, text, advice in (
        ("missing", known.difference(bars), f"sessions of {look.calendar} have no bar", "fill them in, or see why"),
        (
            "no-session",
            bars.difference(known),
            f"bars are of days without a session of {look.calendar}",
            "leave them out",
        ),
    ):
        if len(days):
            found = iso(days)
            yield Finding(kind, "warning", found, f"{len(found):,} {text} ({on(found)})", advice)


def _sessions(name: str, first: str, last: str) -> tuple:
    """Sessions of an exchange, as naive days, and the first and last day of which they are known."""
    try:
        import exchange_calendars
    except ImportError:
        raise UserError(f"ingest.calendar {name} needs exchange_calendars: {INSTALL}, or set it to none") from None
    try:
        calendar = exchange_calendars.get_calendar(name, start=first)
    except (ValueError, exchange_calendars.errors.CalendarError) as error:
        told = " ".join(str(error).split())[:120]
        raise UserError(f"ingest.calendar {name}: {told}; name one such as XNYS, or none") from None
    known = calendar.sessions
    return known[(known >= first) & (known <= last)], known[0], known[-1]


def last_bar(look: Look) -> Iterator[Finding]:
    """A last bar of today, or of a day to come."""
    last = look.bars.index[-1].date()
    if look.today is None or last < look.today:
        return
    if last > look.today:
        yield Finding("future", "warning", (str(last),), f"the last bar is of {last}, after today, {look.today}")
        return
    text = f"the last bar is of today, {last}, and may not be finished"
    yield Finding("unfinished", "warning", (str(last),), text, "set ingest.on_bad_rows to repair: it is left out")


def left_out(look: Look) -> Iterator[Finding]:
    """Rows that were no bars."""
    for out in look.reading.left_out:
        what = f"{len(out.days):,} {out.why}{'s' * (len(out.days) > 1)} left out"
        yield Finding("left-out", "note", out.days, f"{what} ({on(out.days)})" if out.days else what)
