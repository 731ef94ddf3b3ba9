"""A stage must not outlive the `dvc repro` that started it."""

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
BY_DVC = "DVC_STAGE"  # in the environment of whatever DVC starts
WATCH_S = 0.5  # between looks at a `dvc` that a shell stands before


def die_with_parent() -> bool:
    """Ask the kernel to kill this process when its parent dies; True if it agreed.

    After ``kill -9`` of `dvc repro` its stage would otherwise go on as an orphan, and the next
    `dvc repro` would start a second writer beside it. SIGKILL, because nothing here needs a
    goodbye: every file is whole or absent at any moment. Elsewhere than on Linux nothing happens
    and the study's lock alone keeps a second writer out.

    The kernel watches the *thread* that started this process: right for a stage, which the main
    thread of `dvc` or of a shell starts, and the reason why workers use another way.

    DVC runs a stage by ``$SHELL``, by /bin/sh where that is not set. bash becomes the stage, dash waits
    for it and outlives `dvc` too: then a thread looks whether the shell's own parent is still `dvc`.

    A `dvc` that died earlier, while this process was importing, cannot be watched any more. Its stage
    is known by a starter of another process group: `dvc` shares its own with the stages it starts.
    """
    if sys.platform != "linux":
        return False
    parent = os.getppid()
    agreed = ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0
    dvc = _parent_of(parent) if _is_shell_of_dvc(parent) else parent
    adopted = BY_DVC in os.environ and _group_of(dvc) != os.getpgrp()
    if agreed and (adopted or os.getppid() != parent):  # the latter died just before the kernel was asked
        os.kill(os.getpid(), signal.SIGKILL)
    if dvc != parent:
        threading.Thread(target=_watch, args=(parent, dvc), daemon=True).start()
    return agreed


def _watch(shell: int, dvc: int) -> None:
    while _parent_of(shell) == dvc:
        time.sleep(WATCH_S)
    os.kill(os.getpid(), signal.SIGKILL)


def _is_shell_of_dvc(pid: int) -> bool:
    """Whether a process was itself started by `dvc` as a stage."""
    if BY_DVC not in os.environ:
        return False
    try:
        return f"{BY_DVC}=".encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False


def _parent_of(pid: int) -> int:
    """Process id of the parent; 0 if the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[1])  # a name may be no text
    except OSError:
        return 0


def _group_of(pid: int) -> int | None:
    """Process group of a process; None if it has ended."""
    if pid == 0:
        return None
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
