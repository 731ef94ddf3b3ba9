"""Stages that begin at once: forked from a process that has imported everything they need.

Real starts take seconds of imports, so most kills would fall into them and a test could afford few. What
runs here is the stage's own script with its own words, from its first line on.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.reliability.kills import Run, Toy
from tests.shared import once

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.reliability.kills_imports"])


def ready(folders: pytest.TempPathFactory, many: bool = False) -> Toy:
    """A toy in which everything before the search has run; one for all tests, which work in copies."""
    name = "searchable-many" if many else "searchable"
    return Toy.at(once(folders, name, partial(_build, many=many)) / "toy", workers=1)


def _build(folder: Path, many: bool) -> None:
    run_stages(Toy(folder / "toy", many=many), ("code", "check", "ingest", "featurize@a20"), folder / "log")


def run_stages(toy: Toy, stages: Sequence[str], log: Path) -> Toy:
    """The toy, in which these stages have run to their end."""
    for stage in stages:
        finish(toy, stage, log)
    return toy


def begin(toy: Toy, stage: str, log: Path) -> Run:
    """Start a stage, named as DVC names it, in a session of its own; what it says goes to ``log``."""
    process = CONTEXT.Process(target=_stage, args=(toy.folder, toy.command(stage), log, toy.workers))
    process.start()
    return Run(process.pid, lambda: process.exitcode)


def finish(toy: Toy, stage: str, log: Path) -> None:
    """Run a stage to its end.

    Raises
    ------
    AssertionError
        If it fails.
    """
    run = begin(toy, stage, log)
    run.until()
    assert run.status() == 0, log.read_text()


def _stage(folder: Path, command: list[str], log: Path, workers: int) -> None:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests inherited
    os.chdir(folder)
    with open(log, "ab", buffering=0) as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
    os.environ.pop("DVC_STAGE", None)  # it is not DVC that starts it
    os.environ["BUYSIGNAL_WORKERS"] = str(workers)
    sys.argv = command
    runpy.run_path(command[0], run_name="__main__")
