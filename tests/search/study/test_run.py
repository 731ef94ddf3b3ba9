"""A study gives the same trials however many workers run it and however often it is killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from buysignal.core.errors import UserError
from buysignal.core.workers.engine import Engine
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.record import COMPLETE, FAILED, PRUNED, Outcome, Trial, table
from buysignal.search.study.run import Study, finished_trials, run_study, study_path
from tests.search.study.study_process import search_here
from tests.search.study.toy import evaluate, reference_space, score, small_space

TRIALS = 14  # in batches of four: six extremes, three random ones, TPE from the tenth on
SETTINGS = SearchSettings(trials=TRIALS, batch=4, startup=3, seed=7)


def start(folder: Path, *arguments) -> subprocess.Popen:
    """Begin a search in a process of its own; see `tests.search.study.study_process`."""
    command = [sys.executable, "-m", "tests.search.study.study_process", folder, *arguments]
    return subprocess.Popen(list(map(str, command)))


def run(folder: Path, workers: int = 1, trials: int = TRIALS, *kill) -> int:
    """Exit status of a search in a process of its own."""
    with start(folder, workers, trials, *kill) as process:
        return process.wait(120)


def toy_study(folder: Path, settings: SearchSettings = SETTINGS, job=evaluate, space=None, **options):
    return run_study(space or reference_space("2M"), settings, Study(job, Engine(1), folder, "toy", **options))


def trained(folder: Path) -> Counter:
    """How often each configuration was trained."""
    return Counter((folder / "trained.txt").read_text().splitlines())


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The folder of an uninterrupted search by one worker."""
    folder = tmp_path_factory.mktemp("whole")
    assert run(folder) == 0
    return folder


def goes_on_like(whole: Path, folder: Path, workers: int = 1, prune: bool = True) -> bool:
    """Whether a search that goes on in this process ends with the bytes of the uninterrupted one."""
    search_here(folder, workers, TRIALS, prune=prune)
    return (folder / "table.csv").read_bytes() == (whole / "table.csv").read_bytes()


@pytest.mark.parametrize("workers", [2, pytest.param(4, marks=pytest.mark.full)])
def test_the_number_of_workers_changes_no_byte(whole, tmp_path, workers):
    assert goes_on_like(whole, tmp_path, workers)


def resumed_equals_whole(whole: Path, folder: Path, workers: int, when: str, index: int) -> None:
    assert run(folder, workers, TRIALS, when, index) == -signal.SIGKILL
    kept = finished_trials(folder, "toy", reference_space("2M"))
    done = index + (when == "after")
    assert len(kept) == done if workers == 1 else len(kept) >= done - 2 * workers  # in flight, or on their way home
    assert goes_on_like(whole, folder, workers)
    assert all(trained(folder)[str(r.configuration)] == 1 for r in kept)  # what was finished is not trained again


def test_a_killed_search_goes_on_to_the_same_bytes(whole, tmp_path):
    resumed_equals_whole(whole, tmp_path, 1, "in", 9)


def test_a_search_killed_with_its_workers_goes_on_to_the_same_bytes(whole, tmp_path):
    resumed_equals_whole(whole, tmp_path, 2, "in", 10)


@pytest.mark.parametrize(
    ("workers", "when", "index"),
    [(2, "in", 10), *(pytest.param(*one, marks=pytest.mark.full) for one in ((1, "in", 6), (2, "after", 5)))],
)
def test_a_search_that_looks_ahead_killed_in_the_middle_goes_on_to_the_same_bytes(
    whole, tmp_path, workers, when, index
):
    """The bytes of ``whole``, which goes batch by batch; it is begun by ``workers`` and ended by another number."""
    assert run(tmp_path, workers, TRIALS, when, index, "ahead") == -signal.SIGKILL
    kept = finished_trials(tmp_path, "toy", reference_space("2M"))
    assert goes_on_like(whole, tmp_path, 3 - workers, prune=False)
    assert all(trained(tmp_path)[str(r.configuration)] == 1 for r in kept)


@pytest.mark.parametrize(
    ("workers", "index", "how"),
    [(1, 9, "batch"), (2, 13, "batch"), pytest.param(2, 5, "ahead", marks=pytest.mark.full)],
)
def test_a_search_of_variants_killed_in_the_middle_of_a_group_goes_on_to_the_same_bytes(tmp_path, workers, index, how):
    """Groups of two in batches of four, TPE from the thirteenth trial; ended by another number of workers."""
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir(), two.mkdir()
    search_here(one, 1, TRIALS, variants=2)
    assert run(two, workers, TRIALS, "in", index, how, 2) == -signal.SIGKILL
    kept = finished_trials(two, "toy", reference_space("2M"))
    search_here(two, 3 - workers, TRIALS, prune=how != "ahead", variants=2)
    assert (two / "table.csv").read_bytes() == (one / "table.csv").read_bytes()
    assert all(trained(two)[str(r.configuration)] == 1 for r in kept)
    assert [r.origin for r in finished_trials(one, "toy", reference_space("2M"))][1::2] == ["variant"] * 7


