"""Finished fits kept under the fingerprint of their job, so that nothing is trained twice.

The store lies in the scratch folder and is only ever a short cut: a fit is a pure function of its
job, so deleting the store changes no result. A killed `evaluate` or `train` goes on where it
stopped, and `train` takes over what `evaluate` already trained under the same protocol. A file that is
not byte for byte what was written is trained again: each holds the SHA-256 of its own content.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from buysignal.bars.symbols import dates_of, index_of, is_many
from buysignal.core.errors import UserError
from buysignal.core.files import sha256
from buysignal.core.fingerprint import fingerprint
from buysignal.core.progress import progress, verbose
from buysignal.core.tensors import read_tensors, write_tensors
from buysignal.core.workers.device import named_device
from buysignal.core.workers.engine import Engine
from buysignal.core.workers.job import Failure
from buysignal.models.dataset import TierData
from buysignal.models.patchtst.arithmetic import arithmetic
from buysignal.models.patchtst.job import Fit, FitJob, Trained

if TYPE_CHECKING:
    from buysignal.models.patchtst.training import Epoch

CODE = ("buysignal.models.patchtst.fit",)  # with all that it imports
PACKAGES = ("torch", "numpy")
HISTORIES = ("theta", "epochs", "best_epoch", "stop_auc", "loss_history", "auc_history")


def fit_all(
    jobs: Sequence[FitJob],
    folder: Path,
    engine: Engine,
    title: str = "",
    note: Callable[[int, Fit], str] = lambda position, fit: "",
) -> list[Fit]:
    """Every job's fit, from the store where it is there whole, else trained.

    On a processor every seed is trained and kept by itself: one model is spread over the workers, and one more seed
    trains that seed. A torn file in the store is trained again: what is only a short cut must not stop anybody.

    Parameters
    ----------
    title : of the progress that is shown; empty shows none
    note : what is said of a job by its position, when it is trained

    Raises
    ------
    UserError
        If a file of a job is missing, or a job fails to train; finished ones stay in the store.
    """
    parts = [_parts(job) for job in jobs]
    paths = _paths(jobs, parts, folder)
    fits = {unit: found for unit, path in paths.items() if (found := _stored(path)) is not None}

    def whole(position: int) -> Fit | None:
        own = [fits.get((position, k)) for k in range(len(parts[position]))]
        return None if any(one is None for one in own) else joined(own)

    missing = [unit for unit in paths if unit not in fits]
    missing.sort(key=lambda unit: -jobs[unit[0]].configuration.work)  # the longest last would run alone
    kept = len(jobs) - len({position for position, _ in missing})
    with progress(title, len(jobs), kept) if title else nullcontext(lambda told: None) as advance:
        for done, result in engine.run(
            _told if verbose() else _trained, [parts[position][k] for position, k in missing]
        ):
            position, k = missing[done]
            if isinstance(result, Failure):
                raise UserError(f"training {jobs[position].configuration} failed: {result}")
            save(paths[position, k], result)
            fits[position, k] = result
            if (found := whole(position)) is not None:
                advance(note(position, found))
    return [whole(position) for position in range(len(jobs))]


def _paths(jobs: Sequence[FitJob], parts: Sequence[Sequence[FitJob]], folder: Path) -> dict[tuple[int, int], Path]:
    """Where each part of each job is kept, by the place of the job and its own."""
    files = {path for job in jobs for path in (job.tier_path, job.offset) if path}
    hashes = {path: _hash(path) for path in files}
    return {
        (position, k): folder / f"{_name(job, hashes[job.tier_path], hashes.get(job.offset, ''))}.safetensors"
        for position, own in enumerate(parts)
        for k, job in enumerate(own)
    }


def _parts(job: FitJob) -> list[FitJob]:
    """What is trained by itself: each seed on a processor, on other devices the stack of all."""
    return [job] if named_device() != "cpu" else [replace(job, seeds=(seed,)) for seed in job.seeds]


def joined(fits: Sequence[Fit]) -> Fit:
    """Fits of the same days as one; a member that has ended earlier than others repeats its last values."""
    if len(fits) == 1:
        return fits[0]
    longest = max(len(fit.trained.loss_history) for fit in fits)
    arrays = {name: [getattr(fit.trained, name) for fit in fits] for name in HISTORIES}
    for name in ("loss_history", "auc_history"):
        arrays[name] = [np.concatenate([a, np.repeat(a[-1:], longest - len(a), axis=0)]) for a in arrays[name]]
    trained = {n: np.concatenate(a, axis=1 if n.endswith("history") else 0) for n, a in arrays.items()}
    return replace(fits[0], trained=Trained(**trained), scores=np.concatenate([fit.scores for fit in fits]))


def _trained(job: FitJob) -> Fit:
    """`fit`, imported by who trains: of a stage that hands its jobs to workers these alone need torch."""
    from buysignal.models.patchtst.fit import fit

    return fit(job)


def _told(job: FitJob) -> Fit:
    """`fit`, with a line per epoch; it may be run in another process, whose stderr is the stage's."""
    from buysignal.models.patchtst.fit import fit

    which = job.configuration
    seed = f", seed {job.seeds[0]}" if len(job.seeds) == 1 else ""
    name = f"d_model {which.d_model}, {which.n_layers} layers, dropout {which.dropout:g}{seed}"

    def line(epoch: "Epoch", _: TierData) -> bool:
        means = f"loss {epoch.loss.mean():.4f}  AUC {epoch.stop_auc.mean():.3f} on the stop role"
        print(f"  {name}: epoch {epoch.number}/{job.protocol.epochs}  {means}", file=sys.stderr, flush=True)
        return False

    return fit(job, line)


