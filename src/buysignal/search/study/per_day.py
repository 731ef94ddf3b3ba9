"""The objective `precision_per_day`: trials of many symbols by the precision of the few best of each day.

It is taken of what a trial says of the rank role once it is trained, beside `buysignal.search.study.objective`, which
every study is named after: so no study of another objective is begun anew for it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from buysignal.models.best_of_day import precision_per_day
from buysignal.search.study.objective import ObjectiveSettings
from buysignal.search.study.record import Outcome

FOLLOWED = "auc"  # objective of the worker, by which a pruner compares epochs: the best few of an epoch are too noisy


@dataclass(frozen=True)
class PerDaySettings(ObjectiveSettings):
    """The same of trials whose value is the precision of the ``per_day`` symbols of highest score of each day."""

    per_day: int = 1


def revalued(settings: ObjectiveSettings, label: np.ndarray, index: pd.Index) -> Callable[[Outcome], Outcome]:
    """What gives an outcome the value that ``settings`` ask for; of any but `PerDaySettings` it has it already.

    It is that of the seed average, as its scores are kept: whoever reads them buys the same rows.

    Parameters
    ----------
    label, index : (n,) of the rank role, in the order of a trial's scores
    """

    def revalue(outcome: Outcome) -> Outcome:
        if not (isinstance(settings, PerDaySettings) and outcome.scores):
            return outcome
        return replace(outcome, value=precision_per_day(label, np.array(outcome.scores), index, settings.per_day))

    return revalue
