"""A trained model as files: weights and scaler in safetensors, the rest in JSON, each checked by SHA-256."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from buysignal.core.errors import UserError, shown
from buysignal.core.files import read_json, sha256, write_atomic, write_exact_json
from buysignal.days.params import Label
from buysignal.features.tiers import warmup
from buysignal.judge.calibration_maps import CalibrationMap
from buysignal.models.dataset import Scaler, TierData
from buysignal.models.patchtst.architecture import Shape
from buysignal.models.scores import ModelCard, Scored
from buysignal.ship.manifest import Expected, Promise, own_sha256, read_manifest
from buysignal.ship.promise import with_test
from buysignal.ship.regime import Regime

if TYPE_CHECKING:  # it brings torch, without which a model can be read
    from buysignal.models.patchtst.fit import Fit

WEIGHTS, MANIFEST = "weights.safetensors", "model.json"
MEND = "run `dvc repro`, or `dvc pull` if it was cached"
MOST_MANIFEST = 1 << 22  # bytes; a calibration map of every score has a hundred thousand
MOST_HEADER = 1 << 16  # bytes that weights may have beside their numbers; three names need 300


def ship(
    folder: Path,
    card: ModelCard,
    fit: Fit,
    data: TierData,
    shape: Shape,
    label: Label,
    chosen: Mapping[str, Any],
    calibration: Mapping[str, Any],
    regime: Regime,
    expected: Mapping[str, Any],
) -> None:
    """Write everything that predicting needs; nothing in it runs code when it is read.

    ``weights.safetensors`` holds theta (S, P) float32 of the S seeds and the scaler's mean (F,) and
    deviation (F,); ``model.json`` the card, window shape, feature names in order, label, threshold,
    certified threshold (None: none is certified), calibration map, the time it was trained in, what its buys
    came to, the SHA-256 of the weights and its own.

    Parameters
    ----------
    chosen : the model's entry in data/selected.json
    calibration : its map in data/selected.json
    expected : as `buysignal.ship.promise.expectation` gives it
    """
    tensors = {
        "theta": np.ascontiguousarray(fit.trained.theta),
        "scaler.mean": data.scaler.mean,
        "scaler.deviation": data.scaler.deviation,
    }
    weights = write_atomic(folder / WEIGHTS, lambda path: safetensors.save_file(tensors, str(path)))
    manifest: dict[str, Any] = {
        "card": card.to_dict(),
        "shape": vars(shape),
        "features": list(data.names),
        "label": vars(label),
        "threshold": chosen["point"]["threshold"],
        "certified": {key: chosen["certified"][key] for key in ("threshold", "target", "delta", "reason")},
        "calibration": dict(calibration),
        "regime": vars(regime),
        "expected": dict(expected),
        "best_epoch": fit.trained.best_epoch.tolist(),
        "sha256": sha256(weights),
    }
    write_exact_json(folder / MANIFEST, manifest | {"own_sha256": own_sha256(manifest)})


def hand_on(source: Path, target: Path, tested: Scored | None = None, row: Mapping[str, Any] | None = None) -> None:
    """Write the model of one folder into another; one that was examined with what its buys came to.

    Parameters
    ----------
    source : as `ship` wrote it
    tested, row : as `buysignal.ship.promise.with_test` takes them
    """
    manifest = read_json(source / MANIFEST)
    if tested is not None:
        manifest["expected"] = with_test(manifest["expected"], tested, row)
    write_atomic(target / WEIGHTS, lambda path: shutil.copyfile(source / WEIGHTS, path))
    write_exact_json(target / MANIFEST, manifest | {"own_sha256": own_sha256(manifest)})


@dataclass(frozen=True)
class Shipped:
    """A model as `ship` wrote it, proven whole: everything that predicting needs.

    Attributes
    ----------
    card : who it is; its parameters are what its configuration, shape and features amount to
    shape : window geometry
    features : the F columns of its tier, in the order of the weights
    label : what it predicts
    threshold : a day is a buy if the mean score of the seeds is at least this; in [0, 1]
    certified : the threshold that keeps a promise, if one does
    calibration : from that mean to a probability
    regime : the time it was trained in
    expected : what its buys came to on days it was not trained on
    best_epoch : the epoch that each seed kept, from 1
    theta : (S, P) float32, finite, a row per seed
    scaler : mean and deviation (F,) of the features, finite, deviation > 0
    """

    card: ModelCard
    shape: Shape
    features: tuple[str, ...]
    label: Label
    threshold: float
    certified: Promise
    calibration: CalibrationMap
    regime: Regime
    expected: Expected
    best_epoch: tuple[int, ...]
    theta: np.ndarray
    scaler: Scaler

    @property
    def needed(self) -> int:
        """Bars that the first answer takes: the tier's warm-up and one window."""
        return warmup(self.card.tier) + self.shape.context


