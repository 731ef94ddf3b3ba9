"""Progress: a plain line per step in a log, a bar on a terminal, and where an earlier run had got to."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from math import comb

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buysignal.core import progress as module
from buysignal.core.progress import duration, measured, progress


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


def test_precision_comes_with_its_interval_and_its_buys_and_before_recall():
    assert measured(6, 10, 0.048) == "precision 0.600 (0.26 to 0.88, 10 buys)  recall 0.048"


def test_two_lucky_buys_do_not_shout():
    assert measured(2, 2, 0.016) == "precision 1.000 (0.16 to 1.00, 2 buys)  recall 0.016"  # 0.025 ** (1 / 2)
    assert measured(0, 2, 0.0) == "precision 0.000 (0.00 to 0.84, 2 buys)  recall 0.000"
    assert measured(0, 0, 0.0) == "no buys"


@given(n_buys=st.integers(1, 60), data=st.data())
def test_each_end_of_the_interval_leaves_a_fortieth_in_its_tail(n_buys, data):
    """Against sums of the binomial distribution: as many hits or more at the lower end, or fewer at the upper."""
    hits = data.draw(st.integers(0, n_buys))
    low, high = map(float, re.search(r"\((\S+) to (\S+),", measured(hits, n_buys, 0.5)).groups())

    def tail(p, counts):
        return sum(comb(n_buys, k) * p**k * (1 - p) ** (n_buys - k) for k in counts)

    at_least, at_most = range(hits, n_buys + 1), range(hits + 1)
    if hits == 0:
        assert low == 0
    else:  # what is shown is rounded
        assert tail(max(0.0, low - 0.006), at_least) <= 0.025 <= tail(low + 0.006, at_least)
    if hits == n_buys:
        assert high == 1
    else:
        assert tail(min(1.0, high + 0.006), at_most) <= 0.025 <= tail(high - 0.006, at_most)


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
        "from buysignal.core.progress import measured, progress\n"
        "with progress('supplement a100', 4, done=2) as advance:\n"
        "    time.sleep(0.3)\n    advance('best [so far]')\n    time.sleep(0.3)\n    advance(measured(6, 10, 0.048))"
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
    assert "precision 0.600 (0.26 to 0.88, 10 buys)  recall 0.048" in text
    assert "(0 s" not in text  # the line of a log


def test_eighty_columns_have_room_for_the_steps_the_time_left_precision_and_recall():
    text = on_a_terminal(80)
    assert re.search(r"2/4 .*0 s so far", text)  # before the first step of this run nothing can be said
    assert re.search(r"3/4 .*0 s left", text)  # after it something can
    said = [part.split() for part in re.split(r"[\r\n]+", text)]
    assert "precision 0.600 (0.26 to 0.88, 10 buys) recall 0.048" in " ".join(word for part in said for word in part)
    assert "━" not in text
