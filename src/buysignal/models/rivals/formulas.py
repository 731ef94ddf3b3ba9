"""Two scores that hardly need a fit: the base rate, and the chance of a random walk to do what the label asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy.special import ndtr

from buysignal.bars.returns import ewma_deviation
from buysignal.bars.symbols import each
from buysignal.core.errors import shown
from buysignal.models.days import Days
from buysignal.models.rivals.rival import Rival
from buysignal.models.scores import ModelCard

TERMS = 8  # of either series, where it is used: the next is below 1e-50


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
        return np.full((1, len(days.index)), self.rate)

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        if not isinstance(values["rate"], float) or not 0 <= values["rate"] <= 1:
            raise ValueError(f"rate is {shown(values['rate'])}, it must be from 0 to 1")
        return super().restore(card, values)


@dataclass(frozen=True)
class Touch(Rival):
    """The probability of the label's kind at the exponentially weighted deviation of the day: nothing is fitted.

    It keeps its name whatever the kind: `touch_probability`, `close_probability` or `triple_probability`.
    """

    KIND: ClassVar[str] = "touch"
    FAMILY: ClassVar[str] = "formula"

    @classmethod
    def fit(cls, days: Days, seed: int) -> Self:
        return cls(cls.card_of(days.tier, 0))

    def score(self, days: Days) -> np.ndarray:
        seen = (each(days.bars["close"], ewma_deviation)[days.index], days.horizon, days.move)
        match days.kind:
            case "close":
                return close_probability(*seen)[None, :]
            case "triple":
                return triple_probability(*seen, days.stop)[None, :]
        return touch_probability(*seen)[None, :]


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
    with np.errstate(divide="ignore", over="ignore"):
        return 2 * ndtr(-np.log1p(threshold) / (deviation * np.sqrt(horizon)))


def close_probability(deviation: pd.Series | np.ndarray, horizon: int, threshold: float | np.ndarray) -> np.ndarray:
    """Probability that a driftless random walk is more than ``threshold`` up after ``horizon`` days.

    ``Phi(-ln(1 + threshold) / (deviation * sqrt(horizon)))``, half of `touch_probability`: of two walks that reach
    the level one ends above it. Never above 1/2, as the threshold is positive.
    """
    return touch_probability(deviation, horizon, threshold) / 2


def triple_probability(
    deviation: pd.Series | np.ndarray, horizon: int, threshold: float | np.ndarray, stop: float
) -> np.ndarray:
    """Probability that a driftless random walk rises by ``threshold`` within some days and before it falls to a stop.

    With u and l the logarithmic distances up to the level and down to the stop, a their sum and s the deviation of
    the horizon, images at both barriers give ``sum_k 2 Phi(-(u + 2ka) / s) - 2 Phi(-(2(k + 1)a - u) / s)``, and the
    solution of the heat equation ``l/a + sum_n 2/(n pi) (-1)^n sin(n pi l/a) exp(-(n pi s/a)^2 / 2)`` (Borodin and
    Salminen, Handbook of Brownian Motion, 2002, part II, 1.3.0). They are equal; the first converges at once where s is
    at most a, the second where it is more. A walk has no gap and no day on which it reaches both.

    Parameters
    ----------
    deviation, horizon, threshold : as for `touch_probability`
    stop : relative move, -1 <= stop < 0; -1 leaves `touch_probability`

    Examples
    --------
    >>> triple_probability(np.array([0.0, 0.01, 1e9]), 1, 0.01, -0.02).round(4).tolist()  # at last l/a
    [0.0, 0.3196, 0.67]
    """
    if stop == -1:
        return touch_probability(deviation, horizon, threshold)
    spread = np.asarray(deviation, float) * np.sqrt(horizon)
    up, down = np.broadcast_to(np.log1p(threshold), spread.shape), -np.log1p(stop)
    reachable = np.isfinite(up)
    up = np.where(reachable, up, 1.0)
    return np.where(reachable, _up_first(up, down, spread), 0.0)


def _up_first(up: np.ndarray, down: float, spread: np.ndarray) -> np.ndarray:
    """Probability (n,) that a walk of a deviation in all reaches ``up`` before ``-down``."""
    width, k = up + down, np.arange(TERMS)[:, None]
    with np.errstate(divide="ignore", over="ignore"):
        images = 2 * (ndtr(-(up + 2 * k * width) / spread) - ndtr(-(2 * (k + 1) * width - up) / spread)).sum(axis=0)
    n = np.pi * (k + 1)
    fading = np.exp(-np.minimum((n * spread / width) ** 2 / 2, 700.0))
    waves = (2 / n * (-1.0) ** (k + 1) * np.sin(n * down / width) * fading).sum(axis=0)
    return np.where(spread <= width, images, down / width + waves)
