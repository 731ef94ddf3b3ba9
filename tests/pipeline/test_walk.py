"""Fitting again is walked where it is asked for, on days before the test role, and changes nothing else."""

import pytest

from buysignal.judge.evidence import missing

pytestmark = pytest.mark.pipeline


def test_a_run_that_does_not_ask_walks_nothing(tiny):
    assert tiny.json("metrics/walk.json") is None
    assert (tiny.folder / "plots/walk.csv").read_text() == "day,date,lead\n"
    assert "retraining" not in (tiny.folder / "metrics/report.md").read_text()


def test_asked_for_it_compares_schedules_before_the_test_role_and_no_other_result_moves(tiny, tmp_path):
    project = tiny.copy(tmp_path / "project")
    kept = ("data/models", "data/selected.json", "metrics/test.json", "metrics/selection.json", "metrics/ledger.jsonl")
    before = project.digests(*kept)
    project.set(**{"walk.months": [24]})
    assert set(project.repro()) == {"check", "walk", "report"}
    assert project.digests(*kept) == before
    told, roles = project.json("metrics/walk.json"), project.json("metrics/featurize/a20.json")["roles"]
    assert (told["first"], told["last"]) == (roles["rank"]["first"], roles["threshold"]["last"])
    assert told["last"] < roles["test"]["first"] and missing(told) == []
    assert [(row["months"], row["fits"]) for row in told["schedules"]] == [(0, 1), (24, 3)]
    assert "<summary>What retraining would have brought</summary>" in (project.folder / "metrics/report.md").read_text()
    project.set(**{"walk.of": "a20-nobody"})
    refused = project.run("dvc", "repro", "walk", check=False)
    assert refused.returncode and "walk.of is a20-nobody; it must be shipped or one that buys: " in (
        refused.stderr + refused.stdout
    )
