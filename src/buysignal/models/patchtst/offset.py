"""The known logit that a transformer may be trained as an addition to: one number per day, kept in a file."""

from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.symbols import named
from buysignal.core.errors import UserError
from buysignal.core.files import read_parquet, write_parquet

COLUMN = "offset"


def write_offset(path: str | Path, index: pd.Index, logits: np.ndarray) -> Path:
    """Write the logits (n,) float64 of days (n,): Parquet, index ``date`` or (symbol, date), column `COLUMN`."""
    return write_parquet(path, pd.DataFrame({COLUMN: logits}, index=index))


def aligned(path: str | Path, index: pd.Index, rows: np.ndarray) -> np.ndarray:
    """The offset (T,) float32 of T days from a file of `write_offset`, which must have those at ``rows``; else 0.

    Raises
    ------
    UserError
        If the file is missing, torn or of something else, or lacks one of those days.
    """
    frame = read_parquet(path)
    mend = "delete it and run `dvc repro`"
    if COLUMN not in frame.columns or frame[COLUMN].dtype != np.float64 or not frame.index.is_unique:
        raise UserError(f"{path} is not a table of one number `{COLUMN}` for each `date`: {mend}")
    found = frame[COLUMN].reindex(index).to_numpy(np.float32)
    lacking = rows[~np.isfinite(found[rows])]
    if len(lacking):
        raise UserError(f"{path} has no finite {COLUMN} of {named(index[lacking[0]])}, a day to be learned: {mend}")
    return np.nan_to_num(found)
