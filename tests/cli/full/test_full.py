"""The reference's study: its scale, what is done of it, how long is left, and a run that was killed goes on."""

from __future__ import annotations

import re
import signal
import subprocess
from dataclasses import replace

import pytest

from buysignal.cli.full import run as runs
from buysignal.cli.full.compared import beside
from buysignal.cli.full.planned import Plan, Search
from buysignal.cli.full.scale import REFERENCE, scaled, wanted, words
from buysignal.cli.main import main
from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.record import COMPLETE, FAILED, Outcome, TrialRecord
from tests.pipeline.project import ROOT
from tests.search.study.toy import small_space

SMALL = ("budgets=[2M]", "hpo.trials=4", "hpo.epochs=1", "hpo.patience=1", "training.epochs=1", "training.patience=1",
         "training.seeds=1", "supplement.trials=2", "supplement.second=1")  # fmt: skip


def record(index: int, auc: float, precision: float, recall: float, n_buys: int, shape=(8, 1, 2), seconds=2.0):
    configuration = Configuration(*shape, 2, 0.1, 1e-3, index * 1e-5)
    outcome = Outcome(
        COMPLETE, (1,), (auc,), (0.3,), (precision,), (recall,), (n_buys,), (1,), value=auc, duration_s=seconds
    )
    return TrialRecord(index, 0, "random", "random", configuration, 128, 1000, 2000, outcome)


def test_the_scale_is_the_reference_s_and_the_user_s_word_comes_last():
    params = scaled(wanted([]), ROOT)
    assert (params.budgets, params.hpo.trials, params.hpo.epochs, params.hpo.patience) == (
        ("2M", "20M", "200M"),
        50,
        50,
        10,
    )
    assert (params.supplement.trials, params.supplement.second, params.training.seeds) == (27, 13, 5)
    other = scaled(wanted(["hpo.trials=8", "tiers=[a50]", "hpo.trials=9"]), ROOT)
    assert (other.hpo.trials, other.tiers, other.hpo.epochs) == (9, ("a50",), 50)


