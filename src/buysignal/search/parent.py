"""A stage must not outlive the `dvc repro` that started it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def die_with_parent() -> bool:
    """Ask the kernel to kill this process when its parent dies; True if it agreed.

    After ``kill -9`` of `dvc repro` its stage would otherwise go on as an orphan, and the next
    `dvc repro` would start a second writer beside it. SIGKILL, because nothing here needs a
    goodbye: every file is whole or absent at any moment. Elsewhere than on Linux nothing happens
    and the study's lock alone keeps a second writer out.

    The kernel watches the *thread* that started this process: right for a stage, which the main
    thread of `dvc` or of a shell starts, and the reason why workers use another way.
    """
    if sys.platform != "linux":
        return False
    parent = os.getppid()
    agreed = ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0
    if agreed and os.getppid() != parent:  # it died just before the kernel was asked
        os.kill(os.getpid(), signal.SIGKILL)
    return agreed
