"""Ratios of share splits: which one a jump of prices is near."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

WHOLE = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 25, 28, 30, 35, 40, 45, 50, 60, 75, 80, 100)
SLIGHT = 1e-4  # of a ratio: what a few digits leave of it
BROKEN = ((3, 2), (4, 3), (5, 2), (5, 3), (5, 4), (6, 5), (7, 2))


@dataclass(frozen=True)
class Split:
    """So many new shares for so many old ones."""

    new: int
    old: int

    def __str__(self) -> str:
        return f"{self.new}:{self.old}"

    @property
    def ratio(self) -> float:
        """New shares for one old: what prices before it are divided by."""
        return self.new / self.old

    @property
    def called(self) -> str:
        """``split of 4:1``; ``reverse split of 1:10``."""
        return f"{'split' if self.new > self.old else 'reverse split'} of {self}"


_forward = [Split(new, 1) for new in WHOLE] + [Split(*pair) for pair in BROKEN]
SPLITS = tuple(sorted((*_forward, *(Split(s.old, s.new) for s in _forward)), key=lambda split: split.ratio))
LOGS = np.log([split.ratio for split in SPLITS])


def nearest(logs: np.ndarray) -> np.ndarray:
    """Position in `SPLITS` of the split whose log ratio is nearest to each value: (n,)."""
    at = np.clip(np.searchsorted(LOGS, logs), 1, len(LOGS) - 1)
    return np.where(np.abs(logs - LOGS[at - 1]) <= np.abs(logs - LOGS[at]), at - 1, at)


def written(ratio: float) -> Split:
    """The split of a ratio that a file names, in as small numbers as it has: 1.1 is 11:10, .00125 is 1:800."""
    least = min(ratio, 1 / ratio)
    parts = (Fraction(least).limit_denominator(most) for most in (10, 100, 1000, 10_000, 10**6))
    part = next((part for part in parts if abs(part / least - 1) < SLIGHT), Fraction(1, round(1 / least)))
    return Split(part.numerator, part.denominator) if ratio < 1 else Split(part.denominator, part.numerator)


def whole(log: float) -> Split:
    """The split of so many new shares for one, or one for so many old, that is nearest to a log ratio."""
    many = max(round(float(np.exp(abs(log)))), 1)
    return Split(many, 1) if log > 0 else Split(1, many)
