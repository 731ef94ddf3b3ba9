"""One writer of a file, for as long as it lives and no longer."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from buysignal.core.errors import UserError

WAIT_S = 10.0  # a killed `dvc repro` and its stage are gone long before
POLL_S = 0.1


@contextmanager
def exclusive(path: Path, wait_s: float = WAIT_S, doing: str = "searched") -> Iterator[None]:
    """Hold the lock file ``path``; the kernel lets go of it however this process ends.

    ``doing`` is what its holder does to what the lock is named after, for the message.

    The file holds the process id of the writer. It stays behind, empty: removing it could take it
    from under a process that has just opened it, and two would then hold "the" lock.

    Raises
    ------
    UserError
        If it cannot be written, or another process still holds it after ``wait_s`` seconds; the message names its pid.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)  # workers do not inherit it
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from None
    try:
        if not _acquired(descriptor, wait_s):
            pid = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
            raise UserError(f"{path.stem} is being {doing} by process {pid}: wait for it, or stop it with kill {pid}")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _acquired(descriptor: int, wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_S)
