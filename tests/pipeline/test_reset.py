"""`make reset`: from whatever state, the committed one, with every look and every file of the user."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buysignal.cli.reset.leftovers import outs_of
from buysignal.ship import ledger
from tests.pipeline.conftest import RESULTS
from tests.pipeline.project import Project

pytestmark = pytest.mark.pipeline
LEDGER = "metrics/ledger.jsonl"
KEPT = ".scratch/reset/1"


def by_hand(project):
    project.set(dropout=0.9, seed=8)


def at_equal_size(project):
    path = project.folder / "params.yaml"
    path.write_text(path.read_text().replace("dropout: 0.3", "dropout: 0.4"))


def other_gates(project):
    path = project.folder / "gates.yaml"
    path.write_text(path.read_text().replace("recall: 0.10", "recall: 0.20"))


def torn_files_and_locks(project):
    path = project.folder / "dvc.lock"
    path.write_text(path.read_text()[:500])
    for name in (".git/index.lock", ".dvc/tmp/rwlock"):
        (project.folder / name).parent.mkdir(exist_ok=True)
        (project.folder / name).write_text('{"write": {')


def staged(project):
    (project.folder / "metrics/analyze.json").unlink()
    (project.folder / "plots/trials.csv").write_text("trial\n")
    project.run("git", "add", "metrics", "plots")


def spoiled_data(project):
    shutil.rmtree(project.folder / "data/models")
    (project.folder / "data/selected.json").unlink()
    (project.folder / "data/selected.json").write_text("{}")


def of_other_tiers(project):
    for name in ("data/features/a50.parquet", "data/hpo/a50/2M/trials.parquet", "metrics/featurize/a50.json"):
        (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / name).write_text("of another run")
    (project.folder / "metrics/pages/supplement-a50.md").write_text("of another run")


def no_registration(project):
    (project.folder / "registered.yaml").write_text("models: [")
    (project.folder / "registered.csv").unlink()


def everything_gone(project):
    tracked = project.run("git", "ls-files", "metrics", "plots", "params.yaml", "dvc.lock").stdout.split()
    for name in (*tracked, "data/trials", "data/selected.json"):
        path = project.folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def left_head(project):
    """As an experiment leaves git that is killed between its commit and its end."""
    at = project.run("git", "rev-parse", "HEAD").stdout.strip()
    project.run("git", "update-ref", "refs/exps/exec/EXEC_BASELINE", at)
    project.run("git", "checkout", "-q", "--detach")
    project.run("git", "commit", "-q", "--allow-empty", "-m", "an experiment")


STATES = (by_hand, at_equal_size, other_gates, torn_files_and_locks, staged, spoiled_data, of_other_tiers)
STATES += (no_registration, everything_gone, left_head)
TOGETHER = (
    by_hand,
    other_gates,
    spoiled_data,
    of_other_tiers,
    no_registration,
    left_head,
    staged,
    torn_files_and_locks,
)
MINE = {
    "metrics/notes.txt": "mine\n",
    "data/raw/mine.csv": "mine\n",
    "proposals/mine.yaml": "a: 1\n",
    "plan.md": "mine\n",
}


def reset(project):
    done = project.run("python", "-m", "buysignal", "reset")
    assert "Traceback" not in done.stderr
    return done.stdout


def as_committed(project, tiny, mine=MINE):
    """Everything is as it was committed, beside the user's files."""
    assert project.digests("gates.yaml", "registered.yaml", "registered.csv") == tiny.digests(
        "gates.yaml", "registered.yaml", "registered.csv"
    )
    now = project.digests(*RESULTS)
    assert {name: sha for name, sha in now.items() if name not in mine} == tiny.digests(*RESULTS)
    assert {name: (project.folder / name).read_text() for name in mine} == mine
    status = project.run("git", "status", "--porcelain", "--branch").stdout.splitlines()
    assert status[0] == "## main" and {line[3:] for line in status[1:]} == set(mine)
    assert project.run("dvc", "status", "--json").stdout.strip() == "{}"


@pytest.fixture
def project(tiny, tmp_path):
    copied = tiny.copy(tmp_path / "project")
    for name, text in MINE.items():
        (copied.folder / name).parent.mkdir(exist_ok=True)
        (copied.folder / name).write_text(text)
    return copied


def test_many_dirty_states_at_once_and_what_was_there_is_kept(project, tiny):
    for dirty in TOGETHER:
        dirty(project)
    tried = (project.folder / "params.yaml").read_text()
    said = reset(project)
    as_committed(project, tiny)
    assert (project.folder / KEPT / "params.yaml").read_text() == tried
    assert f"what was there is kept in: {KEPT}" in said and "HEAD was left by an experiment" in said
    assert reset(project) == "nothing to put back: the committed state is there\n"
    (project.folder / "params.yaml").write_text(tried)
    told = json.loads(project.run("python", "-m", "buysignal", "reset", "--format", "json").stdout)
    assert told["put_back"] == ["params.yaml"] and told["kept_in"] == KEPT.replace("/1", "/2") and told["data_whole"]


