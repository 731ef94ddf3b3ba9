"""Finished fits kept under the fingerprint of their job, so that nothing is trained twice.

The store lies in the scratch folder and is only ever a short cut: a fit is a pure function of its
job, so deleting the store changes no result. A killed `evaluate` or `train` goes on where it
stopped, and `train` takes over what `evaluate` already trained under the same protocol. A file that is
not byte for byte what was written is trained again: each holds the SHA-256 of its own content.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from buysignal.core.errors import UserError
from buysignal.core.files import sha256, write_atomic
from buysignal.core.fingerprint import fingerprint
from buysignal.core.progress import verbose
from buysignal.core.workers.engine import Engine
from buysignal.core.workers.job import Failure
from buysignal.models.dataset import TierData
from buysignal.models.patchtst import compute
from buysignal.models.patchtst.fit import Fit, FitJob, fit
from buysignal.models.patchtst.training import Epoch, Trained

CODE = ("buysignal.models.patchtst.fit",)  # with all that it imports
PACKAGES = ("torch", "numpy")
HISTORIES = ("theta", "epochs", "best_epoch", "stop_auc", "loss_history", "auc_history")


def fit_all(
    jobs: Sequence[FitJob],
    folder: Path,
    engine: Engine,
    on_fit: Callable[[int, Fit], None] = lambda position, fit: None,
) -> list[Fit]:
    """Every job's fit, from the store where it is there whole, else trained; ``on_fit`` sees each as it comes.

    A torn file in the store is trained again: what is only a short cut must not stop anybody.

    Raises
    ------
    UserError
        If a job fails to train; finished ones stay in the store.
    """
    hashes = {path: sha256(path) for path in {job.tier_path for job in jobs}}
    paths = [folder / f"{_name(job, hashes[job.tier_path])}.safetensors" for job in jobs]
    fits = [_stored(path) for path in paths]
    for position, found in enumerate(fits):
        if found is not None:
            on_fit(position, found)
    missing = [position for position, found in enumerate(fits) if found is None]
    missing.sort(key=lambda position: -jobs[position].configuration.work)  # the longest last would run alone
    for done, result in engine.run(_told if verbose() else fit, [jobs[position] for position in missing]):
        position = missing[done]
        if isinstance(result, Failure):
            raise UserError(f"training {jobs[position].configuration} failed: {result}")
        save(paths[position], result)
        fits[position] = result
        on_fit(position, result)
    return fits


def _told(job: FitJob) -> Fit:
    """`fit`, with a line per epoch; it may be run in another process, whose stderr is the stage's."""
    which = job.configuration
    name = f"d_model {which.d_model}, {which.n_layers} layers, dropout {which.dropout:g}"

    def line(epoch: Epoch, _: TierData) -> bool:
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


def _name(job: FitJob, data_hash: str) -> str:
    numbers = compute.arithmetic(job.protocol.precision)
    parts = dict(job=replace(job, tier_path=""), data=data_hash, arithmetic=numbers)
    return fingerprint(code=CODE, packages=PACKAGES, **parts)


def save(path: Path, result: Fit) -> None:
    """Write a fit as safetensors: tensors only; roles, the unit of the days and a digest in the header."""
    tensors = {name: np.ascontiguousarray(getattr(result.trained, name)) for name in HISTORIES}
    roles = sorted(set(result.role.tolist()))
    tensors |= {
        "scores": np.ascontiguousarray(result.scores),  # safetensors writes the memory as it lies
        "label": result.label,
        "dates": result.dates.asi8,
        "role": np.array([roles.index(r) for r in result.role], dtype=np.int8),
    }
    told = {"roles": roles, "unit": result.dates.unit}
    header = json.dumps(told | {"sha256": _digest(tensors, told)})
    # one key: safetensors writes several in any order, and equal fits shall be equal bytes
    write_atomic(path, lambda p: save_file(tensors, str(p), metadata={"fit": header}))


def _digest(tensors: Mapping[str, np.ndarray], told: Mapping[str, Any]) -> str:
    """SHA-256 of everything a fit is made of: names, types, shapes, values, and what the header tells."""
    seen = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for name in sorted(tensors):
        value = np.ascontiguousarray(tensors[name])
        seen.update(f"{name} {value.dtype} {value.shape}".encode())
        seen.update(value.view(np.uint8).reshape(-1))
    return seen.hexdigest()


def load(path: Path) -> Fit:
    """Read a fit back.

    Raises
    ------
    UserError
        If the file is torn or a byte of it was changed; the message says how to mend it.
    """
    try:
        with safe_open(str(path), framework="numpy") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            header = json.loads((file.metadata() or {})["fit"])
        if header.pop("sha256") != _digest(tensors, header):
            raise ValueError("its SHA-256 is another one")
        roles = np.array(header["roles"])
        return Fit(
            trained=Trained(**{name: tensors[name] for name in HISTORIES}),
            dates=pd.DatetimeIndex(tensors["dates"].view(f"datetime64[{header['unit']}]"), name="date"),
            role=roles[tensors["role"]],
            label=tensors["label"],
            scores=tensors["scores"],
        )
    except (SafetensorError, OSError, LookupError, TypeError, ValueError) as error:
        reason = (str(error) or repr(error)).splitlines()[0]
        raise UserError(f"{path} is not a whole fit ({reason}): delete it and run `dvc repro`") from None
