"""Experiments beside the committed results: a queue of them, and the table and the files that compare them."""

import json

import pytest

from tests.pipeline.conftest import QUEUED, RESULTS
from tests.pipeline.project import ROOT

pytestmark = pytest.mark.pipeline
DROPPED = ".*/|headline|test|plots|Executor"


def test_a_queue_runs_every_value_in_another_process_and_shares_what_is_already_trained(reviewed):
    assert reviewed.queue == dict.fromkeys(QUEUED, "Success")
    for name in reviewed.queue:
        log = reviewed.run("dvc", "queue", "logs", name).stdout
        assert "Running stage 'candidate':" in log and "Running stage 'sweep':" in log
        assert "Stage 'hpo@a20-2M' didn't change, skipping" in log
    listed = reviewed.run("git", "status", "--porcelain", "--ignored").stdout.split()
    assert ".scratch/" in listed
    assert not list((reviewed.folder / ".dvc/tmp").rglob(".scratch"))


def test_a_queue_leaves_the_workspace_and_the_committed_results_alone(reviewed):
    assert reviewed.digests(*RESULTS) == reviewed.before
    assert reviewed.run("git", "status", "--porcelain").stdout == ""


def test_the_table_of_experiments_fits_a_terminal_and_has_precision_then_recall_first(reviewed):
    assert f"--drop '{DROPPED}'" in (ROOT / "docs/experiments.md").read_text(encoding="utf-8")
    options = ("--only-changed", "--hide-failed", "--no-pager", "--drop", DROPPED)
    shown = reviewed.run("dvc", "exp", "show", *options, COLUMNS="300").stdout
    header = next(line for line in shown.splitlines() if "Experiment" in line)
    numbers = [name for name in header.split() if name not in ("Experiment", "Created", "State", "Executor")]
    assert numbers == [
        "precision",
        "recall",
        "precision_low",
        "n_buys",
        "auc",
        "trade",
        "lead",
        "lead_low",
        "lead_high",
        "dropout",
    ]
    assert len(header.rstrip()) <= 160


def test_an_experiment_differs_from_the_commit_in_its_param_and_in_its_candidate(reviewed):
    params = json.loads(reviewed.run("dvc", "params", "diff", "HEAD", "tried-2", "--json").stdout)
    changes = {key: (change["old"], change["new"]) for key, change in params["params.yaml"].items()}
    assert changes == {"dropout": (0.3, 0.45)}
    metrics = json.loads(reviewed.run("dvc", "metrics", "diff", "HEAD", "tried-2", "--json").stdout)
    assert "metrics/candidate.json" in metrics and "metrics/test.json" not in metrics


def test_what_the_editor_reads_is_declared(reviewed):
    """The table and the plots of the VS Code extension come from these two commands."""
    [_, baseline] = json.loads(reviewed.run("dvc", "exp", "show", "--json").stdout)
    assert set(baseline["data"]["metrics"]) == {f"metrics/{name}.json" for name in ("candidate", "headline", "test")}
    assert "dropout" in baseline["data"]["params"]["params.yaml"]["data"]
    assert {tried["name"] for tried in baseline["experiments"]} == {"tried-1", "tried-2"}
    split = json.loads(reviewed.run("dvc", "plots", "diff", "HEAD", "tried-1", "--json", "--split").stdout)
    assert all(panel["anchor_definitions"] for panels in split["data"].values() for panel in panels)
