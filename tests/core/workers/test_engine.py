"""The engine: same results wherever jobs run, and no job or worker can take the others down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from buysignal.core.errors import UserError
from buysignal.core.workers import engine
from buysignal.core.workers.engine import Engine
from buysignal.core.workers.job import Failure


def square(x: int) -> int:
    if x == 3:
        raise ValueError("three is not allowed")
    return x * x


def die_on_two(x: int) -> int:
    if x == 2:
        os._exit(7)
    return x * x


def die_once(marker: str) -> str:
    """Dies the first time it sees a marker file that is not there."""
    if marker and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return marker


def threads(_: int) -> list[int]:
    import numpy as np  # noqa: F401  loads the BLAS whose threads are counted
    from threadpoolctl import threadpool_info

    return [pool["num_threads"] for pool in threadpool_info()]


def folder(_: int) -> str:
    return os.getcwd()


def worker_pid(_: int) -> int:
    time.sleep(0.2)
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_every_job_is_answered_once_and_an_exception_stays_with_its_job(workers):
    results = list(Engine(workers).run(square, range(6)))
    assert sorted(p for p, _ in results) == [0, 1, 2, 3, 4, 5]
    assert dict(results) == {0: 0, 1: 1, 2: 4, 3: Failure("ValueError", "three is not allowed"), 4: 16, 5: 25}


def test_a_dying_worker_fails_its_own_job_only():
    results = list(Engine(2).run(die_on_two, range(7)))
    assert sorted(p for p, _ in results) == list(range(7))
    answers = dict(results)
    assert isinstance(answers.pop(2), Failure)
    assert answers == {0: 0, 1: 1, 3: 9, 4: 16, 5: 25, 6: 36}


def test_a_job_whose_worker_was_killed_once_is_run_again(tmp_path):
    jobs = ["", str(tmp_path / "killed"), ""]
    assert dict(Engine(2).run(die_once, jobs)) == dict(enumerate(jobs))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_job_computes_with_one_thread(workers):
    for _, counts in Engine(workers).run(threads, range(2)):
        assert counts and set(counts) == {1}


@pytest.mark.parametrize("workers", [1, 2])
def test_jobs_work_in_the_folder_of_who_asks_wherever_a_pool_stood_before(tmp_path, monkeypatch, workers):
    seen = {}
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        seen[name] = {answer for _, answer in Engine(workers).run(folder, range(4))}
    assert seen == {name: {str(tmp_path / name)} for name in ("first", "second")}


def test_workers_outlive_the_thread_that_started_them():
    answers = []
    thread = threading.Thread(target=lambda: answers.extend(Engine(3).run(worker_pid, range(3))))
    thread.start()
    thread.join()
    time.sleep(1.5)  # three times the watch interval: a worker tied to its thread would be gone
    again = dict(Engine(3).run(worker_pid, range(3)))
    assert set(again.values()) & {pid for _, pid in answers}  # not all: a worker may have had no job at first


@pytest.mark.parametrize("jobs", [2, 1], ids=["at work", "one never had a job"])
def test_workers_die_with_a_killed_parent(tmp_path, jobs):
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, signal, sys\n"
        "from buysignal.core.workers.engine import Engine\n"
        "def job(x):\n"
        "    os.write(1, b'.\\n')\n"
        "    signal.pause()\n"
        "if __name__ == '__main__':\n"
        "    list(Engine(2).run(job, range(int(sys.argv[1]))))\n"
    )
    with subprocess.Popen([sys.executable, script, str(jobs)], stdout=subprocess.PIPE, text=True) as parent:
        try:
            for _ in range(jobs):
                assert parent.stdout.readline() == ".\n"
            pids = workers_of(parent.pid)
            assert len(pids) == 2
        finally:
            parent.kill()
    deadline = time.monotonic() + 30  # a worker that is still importing goes when it has imported
    while any(running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(running(pid) for pid in pids)


def workers_of(parent: int) -> list[int]:
    """Worker processes that a process has started, from whichever of its threads."""
    children = psutil.Process(parent).children()
    return [child.pid for child in children if any("LokyProcess" in word for word in child.cmdline())]


def running(pid: int) -> bool:
    """Whether the process exists and is not a zombie nobody has reaped yet."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_workers_come_from_the_environment_and_are_bounded_with_a_warning(monkeypatch, capsys):
    monkeypatch.setattr("joblib.cpu_count", lambda: 4)
    monkeypatch.setattr("buysignal.core.workers.engine._workers_that_fit", lambda: 3)
    assert Engine.from_environment({"BUYSIGNAL_WORKERS": "2"}) == Engine(2)
    assert Engine.from_environment({}) == Engine(3)
    assert capsys.readouterr().err == ""  # nobody asked for more
    assert Engine.from_environment({"BUYSIGNAL_WORKERS": "9"}).workers == 3
    memory = "warning: BUYSIGNAL_WORKERS=9: running 3, there are memory for 3 at 1.1 GiB each\n"
    assert capsys.readouterr().err == memory
    monkeypatch.setattr("joblib.cpu_count", lambda: 2)
    assert Engine.from_environment({"BUYSIGNAL_WORKERS": "9"}).workers == 2
    assert capsys.readouterr().err == "warning: BUYSIGNAL_WORKERS=9: running 2, there are 2 usable cores\n"
    address = "tcp://127.0.0.1:8786"  # whose workers are not counted here
    assert Engine.from_environment({"BUYSIGNAL_WORKERS": "9", "BUYSIGNAL_SCHEDULER": address}).scheduler == address
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("free", "limit", "workers"),
    [(8 << 30, None, 7), (8 << 30, 4 << 30, 3), (3 << 30, 9 << 30, 2), (1 << 20, None, 1)],
)
def test_the_tighter_of_free_memory_and_container_limit_bounds_the_workers(monkeypatch, free, limit, workers):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free))
    monkeypatch.setattr(engine, "_container_limit", lambda: limit)
    assert engine._workers_that_fit() == workers


def test_a_container_limit_is_read_where_there_is_one(tmp_path):
    file, absent = tmp_path / "memory.max", str(tmp_path / "absent")
    file.write_text("2147483648\n")
    assert engine._container_limit([absent, str(file)]) == 2 << 30
    file.write_text("max\n")
    assert engine._container_limit([str(file)]) is None and engine._container_limit([absent]) is None


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_malformed_worker_count_is_a_user_error(value):
    with pytest.raises(UserError, match=f"BUYSIGNAL_WORKERS={value}"):
        Engine.from_environment({"BUYSIGNAL_WORKERS": value})


def test_a_malformed_scheduler_is_a_user_error():
    with pytest.raises(UserError, match="tcp://host:8786"):
        Engine.from_environment({"BUYSIGNAL_SCHEDULER": "localhost"})


def test_without_dask_a_scheduler_is_a_user_error_that_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)  # importing it fails, also where it is installed
    with pytest.raises(UserError, match=r"BUYSIGNAL_SCHEDULER needs Dask: pip install -r requirements-cluster.txt"):
        list(Engine(scheduler="tcp://127.0.0.1:9").run(square, range(2)))
