"""Every command that the pages print is understood, and runs as printed in a copy of the project at a tiny scale."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from tests.docs.commands import NOT_COMMANDS, is_slow, not_run, problems
from tests.docs.pages import PROGRAMS, ROOT, blocks, is_command, pages, simple, spans
from tests.docs.words import YOURS, is_path, outs
from tests.pipeline.project import ran
from tests.pipeline.test_plots import UNDRAWN

AFTER_CANDIDATE = {"candidate", "compare", "sweep", "select", "mirror", "train", "test", "symbols", "walk", "report"}
STATUS = {f"python -m buysignal {name}": (0, 1) for name in ("check", "doctor", "register --show")}
STATUS |= {f"python -m buysignal {name}": (0, 1, 2) for name in ("gate", "judge")}
STATUS["python -m buysignal retrain"] = (0, 2, 5)
"""Exit statuses that are answers: a check may warn, a doctor find something at a scale like this, a gate or a
judge say no, or that they cannot tell, and a retraining has no new days."""


def printed():
    """Every command of a block with its page, once, in the order of the pages, the README first."""
    found = {}
    for page in sorted(pages(), key=lambda page: (page != "README.md", page)):
        for block in blocks(page):
            for command in block.commands:
                found.setdefault(command, page)
    return [(page, command) for command, page in found.items()]


def to_run():
    """Those that are run, as parameters of a test: the README's, but for those that build most of the pipeline anew.

    The others are run among the long proofs.
    """
    return [
        pytest.param(page, command, marks=[pytest.mark.full] * later, id=f"{page}: {command}")
        for page, command in printed()
        if not not_run(command)
        for later in [page != "README.md" or is_slow(command)]
    ]


@pytest.fixture(scope="module")
def built(tiny, tmp_path_factory):
    """A copy in which the README's first command has run and the results are committed."""
    project = tiny.copy(tmp_path_factory.mktemp("docs") / "project")
    for name in YOURS:
        if name.endswith(".csv"):
            (project.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(project.folder / "data" / "raw" / "example.csv", project.folder / name)
    lines = (project.folder / "bars.csv").read_text().splitlines()[1:]
    days_and_opens = [",".join(line.split(",")[:2]) for line in lines]
    (project.folder / "scores.csv").write_text("\n".join(["date,score", *days_and_opens]))
    earlier = [line for line in days_and_opens if line < "2017-12-30"]
    (project.folder / "again.csv").write_text("\n".join(["date,score", *earlier]))
    project.page, project.said = "README.md", {}
    return project


def run(project, command):
    """The outcome of a printed command, which is run once."""
    if command not in project.said:
        project.said[command] = project.run("bash", "-c", command, check=False)
    return project.said[command]


@pytest.mark.pipeline
@pytest.mark.parametrize(("page", "command"), to_run())
def test_the_command_runs_as_printed(built, page, command):
    if page != built.page:  # a reader comes to a page with what is committed, to a command with what the page did
        (built.folder / "params.yaml").unlink()
        built.run("git", "checkout", "-q", "--", ".")
        built.run("dvc", "checkout", "-q", "--force")
        built.page = page
    done = run(built, command)
    statuses = next((allowed for start, allowed in STATUS.items() if command.startswith(start)), (0,))
    assert done.returncode in statuses, f"{command}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.pipeline
def test_a_variant_runs_what_follows_the_candidate_and_is_compared_in_tables_and_pictures(built):
    [variant] = [command for page, command in printed() if page == "README.md" and "-n d45" in command]
    assert set(ran(run(built, variant).stdout)) - {"check"} == AFTER_CANDIDATE
    table = built.run("dvc", "exp", "show", "--only-changed", "--csv").stdout
    assert {"precision", "recall", "precision_low", "n_buys", "auc", "dropout"} <= set(table.splitlines()[0].split(","))
    shown = built.run("dvc", "plots", "diff", "HEAD", "d45", "--json").stdout
    views = json.loads(shown)["data"]
    assert {"precision vs threshold", "recall vs threshold", "precision vs recall", "trial history"} <= set(views)
    assert {name for name, data in views.items() if not data} == UNDRAWN


@pytest.mark.pipeline
def test_every_path_that_the_pages_call_built_is_built(built):
    for page in pages():
        for span in filter(is_path, spans(page)):
            path = re.sub("a50|a100", "a20", span.rstrip("/")).replace("20M", "2M")  # what the tiny scale has
            if any(path == out or path.startswith(f"{out}/") for out in outs()):
                assert (built.folder / path).exists(), f"{page}: {span}"


@pytest.mark.parametrize("page", pages())
def test_every_command_of_the_page_is_understood(page):
    commands = [command for block in blocks(page) for command in block.commands]
    commands += [span for span in spans(page) if " " in span and is_command(span)]
    wrong = [problem for command in commands for part in simple(command) for problem in problems(part)]
    assert not wrong, f"{page}: {'; '.join(wrong)}"


@pytest.mark.parametrize("page", pages())
def test_every_block_is_commands_or_says_what_it_is(page):
    for block in blocks(page):
        listed = any(block.text.startswith(start) for start in NOT_COMMANDS)
        where = f"{page}:{block.line}: neither commands ({', '.join(PROGRAMS[:6])}, ...) nor a fence with a language"
        assert block.commands or block.language or listed, where
        if block.text.startswith("#!/bin/bash"):
            script = block.text.replace("<", "").replace(">", "")  # <what a reader fills in>
            subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        if block.language == "yaml" or block.text.startswith("apiVersion"):
            manifest = block.text.partition("\n\nand in")[0]
            assert all(isinstance(part, dict | list) for part in yaml.safe_load_all(manifest)), f"{page}:{block.line}"


@pytest.mark.parametrize("command", [command for _, command in printed() if command.startswith("make ")])
def test_what_make_would_run_is_understood(command):
    target = command.removeprefix("make ").split("&&")[0].split()
    done = subprocess.run(["make", "-n", *target], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.replace("\\\n", " ").splitlines()
    wrong = [problem for line in lines if line.startswith(("dvc ", "python ")) for problem in problems(line)]
    assert not wrong, f"{command}: {'; '.join(wrong)}"


def test_a_wrong_command_is_found():
    for command in (
        "make absent",
        "make dashboard STUDIES=a50",
        "dvc exp run -S droput=0.4",
        "dvc exp run --absent",
        "python -m buysignal absent",
        "python -m buysignal doctor --absent",
        "python -m bench.absent",
        "python bench/absent.py",
        "pip install -r absent.txt",
    ):
        assert problems(command), command
