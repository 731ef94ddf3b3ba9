"""The journal as a table: a row per day, of many symbols per symbol and day, with what was said and what came."""

from __future__ import annotations

import numpy as np
import pandas as pd

from buysignal.bars.standard import INDEX
from buysignal.bars.symbols import SYMBOL
from buysignal.ship.journal.lines import Journal

ANSWER = ("score", "probability", "above", "buy", "warnings")
"""What a line of kind ``day`` keeps of an answer, in this order."""
OUTCOME = ("label", "earned")


def table(journal: Journal, many: bool) -> pd.DataFrame:
    """Every answer with its outcome.

    Returns
    -------
    DataFrame, index ``date`` or (symbol, date), sorted: the columns of `ANSWER`, ``late`` (bool: a later bar was
    there when it was written), ``model`` (its name), ``label`` (1.0 or 0.0) and ``earned`` (relative return before
    costs), both NaN while nobody knows.
    """
    come: dict[str, dict[str, tuple[float, float]]] = {}
    for line in journal.of("outcome"):  # a later one tells what a revision of the bars changed
        come.setdefault(line["date"], {}).update(line["rows"])
    unknown = (np.nan, np.nan)
    rows = [
        (symbol, line["date"], *answer, line["late"], line["model"], *come.get(line["date"], {}).get(symbol, unknown))
        for line in journal.of("day")
        for symbol, answer in line["answers"].items()
    ]
    names = (SYMBOL, INDEX, *ANSWER, "late", "model", *OUTCOME)
    frame = pd.DataFrame(rows, columns=list(names))
    frame[INDEX] = pd.DatetimeIndex(frame[INDEX]).as_unit("us")
    frame[list(OUTCOME)] = frame[list(OUTCOME)].astype(float)
    frame[["above", "buy", "late"]] = frame[["above", "buy", "late"]].astype(bool)
    frame = frame.set_index([SYMBOL, INDEX]).sort_index()
    return frame if many else frame.droplevel(SYMBOL)
