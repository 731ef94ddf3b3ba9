"""Kept contenders as they would be shipped, and what a hand that knows of the hashes would make of one."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from buysignal.core.errors import UserError
from buysignal.core.files import read_json, sha256
from buysignal.core.sealed import SEAL, write_sealed
from buysignal.core.settings import of
from buysignal.models import kept
from buysignal.models.days import Days
from buysignal.models.kept import WEIGHTS
from buysignal.models.patchtst.architecture import count_parameters
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.fit import fit
from buysignal.models.scores import ModelCard
from buysignal.ship.manifest import Asks
from buysignal.ship.package import FITTED, MANIFEST, load, ship
from tests.cli.predict.examples import REGIME, expected
from tests.features.samples import random_bars
from tests.small_tier import CONFIGURATION, LABEL, SHAPE, TIER, job, tier_frame, write_tier

INNER = f"{FITTED}/{kept.FITTED}"
PARAMETERS = count_parameters(CONFIGURATION, SHAPE, 25)
CARD = ModelCard("a20-2M-T3", TIER, "transformer", "2M", "tpe", CONFIGURATION, PARAMETERS, 2_000_000, (11, 12), (2, 2))
MAP = {"name": CARD.name, "tier": TIER, "reason": "lowest log loss", "map": "temperature", "temperature": 1.5}
PROMISE = {"threshold": None, "target": 0.4, "delta": 0.1, "reason": "none is certified"}
ASKS = of(Asks, SHAPE.context, 49, (), {})
CHOSEN = {"point": {"threshold": 0.123457}, "certified": PROMISE, "map": MAP}


def ship_two(folder: Path) -> tuple[Path, Path]:
    """Two models of one configuration trained on other seeds, each in a folder of its own under ``folder``."""
    frame = tier_frame()
    path, days = (
        write_tier(folder / "a20.parquet", frame),
        Days.of(random_bars(500, seed=9), frame, TIER, LABEL, SHAPE.context),
    )
    places = folder / "one", folder / "other"
    for place, seeds in zip(places, ((11, 12), (13, 14))):
        fitted = Transformer.of(replace(CARD, seeds=seeds), fit(job(path, seeds=seeds)), SHAPE)
        ship(place, fitted, days, ASKS, LABEL, CHOSEN, REGIME, expected())
    return places


def manifest_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / MANIFEST).read_text())


def changed(manifest: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy with the value at a dotted place set; the key is made if need be."""
    content = copy.deepcopy(manifest)
    *sections, last = place.split(".")
    inner = content
    for section in sections:
        inner = inner[section]
    inner[last] = value
    return content


def without(manifest: dict[str, Any], place: str) -> dict[str, Any]:
    """A copy that lacks the key at a dotted place."""
    content = copy.deepcopy(manifest)
    *sections, last = place.split(".")
    inner = content
    for section in sections:
        inner = inner[section]
    del inner[last]
    return content


def as_it_was(_: dict[str, Any]) -> None:
    """No change."""


def forge(
    folder: Path,
    manifest: Callable[[dict[str, Any]], Any] = as_it_was,
    fitted: Callable[[dict[str, Any]], Any] = as_it_was,
    **tensors: np.ndarray,
) -> None:
    """Change what a folder says of its contender, and every hash that vouches for it."""
    inner, weights = folder / INNER, folder / FITTED / WEIGHTS
    told = _unsealed(inner)
    if tensors:
        data = save(load_file(weights) | tensors)
        weights.write_bytes(data)
        told["files"][WEIGHTS] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    fitted(told)
    write_sealed(inner, told)
    content = _unsealed(folder / MANIFEST)
    manifest(content)
    write_sealed(folder / MANIFEST, content | {"sha256": sha256(inner)})


def _unsealed(path: Path) -> dict[str, Any]:
    return {key: value for key, value in read_json(path).items() if key != SEAL}


def refusal(folder: Path, name: str) -> str:
    """What loading is refused with: one line that names the file and the commands that mend it."""
    with pytest.raises(UserError) as caught:
        load(folder)
    said = str(caught.value)
    assert len(said.splitlines()) == 1 and said.isprintable() and len(said.replace(str(folder), "")) < 400
    assert str(folder / name) in said and "`dvc repro`" in said and "`dvc pull`" in said
    return said
