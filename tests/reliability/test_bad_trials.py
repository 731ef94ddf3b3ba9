"""A trial that goes wrong is recorded with its reason and the study goes on; too many stop it with a summary."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import torch

from buysignal.core.errors import UserError
from buysignal.core.workers.engine import Engine
from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study import objective
from buysignal.search.study.objective import ObjectiveSettings, evaluate
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.record import COMPLETE, FAILED, Outcome, Trial, TrialRecord, failures, table
from buysignal.search.study.run import Study, finished_trials, run_study, study_path
from tests.reliability.writes_trials import BAD, SPACE, bad, hopeless, sound
from tests.small_tier import CONFIGURATION, SHAPE, tier_frame, write_tier

ALL = SearchSettings(trials=16, batch=4, startup=20, seed=1)  # the whole space
SETTINGS = ObjectiveSettings(
    seeds=(1, 2),
    epochs=2,
    patience=2,
    min_delta=0.0,
    objective="auc",
    threshold=0.5,
    recall_floor=0.2,
    prune=False,
)


def search(folder: Path, job: Callable[[Trial], Outcome], workers: int = 1, **options) -> list[TrialRecord]:
    return run_study(SPACE, ALL, Study(job, Engine(workers), folder, "toy", **options))


def reasons(records: list[TrialRecord]) -> dict[Configuration, str]:
    return {r.configuration: r.error for r in records if r.state == FAILED}


@pytest.mark.parametrize("workers", [1, 2])
def test_every_kind_of_failure_is_recorded_with_its_reason_and_all_other_trials_finish(tmp_path, workers):
    records = search(tmp_path, partial(bad, parent=os.getpid()), workers)
    raised = {f"{type(error).__name__}: {error}" for error in BAD.values()}
    died = {"WorkerDied: the worker process died twice (out of memory?)"} if workers > 1 else set()
    assert set(reasons(records).values()) == raised | died
    assert [r.index for r in records] == list(range(16))
    assert sum(r.state == COMPLETE for r in records) == 16 - len(raised | died)
    assert finished_trials(tmp_path, "toy", SPACE) == records
    kinds = {type(error).__name__: 1 for error in BAD.values()} | ({"WorkerDied": 1} if died else {})
    assert failures(r.error for r in records if r.state == FAILED) == kinds
    assert set(table(records).query("state == 'failed'")["error"]) == raised | died


@pytest.fixture(scope="module")
def tier(tmp_path_factory) -> str:
    return write_tier(tmp_path_factory.mktemp("tier") / "a20.parquet", tier_frame())


def trained(tier: str, **changes) -> Outcome:
    configuration = replace(CONFIGURATION, **changes.pop("configuration", {}))
    return evaluate(Trial(configuration), tier, SHAPE, replace(SETTINGS, **changes))


def test_a_loss_that_is_not_finite_is_a_failed_trial(tier):
    outcome = trained(tier, configuration={"learning_rate": 1e30})
    assert outcome.state == FAILED and "is not finite" in outcome.error and outcome.error.startswith("FloatingPoint")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("cannot allocate"),
        torch.OutOfMemoryError("CUDA out of memory"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: not enough memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_too_little_memory_is_a_failed_trial(tier, monkeypatch, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(objective, "fit_stack", fail)
    outcome = trained(tier)
    assert outcome.state == FAILED and outcome.error == f"{type(error).__name__}: {error}"


def test_a_trial_over_its_time_is_failed_and_one_within_it_is_what_it_is_without_a_limit(tier):
    late = trained(tier, timeout_s=1e-9)
    assert late.state == FAILED and late.value is None and late.seeds == (1, 2)
    assert late.error == "TimedOut: it was trained for longer than hpo.timeout_s, 1e-09 s"
    free, within = (replace(trained(tier, timeout_s=limit), duration_s=0.0) for limit in (0.0, 1e6))
    assert free == within and free.state == COMPLETE


def test_a_limit_of_time_ends_the_training_and_the_pruner_still_works(tier, monkeypatch):
    seen = []
    clock = iter(range(1000))
    monkeypatch.setattr(objective.time, "monotonic", lambda: float(next(clock)))  # a second at every look
    plain = objective._pruning

    def counted(*arguments):
        inner = plain(*arguments)
        return lambda epoch, data: seen.append(epoch.number) or inner(epoch, data)

    monkeypatch.setattr(objective, "_pruning", counted)
    outcome = trained(tier, timeout_s=3.5, epochs=50, patience=50, prune=True)
    assert outcome.state == FAILED and outcome.error.startswith("TimedOut")
    assert 1 < len(seen) < 10


def refusal(folder: Path, job: Callable[[Trial], Outcome], most: float, workers: int = 1, **options) -> str:
    with pytest.raises(UserError) as caught:
        search(folder, job, workers, max_failed=most, **options)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_too_many_failures_stop_the_study_and_one_line_says_how_many_why_and_what_to_do(tmp_path):
    said = refusal(tmp_path, hopeless, 0.5, prune=False)  # nine of sixteen, all planned together
    finished = finished_trials(tmp_path, "toy", SPACE)
    assert said.startswith(f"toy is stopped: 9 of {len(finished)} finished trials failed, of 16 planned ")
    assert "hpo.max_failed allows 50%; 8 with MemoryError, as trial " in said
    assert "(MemoryError: cannot allocate 3 GiB): mend the cause, delete " in said
    assert said.endswith(f"delete {study_path(tmp_path, 'toy')} and run `dvc repro`")


def test_a_stopped_study_stops_again_at_once_and_goes_through_once_it_is_deleted_and_mended(tmp_path):
    refusal(tmp_path, hopeless, 0.5)
    before = finished_trials(tmp_path, "toy", SPACE)
    refusal(tmp_path, sound, 0.5)
    assert finished_trials(tmp_path, "toy", SPACE) == before
    study_path(tmp_path, "toy").unlink()
    assert all(r.state == COMPLETE for r in search(tmp_path, sound, max_failed=0.5))


@pytest.mark.parametrize("workers", [1, 2])
def test_as_many_failures_as_are_allowed_do_not_stop_it_whatever_finishes_first(tmp_path, workers):
    records = search(tmp_path, hopeless, workers, max_failed=9 / 16, prune=False)
    assert sum(r.state == FAILED for r in records) == 9
    refusal(tmp_path / "again", hopeless, 8.9 / 16, workers, prune=False)


def test_of_fewer_than_four_trials_no_share_is_looked_at(tmp_path):
    three = replace(ALL, trials=3)
    with_all_bad = run_study(SPACE, three, Study(always, Engine(1), tmp_path, "toy", max_failed=0.1))
    assert [r.state for r in with_all_bad] == [FAILED] * 3
    with pytest.raises(UserError, match="is stopped: 1 of 1 finished trials failed, of 4 planned"):
        run_study(SPACE, replace(ALL, trials=4), Study(always, Engine(1), tmp_path / "four", "toy", max_failed=0.1))


def always(trial: Trial) -> Outcome:
    raise ValueError("always")
