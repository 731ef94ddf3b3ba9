"""One configuration trained over several seeds on one tier: the unit of work of every stage that trains.

A fit is a pure function of its job and of the tier file, wherever it runs.
"""

import functools
import os
from collections.abc import Callable, Collection, Sequence

import numpy as np
import torch

from buysignal.core.workers.device import usable_device
from buysignal.models.dataset import TierData
from buysignal.models.patchtst import compute
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.inference import predict
from buysignal.models.patchtst.job import Fit, FitJob
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.offset import aligned
from buysignal.models.patchtst.training import Epoch, Member, train_stack
from buysignal.models.patchtst.windows import Windows


def fit(
    job: FitJob,
    on_epoch: Callable[[Epoch, TierData], bool] | None = None,
    roles: Collection[str] | None = None,
) -> Fit:
    """Train the stack on one thread and score every non-test day that has a role.

    Parameters
    ----------
    on_epoch : sees each epoch and the data; returning True ends training
    roles : score the days of these only; None for all but test. No score depends on it beyond its last bit
    """
    each = None if on_epoch is None else lambda epoch, data: [on_epoch(epoch, data)]
    return fit_stack([job], each, roles)[0]


def fit_stack(
    jobs: Sequence[FitJob],
    on_epoch: Callable[[Epoch, TierData], Sequence[bool]] | None = None,
    roles: Collection[str] | None = None,
) -> list[Fit]:
    """`fit` for jobs that differ in seeds and in dropout, rate and decay only, trained as one stack.

    On one device a job gets what it gets alone, up to rounding.

    Parameters
    ----------
    jobs : of one tier file, shape, protocol, target, offset and architecture
    on_epoch : sees each epoch of all members, job by job, and the data; returns which jobs end

    Raises
    ------
    UserError
        If the device that is asked for is not there, or the offset lacks a day that has a role and a window.
    """
    compute.settle()
    first_job, counts = jobs[0], [len(job.seeds) for job in jobs]
    shape = first_job.shape
    data, windows = loaded(first_job)
    first = shape.context - 1  # row of the first window's last day
    rows = data.usable(shape.context)
    offset = aligned(first_job.offset, data.index, rows) if first_job.offset else None
    trained = train_stack(
        windows,
        data.label[first:],
        data.rows("train", shape.context) - first,
        data.rows("stop", shape.context) - first,
        shape,
        len(data.names),
        [Member(job.configuration, seed) for job in jobs for seed in job.seeds],
        first_job.protocol,
        None if on_epoch is None else lambda epoch: np.repeat(on_epoch(epoch, data), counts),
        None if offset is None else offset[first:],
    )
    if roles is not None:
        rows = rows[np.isin(data.role[rows], list(roles))]
    known = None if offset is None else offset[rows]
    scores = score(trained.theta, first_job.configuration, shape, data, windows, rows, known)
    ends = np.cumsum(counts)
    own = [slice(end - count, end) for end, count in zip(ends, counts)]
    return [Fit(trained.of(s), data.index[rows], data.role[rows], data.label[rows], scores[s]) for s in own]


def score(
    theta: np.ndarray,
    configuration: Configuration,
    shape: Shape,
    data: TierData,
    windows: Windows,
    rows: np.ndarray,
    offset: np.ndarray | None = None,
) -> np.ndarray:
    """Probabilities (S, n) of trained weights theta (S, P) for the days at ``rows``, added to their offset (n,)."""
    device = windows.patches.device
    model = StackedPatchTST(configuration, shape, len(data.names), device)
    theta = torch.as_tensor(theta, device=device)
    return predict(model, theta, windows, rows - (shape.context - 1), offset)


def loaded(job: FitJob) -> tuple[TierData, Windows]:
    """What the job trains on, read once per process, file version and target; windows lie on the device."""
    return _load(job.tier_path, os.stat(job.tier_path).st_mtime_ns, job.shape, job.target, usable_device())


@functools.lru_cache(maxsize=2)
def _load(path: str, modified: int, shape: Shape, target: str, device: str) -> tuple[TierData, Windows]:
    data = TierData.load(path, target=target)
    return data, Windows.over(data.values, shape, device)
