"""The workflow of a pull request, run here: its steps in order, by bash, in a clone without data, as GitHub has it.

A project whose results are committed is the base. One branch makes its metrics worse, one makes them better, one
edits a number by hand. Two programs are stand-ins, both first in PATH and both recorders of what they are asked:
``gh``, which would comment on GitHub, and ``make``, as its targets are what the tests already run in.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from buysignal.core.settings import of
from buysignal.judge.params import CANNOT_TELL
from buysignal.judge.verdict import Verdict
from tests.ci.runner import FAILURE, SUCCESS, Job, read
from tests.cli.gate.examples import GOOD, edit, replace, set_gate, write
from tests.pipeline.project import ROOT

WORKFLOW = read(ROOT / ".github/workflows/metrics.yml")
JOB = WORKFLOW["jobs"]["gate"]
RECORDER = '#!/bin/sh\necho "$(basename "$0") $*" >> "{asked}"\n'
COMMENT = '#!/bin/sh\necho "gh $*" >> "{asked}"\nfor last; do :; done\ncp "$last" "{comment}"\n'  # of a body file


@pytest.fixture(scope="module")
def base(tiny, tmp_path_factory):
    """The repository that a pull request is made to: made-up results of a good run, committed as those of its code."""
    project = tiny.copy(tmp_path_factory.mktemp("ci") / "base")
    write(project.folder)
    edit(project.folder, "metrics/test.json", lambda shown: shown["test"].update(precision=0.7, recall=0.583333))
    accept(project, "a good run")
    return project


def accept(project, message):
    """Commit whatever stands in metrics/ as what the pipeline gives."""
    project.run("dvc", "commit", "--force")
    project.commit(message)


class PullRequest:
    """A branch of the base, and the job of the workflow in a clone of it."""

    def __init__(self, base, folder: Path, branch: str, onto: str = "main"):
        self.base, self.folder, self.branch, self.onto = base, folder, branch, onto
        base.run("git", "switch", "-q", "-c", branch, onto)

    def run(self, repository: str = "me/project") -> str:
        """Run the job as for a pull request from a branch of ``repository``."""
        self.base.run("git", "switch", "-q", "main")
        clone, tools, temp = (self.folder / name for name in ("clone", "tools", "temp"))
        self.base.run("git", "clone", "-q", "--branch", self.branch, str(self.base.folder), str(clone))
        tools.mkdir()
        temp.mkdir()
        self.asked, self.comment = self.folder / "asked.txt", self.folder / "comment.md"
        for name, script in (("make", RECORDER), ("gh", COMMENT)):
            (tools / name).write_text(script.format(asked=self.asked, comment=self.comment))
            (tools / name).chmod(0o755)
        (clone / ".venv").symlink_to(sys.prefix)  # what the real `make setup` would have made
        environment = self.base.at(clone).environment() | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
        values = {
            "github.base_ref": self.onto,
            "github.event.pull_request.number": "7",
            "github.event.pull_request.head.repo.full_name": repository,
            "github.repository": "me/project",
            "github.token": "no token",
        }
        self.job = Job(clone, values, environment, temp)
        return self.job.run(JOB)

    @property
    def summary(self) -> str:
        return (self.folder / "temp/github_step_summary").read_text(encoding="utf-8")


@pytest.fixture
def pull_request(base, tmp_path):
    def start(branch, onto="main"):
        return PullRequest(base, tmp_path, branch, onto)

    yield start
    base.run("git", "checkout", "-q", "--force", "main")


def rewritten(folder: Path, **changes):
    """The run of the branch with other results of what ships, registered by a look of its own."""
    model = replace(GOOD, **changes)
    write(folder, model, configuration="another")
    told = {"precision": model.precision, "recall": model.recall}
    edit(folder, "metrics/test.json", lambda shown: shown["test"].update(told))


@pytest.mark.pipeline
def test_a_branch_that_makes_the_metrics_worse_fails_and_the_comment_says_what_fell(base, pull_request):
    request = pull_request("worse")
    rewritten(base.folder, precision=0.3, precision_low=0.2, n_buys=60)
    accept(base, "worse")
    assert request.run() == FAILURE
    assert request.job.outcomes == {"fresh": SUCCESS, "gate": FAILURE}
    said = request.comment.read_text(encoding="utf-8")
    assert said == request.summary
    assert said.startswith("## Gate: fail\n")
    assert "Compared with origin/main." in said
    rows = " ".join(said.split())
    assert "| precision, lower bound | 0.200 (precision 0.300, 60 buys) | at least 0.400 | fail |" in rows
    assert "| drop of precision | -0.400 (0.700 to 0.300) |" in rows
    assert "| new test looks | 1 of 3 | at most 0 | fail |" in rows
    assert "| metrics/test.json | test.precision | 0.7 | 0.3 | -0.4 |" in rows
    assert "are not those of this code" not in said
    assert request.job.uploaded == ["metrics/report.md"]


@pytest.mark.pipeline
def test_a_branch_that_makes_them_better_and_allows_its_look_passes(base, pull_request):
    request = pull_request("better")
    rewritten(base.folder, precision=0.8, precision_low=0.68, recall=0.66)
    set_gate(base.folder, "new_looks", "1")
    accept(base, "better")
    assert request.run() == SUCCESS, request.job.said
    said = request.comment.read_text(encoding="utf-8")
    assert said.startswith("## Gate: pass\n\n**pass: all 8 rules that were asked are met**")
    assert "Note: new_looks in gates.yaml is 1 here and 0 at origin/main" in said
    assert "| metrics/test.json | test.precision | 0.7 | 0.8 | 0.1 |" in " ".join(said.split())
    assert request.asked.read_text().splitlines() == [
        "make setup",
        "make test",
        f"gh pr comment 7 --edit-last --create-if-none --body-file {request.folder}/temp/summary.md",
    ]


@pytest.mark.pipeline
def test_a_branch_that_changes_no_result_passes_where_nobody_could_tell_before_either(base, pull_request):
    base.run("git", "switch", "-q", "-c", "undecided", "main")
    write(base.folder, replace(GOOD, verdict=of(Verdict, CANNOT_TELL, "it may as well lose money", None)))
    accept(base, "nobody can tell")
    request = pull_request("words", onto="undecided")
    (base.folder / "params.yaml").open("a", encoding="utf-8").write("# a better comment\n")
    base.commit("a better comment")
    assert request.run() == SUCCESS, request.job.said
    said = " ".join(request.comment.read_text(encoding="utf-8").split())
    assert "| verdict, by money | cannot tell, before: cannot tell | no worse than origin/undecided | pass |" in said


@pytest.mark.pipeline
def test_a_number_edited_by_hand_fails_and_a_fork_gets_the_summary_without_a_comment(base, pull_request):
    request = pull_request("edited")
    edit(base.folder, "metrics/train.json", lambda run: run["models"][0].update(precision=0.71))
    base.commit("a better number")
    assert request.run("somebody/project") == FAILURE
    assert request.job.outcomes["fresh"] == FAILURE
    assert "**The committed results are not those of this code: run dvc repro and commit them.**" in request.summary
    assert not request.comment.exists()
