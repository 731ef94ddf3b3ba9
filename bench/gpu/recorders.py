"""Recorders beside CUDA graphs: one that records nothing, and one that tells what became of another."""

from __future__ import annotations

import torch

from buysignal.models.patchtst import replay
from buysignal.models.patchtst.replay import Recorder, Work


class Plain:
    """A recorder that cannot: everything is done as it is, with what a device draws and keeps."""

    def warm(self, work: Work) -> None:
        work()

    def record(self, work: Work) -> Work:
        return work


class Counted:
    """Another recorder, with the number of works it ``recorded`` and ``why`` it could not record one."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder, self.recorded, self.why = recorder, 0, ""

    def warm(self, work: Work) -> None:
        self.recorder.warm(work)

    def record(self, work: Work) -> Work:
        try:
            found = self.recorder.record(work)
        except Exception as error:
            self.why = said(error)
            raise
        self.recorded += 1
        return found


def recorder(device: torch.device) -> Counted:
    """What records on a device: CUDA graphs, and on a processor what stands for them."""
    if real := replay.recorder(device):
        return Counted(real)
    from bench.gpu.emulated import Graphs  # not on top: no measurement uses it

    return Counted(Graphs())


def said(error: BaseException) -> str:
    """An exception in one line."""
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:300]}" if text else type(error).__name__
