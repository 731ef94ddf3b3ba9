"""The clock of the README's commands runs both commits and compares the same command."""

from __future__ import annotations

import json

import pytest

from bench import commands


def test_two_commits_are_cloned_and_timed_in_turns(tmp_path, monkeypatch, capsys):
    out = tmp_path / "commands.json"
    words = ["commands", "--before", "HEAD", "--small", "--folder", str(tmp_path / "clones"), "--out", str(out)]
    monkeypatch.setattr("sys.argv", words)
    commands.main()
    told = json.loads(out.read_text())
    assert [run["commit"] for run in told["runs"]] == ["before", "after"]
    assert all(run["seconds"] > 0 for run in told["runs"]) and set(told["before_over_after"]) == {
        "python -m buysignal --version"
    }
    assert (tmp_path / "clones/before/dvc.yaml").is_file() and (tmp_path / "clones/after/dvc.yaml").is_file()


def test_ratios_are_of_the_fastest_runs_and_only_of_what_both_ran():
    """10 and 8 s before, 4 s after: 2 times; what only one ran has no ratio."""
    run = lambda commit, command, seconds: dict(commit=commit, command=command, seconds=seconds, computing=seconds / 2)  # noqa: E731
    rows = [run("before", "a", 10.0), run("after", "a", 4.0), run("before", "a", 8.0), run("before", "b", 1.0)]
    assert commands.found(rows, "x")["before_over_after"] == {"a": {"seconds": 2.0, "computing": 2.0}}


def test_a_command_that_fails_ends_the_race(tmp_path):
    with pytest.raises(commands.subprocess.CalledProcessError):
        commands.timed("python -m buysignal no-such-command", tmp_path)