def test_the_values_reach_dvc_as_hydra_takes_them():
    assert words({"budgets": ["2M", "20M"], "hpo.trials": 50}) == ["-S", "budgets=['2M','20M']", "-S", "hpo.trials=50"]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("hpo.trials", "-S 'hpo.trials' is not key=value"),
        ("=4", "-S '=4' is not key=value"),
        ("hpo.trial=4", "-S hpo.trial: params.yaml has no such key"),
        ("seed.x=4", "-S seed.x: params.yaml has no such key"),
        ("hpo.trials=[", "the value cannot be read"),
        ("hpo.trials=0", "hpo.trials is 0"),
        ("budgets=[3M]", "budget '3M' has no grid"),
    ],
)
def test_a_wrong_value_is_one_line_and_nothing_is_run(setting, told, capsys, monkeypatch):
    monkeypatch.setattr(runs.subprocess, "Popen", lambda *a, **k: pytest.fail("something was run"))
    assert main(["full", "-S", setting, "--project", str(ROOT)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ") and told in line


def test_a_folder_that_is_no_project_is_one_line(tmp_path, capsys):
    assert main(["full", "--project", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_the_table_has_the_three_best_by_hand_and_counts_what_was_tried():
    """AUC .70, .68, .66 of four: precision (.6 + .5 + .4) / 3, recall (.1 + .2 + .3) / 3; two of four shapes."""
    trials = [
        record(0, 0.70, 0.6, 0.1, 10),
        record(1, 0.60, 0.9, 0.9, 90),
        record(2, 0.68, 0.5, 0.2, 20),
        record(3, 0.66, 0.4, 0.3, 30, shape=(16, 1, 2)),
        replace(record(4, 0.9, 0.9, 0.9, 9), outcome=Outcome(FAILED, error="X: y")),
    ]
    line = beside([Search("a50", "2M", small_space(), 6, trials)])[0]
    assert line == [
        "a50", "2M", "5 of 6", "0.500", "0.200", "20", "0.6800", "2 of 4", "0", "0",
    ]  # fmt: skip
    assert beside([Search("a50", "2M", small_space(), 6, trials + trials[:1])])[0][8] == "1"
    assert "0 of 6" in beside([Search("a50", "2M", small_space(), 6, [])])[0]


def test_the_time_that_is_left_is_that_of_the_finished_trials_by_their_work(monkeypatch, tmp_path):
    """One search of 10 trials, 2 finished, each 2 s for the mean work: 16 s on one worker; then 6 fits, 12 s."""
    (tmp_path / "dvc.yaml").touch()
    monkeypatch.setenv("BUYSIGNAL_WORKERS", "1")
    space = small_space()
    search = Search("a50", "2M", space, 10, ())
    done = [
        record(i, 0.6, 0.5, 0.1, 9, seconds=2.0 * record(i, 0.6, 0.5, 0.1, 9).configuration.work / search.work)
        for i in (0, 1)
    ]
    plan = Plan.of(scaled(wanted([]), ROOT), tmp_path)
    monkeypatch.setattr(Plan, "searches", lambda self: [replace(search, finished=done)])
    monkeypatch.setattr(Plan, "fits", lambda self: {"supplement": 4, "evaluate": 2, "mirror": 0, "train": 0})
    finished = "full: 2 of 10 trials of 1 searches are finished"
    assert plan.told() == f"{finished}; about 28 s left, 16 s of them for the searches"
    assert "about 20 s left" in plan.told("evaluate")
    monkeypatch.setattr(Plan, "searches", lambda self: [search])
    assert plan.told() == "full: 0 of 10 trials of 1 searches are finished; how long it takes shows with the first"


def test_the_fits_behind_the_searches_by_hand():
    """Two tiers, three budgets: 2 x 40 trials; 2 x 3 x (3 best + 2 other budgets) x 5 seeds; 2 x 10 x 5 seeds."""
    assert Plan(scaled(wanted([]), ROOT), ROOT).fits() == {"supplement": 80, "evaluate": 150, "mirror": 100, "train": 0}


def started(project, *more: str) -> subprocess.Popen:
    command = ["python", "-m", "buysignal", "full", *(word for one in SMALL for word in ("-S", one)), *more]
    return subprocess.Popen(
        command, cwd=project.folder, env=project.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.pipeline
def test_a_study_that_was_killed_goes_on_and_ends_in_the_report_and_the_table(tiny, tmp_path):
    project = tiny.copy(tmp_path / "project")
    first, said = started(project), []
    for line in first.stdout:
        said.append(line)
        if "hpo a20 2M: 2/4" in line:
            break
    first.send_signal(signal.SIGKILL)
    subprocess.run(["pkill", "-KILL", "-s", str(first.pid)], check=False)
    first.communicate()
    assert said[0] == "full: 0 of 4 trials of 1 searches are finished; how long it takes shows with the first\n"

    second = started(project)
    rest, _ = second.communicate(timeout=600)
    assert second.returncode == 0, rest
    went_on = re.match(r"full: ([23]) of 4 trials of 1 searches are finished; about .* left", rest)
    assert went_on, rest[:500]
    assert f"hpo a20 2M: going on from {went_on[1]} of 4 finished" in rest
    assert "full: 4 of 4 trials of 1 searches are finished" in rest
    assert "**Verdict" in rest and "\na20 " in rest and "\na50, the reference " in rest
    assert project.run("dvc", "exp", "list", "--name-only").stdout.split() == ["full"]

    so_far = project.run("python", "-m", "buysignal", "full", "--so-far", *(w for one in SMALL for w in ("-S", one)))
    assert " 4 of 4 " in so_far.stdout and "Running stage" not in so_far.stdout


def test_the_reference_has_the_scale_that_docs_tell():
    assert REFERENCE["budgets"] == ["2M", "20M", "200M"] and REFERENCE["hpo.trials"] == REFERENCE["hpo.epochs"] == 50