@pytest.mark.full
@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("when", ["in", "after"])
@pytest.mark.parametrize("index", range(TRIALS))
def test_a_search_killed_anywhere_goes_on_to_the_same_bytes(whole, tmp_path, workers, when, index):
    resumed_equals_whole(whole, tmp_path, workers, when, index)


@pytest.mark.full
def test_a_search_killed_at_any_moment_goes_on_to_the_same_bytes(whole, tmp_path):
    """Not at a trial but by the clock, also while the file is being made."""
    for delay in [1.0 + 0.2 * k for k in range(16)]:
        with start(tmp_path, 1, TRIALS) as process:
            time.sleep(delay)
            process.kill()
    assert goes_on_like(whole, tmp_path)


def test_a_kill_between_begin_and_commit_leaves_the_file_readable(tmp_path):
    """A writer that dies inside a transaction leaves a journal; the next one rolls it back."""
    toy_study(tmp_path, replace(SETTINGS, trials=4))
    script = (
        "import os, signal, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1])\n"
        "c.execute('PRAGMA cache_size = 1')\n"  # spills to the file before the commit
        'c.execute("UPDATE trial_user_attributes SET value_json = hex(randomblob(100000))")\n'
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    path = study_path(tmp_path, "toy")
    subprocess.run([sys.executable, "-c", script, path], check=False)
    assert Path(f"{path}-journal").exists()
    assert [r.index for r in finished_trials(tmp_path, "toy", reference_space("2M"))] == [0, 1, 2, 3]


def test_raising_trials_goes_on_with_the_same_study(whole, tmp_path):
    search_here(tmp_path, 1, 6)  # ends in the middle of a batch
    assert goes_on_like(whole, tmp_path)
    assert set(trained(tmp_path).values()) == {1}


def test_lowering_trials_gives_the_first_ones_and_trains_nothing(tmp_path):
    many = toy_study(tmp_path)
    assert toy_study(tmp_path, replace(SETTINGS, trials=5), job=None) == many[:5]


def test_a_finished_study_is_read_back_bit_for_bit_and_trains_nothing(tmp_path):
    first = toy_study(tmp_path)
    assert toy_study(tmp_path, job=None) == first == finished_trials(tmp_path, "toy", reference_space("2M"))
    assert any(r.outcome.duration_s > 0 for r in first)


def test_failed_and_pruned_trials_are_recorded_and_the_search_goes_on(tmp_path):
    found = toy_study(tmp_path, replace(SETTINGS, trials=40))
    assert len(found) == 40
    states = Counter(r.state for r in found)
    assert states[COMPLETE] and states[PRUNED] and states[FAILED]
    failed = next(r for r in found if r.state == FAILED)
    assert failed.error == "FloatingPointError: the loss of seed 1 is not finite in epoch 2"
    assert failed.value is None and failed.index < 39


def always_fails(trial: Trial) -> Outcome:
    raise RuntimeError("no memory")


def test_a_study_of_failures_finishes_and_says_so(tmp_path):
    found = toy_study(tmp_path, job=always_fails)
    assert [r.error for r in found] == ["RuntimeError: no memory"] * TRIALS
    assert len(table(found)) == TRIALS


def no_tier_file(trial: Trial) -> Outcome:
    raise UserError("data/features/a50.parquet is missing: run `dvc repro`")


def test_a_users_mistake_ends_the_study_and_is_no_trial(tmp_path):
    with pytest.raises(UserError, match=r"a50\.parquet is missing"):
        toy_study(tmp_path, job=no_tier_file)
    assert finished_trials(tmp_path, "toy", reference_space("2M")) == []


def test_a_small_space_ends_early(tmp_path):
    space = small_space()  # four architectures, two values of dropout
    found = toy_study(tmp_path, replace(SETTINGS, trials=20, batch=3), space=space)
    assert len(found) == space.size == 8
    assert toy_study(tmp_path, replace(SETTINGS, trials=20, batch=3), job=None, space=space) == found


def test_progress_sees_every_trial_and_all_before_it(tmp_path):
    seen = []
    toy_study(tmp_path, replace(SETTINGS, trials=5), on_trial=lambda finished: seen.append(len(finished)))
    toy_study(tmp_path, replace(SETTINGS, trials=7), on_trial=lambda finished: seen.append(len(finished)))
    assert seen == [1, 2, 3, 4, 5, 6, 7]


def curves_seen(trial: Trial) -> Outcome:
    return Outcome(value=score(trial.configuration), intermediate=(float(len(trial.curves)),))


def test_a_trial_sees_the_curves_of_earlier_batches_only(tmp_path):
    found = toy_study(tmp_path, replace(SETTINGS, trials=10), job=curves_seen)
    assert [r.outcome.intermediate[0] for r in found] == [0] * 4 + [4] * 4 + [8] * 2


def test_a_second_writer_is_told_who_is_first(tmp_path):
    """Refused from within the first: the lock is between open files, not processes."""
    other = []

    def second(trial: Trial) -> Outcome:
        with pytest.raises(UserError) as told:
            toy_study(tmp_path, wait_s=0)
        other.append(str(told.value))
        return Outcome(value=0.5)

    toy_study(tmp_path, replace(SETTINGS, trials=1), job=second)
    pid = os.getpid()
    assert other == [f"toy is being searched by process {pid}: wait for it, or stop it with kill {pid}"]
    toy_study(tmp_path, replace(SETTINGS, trials=1), job=None, wait_s=0)  # free again


def test_a_second_writer_waits_for_the_first_to_end(whole, tmp_path):
    with start(tmp_path, 1, TRIALS) as first:
        while not (tmp_path / "trained.txt").exists():
            time.sleep(0.01)
        assert goes_on_like(whole, tmp_path)  # began while the first was at it
        assert first.wait(60) == 0
    assert set(trained(tmp_path).values()) == {1}


def test_a_record_that_cannot_be_read_is_refused_in_one_line(tmp_path):
    toy_study(tmp_path, replace(SETTINGS, trials=2))
    path = study_path(tmp_path, "toy")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE trial_user_attributes SET value_json = '{}' WHERE key = 'record'")
    connection.close()
    with pytest.raises(UserError, match=r"toy\.db is not a whole study .*delete it and run `dvc repro`$"):
        toy_study(tmp_path)


def test_a_file_that_cannot_be_written_is_told_in_one_line(tmp_path):
    def spoil(finished) -> None:
        with sqlite3.connect(study_path(tmp_path, "toy")) as connection:
            connection.execute("DROP TABLE trial_values")
        connection.close()

    with pytest.raises(UserError, match=r"toy\.db cannot be written \(.*trial_values\): see to the disk"):
        toy_study(tmp_path, on_trial=spoil)


def test_nobody_is_told_to_delete_a_study_that_another_program_holds(tmp_path, monkeypatch):
    toy_study(tmp_path, replace(SETTINGS, trials=2))
    monkeypatch.setattr("buysignal.search.study.journal.BUSY_S", 0.1)
    with closing(sqlite3.connect(study_path(tmp_path, "toy"))) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UserError, match=r"toy\.db cannot be written \(.*database is locked\): see to the disk"):
            toy_study(tmp_path)
    assert len(toy_study(tmp_path, replace(SETTINGS, trials=2), job=None)) == 2


