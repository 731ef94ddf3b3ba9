"""Ratios of share splits: which one a jump of prices is near."""

from dataclasses import dataclass

import numpy as np

WHOLE = (2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 18, 20, 25, 28, 30, 35, 40, 45, 50, 60, 75, 80, 100)
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
