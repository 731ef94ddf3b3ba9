"""Finished trials come back from disk as they were, also those that lie outside the grid."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import optuna

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.record import FAILED, Outcome, TrialRecord
from buysignal.search.study.store import Store
from tests.search.study.toy import small_space

ON_GRID = Configuration(8, 1, 2, 2, 0.1, 1e-4, 0.0)
SCORES = tuple(round(0.1 + day / 7000, 6) for day in range(600))  # of each day of a rank role
OFF_GRID = Configuration(192, 8, 4, 4, 0.35, 7e-5, 2e-3)


def record(index: int, configuration: Configuration, outcome: Outcome) -> TrialRecord:
    return TrialRecord(index, 0, "supplementary", "A1", configuration, 128, 100, 200, outcome)


def test_trials_come_back_in_the_order_of_their_index_whatever_the_order_they_finished_in(tmp_path):
    records = [
        record(2, OFF_GRID, Outcome(value=1 / 3, auc=(0.1 + 0.2,), intermediate=(0.5, 0.7), scores=SCORES)),
        record(0, ON_GRID, Outcome(FAILED, error="ValueError: x")),
        record(1, replace(ON_GRID, weight_decay=1e-3), Outcome(value=0.5)),
    ]
    path = tmp_path / "a folder" / "study.db"
    with closing(Store(path, small_space())) as store:
        for r in records:
            store.append(r)
    with closing(Store(path, small_space())) as store:
        assert store.read() == sorted(records, key=lambda r: r.index)
    study = optuna.load_study(study_name="study", storage=f"sqlite:///{path}")
    assert [t.params["d_model"] for t in study.trials] == [192, 8, 8]
    assert [t.state.name for t in study.trials] == ["COMPLETE", "FAIL", "COMPLETE"]
