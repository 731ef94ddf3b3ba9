"""Progress: a plain line per step in a log, a bar on a terminal, and where an earlier run had got to."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buysignal import progress as module
from buysignal.progress import progress, shown


@pytest.fixture
def clock(monkeypatch):
    """Ten seconds between any two looks at the clock."""
    times = iter(range(0, 10_000, 10))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(times))


def test_a_log_gets_a_line_per_step_with_the_time_left_by_hand(clock, capsys):
    with progress("hpo a50 2M", 4) as advance:
        advance("first")
        advance("second")
    assert capsys.readouterr().err.splitlines() == [
        "hpo a50 2M: 1/4  first  (10 s, about 30 s left)",  # 10 s a step, 3 left
        "hpo a50 2M: 2/4  second  (20 s, about 20 s left)",
    ]


def test_going_on_counts_the_earlier_steps_but_not_their_time(clock, capsys):
    with progress("hpo", 10, done=7) as advance:
        advance()
        advance()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "hpo: going on from 7 of 10 finished",
        "hpo: 8/10    (10 s, about 20 s left)",
        "hpo: 9/10    (20 s, about 10 s left)",
    ]


def test_nothing_left_to_do_is_said_once(capsys):
    with progress("hpo", 10, done=10):
        pass
    assert capsys.readouterr().err == "hpo: going on from 10 of 10 finished\n"


@given(total=st.integers(1, 20), done=st.integers(0, 20))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_run_ends_at_its_total_with_no_time_left(total, done, capsys):
    done = min(done, total - 1)
    with progress("x", total, done) as advance:
        for _ in range(total - done):
            advance("note")
    lines = [line for line in capsys.readouterr().err.splitlines() if "going on" not in line]
    assert len(lines) == total - done
    assert lines[-1].startswith(f"x: {total}/{total}  note") and lines[-1].endswith("about 0 s left)")


def test_metrics_are_shown_in_the_projects_order():
    assert shown(0.5, 0.25, 0.75) == "best so far: precision 0.500  recall 0.250  AUC 0.750"


def test_a_terminal_gets_a_bar_that_starts_where_the_earlier_run_ended():
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    code = (
        "from buysignal.progress import progress\n"
        "with progress('hpo', 4, done=2) as advance:\n    advance('best [so far]')\n    advance('end')"
    )
    env = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    done = subprocess.run([sys.executable, "-c", code], stderr=theirs, env=env, timeout=30)
    os.close(theirs)
    text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "hpo: going on from 2 of 4 finished" in text
    assert re.search(r"4/4", text) and "end" in text
    assert "left)" not in text  # the line of a log
