"""What takes long to make and is only read: made once, for all tests and all their processes."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def once(folders: pytest.TempPathFactory, name: str, build: Callable[[Path], object]) -> Path:
    """The folder ``name`` of this run of the tests, filled by ``build`` for whichever process asks first.

    Others that ask meanwhile wait. pytest-xdist gives each process a folder of its own within that of the run.
    """
    own = folders.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, built = run / name, run / f"{name}.built"
    with open(run / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed
        if not built.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of one that failed
            folder.mkdir()
            build(folder)
            built.touch()
    return folder
