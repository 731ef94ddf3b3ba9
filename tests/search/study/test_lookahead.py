"""Batches that need no result are trained together, and the trials are what they are one batch at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from buysignal.core.workers.engine import Engine
from buysignal.search.study.run import Study, finished_trials, run_study
from tests.search.study.test_run import SETTINGS, TRIALS, toy_study
from tests.search.study.toy import evaluate, reference_space


class Handed(Engine):
    """An engine that remembers how many jobs it was given at a time."""

    def run(self, function, jobs):
        self.__dict__.setdefault("sizes", []).append(len(jobs))
        return super().run(function, jobs)


def sizes(folder: Path, **changes) -> list[int]:
    engine = Handed(1)
    run_study(reference_space("2M"), replace(SETTINGS, **changes), Study(evaluate, engine, folder, "toy", prune=False))
    return engine.sizes


def test_batches_that_need_no_result_are_trained_together_and_one_with_tpe_waits(tmp_path):
    """Six extremes and three random trials: of the batches of four the third asks TPE for its last three."""
    assert sizes(tmp_path / "tpe") == [8, 4, 2]
    assert sizes(tmp_path / "none", startup=20) == [TRIALS]
    assert sizes(tmp_path / "short", trials=9) == [9]  # ends before TPE
    apart = toy_study(tmp_path / "apart", replace(SETTINGS, startup=20))
    assert finished_trials(tmp_path / "none", "toy", reference_space("2M")) == apart
    assert {r.batch for r in apart[8:12]} == {2} and [r.index for r in apart] == list(range(TRIALS))


def test_with_a_pruner_no_batch_is_trained_before_the_curves_of_the_earlier_ones_are_known(tmp_path):
    engine = Handed(1)
    run_study(reference_space("2M"), SETTINGS, Study(evaluate, engine, tmp_path, "toy", prune=True))
    assert engine.sizes == [4, 4, 4, 2]


def test_what_is_trained_together_is_handed_out_longest_first_and_without_curves(tmp_path):
    seen = []
    toy_study(tmp_path, replace(SETTINGS, trials=9), job=lambda t: seen.append(t) or evaluate(t), prune=False)
    work = [trial.configuration.work for trial in seen]
    assert len(work) == 9 and work == sorted(work, reverse=True)
    assert all(trial.curves == () for trial in seen)
