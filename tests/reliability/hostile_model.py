"""A shipped model that is right, and the ways to spoil its two files."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from buysignal.core.errors import UserError
from buysignal.models.dataset import TierData
from buysignal.models.patchtst.architecture import count_parameters
from buysignal.models.patchtst.fit import fit
from buysignal.models.scores import ModelCard
from buysignal.ship.manifest import own_sha256
from buysignal.ship.package import MANIFEST, WEIGHTS, load, ship
from tests.cli.predict.examples import REGIME, expected
from tests.small_tier import CONFIGURATION, LABEL, SHAPE, TIER, job, tier_frame, write_tier

PARAMETERS = count_parameters(CONFIGURATION, SHAPE, 25)
CARD = ModelCard("a20-2M-T3", TIER, "patchtst", "2M", "tpe", CONFIGURATION, PARAMETERS, 2_000_000, (11, 12), (2, 2))
MAP = {"name": CARD.name, "tier": TIER, "reason": "lowest log loss", "map": "temperature", "temperature": 1.5}
PROMISE = {"threshold": None, "target": 0.4, "delta": 0.1, "reason": "none is certified"}
CHOSEN = {"point": {"threshold": 0.123457}, "certified": PROMISE}


def ship_two(folder: Path) -> tuple[Path, Path]:
    """Two models of one configuration trained on other seeds, each in a folder of its own under ``folder``."""
    path = write_tier(folder / "a20.parquet", tier_frame())
    data = TierData.load(path)
    places = folder / "one", folder / "other"
    for place, seeds in zip(places, ((11, 12), (13, 14))):
        card = replace(CARD, seeds=seeds)
        ship(place, card, fit(job(path, seeds=seeds)), data, SHAPE, LABEL, CHOSEN, MAP, REGIME, expected())
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


def forge(folder: Path, tensors: dict[str, np.ndarray] | bytes) -> None:
    """Weights of one's own, and a manifest that vouches for them."""
    data = tensors if isinstance(tensors, bytes) else save(tensors)
    (folder / WEIGHTS).write_bytes(data)
    content = changed(manifest_of(folder), "sha256", hashlib.sha256(data).hexdigest())
    (folder / MANIFEST).write_text(json.dumps(content | {"own_sha256": own_sha256(content)}))


def refusal(folder: Path, name: str) -> str:
    """What loading is refused with: one line that names the file and the commands that mend it."""
    with pytest.raises(UserError) as caught:
        load(folder)
    said = str(caught.value)
    assert len(said.splitlines()) == 1 and said.isprintable() and len(said.replace(str(folder), "")) < 400
    assert str(folder / name) in said and "`dvc repro`" in said and "`dvc pull`" in said
    return said
