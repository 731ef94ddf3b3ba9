"""The one door: bars as they were read, repaired, judged row by row, adjusted and checked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from buysignal.bars.counted import BarReport
from buysignal.bars.quality import adj_close, calendar, currency, moves, reach, repeats, stale, swapped, volumes, weeks
from buysignal.bars.quality.adjust import Step, adjusted, told
from buysignal.bars.quality.finding import LEVELS, Finding, iso, on, rows
from buysignal.bars.quality.look import Look
from buysignal.bars.quality.repair import Repair, repaired
from buysignal.bars.quality.shape import shape
from buysignal.bars.reading import Reading
from buysignal.bars.validate import row_reasons, validate
from buysignal.core.errors import UserError

CHECKS: tuple[Callable[[Look], Iterable[Finding]], ...] = (
    calendar.left_out,
    adj_close.splits,
    adj_close.dividends,
    moves.units,
    currency.euros,
    moves.unadjusted,
    moves.outliers,
    reach.far_off,
    swapped.for_a_time,
    repeats.sums,
    repeats.blocks,
    stale.holiday_rows,
    stale.standing,
    stale.flat,
    stale.volume,
    volumes.jumps,
    stale.echoes,
    calendar.weekdays,
    weeks.weekends,
    weeks.missing,
    calendar.gaps,
    calendar.sessions,
    calendar.last_bar,
)
"""What is asked of legal bars, in the order in which it is told."""


@dataclass(frozen=True)
class Rules:
    """What is done about bars that are not as they should be; each names its key of ``ingest``."""

    on_bad_rows: str = "error"
    max_gap_days: int = 10
    adjust: str = "splits"
    calendar: str = "none"


@dataclass(frozen=True)
class Judged:
    """What a reading came to.

    Attributes
    ----------
    bars : legal and adjusted; None with an error, for then they must not be used
    report : what validation counted; None if it refused the rows, or was not asked
    repaired : what was done, and to which days
    adjusted : splits that were taken out of the prices, oldest first
    findings : errors first, then warnings, then notes
    """

    bars: pd.DataFrame | None
    report: BarReport | None
    repaired: tuple[Repair, ...]
    adjusted: tuple[Step, ...]
    findings: tuple[Finding, ...]

    def of(self, level: str) -> tuple[Finding, ...]:
        """The findings of a level."""
        return tuple(finding for finding in self.findings if finding.level == level)


def judge(reading: Reading, rules: Rules, today: date | None = None) -> Judged:
    """Everything that can be said of some bars; what may not be used is a finding, not an exception.

    Parameters
    ----------
    today : the day whose bar is not finished; None if that is not asked

    Raises
    ------
    UserError
        If ``rules.calendar`` cannot be had.
    """
    with np.errstate(all="ignore"):  # bad rows are looked at, too
        wrong = shape(reading)
        if wrong:
            return Judged(None, None, (), (), wrong)
        bars, repairs = repaired(reading.bars, today) if rules.on_bad_rows == "repair" else (reading.bars, ())
        try:
            kept, report = validate(bars, rules.on_bad_rows, rules.max_gap_days)
        except UserError as error:
            days = iso(bars.index[row_reasons(bars) != ""].dropna().unique().sort_values())
            return Judged(None, None, repairs, (), (Finding("rows", "error", days, str(error)),))
        splits = told(kept, reading)
        steps = () if rules.adjust == "none" else splits
        used = adjusted(kept, steps, rules.adjust)
        look = Look(kept, used, reading, splits, rules.adjust, rules.calendar, rules.max_gap_days, today)
        found = [finding for check in CHECKS for finding in check(look)]
        found += _beyond(used) if used is not kept else []
        found += [_dropped(bars, report)] if len(kept) < len(bars) else []
    done = [Finding("repaired", "note", one.days, _counted(one)) for one in repairs]
    told_first = sorted(done + found, key=lambda one: LEVELS.index(one.level))
    wrong = bool(told_first) and told_first[0].level == "error"
    return Judged(None if wrong else used, report, repairs, steps, tuple(told_first))


def prepare(reading: Reading, rules: Rules, today: date | None = None) -> Judged:
    """As `judge`, for those who go on with the bars.

    Raises
    ------
    UserError
        If a finding is an error; the first is told, in one line.
    """
    judged = judge(reading, rules, today)
    for finding in judged.of("error"):
        raise UserError(finding.said)
    return judged


def _beyond(used: pd.DataFrame) -> list[Finding]:
    """Bars that were legal and, adjusted, are not: their ratios are no market's."""
    days = iso(used.index[row_reasons(used) != ""])
    text = f"{rows(len(days), len(used))} are adjusted to prices or volume that no market has ({on(days)})"
    return [Finding("adjusted", "error", days, text, "set ingest.adjust to none")] if days else []


def _dropped(bars: pd.DataFrame, report: BarReport) -> Finding:
    days = iso(bars.index[row_reasons(bars) != ""].dropna())
    why = ", ".join(f"{reason} {count:,}" for reason, count in report.dropped.items() if count)
    return Finding("dropped", "warning", days, f"{rows(len(bars) - report.rows, len(bars))} were dropped ({why})")


def _counted(repair: Repair) -> str:
    return f"{len(repair.days):,} row{'s' * (len(repair.days) > 1)}: {repair.what}"