@pytest.mark.full
@pytest.mark.parametrize("dirty", STATES)
def test_from_each_dirty_state(project, tiny, dirty):
    dirty(project)
    reset(project)
    as_committed(project, tiny)


def test_after_an_experiment(varied, tiny, tmp_path):
    project = varied.copy(tmp_path / "project")
    reset(project)
    as_committed(project, tiny, {})


@pytest.mark.full
def test_after_an_experiment_of_other_tiers_that_was_killed(project, tiny):
    words = ("dvc", "exp", "run", "-S", "tiers=[a20,a50]", "-S", "candidate.tier=a50")
    log = project.folder.parent / "log"
    with open(log, "w") as out:
        run = subprocess.Popen(
            words, cwd=project.folder, env=project.environment(), stdout=out, stderr=out, start_new_session=True
        )
    while "Running stage 'baseline@a50'" not in log.read_text():
        assert run.poll() is None, log.read_text()
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    reset(project)
    as_committed(project, tiny)


def look(project, name):
    """One more look in the project's ledger."""
    data = {"market": "^GSPC", "bars": "b" * 64, "first": "2016-08-05", "last": "2018-12-28"}
    registered = {"headline": {"name": name}, "others": []}
    return ledger.append(project.folder / LEDGER, registered, data, {"precision": 0.5})


def test_no_look_is_lost_whichever_ledger_has_it(project, tiny):
    look(project, "one")
    path, more = project.folder / LEDGER, (project.folder / LEDGER).read_bytes()
    assert f"{LEDGER} keeps looks that the commit has not" in reset(project)
    assert path.read_bytes() == more
    elsewhere = project.folder.parent / "elsewhere"  # a ledger that went another way
    look(Project.at(elsewhere), "two")
    shutil.copy(elsewhere / LEDGER, path)
    reset(project)
    entries = ledger.read(path)
    assert path.read_bytes().startswith((tiny.folder / LEDGER).read_bytes())
    assert [entry.registered["headline"]["name"] for entry in entries[1:]] == ["two"]


def test_a_damaged_ledger_is_refused_and_nothing_is_touched(project):
    path = project.folder / LEDGER
    path.write_text(path.read_text().replace('"n_buys": ', '"n_buys": 1'))
    by_hand(project)
    before = project.digests(*RESULTS)
    done = project.run("python", "-m", "buysignal", "reset", check=False)
    assert done.returncode == 2 and done.stderr.startswith(
        f"error: {LEDGER}, line 1, was edited: restore the file with"
    )
    assert project.digests(*RESULTS) == before


def test_a_broken_pipeline_is_refused_and_nothing_is_touched(project):
    by_hand(project)
    before = (project.folder / "params.yaml").read_bytes()
    for broken in ("stages: [", "[]", "stages:\n  one: a word\n"):
        (project.folder / "dvc.yaml").write_text(broken)
        done = project.run("python", "-m", "buysignal", "reset", check=False)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("error: dvc.yaml cannot be read (") and "git checkout dvc.yaml" in done.stderr
        assert (project.folder / "params.yaml").read_bytes() == before


def test_stages_of_every_form_that_dvc_knows_have_outs(tmp_path):
    (tmp_path / "dvc.yaml").write_text(FORMS)
    assert outs_of(tmp_path) == ["data/${item}", "m/${item.tier}.json", "plain", "with/flags", "of/anchor"]


FORMS = """
vars: [{where: data}]
stages:
  loop: {foreach: [1, 2], do: {cmd: "x ${item}", outs: ["data/${item}"]}}
  many: {matrix: {tier: [a20, a50]}, cmd: x, outs: ["m/${item.tier}.json": {cache: false}]}
  single:
    cmd: [x, y]
    outs: &outs [plain, with/flags: {persist: true}]
  none: {cmd: x, deps: [plain]}
  again: {cmd: x, deps: *outs, outs: [of/anchor]}
"""


def test_another_dvc_at_work_is_named_and_nothing_is_touched(project):
    by_hand(project)
    before = project.digests(*RESULTS)
    code = "import sys, time; print('ready', flush=True); time.sleep(600)"
    fake = project.folder.parent / "dvc"
    fake.write_text(f"#!{Path(sys.executable).resolve()}\n{code}\n")  # of a venv the path may have a space
    fake.chmod(0o755)
    with subprocess.Popen([str(fake)], cwd=project.folder, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        done = project.run("python", "-m", "buysignal", "reset", check=False)
        other.kill()
    assert done.returncode == 2 and f"dvc is at work here (process {other.pid})" in done.stderr
    assert project.digests(*RESULTS) == before
