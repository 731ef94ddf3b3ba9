"""actionlint has nothing to say of the workflow: keys, expressions, names of steps, and ShellCheck of every script."""

import os
import shutil
import subprocess

import pytest

from tests.pipeline.project import BIN, ROOT

FILE = ".github/workflows/metrics.yml"
PATH = f"{BIN}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture
def lint(tmp_path):
    """What actionlint says of a workflow, a line a finding."""
    if not all(shutil.which(program, path=PATH) for program in ("actionlint", "shellcheck")):
        pytest.skip("needs requirements-lint.txt")

    def run(text):
        (tmp_path / "workflow.yml").write_text(text, encoding="utf-8")
        command = ["actionlint", "-no-color", "-oneline", str(tmp_path / "workflow.yml")]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | {"PATH": PATH}, capture_output=True, text=True)
        assert done.returncode == bool(done.stdout), done.stderr
        return done.stdout.splitlines()

    return run


def test_the_workflow_has_no_finding(lint):
    assert lint((ROOT / FILE).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("written", "instead", "finding"),
    [
        (
            "steps.fresh.outcome != 'success' ||",
            "steps.frish.outcome != 'success' ||",
            'property "frish" is not defined',
        ),
        ("github.event.pull_request.number", "github.base_reff", 'property "base_reff" is not defined'),
        ("timeout-minutes", "timeout-minute", 'unexpected key "timeout-minute"'),
        ('cat "$RUNNER_TEMP/summary.md" >>', "cat $RUNNER_TEMP/summary.md >>", "SC2086"),
    ],
)
def test_a_mistake_in_it_would_be_found(lint, written, instead, finding):
    text = (ROOT / FILE).read_text(encoding="utf-8")
    assert written in text
    found = lint(text.replace(written, instead))
    assert found and all(finding in line for line in found)