def test_trials_of_another_search_are_not_mixed_in(tmp_path):
    toy_study(tmp_path)
    with pytest.raises(UserError, match=r"toy\.db holds trial 6 of another search: delete it"):
        toy_study(tmp_path, replace(SETTINGS, seed=8))


def test_the_file_shows_parameters_values_and_curves_to_optuna(tmp_path):
    found = toy_study(tmp_path)
    study = optuna.load_study(study_name="toy", storage=f"sqlite:///{study_path(tmp_path, 'toy')}")
    assert len(study.trials) == TRIALS
    for trial, r in zip(sorted(study.trials, key=lambda t: t.user_attrs["index"]), found):
        assert trial.params == {k: getattr(r.configuration, k) for k in trial.params} and len(trial.params) == 7
        assert trial.user_attrs["record"] == json.loads(json.dumps(r.to_dict()))
        assert trial.state.name == {COMPLETE: "COMPLETE", PRUNED: "PRUNED", FAILED: "FAIL"}[r.state]
        if r.state == COMPLETE:
            assert trial.value == r.value
            assert trial.intermediate_values == {1: 0.5, 2: r.value}
            assert trial.user_attrs["precision"] == r.mean("precision")
            assert trial.duration.total_seconds() == pytest.approx(r.outcome.duration_s, abs=1e-5)
    assert study.best_value == max(r.value for r in found if r.state == COMPLETE)
