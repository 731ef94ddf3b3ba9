"""What docs/daily.md gives to cron, systemd and GitHub is what they can read, and its commands are ours."""

from __future__ import annotations

import configparser
import shlex

import pytest
import yaml

from buysignal.cli.main import parser
from buysignal.cli.update.command import STATUS
from tests.docs.pages import ROOT, blocks

SHOWN = blocks("docs/daily.md")


def of(language: str, holding: str) -> str:
    (found,) = [block.text for block in SHOWN if block.language == language and holding in block.text]
    return found


def units(text: str) -> configparser.ConfigParser:
    found = configparser.ConfigParser(strict=True, interpolation=None)
    found.optionxform = str
    found.read_string(text)
    return found


def test_the_line_of_cron_has_five_times_in_their_ranges_and_a_command_of_ours():
    *times, command = of("text", "* * 1-5").strip().split(maxsplit=5)
    assert len(times) == 5
    low_high = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
    for time, (low, high) in zip(times, low_high):
        assert time == "*" or all(low <= int(part) <= high for part in time.split("-"))
    words = shlex.split(command)
    asked = parser().parse_args(words[words.index("buysignal", 3) + 1 :])
    assert asked.bars == "yahoo" and callable(asked.command)


def test_the_service_runs_the_command_and_a_buy_is_no_failure():
    service = units(of("ini", "[Service]"))["Service"]
    words = shlex.split(service["ExecStart"])
    assert words[1:3] == ["-m", "buysignal"] and callable(parser().parse_args(words[3:]).command)
    assert service["SuccessExitStatus"] == str(STATUS["buy"]) and service["Type"] == "oneshot"
    timer = units(of("ini", "[Timer]"))
    assert timer["Timer"]["OnCalendar"] == "Mon..Fri 18:30" and timer["Install"]["WantedBy"] == "timers.target"


def test_the_workflow_is_yaml_whose_script_fails_on_bad_data_and_on_a_broken_promise_alone(tmp_path):
    import subprocess

    steps = yaml.safe_load(of("yaml", "schedule"))["jobs"]["update"]["steps"]
    script = steps[-1]["run"]
    for name in ("python", "git"):
        (tmp_path / name).write_text(f"#!/bin/sh\n{'exit $WANTED' if name == 'python' else 'exit 0'}\n")
        (tmp_path / name).chmod(0o755)
    for what, status in STATUS.items():
        env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "WANTED": str(status)}
        done = subprocess.run(["bash", "-e", "-c", script], env=env, capture_output=True, check=False)
        assert (done.returncode == 0) == (what in ("buy", "no buy")), (what, done.stderr)


@pytest.mark.parametrize("status", STATUS.values())
def test_every_exit_status_is_on_the_page(status):
    (line,) = [
        part for part in (ROOT / "docs/daily.md").read_text(encoding="utf-8").split("- **") if "Exit status" in part
    ]
    assert f"{status} " in line
