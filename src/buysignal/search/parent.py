"""A stage must not outlive the `dvc repro` that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
BY_DVC = "DVC_STAGE"  # in the environment of whatever DVC starts


def die_with_parent() -> bool:
    """Ask the kernel to kill this process when its parent dies; True if it agreed.

    After ``kill -9`` of `dvc repro` its stage would otherwise go on as an orphan, and the next
    `dvc repro` would start a second writer beside it. SIGKILL, because nothing here needs a
    goodbye: every file is whole or absent at any moment. Elsewhere than on Linux nothing happens
    and the study's lock alone keeps a second writer out.

    The kernel watches the *thread* that started this process: right for a stage, which the main
    thread of `dvc` or of a shell starts, and the reason why workers use another way.

    A `dvc` that died earlier, while this process was importing, cannot be watched any more. Its stage
    is known by a parent of another process group: `dvc` shares its own with the stages it starts.
    """
    if sys.platform != "linux":
        return False
    parent = os.getppid()
    agreed = ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0
    adopted = BY_DVC in os.environ and _group_of(parent) != os.getpgrp()
    if agreed and (adopted or os.getppid() != parent):  # the latter died just before the kernel was asked
        os.kill(os.getpid(), signal.SIGKILL)
    return agreed


def _group_of(pid: int) -> int | None:
    """Process group of a process; None if it has ended."""
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
