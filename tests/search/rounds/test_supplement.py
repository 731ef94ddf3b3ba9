"""The rounds lose nothing to a kill and repeat nothing, and every trial of every round has a name of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from buysignal.core.workers.engine import Engine
from buysignal.models.patchtst.architecture import Shape, configuration_of
from buysignal.search.rounds.plan import Planned, PlannedSet
from buysignal.search.rounds.planner import joined
from buysignal.search.rounds.supplement import (
    contenders,
    described,
    estimate,
    planner_of,
    run_supplement,
    supplement_name,
)
from buysignal.search.study.objective import ObjectiveSettings
from buysignal.search.study.record import FAILED, Outcome, table
from buysignal.search.study.run import Study
from buysignal.search.study.space import DIMENSIONS
from buysignal.search.study.tables import every_round, search_trials, supplementary, top_per_budget
from tests.search.rounds.rounds import FULL, searched, told
from tests.search.rounds.supplement_process import SETTINGS, SPACES, supplement_here
from tests.search.study.tables import trial_table
from tests.search.study.toy import evaluate

FILES = ("plan.yaml", "trials.csv", "scores.parquet")


def run(folder: Path, workers: int, *kill) -> int:
    command = [sys.executable, "-m", "tests.search.rounds.supplement_process", folder, workers, *kill]
    return subprocess.run(list(map(str, command)), timeout=120).returncode


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The folder of two uninterrupted rounds by one worker."""
    folder = tmp_path_factory.mktemp("whole")
    supplement_here(folder, 1)
    return folder


def equal(one: Path, other: Path) -> bool:
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in FILES)


def test_killed_rounds_go_on_to_the_same_bytes(whole, tmp_path):
    """In the second round, on two workers."""
    killed_equals_whole(whole, tmp_path, 2, "in", 11)


@pytest.mark.full
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("when", ["in", "after"])
@pytest.mark.parametrize("index", range(15))
def test_rounds_killed_anywhere_go_on_to_the_same_bytes(whole, tmp_path, workers, when, index):
    killed_equals_whole(whole, tmp_path, workers, when, index)


def killed_equals_whole(whole: Path, tmp_path: Path, workers: int, when: str, index: int) -> None:
    assert run(tmp_path, workers, when, index) == -signal.SIGKILL
    before = Counter((tmp_path / "trained.txt").read_text().splitlines())
    supplement_here(tmp_path, workers)
    assert equal(whole, tmp_path)
    after = Counter((tmp_path / "trained.txt").read_text().splitlines())
    assert len(after) == 15 and set(before) <= set(after)
    assert sum(after.values()) <= 15 + workers * 2  # only what was in flight is trained again


def test_finished_rounds_train_nothing_again(whole, tmp_path):
    supplement_here(tmp_path, 1)
    calls = (tmp_path / "trained.txt").read_text()
    supplement_here(tmp_path, 1)
    assert (tmp_path / "trained.txt").read_text() == calls and equal(whole, tmp_path)


def test_each_batch_is_announced_with_what_is_left_of_it(tmp_path):
    search, open_ = searched(SPACES, trials=8), []
    planner, wanted, _ = planner_of(None, search, SPACES, SETTINGS)
    run_supplement(planner, SPACES, Study(evaluate, Engine(1), tmp_path, "toy"), lambda next_: open_.append(len(next_)))
    assert wanted == 15 == sum(open_)
    run_supplement(planner, SPACES, Study(evaluate, Engine(1), tmp_path, "toy"), lambda next_: open_.append(0))
    assert 0 not in open_


def test_a_pinned_plan_runs_as_it_stands_less_what_the_search_has_trained():
    search = searched(SPACES, trials=4)
    known, new = configuration_of(search.iloc[0]), told(search, SPACES)[1][0].configuration
    pinned = [PlannedSet("A", 1, 2, (Planned("A01", "2M", known), Planned("A02", "2M", new)))]
    planner, wanted, source = planner_of(pinned, search, SPACES, FULL)
    assert wanted == 1 and [p.label for s in planner([]) for p in s.trials] == ["A02"]
    assert source != planner_of(None, search, SPACES, FULL)[2]


