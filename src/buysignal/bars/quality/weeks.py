"""What days of the week tell: days that are missing by habit, rows of weekends, and rows of hours of one."""

from collections.abc import Iterator

import numpy as np

from buysignal.bars.quality.finding import Finding, iso, on, rows
from buysignal.bars.quality.look import Look

NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
LEAST = 30  # bars, before days of the week tell anything
WORKING = 5 / 7  # of all days
SPARSE = 0.15  # of five days a week that may be missing: holidays are a twentieth
ABSENT = 120  # calendar days without any bar of a weekday
SEEN = 0.05  # of all bars, for a day of the week that a market is open on
STUB = 0.15  # of the volume of the other days: an hour or two of a Sunday


def missing(look: Look) -> Iterator[Finding]:
    """A weekday that has no bars for months while others do, or else a good share of all days."""
    days = look.bars.index
    if len(days) < LEAST:
        return
    told = False
    for weekday in range(5):
        if (absence := _longest_absence(days.to_numpy(), look.weekdays, weekday)) is not None:
            told = True
            first, last = iso(absence)
            text = f"no bar is of {NAMES[weekday]} between {first} and {last}, though bars are of other days"
            advice = "a horizon counts bars, not days: get the missing days from the source, or leave out that time"
            yield Finding("sparse", "warning", (first, last), text, advice)
    steps = np.diff(days.to_numpy()) / np.timedelta64(1, "D")
    span = steps[steps <= look.max_gap_days].sum() + 1  # longer ones are told as gaps
    share = 1 - (len(days) - (steps > look.max_gap_days).sum()) / (span * WORKING)
    if share > SPARSE and not told:
        text = f"{100 * share:.0f} % of the weekdays from {' to '.join(iso(days[[0, -1]]))} have no bar"
        advice = "a horizon counts bars, not days: get the missing days from the source"
        yield Finding("sparse", "warning", (), text, advice)


def _longest_absence(days: np.ndarray, weekdays: np.ndarray, weekday: int) -> np.ndarray | None:
    """First and last bar of the longest time without a weekday, if fewer than five days of the week had bars in it."""
    edges = np.concatenate([[0], np.flatnonzero(weekdays == weekday), [len(days) - 1]])
    lengths = np.diff(days[edges]) / np.timedelta64(1, "D")
    at = int(np.argmax(lengths))
    between = slice(edges[at], edges[at + 1] + 1)
    bars = edges[at + 1] + 1 - edges[at]
    seen = np.bincount(weekdays[between], minlength=7) > SEEN * bars
    return days[between][[0, -1]] if lengths[at] > ABSENT and bars > LEAST and seen.sum() < 5 else None


def weekends(look: Look) -> Iterator[Finding]:
    """A few rows of Saturdays and Sundays; or many, of so little volume that they are parts of a day."""
    days = look.bars.index
    if len(days) < LEAST or look.calendar != "none":
        return
    for weekday in (5, 6):
        of_it = look.weekdays == weekday
        if not of_it.any() or of_it.mean() > 0.9:
            continue
        found = iso(days[of_it])
        if of_it.mean() <= SEEN:
            text = f"{rows(len(found), len(days))} are of {NAMES[weekday]} ({on(found)})"
            yield Finding("weekend", "note", found, text, "leave them out unless the exchange was open")
        elif "volume" in look.bars:
            volume = look.bars["volume"].to_numpy()
            little, usual = np.median(volume[of_it]), np.median(volume[~of_it])
            if little < STUB * usual:
                share = f"{100 * little / usual:.2g} % of the volume of other days"
                text = f"{rows(len(found), len(days))} are of {NAMES[weekday]} and have {share}: parts of a day"
                advice = "a horizon counts them as days: add each to the bar after it, or leave them out"
                yield Finding("weekend", "warning", found, text, advice)
