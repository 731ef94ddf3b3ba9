"""One tier as arrays: standardised on the train role, the test role absent unless opened."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd

from buysignal.bars.symbols import age, dates_of
from buysignal.core.errors import UserError
from buysignal.core.files import read_parquet
from buysignal.days.columns import LABEL_COLUMNS, PURGED, TARGETS

AT_ONCE = 8  # features standardised at once: of many symbols all of them, in float64, would fill memory; never one
# alone, whose sum numpy takes in another order


@dataclass(frozen=True)
class Scaler:
    """Mean and standard deviation per feature, fitted on the train role alone."""

    mean: np.ndarray  # (F,)
    deviation: np.ndarray  # (F,); 1 where a feature does not move

    @classmethod
    def fit(cls, values: np.ndarray) -> Self:
        """Fit on values (rows, F)."""
        deviation = values.std(axis=0)
        rounding = 1e-12 * np.abs(values).max(axis=0)  # a constant 0.1 has deviation 1.4e-17, not 0
        return cls(values.mean(axis=0), np.where(deviation > rounding, deviation, 1.0))

    def transform(self, values: np.ndarray) -> np.ndarray:
        """Standardise values (rows, F) to float32."""
        return ((values - self.mean) / self.deviation).astype(np.float32)


@dataclass(frozen=True)
class TierData:
    """A tier's rows, those of a symbol in time order.

    Attributes
    ----------
    names : F feature names
    values : (T, F) float32, standardised
    label : (T,) int8, the column of the target that was asked for
    role : (T,) role of each row
    index : (T,) trading days, of many symbols (symbol, date)
    scaler : what standardised ``values``, of all symbols
    """

    names: tuple[str, ...]
    values: np.ndarray
    label: np.ndarray
    role: np.ndarray
    index: pd.Index
    scaler: Scaler

    @classmethod
    def load(cls, path: str | Path, open_test: bool = False, target: str = "label") -> Self:
        """Read a tier file; ``target``, one of `TARGETS`, is the column to be predicted.

        Without ``open_test`` the rows from the first test day on are not even read into the
        result, so nothing downstream can look at them by mistake.

        Raises
        ------
        UserError
            If the file cannot be read, lacks the target, or has no train rows.
        """
        return cls.of(read_parquet(path), open_test, str(path), target)

    @classmethod
    def of(cls, frame: pd.DataFrame, open_test: bool, where: str, target: str = "label") -> Self:
        """The same from a frame in memory."""
        if target not in TARGETS:
            raise ValueError(f"the target is {target!r}: it is one of {', '.join(TARGETS)}")
        if target not in frame.columns:
            raise UserError(f"{where} has no column {target}: delete it and run `dvc repro`")
        role, dates = frame["role"].to_numpy(str), dates_of(frame.index)
        closed = not open_test and (role == "test").any()
        seen = np.flatnonzero(dates < dates[role == "test"].min()) if closed else slice(None)
        role, index, label = role[seen], frame.index[seen], frame[target].to_numpy(np.int8)[seen]
        names = tuple(c for c in frame.columns if c not in LABEL_COLUMNS)
        if not (role == "train").any():
            raise UserError(f"{where} has no train rows left after warm-up: use more bars or a smaller tier")
        values, scalers = np.empty((len(role), len(names)), np.float32, order="F"), []
        for some in np.array_split(np.arange(len(names)), max(1, len(names) // AT_ONCE)):
            raw = frame[[names[at] for at in some]].to_numpy(np.float64)[seen]
            scalers.append(Scaler.fit(np.ascontiguousarray(raw[role == "train"])))
            values[:, some] = scalers[-1].transform(raw)
        scaler = Scaler(*(np.concatenate([getattr(one, name) for one in scalers]) for name in ("mean", "deviation")))
        return cls(names, values, label, role, index, scaler)

    def rows(self, role: str, context: int) -> np.ndarray:
        """Rows of a role that a full window of ``context`` days of their symbol reaches."""
        return np.flatnonzero((self.role == role) & self.reached(context))

    def usable(self, context: int) -> np.ndarray:
        """Rows of any role that a full window reaches."""
        return np.flatnonzero((self.role != PURGED) & self.reached(context))

    def reached(self, context: int) -> np.ndarray:
        """Whether ``context`` days of its symbol end with each row (T,)."""
        return age(self.index) >= context - 1
