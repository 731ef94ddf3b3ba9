"""A process that measures: one that hangs, dies or has spoiled its device is ended, and another one goes on."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

import torch
from bench.gpu.record import FAILED, NOT_MEASURED, Tell
from bench.gpu.recorders import said

from buysignal.core.workers.engine import _start

Work = Callable[[Tell, float], dict[str, Any]]
"""A part, given what it may tell before it ends and the seconds it has; picklable."""

LEAST_S = 1.0  # below them nothing is begun


class Worker:
    """Does one part after another in a process of its own, which ends when this one does.

    Parameters
    ----------
    environ : what the process finds in its environment besides ours; None for what it must not find
    """

    def __init__(self, environ: Mapping[str, str | None]) -> None:
        self.environ = dict(environ)
        self.process: multiprocessing.process.BaseProcess | None = None
        self.pipe: Connection | None = None

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *error: object) -> None:
        self.end()

    def do(self, work: Work, limit_s: float) -> dict[str, Any]:
        """The result of a part, or what it told before it failed or its time was over, and which of both."""
        if limit_s < LEAST_S:
            return {"state": NOT_MEASURED, "why": "no time was left"}
        began, so_far = time.monotonic(), {}
        if self.process is None:
            self._begin()
        try:
            self.pipe.send((work, limit_s))
            while self.pipe.poll(max(0.0, began + limit_s - time.monotonic())):
                what, value = self.pipe.recv()
                if what == "told":
                    so_far = value
                elif what == "done":
                    if failed_within(value):
                        self.end()  # what failed may have spoiled the device for this process
                    return value
                else:
                    self.end()
                    return so_far | {"state": FAILED, "why": value}
        except (EOFError, BrokenPipeError, ConnectionResetError):
            code = self.end()
            return so_far | {"state": FAILED, "why": f"the process died with exit code {code} (out of memory?)"}
        self.end()
        return so_far | {"state": NOT_MEASURED, "why": f"ended after {limit_s:.0f} s: more did not fit into the limit"}

    def end(self) -> int | None:
        """End the process, if there is one; its exit code."""
        process, self.process = self.process, None
        if process is None:
            return None
        self.pipe.close()
        process.join(0.2)
        process.kill()
        process.join()
        return process.exitcode

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")  # CUDA does not outlive a fork
        self.pipe, theirs = context.Pipe()
        start = (theirs, os.getpid(), self.environ)
        self.process = context.Process(target=_serve, args=start, daemon=True)
        self.process.start()
        theirs.close()


def failed_within(part: Any) -> bool:
    """Whether a part or anything in it is marked as failed."""
    if not isinstance(part, Mapping):
        return False
    return part.get("state") == FAILED or any(map(failed_within, part.values()))


def _serve(pipe: Connection, parent: int, environ: Mapping[str, str | None]) -> None:
    """Do what comes through the pipe until it is closed."""
    _start(parent, os.getcwd())
    for name, value in environ.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    while True:
        try:
            work, limit_s = pipe.recv()
        except EOFError:
            return
        try:
            answer = "done", work(lambda part: pipe.send(("told", part)), limit_s)
        except Exception as error:  # whatever a part raises is written where its figures would stand
            answer = "failed", said(error)
        pipe.send(answer)
        del answer, work
        gc.collect()  # a run and its recordings refer to each other: the next part needs their memory
        if torch.cuda.is_initialized():
            torch.cuda.empty_cache()