def test_another_plan_or_objective_is_another_study():
    judged = ObjectiveSettings((1,), 4, 2, 0.001, "auc", 0.5, 0.1, False)
    shape = Shape(80, 16, 8, True)
    name = supplement_name("a50", SPACES, shape, judged, "data", [1])
    assert name == supplement_name("a50", SPACES, shape, judged, "data", [1])
    assert name != supplement_name("a50", SPACES, shape, judged, "data", [2])
    assert name != supplement_name("a50", SPACES, shape, judged, "other", [1])
    assert name != supplement_name("a50", {"2M": SPACES["2M"]}, shape, judged, "data", [1])


def test_the_estimate_is_that_of_timed_trials_or_none():
    one, other = (Planned(label, budget, None) for label, budget in (("A01", "2M"), ("E01", "20M")))
    seconds = {"2M": [1.0, 9.0, 2.0], "20M": [30.0, 50.0]}
    assert estimate([one, other], seconds, 2) == (
        "next A01 E01; about 21 s on 2 workers (median search trial: 20M 40.0 s, 2M 2.0 s)"
    )
    assert "about 2 s on 1 worker (" in estimate([one], seconds, 1)
    assert estimate([one, other], {"2M": [1.0], "20M": []}, 2) == (
        "next A01 E01; no search trial of 20M was timed on this machine: no estimate"
    )


def rounds_of(search, sets, records):
    own = supplementary(joined(search, sets, records), "a50")
    studies = {("a50", b): part.drop(columns=["tier", "budget"]) for b, part in search.groupby("budget")}
    return every_round(search_trials(studies), [own]), own


def test_the_long_table_has_every_trial_of_every_round_under_a_name_of_its_own():
    search = searched(SPACES, trials=8)
    sets, records = told(search, SPACES)
    trials, own = rounds_of(search, sets, records)
    assert len(trials) == 16 + len(records) == 16 + 40
    assert trials["name"].is_unique and {"a50-2M-T0", "a50-20M-T7"} <= set(trials["name"])
    assert Counter(trials["round"]) == {0: 16, 1: 27, 2: 13}
    assert set(own["origin"]) == {"supplementary"}
    assert [name.rsplit("-", 1)[1] for name in own["name"]] == [r.asked_by for r in records]
    assert not trials.duplicated(list(DIMENSIONS))[16:].any()
    assert list(trials.columns)[:5] == ["name", "tier", "budget", "round", "index"]


def test_the_best_per_budget_come_from_every_round():
    table_of = trial_table([0.6, 0.7, 0.8, 0.9], budget=["2M", "20M", "2M", "2M"], round=[0, 0, 0, 1])
    assert list(top_per_budget(table_of, ["20M", "2M"], 2)["value"]) == [0.7, 0.9, 0.8]


def test_supplementary_trials_are_looked_at_after_all_of_the_search():
    search = searched(SPACES, trials=4)
    sets, records = told(search, SPACES)
    assert set(rounds_of(search, sets, records)[1]["configurations"]) == {8 + len(records)}


def test_an_empty_supplement_leaves_the_search_alone():
    search = searched(SPACES, trials=4)
    trials, own = rounds_of(search, [], [])
    assert len(trials) == 8 and len(own) == 0
    assert contenders(trials) == ([], "the supplement has no trial")


def test_contenders_are_the_best_usable_of_each_side():
    rows = trial_table([0.9, 0.7, 0.6, 0.8], round=[0, 0, 1, 1], name=list("abcd"))
    rows.loc[0, "collapsed"] = True
    entries, reason = contenders(rows)
    assert ([e.name for e in entries], reason) == (["b", "d"], "")
    assert contenders(rows.assign(collapsed=True)) == (
        [],
        "none of the 2 trials of the search completed without collapse",
    )


def test_sets_are_described_with_how_their_trials_ended():
    search = searched(SPACES, trials=4)
    fate = {"A01": Outcome(FAILED, error="x"), "A02": Outcome(value=0.7, collapsed=True), "A03": Outcome(value=0.6)}
    sets, records = told(search, SPACES, outcome=lambda p: fate.get(p.label, Outcome(value=0.5)))
    row = described(sets, records)[0]
    counts = {key: row[key] for key in ("set", "round", "wanted", "trials", "complete", "failed", "collapsed")}
    assert counts == dict(set="A", round="first", wanted=6, trials=6, complete=5, failed=1, collapsed=1)
    assert row["best_value"] == 0.7
    assert len(table(records)) == sum(r["trials"] for r in described(sets, records))
