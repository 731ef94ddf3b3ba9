"""Ctrl-C, and a `dvc` that dies early, reach a stage whatever it is at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import weakref
from contextlib import closing

import optuna
import pytest

from buysignal.search.study.store import Store
from tests.core.workers.test_engine import running
from tests.reliability.test_hostile_store import record
from tests.search.study.toy import small_space


@pytest.fixture
def ctrl_c():
    """The usual answer to it, whatever the tests were started under."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Held:
    """Something that can be referred to weakly."""


def test_ctrl_c_in_a_clean_up_of_the_store_is_not_lost_and_the_trial_is_kept(tmp_path, monkeypatch, ctrl_c):
    """SQLAlchemy's clean-ups are weakref callbacks; an exception in one of those goes nowhere."""
    add_trial = optuna.Study.add_trial

    def add_and_clean_up(study, trial) -> None:
        add_trial(study, trial)
        held = Held()
        cleaned = weakref.ref(held, lambda _: os.kill(os.getpid(), signal.SIGINT))
        del held, cleaned

    monkeypatch.setattr(optuna.Study, "add_trial", add_and_clean_up)
    with closing(Store(tmp_path / "study.db", small_space())) as store:
        with pytest.raises(KeyboardInterrupt):
            store.append(record(0))
        assert [r.index for r in store.read()] == [0]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


STAGE = (
    "import os, pathlib, sys, time\n"
    "from buysignal.core.parent import die_with_parent\n"  # a stage imports for seconds before it comes to this
    "parent = os.getppid()\n"
    "print(os.getpid(), flush=True)\n"
    "while os.getppid() == parent:\n"
    "    time.sleep(0.01)\n"
    "die_with_parent()\n"
    "pathlib.Path(sys.argv[1]).touch()\n"
)
STARTER = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1], sys.argv[2]])"


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
@pytest.mark.parametrize("by_dvc", [True, False])
def test_a_stage_whose_dvc_dies_before_it_could_watch_does_not_begin(tmp_path, monkeypatch, by_dvc):
    monkeypatch.setenv("DVC_STAGE", "hpo") if by_dvc else monkeypatch.delenv("DVC_STAGE", raising=False)
    command = [sys.executable, "-c", STARTER, STAGE, tmp_path / "begun"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as starter:
        pid = int(starter.stdout.readline())
        starter.kill()
    deadline = time.monotonic() + 60
    while running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not running(pid)
    assert (tmp_path / "begun").exists() != by_dvc  # started by hand with nohup, it was meant to outlive its shell
