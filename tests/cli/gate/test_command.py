"""`python -m buysignal gate` as CI runs it: in a process of its own, by its exit status."""

import json
import os
import subprocess
import sys

import pytest

from buysignal.cli.main import main
from tests.cli.gate.examples import ROOT, commit, leading, set_gate, write


@pytest.fixture
def project(tmp_path, monkeypatch):
    write(tmp_path / "project")
    commit(tmp_path / "project")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    return tmp_path / "project"


def process(folder, *words):
    """What the command says in a folder, in a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "buysignal", "gate", *words]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)


@pytest.fixture
def gate(capsys):
    """Status, output and errors of the command about a folder."""

    def run(folder, *words):
        status = main(["gate", "--project", str(folder), *words])
        return (status, *capsys.readouterr())

    return run


def test_a_good_run_gives_0_and_a_summary_is_added_to_what_stands_there(project, tmp_path):
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    done = process(project, "--against", "main", "--summary", str(summary))
    assert (done.returncode, done.stderr) == (0, "")
    assert "pass: all 8 rules that were asked are met" in done.stdout
    written = summary.read_text()
    assert written.startswith("before\n## Gate: pass\n") and "Compared with main." in written


def test_a_run_less_precise_than_volatility_gives_1_and_says_so_in_one_sentence(project):
    write(project, leading(difference=-0.2, low=-0.4, high=-0.01))
    done = process(project, "--format", "json")
    said = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert said["verdict"] == "fail" and said["against"] is None
    assert said["sentence"].startswith("fail: a50-2M-T1 is less precise than a50-volatility buying on as many days")
    assert [rule["verdict"] for rule in said["rules"]] == ["pass", "pass", "pass", "fail", "pass", *["not asked"] * 3]


def test_missing_metrics_give_2(project):
    (project / "metrics/train.json").unlink()
    done = process(project)
    assert (done.returncode, done.stderr) == (2, "")
    said = "cannot judge: metrics/train.json is missing: `git checkout HEAD -- metrics/train.json`, or build it"
    assert said in " ".join(done.stdout.split())


def test_a_revision_that_is_unknown_gives_2_and_one_line_in_a_process_too(project):
    done = process(project, "--against", "nosuch")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: git knows no revision 'nosuch': name a branch, tag or commit, or `git fetch` it\n"


def test_a_revision_without_metrics_gives_2(project, gate):
    names = ("train.json", "selection.json", "ledger.jsonl")
    for name in names:
        (project / "metrics" / name).rename(project / name)
    commit(project)
    for name in names:
        (project / name).rename(project / "metrics" / name)
    status, said, _ = gate(project, "--against", "HEAD")
    assert status == 2 and "HEAD has no metrics/train.json" in said
    assert gate(project, "--against", "HEAD~1")[0] == 0


def one_line(done, *words):
    status, said, error = done
    assert (status, said) == (2, "")
    assert error.startswith("error: ") and error.count("\n") == 1
    assert all(word in error for word in words), error


def test_a_folder_outside_of_git_gives_one_line_when_it_is_to_be_compared(tmp_path, monkeypatch, gate):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    write(tmp_path / "alone")
    one_line(
        gate(tmp_path / "alone", "--against", "HEAD"), "is in no git repository, which --against needs: `git init`"
    )
    assert gate(tmp_path / "alone")[0] == 0


def test_without_git_one_line_says_what_needs_it(project, monkeypatch, gate):
    monkeypatch.setenv("PATH", "")
    one_line(gate(project, "--against", "HEAD"), "git is not installed, and --against needs it")
    assert gate(project)[0] == 0


def test_a_project_without_gates_gives_one_line(project, gate):
    (project / "gates.yaml").unlink()
    one_line(gate(project), "gates.yaml is missing")


def test_a_summary_that_cannot_be_written_is_named_after_the_verdict_was_printed(project, gate):
    status, said, error = gate(project, "--summary", "no/such/folder.md")
    assert status == 2 and "pass: all 5 rules" in said
    assert error == "error: no/such/folder.md cannot be written: No such file or directory; name another --summary\n"


def test_a_folder_that_is_none_is_named(project, gate):
    one_line(gate(project / "nowhere"), "nowhere is no folder: name that of the project with --project")


def test_a_gate_set_in_params_is_the_one_that_is_asked(project, gate):
    set_gate(project, "recall", "0.6")
    assert gate(project)[0] == 1
    set_gate(project, "recall", "null")
    status, said, _ = gate(project, "--against", "HEAD")
    assert status == 0 and "Note: recall in gates.yaml is null here and 0.1 at HEAD" in said


def test_the_committed_run_of_this_project_is_judged(gate):
    """Whatever it says, all of its metrics can be read, and the exit status is that of its verdict."""
    status, said, _ = gate(ROOT, "--format", "json")
    assert {"pass": 0, "fail": 1, "cannot judge": 2}[json.loads(said)["verdict"]] == status
