"""Where jobs run: in this process, on this machine's cores, or on a Dask cluster.

Workers and scheduler come from the environment, never from params.yaml: they must not change a
result, only when it arrives.
"""

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import joblib
from joblib.externals.loky.process_executor import BrokenProcessPool

from buysignal.core.errors import UserError
from buysignal.core.workers.device import DEVICE, usable_device
from buysignal.core.workers.job import SCHEDULER, Failure, guarded

WORKERS, STACK = "BUYSIGNAL_WORKERS", "BUYSIGNAL_STACK"
WHOLE = 1 << 16  # trials of a stack, where only memory bounds it
# Measured peaks of a worker, 100 features x 5,031 days: 0.61 GiB in a trial of the widest 2M model, 0.68 of the widest
# 20M one, 1.11 where that is trained over three seeds at once. Too few workers cost time, too many the run.
GIB_PER_WORKER = 1.1
CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # v2, v1
WATCH_S = 0.5  # how long a worker may outlive its parent


@dataclass(frozen=True)
class Engine:
    """Runs independent jobs with one compute thread each.

    Attributes
    ----------
    workers : processes; 1 runs the jobs here, one after another. Ignored with a scheduler
    scheduler : address of a Dask scheduler (``tcp://host:8786``), or empty. Its workers train on the device that
        their own environment names
    stack : trials of one shape that are handed out together, at most
    """

    workers: int = 1
    scheduler: str = ""
    stack: int = 1

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Engine by ``BUYSIGNAL_WORKERS`` (default: usable cores), ``BUYSIGNAL_SCHEDULER``, ``BUYSIGNAL_STACK``
        and ``BUYSIGNAL_DEVICE``.

        More workers than cores or memory bear are cut down, with a warning. A GPU is used by this
        process alone, which trains stacks as large as fit; elsewhere a stack is one trial, unless
        ``BUYSIGNAL_STACK`` says how many it may be.

        Raises
        ------
        UserError
            If a value is malformed, or there is no such device.
        """
        scheduler = environ.get(SCHEDULER, "").strip()
        if scheduler and "://" not in scheduler:
            raise UserError(f"{SCHEDULER}={scheduler} is not an address; write it as tcp://host:8786")
        asked, stack = _count(environ, WORKERS, "workers"), _count(environ, STACK, "trials")
        device = "cpu" if scheduler else usable_device(environ)
        if device != "cpu":
            if asked and asked > 1:
                _warn(f"{WORKERS}={asked}: running 1, {DEVICE}={device} is one device")
            return cls(stack=stack or WHOLE)
        cores, fit = joblib.cpu_count(), _workers_that_fit()
        wanted = asked or cores
        workers = max(1, min(wanted, cores, fit))
        if asked and workers < wanted and not scheduler:
            limit = f"{cores} usable cores" if cores <= fit else f"memory for {fit} at {GIB_PER_WORKER:g} GiB each"
            _warn(f"{WORKERS}={wanted}: running {workers}, there are {limit}")
        return cls(workers, scheduler, stack or 1)

    def run(self, function: Callable[[Any], Any], jobs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Yield ``(position, function(job))`` as jobs finish, in any order, each exactly once.

        A job that raises yields a `Failure` in place of a result. A job whose worker process dies
        is run once more, alone, and yields a `Failure` if that dies too.

        Raises
        ------
        UserError
            If the Dask scheduler cannot be reached or goes away, or its workers see another project.
        """
        todo = list(enumerate(jobs))
        if self.scheduler:
            from buysignal.core.workers import cluster  # not on top: it needs Dask, which is optional

            yield from cluster.run(self.scheduler, function, todo)
        elif self.workers == 1:
            for position, job in todo:
                yield guarded(function, position, job)
        else:
            yield from self._in_pools(function, todo)

    def _in_pools(self, function: Callable, todo: list[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
        while todo:
            done = set()
            try:
                for position, result in _pool(self.workers, function, todo):
                    done.add(position)
                    yield position, result
            except BrokenProcessPool:
                left = [item for item in todo if item[0] not in done]
                # Jobs are handed out in order, one per worker: only the first ones can have died.
                suspects, todo = left[: self.workers], left[self.workers :]
                for suspect in suspects:
                    yield _alone(function, suspect)
            else:
                return


def _count(environ: Mapping[str, str], name: str, what: str) -> int | None:
    """The variable as a whole number of at least 1; None where it is not set."""
    text = environ.get(name, "").strip()
    if text and not (text.isdecimal() and text.isascii() and int(text) >= 1):
        raise UserError(f"{name}={text} is not a number of {what}; write 1 or more, or unset it")
    return int(text) if text else None


def _warn(text: str) -> None:
    print(f"warning: {text}", file=sys.stderr, flush=True)


def _pool(workers: int, function: Callable, todo: list[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    """Run on ``workers`` local processes, handing a job out only when a worker is free for it."""
    # joblib keeps idle workers for the next pool, but only where the arguments of their start are the same.
    start = dict(initializer=_start, initargs=(os.getpid(), os.getcwd()))
    with joblib.parallel_config("loky", n_jobs=workers, inner_max_num_threads=1, **start):
        parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch=workers, max_nbytes=None)
        results = parallel(joblib.delayed(guarded)(function, p, job) for p, job in todo)
    yield from results


def _alone(function: Callable, item: tuple[int, Any]) -> tuple[int, Any]:
    """Run one job in its own pool, where its death can be blamed on nobody else."""
    try:
        # Two workers for one job: a pool of one would run it in this process.
        return next(iter(_pool(2, function, [item])))
    except BrokenProcessPool:
        return item[0], Failure("WorkerDied", "the worker process died twice (out of memory?)")


def _start(parent: int, folder: str) -> None:
    """Make a new worker work in ``folder``, and end when ``parent`` is gone, which it may be before a first job.

    PR_SET_PDEATHSIG would not do: it fires when the *thread* that started the worker ends, and
    joblib starts replacements from threads of its own.
    """
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all: the stage answers it and ends its workers
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(1)


def _workers_that_fit() -> int:
    """Workers the free memory holds."""
    import psutil  # not on top: a command that trains nothing does without

    free = min(psutil.virtual_memory().available, _container_limit() or math.inf)
    return max(1, int(free / 2**30 / GIB_PER_WORKER))


def _container_limit(paths: Sequence[str] = CGROUP_LIMITS) -> int | None:
    """Bytes the control group may use: what a container has, whatever the machine around it has free."""
    for path in paths:
        try:
            with open(path, encoding="ascii") as file:
                text = file.read().strip()
        except OSError:
            continue
        return int(text) if text.isdecimal() else None  # "max" where there is no limit
    return None
