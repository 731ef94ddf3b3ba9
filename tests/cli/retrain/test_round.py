"""From bars that came to a model that was swapped in: the real pipeline at a tiny scale, killed on its way."""

from __future__ import annotations

import json
import os
import signal
import subprocess

import numpy as np
import pandas as pd
import pytest

from tests.pipeline.project import Project, ran

pytestmark = pytest.mark.pipeline

FILE = "data/raw/grown.csv"
GATES = ("verdict", "precision_low", "recall", "lift", "prediction_width", "new_looks", "precision_drop", "recall_drop")


def grown(project: Project, days: int) -> pd.DataFrame:
    """The bars with which the model shipped, and so many more."""
    known = pd.read_parquet(project.folder / "data/bars/bars.parquet").loc[:"2018-12-31"]
    rng, last = np.random.default_rng(5), known["close"].iloc[-1]
    close = last * np.exp(np.cumsum(rng.normal(0, 0.01, 100)))
    opened = np.r_[last, close[:-1]]
    top, bottom = np.maximum(opened, close) * 1.004, np.minimum(opened, close) * 0.996
    index = pd.bdate_range("2019-01-01", periods=100, name="date")
    later = pd.DataFrame({"open": opened, "high": top, "low": bottom, "close": close, "volume": 1e9}, index)
    return pd.concat([known[list(later)], later[:days]])


def asked(project: Project, *words: str) -> subprocess.CompletedProcess:
    return project.run("python", "-m", "buysignal", *words, check=False)


def journal(project: Project) -> list[dict]:
    return [json.loads(line) for line in (project.folder / "journal/journal.jsonl").read_text().splitlines()]


def head(project: Project, name: str = "HEAD") -> str:
    return project.run("git", "rev-parse", name).stdout


def killed_while_training(project: Project) -> None:
    """Start it, and kill it and all that it started once a search runs."""
    process = subprocess.Popen(
        ["python", "-m", "buysignal", "retrain"],
        cwd=project.folder,
        env=project.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("Running stage 'hpo"):
            break
    assert process.poll() is None, "".join(said)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_a_new_model_is_trained_held_against_the_old_one_and_swapped_in(tiny, tmp_path):
    goes_round(tiny.copy(tmp_path / "project"))


def goes_round(project: Project) -> None:
    folder = project.folder
    grown(project, 45).to_csv(folder / FILE)
    project.set(**{"ingest.source": "csv", "ingest.csv": FILE})
    project.set(**{"retrain.when": "broken", "retrain.trial": 20, "retrain.margin": 0.0})
    (folder / "gates.yaml").write_text("".join(f"{key}: null\n" for key in GATES))
    assert asked(project, "update", "--bars", FILE).returncode == 3  # the market is another one: the promise breaks

    # what is not committed is refused, and nothing is made
    refused = asked(project, "retrain")
    assert refused.returncode == 2 and refused.stderr.count("\n") == 1
    assert "gates.yaml and 1 more differ from what is committed" in refused.stderr
    assert "retrain/" not in project.run("git", "branch").stdout

    project.run("git", "add", "params.yaml", "gates.yaml", FILE)
    project.run("git", "commit", "-q", "-m", "newer bars")
    before, data = head(project), project.digests("data", "metrics", "dvc.lock", "params.yaml")
    killed_while_training(project)
    trained = asked(project, "retrain")
    until = "2019-02-04"  # 25 days came, and 20 more for the trial
    assert trained.returncode == 0, trained.stdout + trained.stderr
    stages = ran(trained.stderr)
    assert "ingest" not in stages and "train" in stages and "test" in stages, stages
    assert "20 trading days" not in trained.stdout and "19 trading days that neither has seen" in trained.stdout
    assert "and the old one is kept" in trained.stdout
    assert head(project) == before and project.digests("data", "metrics", "dvc.lock", "params.yaml") == data
    subjects = project.run("git", "log", "--format=%s", f"main..retrain/{until}").stdout.splitlines()
    assert subjects == [
        f"Retrain: the test role of data to {until} opened as registered",
        f"Retrain: data to {until}",
    ]
    told = [line for line in journal(project) if line["kind"] == "retrain"]
    assert [(line["until"], line["decision"]) for line in told] == [(until, "the old one is kept")]

    # again: compared without training, and nothing new to put down
    content = (folder / "journal/journal.jsonl").read_bytes()
    again = asked(project, "retrain")
    assert again.returncode == 0 and ran(again.stderr) == []
    assert (folder / "journal/journal.jsonl").read_bytes() == content

    # on more days, by a rule that it meets; the branch is merged though what is checked out went on
    grown(project, 55).to_csv(folder / "new.csv")
    assert asked(project, "update", "--bars", "new.csv").returncode in (0, 3, 4)
    project.set(**{"retrain.margin": 0.999})
    project.run("git", "commit", "-q", "-a", "-m", "margin")
    waits = asked(project, "retrain", "--format", "json")
    assert waits.returncode == 5 and ran(waits.stderr) == [], waits.stdout + waits.stderr
    found = json.loads(waits.stdout)
    assert (found["outcome"], found["until"], found["compared"]["n"]) == ("waits", until, 29)
    assert "retrain --apply" in found["said"][-1] and found["names"].keys() == {"old", "new"}
    applied = asked(project, "retrain", "--apply")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    assert project.run("git", "branch", "--format=%(refname:short)").stdout == "main\n"
    assert not (folder / ".scratch/retrain" / until).exists()
    assert json.loads((folder / "data/models/shipped/model.json").read_text())["regime"]["seen"] == until
    assert project.stale() <= {"check"}  # it reads all of params.yaml, of which the margin changed
    decisions = [line["decision"] for line in journal(project) if line["kind"] == "retrain"]
    assert decisions == ["the old one is kept", "shown not worse", "applied"]

    # the journal goes on with the new model
    content = (folder / "journal/journal.jsonl").read_bytes()
    grown(project, 58).to_csv(folder / "new.csv")
    assert asked(project, "update", "--bars", "new.csv").returncode in (0, 3, 4)
    assert (folder / "journal/journal.jsonl").read_bytes().startswith(content)
    lines = journal(project)
    first, second = [line for line in lines if line["kind"] == "model"]
    days = [line for line in lines if line["kind"] == "day"]
    assert first["model"]["seal"] != second["model"]["seal"] and len(days) == 58
    assert [line["number"] > second["number"] for line in days] == [False] * 55 + [True] * 3
    assert (first["market"], second["market"]) == (
        "^GSPC",
        "csv",
    )  # as the sources name it; the journal keeps the first
    assert all(list(line["bars"]) == list(line["answers"]) == ["^GSPC"] for line in days)
    followed = json.loads(asked(project, "follow", "--format", "json").stdout)
    assert followed["model"] == second["model"]["name"] and followed["promised"] == second["promise"]
    assert asked(project, "retrain").stdout == "no new model is due: the promise is not broken: too early to tell\n"
