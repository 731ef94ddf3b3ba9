"""The workflow of a pull request names what there is, runs nothing a stranger wrote, and fails when the gate does."""

import fnmatch
import re
import shlex

import pytest
import yaml
from dvc.cli.parser import get_main_parser

from buysignal.cli.main import parser
from tests.cli.gate.examples import ROOT

TEXT = (ROOT / ".github/workflows/metrics.yml").read_text(encoding="utf-8")
WORKFLOW = yaml.load(TEXT, Loader=yaml.BaseLoader)  # `on` stays a word
STEPS = WORKFLOW["jobs"]["gate"]["steps"]
SCRIPTS = [step["run"] for step in STEPS if "run" in step]

KEYWORDS = {"if", "then", "fi", "!", "{", "}"}
SHELL = {"echo", "cat", "tee", "grep", "exit", "true", "["}  # of every runner
GITHUB = {"gh"}  # of GitHub's runners
ASSIGNMENT = re.compile(r"[A-Z_]+=")


def commands(script):
    """Simple commands of a script as lists of words, without keywords, assignments and redirections."""
    for line in script.replace("||\n", "|| ").splitlines():
        words, simple = shlex.shlex(line, posix=True, punctuation_chars=True), []
        words.whitespace_split = True
        found = [*words, ";"]
        while found:
            word = found.pop(0)
            if word in (">>", ">"):
                found.pop(0)
            elif set(word) <= set(";&|"):
                if simple:
                    yield simple
                simple = []
            elif simple or (word not in KEYWORDS and not ASSIGNMENT.match(word)):
                simple.append(word)


ALL = [words for script in SCRIPTS for words in commands(script)]


def test_scripts_are_cut_into_their_commands():
    script = 'A="$B/c"\nif [ "$X" != y ]; then\n  echo "a | b" >> "$A"\nfi\ndvc repro --dry | tee x || exit 1\n'
    assert list(commands(script)) == [
        ["[", "$X", "!=", "y", "]"],
        ["echo", "a | b"],
        ["dvc", "repro", "--dry"],
        ["tee", "x"],
        ["exit", "1"],
    ]


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_is_there_and_takes_the_words_it_is_given(words):
    program, *rest = words
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert rest and set(rest) <= set(targets)
    elif program == "python":
        assert rest[:2] == ["-m", "buysignal"]
        parser().parse_args(rest[2:])  # exits where an option is unknown
    elif program == "dvc":
        get_main_parser().parse_args(rest)
    else:
        assert program in SHELL | GITHUB


def test_the_workflow_tests_gates_compares_uploads_and_comments():
    said = {" ".join(words[:4]) for words in ALL}
    wanted = (
        "make test",
        "python -m buysignal gate",
        "dvc metrics diff --md",
        "dvc params diff --md",
        "gh pr comment $NUMBER",
    )
    assert said >= set(wanted)
    assert {"actions/checkout", "actions/setup-python", "actions/upload-artifact"} == {
        step["uses"].split("@")[0] for step in STEPS if "uses" in step
    }


def test_actions_are_pinned_by_major_version_and_the_history_is_whole():
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"]) for step in STEPS if "uses" in step)
    checkout = next(step for step in STEPS if step.get("uses", "").startswith("actions/checkout"))
    assert checkout["with"]["fetch-depth"] == "0"  # else git knows no base branch


def test_no_expression_is_written_into_a_script_and_no_secret_is_read():
    assert not [script for script in SCRIPTS if "${{" in script]
    assert "secrets." not in TEXT and "pull_request_target" not in TEXT
    assert WORKFLOW["on"] == "pull_request"
    assert WORKFLOW["permissions"] == {"contents": "read", "pull-requests": "write"}


def test_whatever_may_fail_for_now_fails_the_job_at_the_end():
    late = {step["id"] for step in STEPS if step.get("continue-on-error") == "true"}
    assert late == {"fresh", "gate"}
    assert set(STEPS[-1]["if"].split(" || ")) == {f"steps.{name}.outcome != 'success'" for name in late}
    assert STEPS[-1]["run"] == "exit 1"


def test_what_is_uploaded_and_cached_by_is_in_the_project():
    upload = next(step["with"]["path"] for step in STEPS if step.get("uses", "").startswith("actions/upload"))
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"].values()
    outs = [out if isinstance(out, str) else next(iter(out)) for stage in stages for out in stage["outs"]]
    assert fnmatch.filter(outs, upload)
    setup = next(step["with"] for step in STEPS if step.get("uses", "").startswith("actions/setup-python"))
    assert setup["python-version"] == "3.11"
    assert all((ROOT / name).is_file() for name in setup["cache-dependency-path"].split())
