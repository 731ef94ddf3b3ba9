"""What a check says of some bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = get_args(Level)  # the worst first
NAMED = 3  # days quoted in a sentence


@dataclass(frozen=True)
class Finding:
    """One thing that a reader of the bars must know.

    Attributes
    ----------
    kind : for a program: ``unadjusted-split``
    level : ``note``: as it should be, or a choice that was made; ``warning``: to be looked at; ``error``: these must
        not be read as daily bars
    days : ISO dates it is of, oldest first; empty where it is of the bars as a whole
    text : one sentence, without its end, that says what was seen
    advice : what to do; empty where there is nothing
    """

    kind: str
    level: Level
    days: tuple[str, ...]
    text: str
    advice: str = ""

    @property
    def said(self) -> str:
        """What was seen and what to do, as one line."""
        return f"{self.text}; {self.advice}" if self.advice else self.text


def iso(days: Sequence) -> tuple[str, ...]:
    """ISO dates of days."""
    return tuple(pd.DatetimeIndex(days).strftime("%Y-%m-%d"))


def on(days: Sequence[str]) -> str:
    """A few days in words.

    >>> on(["2021-08-02", "2021-08-03", "2021-08-04", "2021-08-05"])
    '2021-08-02, 2021-08-03, 2021-08-04 and 1 more'
    """
    more = f" and {len(days) - NAMED:,} more" if len(days) > NAMED else ""
    return ", ".join(days[:NAMED]) + more


def rows(count: int, of: int) -> str:
    """How many of the rows: ``3 of 300 rows``."""
    return f"{count:,} of {of:,} rows"


def fall(ratio: float) -> str:
    """A change as a verb; a rise to twice as much and more is a multiple.

    >>> fall(0.1416), fall(1.03), fall(4.02)
    ('falls by 86 %', 'rises by 3 %', 'rises 4-fold')
    """
    if ratio >= 2:
        return f"rises {ratio:.2g}-fold"
    return f"{'falls' if ratio < 1 else 'rises'} by {100 * abs(ratio - 1):.0f} %"
