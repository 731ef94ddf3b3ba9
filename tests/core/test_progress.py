"""Progress: a plain line per step in a log, a bar on a terminal, and where an earlier run had got to."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buysignal.core import progress as module
from buysignal.core.progress import duration, progress, shown


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


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (99.4, "99 s"), (100, "2 min"), (5400, "90 min"), (6000, "1.7 h"), (36_000, "10.0 h")],
)
def test_times_are_said_in_the_unit_one_would_say_them_in(seconds, said):
    assert duration(seconds) == said


def on_a_terminal(columns: int) -> str:
    """What a terminal of that width is sent by a search of four steps, two of which an earlier run had finished."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    code = (
        "import time\n"
        "from buysignal.core.progress import progress, shown\n"
        "with progress('supplement a100', 4, done=2) as advance:\n"
        "    time.sleep(0.3)\n    advance('best [so far]')\n    time.sleep(0.3)\n    advance(shown(0.5, 0.25, 0.75))"
    )
    env = os.environ | {"TERM": "xterm", "COLUMNS": str(columns)}
    done = subprocess.run([sys.executable, "-c", code], stderr=theirs, env=env, timeout=30)
    os.close(theirs)
    text = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert done.returncode == 0
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)  # colours and moves of the cursor


def test_a_terminal_gets_a_bar_that_starts_where_the_earlier_run_ended():
    text = on_a_terminal(120)
    assert "supplement a100: going on from 2 of 4 finished" in text
    assert "━" in text and "4/4" in text and "best [so far]" in text
    assert "precision 0.500  recall 0.250  AUC 0.750" in text
    assert "(0 s" not in text  # the line of a log


def test_eighty_columns_have_room_for_the_steps_the_time_left_precision_and_recall():
    text = on_a_terminal(80)
    assert re.search(r"2/4 .*0 s so far", text)  # before the first step of this run nothing can be said
    assert re.search(r"3/4 .*0 s left", text)  # after it something can
    assert "precision 0.500  recall 0.250" in text
    assert "━" not in text
