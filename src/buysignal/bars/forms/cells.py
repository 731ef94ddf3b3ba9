"""The cells of a column on their way to values, and how a message names the place of one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError


class Place:
    """Names the row at a position: ``bars.csv line 7``."""

    def __init__(self, name: str, lines: Sequence[int], unit: str = "line") -> None:
        self.name, self.lines, self.unit = name, lines, unit

    def __call__(self, at: int) -> str:
        return f"{self.name} {self.unit} {self.lines[at]}"


@dataclass(frozen=True)
class Days:
    """The days of bars: (n,) datetime64[D]; the moments they were read from, if any; what was said."""

    days: np.ndarray
    moments: pd.DatetimeIndex | None
    said: tuple[str, ...]


@dataclass(frozen=True)
class Cells:
    """What is read: the texts, the place of each, for messages, and what the user and the form settle."""

    texts: Sequence[str]
    place: Place
    wanted: Wanted
    known: str | None = None

    def refuse(self, at: int, why: str) -> UserError:
        """One text that cannot be read."""
        return UserError(f"{self.place(at)}: date is {quoted(self.texts[at].strip())}, {why}")


def quoted(text: str) -> str:
    """A cell as one short printable word for a message."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
