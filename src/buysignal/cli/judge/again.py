"""Scores computed again from bars that end on a day: up to that day they must be those that are judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from buysignal.bars.reading import Wanted
from buysignal.cli.judge.scores import read_scores, scores_of
from buysignal.core.errors import UserError
from buysignal.core.isoday import iso_day

SAME = 1e-6  # of the range of the scores: as much may be lost where they are written


@dataclass(frozen=True)
class Again:
    """Scores (n,), read as those that are judged, and computed from no bar after ``day``; and what they are called."""

    scores: pd.Series
    day: pd.Timestamp
    name: str

    @classmethod
    def of(cls, given: pd.Series | pd.DataFrame | str | Path | None, day: str | None, wanted: Wanted) -> Self | None:
        """What was given as ``cut_scores`` and ``cut_day``; None of neither, `UserError` of one."""
        if given is None and day is None:
            return None
        if given is None or day is None:
            raise UserError(
                f"cut_{'scores' if given is None else 'day'} is missing: cut_scores and cut_day go together"
            )
        in_file = isinstance(given, str | Path)
        try:
            ends = pd.Timestamp(iso_day(day))
        except ValueError:
            raise UserError(f"cut_day is {day!r}; it must be a day, written as 2016-01-01") from None
        name = Path(given).name if in_file else "the cut scores"
        return cls(read_scores(Path(given), wanted) if in_file else scores_of(given, name), ends, name)

    def unlike(self, judged: pd.Series) -> str:
        """Why the scores that are judged must have seen later bars; empty if they have not.

        Raises
        ------
        UserError
            If this cannot be told: the day is before or after all scores, or the cut ones do not end with it.
        """
        day, days = f"{self.day:%Y-%m-%d}", judged.index.get_level_values("date")
        if judged.index.nlevels != self.scores.index.nlevels:
            raise UserError(f"{self.name} and the scores must both name several symbols, or neither")
        if not days.min() <= self.day < days.max():
            span = f"{days.min():%Y-%m-%d} to {days.max():%Y-%m-%d}"
            raise UserError(f"cut_day is {day}; it must be a day of the scores before their last, of {span}")
        if (last := self.scores.index.get_level_values("date").max()) > self.day:
            raise UserError(f"{self.name} has a score of {last:%Y-%m-%d}, and its bars end on {day}, the cut_day")
        known = judged[days <= self.day]
        other = self.scores.reindex(known.index)
        same = np.abs(other - known) <= SAME * np.ptp(judged)  # False where there is none
        if same.all():
            return ""
        first, count = known.index[~same][0], int((~same).sum())
        at = f"{first[0]} on {first[1]:%Y-%m-%d}" if known.index.nlevels == 2 else f"{first:%Y-%m-%d}"
        do = "differ or are" if count > 1 else "differs or is"
        return (
            f"the scores look ahead: {count:,} of the {len(known):,} up to {day} {do} missing when the bars end on "
            f"that day, the first is {at}"
        )

    def said(self) -> Iterator[str]:
        """What is known if they are alike."""
        yield (
            f"the scores up to {self.day:%Y-%m-%d} are the same when the bars end on that day ({self.name}), as they "
            "are if none looks ahead; whether the prices themselves were revised later that does not show"
        )
