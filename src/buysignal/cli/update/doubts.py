"""What speaks against new bars, though each of them is legal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

import pandas as pd

from buysignal.bars.quality.across import few_of
from buysignal.bars.quality.prepare import Judged
from buysignal.cli.reading_flags import without_params
from buysignal.core.errors import UserError

SPLIT = "unadjusted-split"  # kind of a finding: prices before it are on another scale
SATURDAY = 5


def doubts(symbol: str, judged: Judged, known: pd.DatetimeIndex, through: pd.Timestamp, accept: bool) -> Iterator[str]:
    """Findings of the new days of a symbol, and weekdays without a bar between them.

    Parameters
    ----------
    known : days of its known bars
    through : the last known day of all
    accept : go on where a new day looks like a split that nobody adjusted for

    Raises
    ------
    UserError
        If one does, and that is not accepted: the outcome of the day before would be a fall that never was.
    """
    days = judged.bars.index
    new = days[days > through]
    for finding in judged.of("warning"):
        if not any(pd.Timestamp(day) > through for day in finding.days):
            continue
        said = f"{symbol}: {without_params(finding.said)}"
        if finding.kind == SPLIT and not accept:
            raise UserError(f"{said}; give bars that are adjusted for it, or --accept-changed if it was none")
        yield said
    if len(new) and not (days.day_of_week >= SATURDAY).any():
        holes = pd.bdate_range(known[-1], new[-1]).difference(new)[1:]
        if len(holes):
            yield (
                f"{symbol}: no bar on {few_of([f'{day:%Y-%m-%d}' for day in holes])}: a holiday, or missing; if it "
                "comes later, the day before it has another outcome"
            )


def stale(judged: Mapping[str, Judged], max_gap_days: int, today: date) -> list[str]:
    """That the last bar of all is old: a source may have stopped."""
    last = max(one.bars.index[-1] for one in judged.values()).date()
    old = (today - last).days
    return [f"the last bar is of {last}, {old:,} days before today"] if old > max_gap_days else []
