"""Work on a device that is recorded once and replayed: one launch in place of hundreds.

A step of a small model is some three hundred kernels of a few microseconds each, and a processor takes longer to ask
for one than a GPU to run it. Recorded as a CUDA graph all of them are asked for at once.
"""

import functools
import sys
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

Work = Callable[[], None]


class Recorder(Protocol):
    """How work is recorded on a device."""

    def warm(self, work: Work) -> None:
        """Do the work once, so that everything it needs is set up."""

    def record(self, work: Work) -> Work:
        """What does the recorded work again; recording does not do it."""


class Replayed:
    """Work that is done as it is the first time, recorded before the second, and replayed from then on.

    Where recording fails it goes on as it is, after one line that says so: with the same results, more slowly.

    Parameters
    ----------
    work : reads and writes tensors that stay where they are, and no number that changes from call to call
    recorder : None to do the work as it is each time
    """

    def __init__(self, work: Work, recorder: Recorder | None):
        self.work, self.recorder = work, recorder
        self.warm = False

    def __call__(self) -> None:
        if self.recorder is None:
            self.work()
        elif not self.warm:
            self.recorder.warm(self.work)
            self.warm = True
        else:
            self._record()
            self.work()

    def _record(self) -> None:
        recorder, self.recorder = self.recorder, None
        try:
            self.work = recorder.record(self.work)
        except torch.OutOfMemoryError:  # a smaller stack may hold what this one could not
            raise
        except RuntimeError as error:
            _told(str(error).strip().splitlines()[0])


class ReplayedBatches:
    """Work on a batch, `Replayed` for each size of batch by itself.

    Parameters
    ----------
    work : is given the rows of a batch, (..., B)
    recorder : as `Replayed`
    """

    def __init__(self, work: Callable[[Tensor], None], recorder: Recorder | None):
        self.work, self.recorder = work, recorder
        self.known: dict[int, tuple[Tensor, Replayed]] = {}  # by size: where its rows are read from, and the work

    def __call__(self, rows: Tensor) -> None:
        if rows.shape[-1] not in self.known:
            static = rows.clone()
            self.known[rows.shape[-1]] = static, Replayed(lambda: self.work(static), self.recorder)
        static, work = self.known[rows.shape[-1]]
        static.copy_(rows)
        work()


class CudaGraphs:
    """Records on a CUDA device, on a stream and in a pool of memory that all recordings of a run share."""

    def __init__(self, device: torch.device):
        self.device, self.pool = device, None

    def warm(self, work: Work) -> None:
        stream = _stream(self.device)
        stream.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(stream):
            work()
        torch.cuda.current_stream(self.device).wait_stream(stream)

    def record(self, work: Work) -> Work:
        graph = torch.cuda.CUDAGraph()
        mode = "thread_local"  # what another thread asks of the device is no part of it
        with torch.cuda.graph(graph, pool=self.pool, stream=_stream(self.device), capture_error_mode=mode):
            work()
        self.pool = graph.pool()
        return graph.replay


def recorder(device: torch.device) -> Recorder | None:
    """How work is recorded on a device; None on a processor, which has nothing to launch."""
    return CudaGraphs(device) if device.type == "cuda" else None


@functools.cache
def _stream(device: torch.device) -> torch.cuda.Stream:
    """One per device and process: torch hands out 32 in turns, and a 33rd would be one that is being recorded on."""
    return torch.cuda.Stream(device)


@functools.cache
def _told(reason: str) -> None:
    """Say it once."""
    print(f"warning: trained without CUDA graphs, several times more slowly: {reason}", file=sys.stderr, flush=True)
