"""A stage does not outlive the process that started it."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from buysignal.core import parent
from tests.core.workers.test_engine import running

STAGE = (
    "import os, signal; from buysignal.core.parent import die_with_parent;"
    "print(os.getpid(), die_with_parent(), flush=True); signal.pause()"
)
STARTER = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {STAGE!r}])"


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
def test_a_stage_dies_with_a_killed_parent():
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True) as starter:
        pid, agreed = starter.stdout.readline().split()
        assert agreed == "True" and running(int(pid))
        starter.kill()
    deadline = time.monotonic() + 5
    while running(int(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running(int(pid))


def test_elsewhere_nothing_happens(monkeypatch):
    monkeypatch.setattr(parent.sys, "platform", "darwin")
    assert parent.die_with_parent() is False
