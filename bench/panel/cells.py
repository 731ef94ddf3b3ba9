"""The cells of the learning curve: which symbols and years are trained on, and what every cell is judged on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.bars.symbols import dates_of
from buysignal.days.columns import PURGED

TRAINED_TO, STOPPED_TO, JUDGED_TO = (pd.Timestamp(day) for day in ("2008-12-31", "2009-12-31", "2013-12-31"))
"""Last days of the train, the stop and the judged role; what comes later is the test role of the study."""
LEAD_IN = pd.Timedelta(days=60)  # before the judged days, so that their first windows are whole
LISTED = pd.Timedelta(days=60)  # after the first day of all, until when a symbol was there from the start
DRAWS = {1: 3, 10: 2, 50: 1, 200: 1, 475: 1}
"""Symbols of a cell -> how often they are drawn anew, as one symbol tells little of another."""
YEARS = (9, 4, 2)


@dataclass(frozen=True)
class Cell:
    """Some ``symbols`` of the panel and training ``years`` that end with `TRAINED_TO`, and the ``draw`` of symbols."""

    symbols: int
    years: int
    draw: int

    @property
    def name(self) -> str:
        """For files."""
        return f"{self.symbols}x{self.years}-{self.draw}"

    def chosen(self, index: pd.MultiIndex, seed: int) -> np.ndarray:
        """Names of its symbols, the same for every number of years; those listed from the start come first."""
        first = pd.Series(dates_of(index), index.get_level_values("symbol")).groupby(level=0).min()
        order = first.index[np.random.default_rng([seed, self.draw]).permutation(len(first))]
        late = (first > first.min() + LISTED)[order].to_numpy()
        return order[np.argsort(late, kind="stable")[: self.symbols]].to_numpy()

    def table(self, table: pd.DataFrame, horizon: int, seed: int) -> pd.DataFrame:
        """A tier's table with the roles of this cell.

        Its own symbols have the roles train and stop, all symbols of the panel the role rank in the years after:
        every cell is judged on the same rows. The last ``horizon`` days of a role look into the next one.
        """
        dates, names = dates_of(table.index), table.index.get_level_values("symbol")
        own = np.isin(names, self.chosen(table.index, seed))
        role = np.full(len(table), PURGED, dtype=object)
        begin = TRAINED_TO - pd.DateOffset(years=self.years)
        for part, first, last, of in (
            ("train", begin, TRAINED_TO, own),
            ("stop", TRAINED_TO, STOPPED_TO, own),
            ("rank", STOPPED_TO, JUDGED_TO, True),
        ):
            days = dates[(dates > first) & (dates <= last)].unique().sort_values()
            role[of & (dates > first) & (dates <= days[-1 - horizon])] = part
        seen = (dates <= JUDGED_TO) & ((own & (dates > begin - LEAD_IN)) | (dates > STOPPED_TO - LEAD_IN))
        return table.assign(role=role)[seen]


def cells() -> Iterator[Cell]:
    """All, those of the most years first."""
    for years in YEARS:
        yield from (Cell(symbols, years, draw) for symbols, draws in DRAWS.items() for draw in range(draws))