def load(folder: str | Path) -> Shipped:
    """Read a shipped model back and prove it whole.

    The manifest is checked key by key, then the weights are read once, compared with its SHA-256 and only
    then parsed, as tensors alone: nothing in either file can run code.

    Raises
    ------
    UserError
        If a file is missing, unreadable, torn, changed or another model's, or the manifest holds a key or a
        value that `ship` would not write; one line that names the file and the command that mends it.
    """
    path = Path(folder) / MANIFEST
    data = _bytes(path, MOST_MANIFEST)
    try:
        content = json.loads(data, parse_constant=_no_number, object_pairs_hook=_once)
        found = read_manifest(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is not a manifest ({_reason(error)}): {MEND}") from None
    except UserError as error:
        raise UserError(f"{path}: {error}; {MEND}") from None
    weights = Path(folder) / WEIGHTS
    theta, mean, deviation = _tensors(weights, content["sha256"], found["card"], len(found["features"]))
    return Shipped(**found, theta=theta, scaler=Scaler(mean, deviation))


def _bytes(path: Path, most: int) -> bytes:
    try:
        if not path.is_file():
            raise UserError(f"{path} {'is not a file' if path.exists() else 'is missing'}: {MEND}")
        size = path.stat().st_size
        if size > most:
            raise UserError(f"{path} has {size:,} bytes, and {most:,} are the most it can need: {MEND}")
        with open(path, "rb") as file:
            return file.read(most)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): {MEND}") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key stands twice")
    return content


def _reason(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else shown(str(error))[1:-1]


def _tensors(path: Path, digest: str, card: ModelCard, n_features: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Theta, mean and deviation, of the bytes that the manifest was written for."""
    shapes = {
        "theta": ((len(card.seeds), card.parameters), np.float32),
        "scaler.mean": ((n_features,), np.float64),
        "scaler.deviation": ((n_features,), np.float64),
    }
    numbers = sum(math.prod(shape) * np.dtype(kind).itemsize for shape, kind in shapes.values())
    data = _bytes(path, numbers + MOST_HEADER)
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise UserError(f"{path} has SHA-256 {found[:12]}, {MANIFEST} says {digest[:12]}: {MEND}")
    try:
        tensors = safetensors.load(data)
    except (SafetensorError, LookupError, ValueError, TypeError) as error:
        raise UserError(f"{path} holds no tensors ({_reason(error)}): {MEND}") from None
    if set(tensors) != set(shapes):
        raise UserError(f"{path} holds {shown(sorted(tensors))}, not {', '.join(shapes)}: {MEND}")
    for name, (shape, kind) in shapes.items():
        tensor = tensors[name]
        if tensor.shape != shape or tensor.dtype != kind:
            wanted = f"{np.dtype(kind)} {shape}"
            raise UserError(f"{path}: {name} is {tensor.dtype} {shown(tensor.shape)}, it must be {wanted}: {MEND}")
        if not np.isfinite(tensor).all() or (name == "scaler.deviation" and not (tensor > 0).all()):
            raise UserError(f"{path}: {name} holds a number that no training gives: {MEND}")
    return tensors["theta"], tensors["scaler.mean"], tensors["scaler.deviation"]
