"""How a stage ends: one line for a mistake, a traceback for a bug, a word on how to go on after Ctrl-C."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from buysignal.core.stage import scratch


def start(body: str, *arguments: str) -> subprocess.Popen:
    """A stage whose ``main(*words)`` has this body, in a process of its own."""
    imports = "import time\nfrom buysignal.core.errors import UserError\nfrom buysignal.core.stage import run"
    code = f"{imports}\n{body}\nrun(main)"
    command = [sys.executable, "-c", code, *arguments]
    # a shell's background job starts with Ctrl-C switched off, and its children inherit that
    heard = lambda: signal.signal(signal.SIGINT, signal.default_int_handler)  # noqa: E731
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard)


def ended(body: str, *arguments: str) -> tuple[int, str, str]:
    process = start(body, *arguments)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_words_of_the_command_line_reach_main_and_a_good_end_is_status_0():
    assert ended("def main(*words): print(words)", "a50", "2M") == (0, "('a50', '2M')\n", "")


def test_a_users_mistake_is_one_line_on_stderr_and_status_1():
    assert ended("def main(): raise UserError('tier a51 is unknown')") == (1, "", "error: tier a51 is unknown\n")


GIVEN_UP = """
import time
from buysignal.core.workers.engine import Engine

def main():
    for _ in Engine(2).run(time.sleep, [0.0, 0.0, 1.0, 1.0]):
        raise UserError("too many trials failed")
"""


def test_a_stage_that_stops_while_others_still_train_says_its_reason_and_nothing_else():
    assert ended(GIVEN_UP) == (1, "", "error: too many trials failed\n")


ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["featurize.py"], "error: words given: 0; usage: python stages/featurize.py TIER\n"),
        (["featurize.py", "a50", "x"], "error: words given: 2; usage: python stages/featurize.py TIER\n"),
        (["check.py", "x"], "error: words given: 1; usage: python stages/check.py\n"),
        (
            ["featurize.py", "nosuch"],
            "error: tier 'nosuch' is none of params.yaml, which has a50, a100; "
            "usage: python stages/featurize.py TIER\n",
        ),
        (
            ["hpo.py", "a50", "../../x"],
            "error: budget '../../x' is none of params.yaml, which has 2M, 20M; "
            "usage: python stages/hpo.py TIER BUDGET\n",
        ),
        (
            ["featurize.py", "../a\n50"],
            "error: tier '../a\\n50' is none of params.yaml, which has a50, a100; "
            "usage: python stages/featurize.py TIER\n",
        ),
    ],
)
def test_a_stage_run_by_hand_with_wrong_words_says_its_usage_and_writes_nothing(tmp_path, words, said):
    shutil.copy2(ROOT / "params.yaml", tmp_path)
    command = [sys.executable, str(ROOT / "stages" / words[0]), *words[1:]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]


def test_a_mistake_that_quotes_several_lines_is_still_told_in_one():
    body = r"def main(): raise UserError('training failed: RuntimeError: size\n  mismatch\n')"
    assert ended(body) == (1, "", "error: training failed: RuntimeError: size mismatch\n")


def test_what_a_mistake_quotes_cannot_write_to_the_terminal_as_it_likes():
    body = r"def main(): raise UserError('a.csv has \x1b[2J\x07 in it')"
    assert ended(body) == (1, "", "error: a.csv has \N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER} in it\n")


def test_a_bug_keeps_its_traceback():
    status, _, err = ended("def main(): return 1 / 0")
    assert status == 1
    assert err.startswith("Traceback") and err.endswith("ZeroDivisionError: division by zero\n")


def test_a_stage_run_by_hand_without_what_it_reads_names_the_file_and_the_command():
    said = "error: data/absent.json is missing: run `dvc repro`, which builds what a stage reads\n"
    assert ended("def main(): open('data/absent.json')") == (1, "", said)


def test_ctrl_c_gives_130_and_says_how_to_go_on():
    process = start("def main():\n    print('on', flush=True)\n    time.sleep(30)")
    assert process.stdout.readline() == "on\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert err == "interrupted: finished trials and fits are kept, `dvc repro` goes on from there\n"


def test_ctrl_c_while_a_stage_still_imports_says_the_same_and_is_no_traceback():
    process = start("print('importing', flush=True)\ntime.sleep(30)")
    assert process.stdout.readline() == "importing\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert process.returncode == -signal.SIGINT  # as Python ends by Ctrl-C: a shell shows it as 130
    assert err == "interrupted: finished trials and fits are kept, `dvc repro` goes on from there\n"


@pytest.mark.parametrize("stage", sorted((ROOT / "stages").glob("*.py")), ids=lambda path: path.stem)
def test_a_stage_imports_what_answers_ctrl_c_first(stage):
    first = next(line for line in stage.read_text().splitlines() if line.startswith("from buysignal"))
    assert first.startswith("from buysignal.core.stage import ")


def test_a_bug_in_an_import_keeps_its_traceback():
    process = start("1 / 0")
    _, err = process.communicate(timeout=10)
    assert process.returncode == 1
    assert err.startswith("Traceback") and err.endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize(
    ("here", "expected"),
    [
        ("project", "project/.scratch"),
        ("project/.dvc/tmp/exps/standalone/tmpx1", "project/.scratch"),
        ("project/.dvc/tmp/exps/tmpx1", "project/.scratch"),
        ("outer/.dvc/tmp/exps/tmpx1/inner/.dvc/tmp/exps/tmpx2", "outer/.dvc/tmp/exps/tmpx1/inner/.scratch"),
        (".dvc/projects/mine", ".dvc/projects/mine/.scratch"),  # a folder of that name alone proves nothing
    ],
)
def test_the_scratch_folder_is_the_projects_also_for_a_copy_made_by_an_experiment(
    tmp_path, monkeypatch, here, expected
):
    (tmp_path / here).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / here)
    assert scratch() == tmp_path / expected
    assert not scratch().exists()
