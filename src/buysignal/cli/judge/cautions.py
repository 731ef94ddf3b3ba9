"""What stands beside a verdict: what a file of scores cannot tell, and a model that buys nearly always."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from buysignal.judge.evidence import Evidence
from buysignal.judge.params import USE
from buysignal.judge.verdict import Verdict

NEARLY_ALL = 0.95
"""A model that buys on this share of the days, or more, is called one that buys always. Precision minus base rate is
the share of days left alone, times precision minus the rate of those: at most 0.05 here, whatever the model knows."""

ALWAYS, UNSEEN = "buys-always", "unseen"


@dataclass(frozen=True)
class Caution:
    """One thing to mind: its kind for a program, its text, a sentence or more without the last end, for a person."""

    kind: str
    text: str


def cautions(told: Verdict, seen: Evidence, tested: bool, unit: str = "day") -> Iterator[Caution]:
    """What a reader of a verdict must mind beside it.

    Parameters
    ----------
    tested : whether the scores were held against those of bars that end earlier
    unit : what is bought or left alone: a ``day``, or a ``row`` (a symbol on a day)
    """
    if seen.alert_rate >= NEARLY_ALL:
        yield Caution(ALWAYS, _always(seen.alert_rate, unit))
    if told.word == USE and not tested:
        yield Caution(
            UNSEEN,
            "no file of scores tells whether the score of a day was known at the Close of that day. The usual ways in "
            "which it was not: an average centred on the day, scores standardised with the mean of all days, prices "
            "that were revised later. Test it: compute the scores again from bars that end on an earlier day, and "
            "give them as --cut-scores with that day as --cut-day: up to it they must be the same",
        )


def _always(share: float, unit: str) -> str:
    if share == 1:
        return f"it buys on every {unit}: that is buying always"
    return (
        f"it buys on {math.floor(1000 * share) / 10:g} % of the {unit}s: that is buying always. Its precision can be "
        f"at most {math.ceil(1000 * (1 - share)) / 1000:.3f} above the base rate, whatever it knows"
    )
