"""A variant is held against the registered candidate on the threshold role; the test role stays closed to it."""

import json

import pytest

from buysignal.models import scores
from tests.pipeline.conftest import RESULTS, wait_for_queue

pytestmark = pytest.mark.pipeline
LEDGER = "metrics/ledger.jsonl"


@pytest.fixture(scope="module")
def committed(tiny):
    """The ledger of the committed run."""
    return (tiny.folder / LEDGER).read_bytes()


def test_what_is_committed_was_registered_and_opened_once(tiny, committed):
    assert committed.count(b"\n") == 1
    assert tiny.json("metrics/train.json")["unopened"] == ""
    said = " ".join(tiny.run("python", "-m", "buysignal", "register", "--show").stdout.split())
    assert said.startswith("registered: 9 contenders, of which a20-volatility ships")
    assert "line 1 of the ledger already, and none is added" in said
    assert [tiny.json("metrics/candidate.json")[key] for key in ("lead", "lead_low", "lead_high")] == [0, 0, 0]
    assert "The candidate is the registered one." in (tiny.folder / "metrics/report.md").read_text()


def test_a_variant_leaves_the_ledger_as_it_was_and_every_out_says_that_nothing_was_looked_at(varied, committed):
    assert (varied.folder / LEDGER).read_bytes() == committed
    assert varied.json("metrics/test.json") == {"test": "not registered"}
    why = varied.json("metrics/train.json")
    assert why.pop("verdict")["reason"] == f"the test role is closed: {why['unopened']}"
    assert why.pop("unopened") and why == {"shipped": "", "models": [], "others": [], "look": None}
    assert scores.read(varied.folder / "data/tested") == []
    for folder in varied.json("data/models/models.json"):
        expected = varied.json(f"data/models/{folder}/model.json")["expected"]
        assert expected["n"] is expected["log_loss"] is expected["chosen"]["test"] is None
        assert expected["chosen"]["threshold"]["n_buys"] > 0


def test_it_shows_the_paired_difference_to_the_registered_candidate(varied):
    found = varied.json("metrics/candidate.json")
    assert list(found)[:2] == ["precision", "recall"] and found["lead_low"] <= found["lead"] <= found["lead_high"]
    assert varied.json("data/compared.json")["days"] == 602
    assert (
        "The candidate minus the registered one, which buys on as many of the same 602 days: precision "
        in (varied.folder / "metrics/report.md").read_text()
    )


def test_the_report_says_that_its_numbers_are_of_the_threshold_role(varied):
    report = (varied.folder / "metrics/report.md").read_text()
    assert "**Not examined**: this run is not the registered one (candidate buys from " in report
    assert "of the threshold role, on which this run was chosen: it bought on " in report
    assert "<summary>Test role</summary>\n\nClosed: " in report and "this run did not" not in report
    assert "Not by this run, to which it is closed: " in report and "the ledger has 1 look of others" in report


def test_gate_and_predict_say_so_and_the_doctor_is_silent(varied):
    gate = varied.run("python", "-m", "buysignal", "gate", check=False)
    assert gate.returncode == 2 and "cannot judge: not registered: candidate buys from " in gate.stdout
    predicted = varied.run("python", "-m", "buysignal", "predict", "--bars", "data/raw/example.csv").stdout
    said = " ".join(predicted.split())
    assert "which registered.yaml did not name: not examined." in said and "threshold role 0." in said
    told = json.loads(varied.run("python", "-m", "buysignal", "doctor", "--format", "json", check=False).stdout)
    assert {row["level"] for row in told if row["name"] in ("test-reopened", "numbers-altered", "report-differs")} == {
        "ok"
    }


def test_a_torn_registration_is_refused_before_anything_is_touched(varied, tmp_path):
    project = varied.copy(tmp_path / "project")
    path = project.folder / "registered.yaml"
    path.write_text(path.read_text()[:-9])
    before = project.digests("metrics", "data/models", "data/tested")
    done = project.run("dvc", "repro", check=False)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert "`git checkout HEAD -- registered.yaml` brings the committed one back" in done.stderr
    assert project.digests("metrics", "data/models", "data/tested") == before


@pytest.mark.full
def test_a_variant_that_is_promoted_is_registered_and_is_one_more_look(varied, tmp_path, committed):
    project = varied.copy(tmp_path / "project")
    said = " ".join(project.run("python", "-m", "buysignal", "register").stdout.split())
    assert "that will be one more look: 1 at these days are in the ledger" in said
    project.repro()
    assert (project.folder / LEDGER).read_bytes().startswith(committed)
    assert (project.folder / LEDGER).read_bytes().count(b"\n") == 2
    assert "These test days were looked at 2 times" in (project.folder / "metrics/report.md").read_text()
    before = project.digests(*RESULTS)
    assert project.run("python", "-m", "buysignal", "register").stdout.startswith("registered already")
    assert project.repro("--force", "test") and project.digests(*RESULTS) == before


@pytest.mark.full
def test_ten_in_a_row_and_a_queue_leave_ledger_gate_and_doctor_as_they_were(tiny, tmp_path, committed):
    project = tiny.copy(tmp_path / "project")
    gate = project.run("python", "-m", "buysignal", "gate", check=False)
    for at in range(10):
        project.run("dvc", "exp", "run", "-S", f"dropout={0.35 + at / 50:.2f}")
        assert (project.folder / LEDGER).read_bytes() == committed
    project.run("python", "-m", "buysignal", "reset")
    project.run("dvc", "exp", "run", "--queue", "-S", "dropout=0.6,0.65")
    project.run("dvc", "queue", "start")
    assert set(wait_for_queue(project).values()) == {"Success"}
    assert project.digests(*RESULTS) == tiny.digests(*RESULTS)
    again = project.run("python", "-m", "buysignal", "gate", check=False)
    assert (again.returncode, again.stdout) == (gate.returncode, gate.stdout)
    told = json.loads(project.run("python", "-m", "buysignal", "doctor", "--format", "json", check=False).stdout)
    assert [row["text"] for row in told if row["name"] == "test-reopened"] == ["first recorded look at these test days"]
