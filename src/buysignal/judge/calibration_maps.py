"""Maps from a score to a probability: fitted elsewhere, applied anywhere, kept as plain JSON numbers.

Every map is monotone: a higher score never gets a lower probability. So it changes what a score
*says*, never which days are bought; days a map ties keep the order of their scores.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit, logit

EDGE = 1e-9  # scores are kept this far from 0 and 1, where the logit is infinite


def logits(score: np.ndarray) -> np.ndarray:
    """Log odds of scores (n,) in [0, 1]; finite."""
    return logit(np.clip(np.asarray(score, float), EDGE, 1 - EDGE))


@dataclass(frozen=True)
class Identity:
    """The score itself, taken as a probability."""

    name: ClassVar[str] = "none"

    def apply(self, score: np.ndarray) -> np.ndarray:
        """Probabilities (n,) of scores (n,) in [0, 1]."""
        return np.asarray(score, float)


@dataclass(frozen=True)
class Platt:
    """``expit(slope * logit(score) + intercept)``, slope >= 0 (Platt 1999, on the logit)."""

    slope: float
    intercept: float
    name: ClassVar[str] = "platt"

    def apply(self, score: np.ndarray) -> np.ndarray:
        """Probabilities (n,) of scores (n,) in [0, 1]."""
        return expit(self.slope * logits(score) + self.intercept)


@dataclass(frozen=True)
class Temperature:
    """``expit(logit(score) / temperature)``, temperature > 0 (Guo, Pleiss, Sun, Weinberger, ICML 2017)."""

    temperature: float
    name: ClassVar[str] = "temperature"

    def apply(self, score: np.ndarray) -> np.ndarray:
        """Probabilities (n,) of scores (n,) in [0, 1]."""
        return expit(logits(score) / self.temperature)


@dataclass(frozen=True)
class Isotonic:
    """Linear between knots, flat beyond them: what isotonic regression of label on score gives.

    ``score`` (k,) increasing, ``probability`` (k,) non-decreasing, in [0, 1].
    """

    score: tuple[float, ...]
    probability: tuple[float, ...]
    name: ClassVar[str] = "isotonic"

    def apply(self, score: np.ndarray) -> np.ndarray:
        """Probabilities (n,) of scores (n,)."""
        above = np.minimum(np.searchsorted(self.score, score, side="left"), len(self.score) - 1)
        # interpolation can pass the knot above by its last bit, and a higher score would then get less
        return np.minimum(np.interp(score, self.score, self.probability), np.asarray(self.probability)[above])


@dataclass(frozen=True)
class VennAbers:
    """Two isotonic regressions, one that also holds the new day as a 0, one as a 1, merged into a probability.

    Vovk, Petej, Fedorova (Large-scale probabilistic predictors, NIPS 2015, algorithms 5 and 6, and
    the log-loss minimax merge ``p1 / (1 - p0 + p1)``).

    Attributes
    ----------
    score : (k,) distinct scores it was fitted on, increasing
    low, high : (k + 1,) probability as a 0 and as a 1 of a new day below the first score, between
        the first and the second, and so on; non-decreasing
    """

    score: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    name: ClassVar[str] = "venn_abers"

    def apply(self, score: np.ndarray) -> np.ndarray:
        """Probabilities (n,) of scores (n,)."""
        low, high = self.between(score)
        return high / (1 - low + high)

    def between(self, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The two probabilities, each (n,): the wider apart, the fewer days like this one were seen."""
        low = np.asarray(self.low)[np.searchsorted(self.score, score, side="right")]
        high = np.asarray(self.high)[np.searchsorted(self.score, score, side="left")]
        return low, high


CalibrationMap = Identity | Platt | Temperature | Isotonic | VennAbers
KINDS = {kind.name: kind for kind in (Identity, Platt, Temperature, Isotonic, VennAbers)}


def to_dict(fitted: CalibrationMap) -> dict[str, Any]:
    """Name and plain numbers; write them with every bit (`write_exact_json`) for `from_dict` to restore the map."""
    numbers = {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(fitted).items()}
    return {"map": fitted.name, **numbers}


def from_dict(value: Mapping[str, Any]) -> CalibrationMap:
    """Inverse of `to_dict`, also after JSON turned tuples into lists.

    Raises
    ------
    ValueError
        If there is no map of that name.
    """
    if value["map"] not in KINDS:
        raise ValueError(f"no calibration map is named {value['map']!r}; there are {', '.join(KINDS)}")
    numbers = {key: tuple(item) if isinstance(item, list) else item for key, item in value.items() if key != "map"}
    return KINDS[value["map"]](**numbers)


def map_of(row: Mapping[str, Any]) -> CalibrationMap:
    """The map of a row that `shipped_map` made."""
    return from_dict({key: value for key, value in row.items() if key not in ("name", "tier", "reason")})
