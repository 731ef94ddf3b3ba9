"""What a baseline sees, and what it is once fitted: it scores any days, saved and loaded again to the bit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from buysignal.core.tensors import read_tensors, write_tensors
from buysignal.days.labels import thresholds
from buysignal.days.params import Label
from buysignal.models.dataset import TierData
from buysignal.models.scores import ModelCard, Scored

KNOWN = ("train", "stop")  # the first roles: all that a fit may see


@dataclass(frozen=True)
class Days:
    """The days of a tier that the models score, in time order, and the bars up to the last of them.

    Attributes
    ----------
    tier : its name
    dates, role, label : (n,) as in `buysignal.models.scores.Scored`
    values : (n, F) float32 features of the day, standardised on the train role
    move : (n,) relative move that the label of the day asks for
    horizon : trading days in which it is asked for
    bars : daily bars up to the last day, with high, low and close; they reach further back than the tier
    """

    tier: str
    dates: pd.DatetimeIndex
    role: np.ndarray
    label: np.ndarray
    values: np.ndarray
    move: np.ndarray
    horizon: int
    bars: pd.DataFrame

    @classmethod
    def of(
        cls,
        bars: pd.DataFrame,
        frame: pd.DataFrame,
        tier: str,
        label: Label,
        context: int,
        open_test: bool = False,
    ) -> Days:
        """Take the days of a tier's table that a window of ``context`` days reaches, those of no role left out.

        Parameters
        ----------
        bars : all daily bars
        frame : the tier's table: features, then `buysignal.days.columns.LABEL_COLUMNS`
        open_test : whether the test role is there; without it no day from its first on is looked at
        """
        data = TierData.of(frame, open_test, tier)
        rows = np.flatnonzero(data.role != "purged")
        rows = rows[rows >= context - 1]
        dates, move = data.dates[rows], thresholds(bars, label)
        seen = dict(dates=dates, role=data.role[rows], label=data.label[rows], values=data.values[rows])
        return cls(tier, **seen, move=move[dates].to_numpy(), horizon=label.horizon, bars=bars.loc[: dates[-1]])

    def known(self) -> Days:
        """The train and the stop days alone, with no bar after the last of them."""
        n = int(np.isin(self.role, KNOWN).sum())
        parts = {name: getattr(self, name)[:n] for name in ("dates", "role", "label", "values", "move")}
        return replace(self, **parts, bars=self.bars.loc[: self.dates[n - 1]])


@dataclass(frozen=True)
class Fitted(ABC):
    """A baseline after its fit: every field beside the card is an array, or a plain value that JSON holds."""

    NAME: ClassVar[str]
    card: ModelCard

    @classmethod
    @abstractmethod
    def fit(cls, days: Days, seed: int) -> Self:
        """Fit on `Days.known` days, which show both labels."""

    @abstractmethod
    def score(self, days: Days) -> np.ndarray:
        """Scores (S, n) in [0, 1]."""

    def scored(self, days: Days) -> Scored:
        """The days with their scores: equal bits, whatever the number of threads."""
        with threadpool_limits(1):  # sums of floats depend on how threads share them
            return Scored(self.card, days.dates, days.role, days.label, self.score(days))

    def save(self, folder: str | Path) -> Path:
        """Write ``<tier>-<NAME>.safetensors``."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "card"}
        arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        plain = {name: value for name, value in values.items() if name not in arrays}
        return write_tensors(_path(folder, self.card.name), arrays, {"card": self.card.to_dict(), "plain": plain})

    @classmethod
    def load(cls, folder: str | Path, tier: str) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        UserError
            If the file is missing, torn, changed in a byte or another baseline's.
        """
        name = f"{tier}-{cls.NAME}"

        def build(arrays: dict[str, np.ndarray], told: dict[str, Any]) -> Self:
            card = ModelCard.from_dict(told["card"])
            if card.name != name:
                raise ValueError(f"it is {card.name}")
            return cls(card, **told["plain"], **arrays)

        return read_tensors(_path(folder, name), build)

    @classmethod
    def card_of(
        cls, tier: str, parameters: int, seeds: tuple[int, ...] = (), epochs: tuple[int, ...] = ()
    ) -> ModelCard:
        """Who it is: the number of values it fitted, its seeds and its boosting rounds."""
        return ModelCard(f"{tier}-{cls.NAME}", tier, "baseline", "", "baseline", None, parameters, 0, seeds, epochs)


def _path(folder: str | Path, name: str) -> Path:
    return Path(folder) / f"{name}.safetensors"
