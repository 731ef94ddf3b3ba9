"""One kind of contender: whatever scores days, fitted on the train and stop role alone, is judged as every other."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
from threadpoolctl import threadpool_limits

from buysignal.models.days import Days
from buysignal.models.scores import ModelCard, Scored

EDGE = 1e-6  # how far from 0 and 1 a score is held for its logit


@dataclass(frozen=True)
class Fitted(ABC):
    """A contender after its fit.

    Every field beside the card is an array, another fit (or a tuple of fits), a text or bytes with a file of
    their own (`FILES`), or a plain value that JSON holds: so it is saved without a pickle, see
    `buysignal.models.kept`.

    Attributes
    ----------
    KIND : its class, one word, in files
    FILES : field -> file that holds it
    card : who it is
    """

    KIND: ClassVar[str]
    FILES: ClassVar[Mapping[str, str]] = {}
    card: ModelCard

    @abstractmethod
    def score(self, days: Days) -> np.ndarray:
        """Scores (S, n) in [0, 1]; that of a day depends on that day and those before it alone."""

    def scored(self, days: Days) -> Scored:
        """The days with their scores: equal bits, whatever the number of threads."""
        return Scored.of_rows(self.card, days.index, days.role, days.label, self._on_one_thread(days))

    def averaged(self, days: Days) -> np.ndarray:
        """(n,) `Scored.ensemble` in the order of the days."""
        return np.ascontiguousarray(self._on_one_thread(days)).mean(axis=0)

    def _on_one_thread(self, days: Days) -> np.ndarray:
        with threadpool_limits(1):  # sums of floats depend on how threads share them
            return self.score(days)

    def fault(self, n_features: int, context: int) -> str:
        """Why it cannot score days of so many features and of such windows; empty if it can."""
        return ""

    @property
    def values(self) -> dict[str, Any]:
        """Every field but the card."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "card"}

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        """Inverse of `values` after a file, in which tuples became lists; `ValueError` if it is no such fit."""
        return cls(card, **values)


def logit(score: np.ndarray) -> np.ndarray:
    """``ln(p / (1 - p))`` of scores (..., n), which stay finite at 0 and 1: they are held `EDGE` away.

    >>> logit(np.array([0.5, 1.0])).round(2).tolist()
    [0.0, 13.82]
    """
    p = np.clip(score, EDGE, 1 - EDGE)
    return np.log(p) - np.log1p(-p)
