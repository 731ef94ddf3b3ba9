"""Trials that go wrong in every way a trial can, told by their configuration; picklable for any engine."""

from __future__ import annotations

import os
import signal

import torch

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.record import Outcome, Trial
from tests.search.study.toy import score, small_space

SPACE = small_space(dropout=(0.0, 0.1, 0.2, 0.3))  # 16 configurations
BAD = {
    (8, 1): FloatingPointError("the loss of seed 1 is not finite in epoch 2"),
    (8, 2): MemoryError("cannot allocate 3 GiB"),
    (16, 1): torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    (16, 2): ZeroDivisionError("division by zero"),
}
"""Width and depth -> what a trial of dropout 0 raises."""
DIES = (8, 1)  # the worker of its trial of dropout 0.1 is killed


def sound(trial: Trial) -> Outcome:
    """A complete trial whatever the configuration."""
    return Outcome(value=score(trial.configuration))


def bad(trial: Trial, parent: int) -> Outcome:
    """One in four raises, one in sixteen kills its worker; the others are complete."""
    c: Configuration = trial.configuration
    if c.dropout == 0.0:
        raise BAD[c.d_model, c.n_layers]
    if c.dropout == 0.1 and (c.d_model, c.n_layers) == DIES and os.getpid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    return sound(trial)


def hopeless(trial: Trial) -> Outcome:
    """All trials of dropout above 0.1 fail, and one of the others; so nine of sixteen."""
    c = trial.configuration
    if c.dropout > 0.1:
        raise MemoryError("cannot allocate 3 GiB")
    if (c.d_model, c.n_layers, c.dropout) == (8, 1, 0.0):
        raise ValueError("only once")
    return sound(trial)
