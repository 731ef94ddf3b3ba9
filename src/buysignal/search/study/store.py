"""The trials of a search of transformers, as `buysignal.search.study.journal` keeps them."""

from collections.abc import Sequence
from pathlib import Path

from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from buysignal.search.study.journal import Journal
from buysignal.search.study.record import COMPLETE, FAILED, PRUNED, TrialRecord
from buysignal.search.study.space import DIMENSIONS, Space

STATES = {COMPLETE: TrialState.COMPLETE, PRUNED: TrialState.PRUNED, FAILED: TrialState.FAIL}
SHOWN = ("precision", "recall", "n_buys", "hits", "auc")
"""Seed means as attributes of their own: columns of the dashboard's table."""


class Store:
    """The trials of one study on disk. The caller makes sure that it is the only writer.

    Parameters
    ----------
    path : the SQLite file; made if absent. Errors as for `Journal`, here and below
    space : what the study searches; gives the dashboard its axes
    """

    def __init__(self, path: Path, space: Space) -> None:
        self._journal = Journal(path)
        self._grids = dict(zip(DIMENSIONS, space.grids))

    def read(self) -> list[TrialRecord]:
        """Every finished trial, by index."""
        return sorted(self._journal.read(TrialRecord.from_dict), key=lambda r: r.index)

    def append(self, record: TrialRecord) -> None:
        """Keep a finished trial; on return it survives a kill. Ctrl-C waits until it is kept."""
        means = {name: record.mean(name) for name in SHOWN}
        shown = {name: value for name, value in means.items() if value is not None}
        params = {name: getattr(record.configuration, name) for name in DIMENSIONS}
        self._journal.append(
            record.to_dict(),
            record.outcome.duration_s,
            {"index": record.index, "origin": record.origin, **shown},
            state=STATES[record.state],
            value=record.value,
            params=params,
            distributions={name: _axis(name, sorted({*self._grids[name], params[name]})) for name in DIMENSIONS},
            intermediate_values=dict(enumerate(record.outcome.intermediate, start=1)),
        )

    def close(self) -> None:
        """Let go of the file."""
        self._journal.close()


def _axis(name: str, values: Sequence[float]) -> BaseDistribution:
    """A numeric axis that spans the values, logarithmic where steps are ratios.

    The grid and the trial's own value: a supplementary trial may lie outside the grid.
    """
    if all(isinstance(value, int) for value in values):
        return IntDistribution(min(values), max(values))
    return FloatDistribution(min(values), max(values), log=name == "learning_rate")
