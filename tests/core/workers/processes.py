"""A scheduler and workers as processes of their own on loopback, and jobs for them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from buysignal.models.patchtst.fit import fit
from buysignal.models.patchtst.job import Fit, FitJob

ROOT = Path(__file__).resolve().parents[3]
START_S = 30


@dataclass(frozen=True)
class Cluster:
    address: str
    scheduler: subprocess.Popen


@contextmanager
def cluster(folder: Path, workers: int = 2, threads: int = 1, deaths: int = 3) -> Iterator[Cluster]:
    """Processes started as docs/cluster.md says; a job is given up after ``deaths`` + 1 of its workers."""
    where = folder / "scheduler.json"
    environ = os.environ | {
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(deaths),
        "PYTHONPATH": str(ROOT),  # jobs of the tests are imported by name
    }
    command = (sys.executable, "-m", "dask")
    quiet = dict(cwd=folder, env=environ, stdout=subprocess.DEVNULL, start_new_session=True)
    begin = [*command, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", where]
    join = [*command, "worker", "--scheduler-file", where, "--nworkers", str(workers), "--nthreads", str(threads)]
    join += ["--host", "127.0.0.1", "--no-dashboard", "--death-timeout", "60", "--local-directory", folder]
    with open(folder / "scheduler.log", "w") as one, open(folder / "worker.log", "w") as two:
        processes = [subprocess.Popen(begin, stderr=one, **quiet)]
        try:
            address = _written(where)
            processes.append(subprocess.Popen(join, stderr=two, **quiet))
            _wait_for_workers(address, workers)
            yield Cluster(address, processes[0])
        finally:
            for process in reversed(processes):
                os.killpg(process.pid, signal.SIGKILL)  # with its workers, whatever they are at
                process.wait()


def _written(path: Path) -> str:
    deadline = time.monotonic() + START_S
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline, "no scheduler"
        time.sleep(0.05)
    return json.loads(path.read_text())["address"]


def _wait_for_workers(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=START_S)


def nap(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def fit_and_die_once(job: FitJob, marker: str) -> Fit:
    """A fit whose worker is killed after its first epoch, the first time."""

    def on_epoch(epoch, data) -> bool:
        if not Path(marker).exists():
            Path(marker).write_text(str(os.getpid()))
            os.kill(os.getpid(), signal.SIGKILL)
        return False

    return fit(job, on_epoch)