def _stored(path: Path) -> Fit | None:
    """The fit, if it is there whole; its age is that of its last use (see `buysignal.cli.scratch`)."""
    try:
        found = load(path)
        os.utime(path)
    except (UserError, OSError):  # absent, torn, or swept away at this moment: it is trained
        return None
    return found


def _hash(path: str) -> str:
    try:
        return sha256(path)
    except FileNotFoundError:
        raise UserError(f"{path} is missing: run `dvc repro`, or `dvc pull` if it was cached") from None


def _name(job: FitJob, data_hash: str, offset_hash: str = "") -> str:
    """What a fit is kept under: its files count by their content, not by their paths."""
    told: dict[str, Any] = asdict(replace(job, tier_path=""))
    told.pop("offset")
    parts = dict(job=told, data=data_hash, arithmetic=arithmetic(job.protocol.precision))
    if offset_hash:
        parts["offset"] = offset_hash
    return fingerprint(code=CODE, packages=PACKAGES, **parts)


def save(path: Path, result: Fit) -> None:
    """Write a fit: its arrays, and beside them the roles, the unit of the days and, of many, the symbols."""
    tensors = {name: getattr(result.trained, name) for name in HISTORIES}
    roles, dates = sorted(set(result.role.tolist())), dates_of(result.index)
    tensors |= {
        "scores": result.scores,
        "label": result.label,
        "dates": dates.asi8,
        "role": np.array([roles.index(r) for r in result.role], dtype=np.int8),
    }
    told = {"roles": roles, "unit": dates.unit}
    if is_many(result.index):
        tensors["symbol"], told["symbols"] = result.index.codes[0].astype(np.int32), list(result.index.levels[0])
    write_tensors(path, tensors, told)


def load(path: Path) -> Fit:
    """Read a fit back.

    Raises
    ------
    UserError
        If the file is missing, torn or a byte of it was changed; the message says how to mend it.
    """
    return read_tensors(path, _built)


def _built(tensors: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> Fit:
    days = {"date": tensors["dates"].view(f"datetime64[{told['unit']}]")}
    if "symbol" in tensors:
        days["symbol"] = np.array(told["symbols"], object)[tensors["symbol"]]
    return Fit(
        trained=Trained(**{name: tensors[name] for name in HISTORIES}),
        index=index_of(pd.DataFrame(days)),
        role=np.array(told["roles"])[tensors["role"]],
        label=tensors["label"],
        scores=tensors["scores"],
    )
