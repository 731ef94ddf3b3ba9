"""Two scores that hardly need a fit: the base rate, and the chance of a random walk to touch the level."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy.special import ndtr

from buysignal.bars.returns import ewma_deviation
from buysignal.core.errors import shown
from buysignal.models.days import Days
from buysignal.models.rivals.rival import Rival
from buysignal.models.scores import ModelCard


@dataclass(frozen=True)
class BaseRate(Rival):
    """The share of train days that were labelled 1, on every day."""

    KIND: ClassVar[str] = "base-rate"
    FAMILY: ClassVar[str] = "formula"
    rate: float

    @classmethod
    def fit(cls, days: Days, seed: int) -> Self:
        return cls(cls.card_of(days.tier, 1), float(days.label[days.role == "train"].mean()))

    def score(self, days: Days) -> np.ndarray:
        return np.full((1, len(days.dates)), self.rate)

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        if not isinstance(values["rate"], float) or not 0 <= values["rate"] <= 1:
            raise ValueError(f"rate is {shown(values['rate'])}, it must be from 0 to 1")
        return super().restore(card, values)


@dataclass(frozen=True)
class Touch(Rival):
    """`touch_probability` at the exponentially weighted deviation of the day: nothing is fitted."""

    KIND: ClassVar[str] = "touch"
    FAMILY: ClassVar[str] = "formula"

    @classmethod
    def fit(cls, days: Days, seed: int) -> Self:
        return cls(cls.card_of(days.tier, 0))

    def score(self, days: Days) -> np.ndarray:
        return touch_probability(ewma_deviation(days.bars["close"])[days.dates], days.horizon, days.move)[None, :]


def touch_probability(deviation: pd.Series | np.ndarray, horizon: int, threshold: float | np.ndarray) -> np.ndarray:
    """Probability that a driftless random walk rises by ``threshold`` within ``horizon`` days.

    ``2 * Phi(-ln(1 + threshold) / (deviation * sqrt(horizon)))``: the reflection principle for
    Brownian motion; 0 where nothing moves. Never above 1, as the threshold is positive.

    Examples
    --------
    >>> touch_probability(np.array([np.log(1.01), 0.0]), 1, 0.01).round(4).tolist()  # one deviation away; still
    [0.3173, 0.0]
    """
    deviation = np.asarray(deviation, float)
    with np.errstate(divide="ignore"):
        return 2 * ndtr(-np.log1p(threshold) / (deviation * np.sqrt(horizon)))
