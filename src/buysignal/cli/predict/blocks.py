"""Scores of days whose bits do not tell which other days were asked for: every day in its place of a block of one size.

The shape of a batch decides which kernels compute it, and the place in it which part of one: a day alone would differ
in rounding from the same day among others. So days are counted from the first one that has an answer, the days of a
block are always `SIZE`, and those that nobody asked for are filled in and thrown away.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from buysignal.core.errors import UserError
from buysignal.models.days import Days
from buysignal.ship.package import Shipped

SIZE = 32  # days: with fewer many days take longer, with more a day alone does


def scores(model: Shipped, bars: pd.DataFrame, table: pd.DataFrame, count: int) -> np.ndarray:
    """Scores (count,), the mean of the seeds, of the last days of some bars.

    Parameters
    ----------
    bars : of one symbol, index ``date``
    table : (T, F) features of the last T of them, not standardised, from the first day on that has them
    count : at most the days that a whole window ends on; >= 1

    Raises
    ------
    UserError
        If a feature of a day in a window is too large for a float.
    """
    end = len(table)
    first = end - count - model.context + 1  # row with which the first window begins, and its day among the answers
    parts = [_block(model, bars, table, first, at) for at in range(first // SIZE, (first + count - 1) // SIZE + 1)]
    return np.concatenate(parts)[first % SIZE :][:count]


def _block(model: Shipped, bars: pd.DataFrame, table: pd.DataFrame, first: int, at: int) -> np.ndarray:
    """Scores (SIZE,) of a block; what no window from row ``first`` on holds is filled with its last row."""
    rows = at * SIZE + np.arange(SIZE + model.context - 1)
    last = min(rows[-1], len(table) - 1)
    seen = table.iloc[np.where((rows >= first) & (rows <= last), rows, last)]
    past = bars.loc[: table.index[last]]
    days = Days.asked(past, seen, model.scaler, model.card.tier, model.label, model.context, SIZE)
    if not np.isfinite(days.table).all():
        raise UserError(f"the bars make features of tier {model.card.tier} too large: their moves are too wild")
    return model.fitted.averaged(days)
