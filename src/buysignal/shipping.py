"""A trained model as files: weights and scaler in safetensors, the rest in JSON, each checked by SHA-256."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from buysignal.architecture import Shape
from buysignal.dataset import TierData
from buysignal.evaluation.scores import ModelCard
from buysignal.fitting import Fit
from buysignal.io import sha256, write_atomic, write_exact_json
from buysignal.params import LabelParams

WEIGHTS, MANIFEST = "weights.safetensors", "model.json"


def ship(
    folder: Path,
    card: ModelCard,
    fit: Fit,
    data: TierData,
    shape: Shape,
    label: LabelParams,
    chosen: Mapping[str, Any],
    calibration: Mapping[str, Any],
) -> None:
    """Write everything that predicting needs; nothing in it runs code when it is read.

    ``weights.safetensors`` holds theta (S, P) float32 of the S seeds and the scaler's mean (F,) and
    deviation (F,); ``model.json`` the card, window shape, feature names in order, label, threshold,
    certified threshold (None: none is certified), calibration map and the SHA-256 of the weights.

    Parameters
    ----------
    chosen : the model's entry in data/selected.json
    calibration : its entry in data/calibration.json
    """
    tensors = {
        "theta": np.ascontiguousarray(fit.trained.theta),
        "scaler.mean": data.scaler.mean,
        "scaler.deviation": data.scaler.deviation,
    }
    weights = write_atomic(folder / WEIGHTS, lambda path: save_file(tensors, str(path)))
    manifest: dict[str, Any] = {
        "card": card.to_dict(),
        "shape": vars(shape),
        "features": list(data.names),
        "label": vars(label),
        "threshold": chosen["point"]["threshold"],
        "certified": {key: chosen["certified"][key] for key in ("threshold", "target", "delta", "reason")},
        "calibration": dict(calibration),
        "best_epoch": fit.trained.best_epoch.tolist(),
        "sha256": sha256(weights),
    }
    write_exact_json(folder / MANIFEST, manifest)
