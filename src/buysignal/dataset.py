"""One tier as arrays: standardised on the train role, the test role absent unless opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.errors import UserError
from buysignal.io import read_parquet

LABEL_COLUMNS = ("label", "label_start", "label_end", "role")


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation per feature, fitted on the train role alone."""

    mean: np.ndarray  # (F,)
    deviation: np.ndarray  # (F,); 1 where a feature does not move

    @classmethod
    def fit(cls, values: np.ndarray) -> Scaler:
        """Fit on values (rows, F)."""
        deviation = values.std(axis=0)
        rounding = 1e-12 * np.abs(values).max(axis=0)  # a constant 0.1 has deviation 1.4e-17, not 0
        return cls(values.mean(axis=0), np.where(deviation > rounding, deviation, 1.0))

    def transform(self, values: np.ndarray) -> np.ndarray:
        """Standardise values (rows, F) to float32."""
        return ((values - self.mean) / self.deviation).astype(np.float32)


@dataclass(frozen=True)
class TierData:
    """A tier's rows in time order.

    Attributes
    ----------
    names : F feature names
    values : (T, F) float32, standardised
    label : (T,) int8
    role : (T,) role of each row
    dates : (T,) trading days
    scaler : what standardised ``values``
    """

    names: tuple[str, ...]
    values: np.ndarray
    label: np.ndarray
    role: np.ndarray
    dates: pd.DatetimeIndex
    scaler: Scaler

    @classmethod
    def load(cls, path: str | Path, open_test: bool = False) -> TierData:
        """Read a tier file.

        Without ``open_test`` the rows from the first test day on are not even read into the
        result, so nothing downstream can look at them by mistake.
        """
        return cls.of(read_parquet(path), open_test, str(path))

    @classmethod
    def of(cls, frame: pd.DataFrame, open_test: bool, where: str) -> TierData:
        """The same from a frame in memory."""
        role = frame["role"].to_numpy(str)
        if not open_test and (role == "test").any():
            frame = frame.iloc[: int(np.argmax(role == "test"))]
            role = frame["role"].to_numpy(str)
        names = tuple(c for c in frame.columns if c not in LABEL_COLUMNS)
        raw = frame[list(names)].to_numpy(np.float64)
        if not (role == "train").any():
            raise UserError(f"{where} has no train rows left after warm-up: use more bars or a smaller tier")
        scaler = Scaler.fit(raw[role == "train"])
        label = frame["label"].to_numpy(np.int8)
        return cls(names, scaler.transform(raw), label, role, pd.DatetimeIndex(frame.index), scaler)

    def rows(self, role: str, context: int) -> np.ndarray:
        """Rows of a role that a full window of ``context`` days reaches."""
        rows = np.flatnonzero(self.role == role)
        return rows[rows >= context - 1]
