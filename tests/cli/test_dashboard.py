"""The studies of the search under names that one can read, the newest first, and all of them in one server."""

import json
import os
import warnings

import optuna
import pytest

from buysignal.cli.dashboard import gathered, studies
from buysignal.cli.main import main

HASH = "0123456789abcdef01234567"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".scratch/studies").mkdir(parents=True)
    return tmp_path / ".scratch/studies"


def study(folder, name, trials, written):
    """A study of so many finished trials and one that runs, last written at that time (s)."""
    path = folder / f"{name}.db"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = optuna.create_study(storage=f"sqlite:///{path}", study_name=name, direction="maximize")
        for value in range(trials):
            made.add_trial(optuna.trial.create_trial(value=value / 10))
        made.ask()
    os.utime(path, (written, written))
    return path


def test_names_are_without_hashes_the_newest_first_and_running_trials_are_not_counted(folder):
    study(folder, f"a50-2M-{HASH}", 3, 1e9)
    study(folder, f"a50-2M-{HASH[::-1]}", 1, 2e9)
    study(folder, f"a100-supplement-{HASH}", 2, 1.5e9)
    assert [(one.name, one.trials) for one in studies(folder)] == [
        ("a50-2M", 1),
        ("a100-supplement", 2),
        ("a50-2M (2)", 3),
    ]


def test_the_list_has_the_forms_of_every_command(folder, capsys):
    study(folder, f"a50-2M-{HASH}", 3, 1e9)
    assert main(["dashboard", "--list"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[:2] == ["a50-2M", "3"]
    assert main(["dashboard", "--list", "--format", "json"]) == 0
    [told] = json.loads(capsys.readouterr().out)
    assert (told["study"], told["trials"]) == ("a50-2M", 3) and told["path"].endswith(f"a50-2M-{HASH}.db")


def test_one_server_has_all_of_them_by_name_with_their_trials(folder):
    study(folder, f"a50-2M-{HASH}", 3, 1e9)
    study(folder, f"a100-20M-{HASH}", 1, 2e9)
    together = gathered(studies(folder))
    named = {name.split(", ")[0]: name for name in optuna.get_all_study_names(together)}
    assert list(named) == ["a100-20M", "a50-2M"] and ", 3 trials, " in named["a50-2M"]
    trials = optuna.load_study(study_name=named["a50-2M"], storage=together).trials
    assert [one.value for one in trials if one.state.is_finished()] == [0.0, 0.1, 0.2]


def test_an_unknown_name_or_an_empty_folder_is_one_line_with_the_command_that_helps(folder, capsys):
    assert main(["dashboard"]) == 2
    assert capsys.readouterr().err.endswith("holds no study: `make repro` searches\n")
    study(folder, f"a50-2M-{HASH}", 3, 1e9)
    assert main(["dashboard", "a50-20M"]) == 2
    said = "error: a50-20M is no study: name one of a50-2M, see `python -m buysignal dashboard --list`\n"
    assert capsys.readouterr().err == said
