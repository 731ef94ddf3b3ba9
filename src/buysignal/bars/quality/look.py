"""What the checks of legal bars look at; what several of them ask for is computed once, and only if one asks."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from buysignal.bars.quality.adjust import OHLC, Step, told
from buysignal.bars.quality.local import change, deviation, least
from buysignal.bars.reading import Reading


@dataclass(frozen=True)
class Look:
    """What the checks of legal bars look at.

    Attributes
    ----------
    bars : (n, ...) legal bars as the source has them, n >= 1, dates unique and increasing
    used : (n, ...) the same adjusted as was asked
    reading : what they were read from
    splits : of which that tells and by which the bars jump
    adjust : ``ingest.adjust``
    calendar : ``none``, or a name that exchange_calendars knows
    max_gap_days : calendar days between two bars above which days are missing
    today : no finished bar is of this day; None where nobody asks
    """

    bars: pd.DataFrame
    used: pd.DataFrame
    reading: Reading
    splits: tuple[Step, ...]
    adjust: str
    calendar: str
    max_gap_days: int
    today: date | None

    @cached_property
    def weekdays(self) -> np.ndarray:
        """Day of the week of each bar, 0 for a Monday: (n,)."""
        return self.bars.index.day_of_week.to_numpy()

    @cached_property
    def splits_left(self) -> tuple[Step, ...]:
        """Splits of which the file tells and by which the used bars jump still."""
        return self.splits if self.used is self.bars else told(self.used, self.reading)

    @cached_property
    def logs(self) -> dict[str, np.ndarray]:
        """Logs of the used Open, High, Low and Close by their names: (n,) each."""
        return {name: np.log(self.used[name].to_numpy()) for name in OHLC}

    @cached_property
    def moves(self) -> np.ndarray:
        """Log change of the used Close since the row before: (n,), 0 of the first."""
        return change(self.logs["close"])

    @cached_property
    def opened(self) -> np.ndarray:
        """Log change from the last used Close to the Open: (n,), 0 of the first."""
        opens, closes = self.logs["open"], self.logs["close"]
        return opens - np.append(opens[:1], closes[:-1])

    @cached_property
    def least(self) -> float:
        """The deviation of `deviation` that no day is below."""
        return least(self.moves)

    def deviation(self, rows: np.ndarray) -> np.ndarray:
        """As `buysignal.bars.quality.local.deviation` of the used Close, around some rows (k,): (k,)."""
        return deviation(self.moves, rows, self.least)

    def wild(self, times: float, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of some rows on which Close moves by more than so many deviations, and these: (k,) each."""
        sizes = np.abs(self.moves)
        rows = rows[sizes[rows] > times * self.least]  # most have nothing to find, and no deviation of theirs is asked
        sigma = self.deviation(rows)
        wild = sizes[rows] > times * sigma
        return rows[wild], sigma[wild]
