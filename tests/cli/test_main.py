"""The command line answers in one line also where its own output cannot go."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from buysignal import __version__
from buysignal.cli.main import COMMANDS, main, parser

HEAVY = {"numpy", "pandas", "scipy", "sklearn", "torch", "arch", "statsmodels", "mapie", "optuna", "altair", "rich"}
ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "buysignal", "doctor", "--list")


def ended(**streams):
    environment = os.environ | {"PYTHONUNBUFFERED": ""}
    done = subprocess.run(COMMAND, stderr=subprocess.PIPE, text=True, env=environment, **streams)
    return done.returncode, done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is always full is Linux's")
def test_output_to_a_full_disk_is_one_line_and_the_status_of_a_mistake():
    with open("/dev/full", "w") as full:
        assert ended(stdout=full) == (2, "error: standard output cannot be written: No space left on device\n")


def test_a_reader_that_has_seen_enough_is_told_nothing_and_never_makes_it_a_0_which_says_use():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        assert ended(stdout=pipe) == (141, "")  # as a shell has it of a program that SIGPIPE ended


def imported(*words):
    """The status of a command in a process of its own, and which of `HEAVY`, and of their parts, it imported."""
    code = """
import sys
from buysignal.cli.main import main
try:
    status = main(sys.argv[1:])
except SystemExit as ended:
    status = ended.code
print("", status, *sys.modules)"""
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, cwd=ROOT)
    status, *modules = done.stdout.splitlines()[-1].split()
    return int(status), {name for name in modules if name.split(".")[0] in HEAVY}


@pytest.mark.parametrize("words", ["", "--help", "--version", *(f"{name} --help" for name in COMMANDS)])
def test_what_a_command_is_for_is_told_without_importing_what_it_works_with(words):
    assert imported(*words.split()) == (0 if words else 2, set())


def test_the_gate_imports_nothing_that_only_judging_needs():
    status, modules = imported("gate")
    assert status in (0, 1, 2) and "pandas" in modules
    assert {name.split(".")[0] for name in modules} <= {"numpy", "pandas", "scipy", "rich"}
    assert "scipy.stats" not in modules


def test_the_version_is_that_of_the_package(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"buysignal {__version__}\n")


def test_a_call_without_a_command_says_what_one_does_first_and_which_there_are(capsys):
    assert main([]) == 2
    said = capsys.readouterr().err
    assert said.endswith(f"\nerror: name a command: {', '.join(COMMANDS)}\n")
    begun = [line.split()[:4] for line in said.splitlines() if line.startswith("    ")]
    assert [words[3] for words in begun] == ["check", "judge", "init"] and len(said.splitlines()) == 9


@pytest.mark.parametrize(
    ("argv", "called"),
    [("/some/bin/buysignal", "buysignal"), ("/some/buysignal/__main__.py", "python -m buysignal")],
)
def test_it_names_itself_as_it_was_called(argv, called, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", [argv])
    assert main([]) == 2
    assert f"\n    {called} check bars.csv   " in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["judge", "--help"])
    assert capsys.readouterr().out.startswith(f"usage: {called} judge ")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_says_what_it_is_for_and_ends_with_an_example_that_is_understood(name, capsys):
    with pytest.raises(SystemExit):
        main([name, "--help"])
    said = capsys.readouterr().out
    _, about, *_, example = said.strip().split("\n\n")
    assert 0 < len(" ".join(about.split())) <= 250
    before, words = " ".join(example.split()).split(f"buysignal {name}")
    assert before in ("example: ", "example: python -m ")
    understood, _ = parser().parse_known_args([name, *shlex.split(words.split(">")[0])])
    assert understood.command


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["chek", "bars.csv"], "argument command: invalid choice: 'chek'; did you mean check? (`"),
        (["check", "a", "--format", "xml"], "argument --format: invalid choice: 'xml'; known are table, md, json (`"),
        (
            ["judge", "a", "--bars", "b", "--tryed", "4"],
            "unrecognized arguments: --tryed 4; did you mean --tried or --threshold? (`",
        ),
        (["judge"], "the following arguments are required: scores, --bars (`"),
    ],
)
def test_words_that_are_not_understood_are_refused_in_one_line_with_what_was_meant(capsys, words, says):
    with pytest.raises(SystemExit) as ended:
        main(words)
    err = capsys.readouterr().err
    called = "buysignal" if words[0] == "chek" else f"buysignal {words[0]}"
    assert ended.value.code == 2 and err.startswith(f"error: {says}") and err.endswith(f"{called} --help`)\n")
    assert len(err.splitlines()) == 1


def test_every_command_that_answers_does_so_for_a_program_too():
    with_words_for_people_alone = {"completion", "init", "serve"}
    known = {name for name, one in commands().items() if "--format" in one._option_string_actions}
    assert known == COMMANDS.keys() - with_words_for_people_alone


def commands():
    """Command -> its parser."""
    return next(action.choices for action in parser()._actions if action.choices and "judge" in action.choices)
