"""A contender as files: what it is and learned in `fitted/`, what its buys came to in JSON, each checked by SHA-256."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buysignal.core.errors import UserError
from buysignal.core.files import read_json, sha256, write_atomic
from buysignal.core.plugins import require_same
from buysignal.core.sealed import MEND, MOST, SEAL, read_bytes, read_strict, write_sealed
from buysignal.core.settings import read as settings
from buysignal.days.params import Label
from buysignal.features.params import Features
from buysignal.judge.calibration_maps import CalibrationMap
from buysignal.models import contenders, kept
from buysignal.models.contender import Fitted
from buysignal.models.dataset import Scaler
from buysignal.models.days import Days
from buysignal.models.scores import ModelCard, Scored
from buysignal.ship.manifest import Asks, Expected, Promise, read_manifest
from buysignal.ship.promise import with_test
from buysignal.ship.regime import Regime

MANIFEST, FITTED = "model.json", "fitted"
SHIPPED = "shipped"  # folder of what ships, beside those of all contenders


def folder_of(chosen: Mapping[str, Any]) -> str:
    """Name of a contender's folder, from its entry in data/selected.json: the search's ten begin with their rank."""
    name, rank = chosen["card"]["name"], chosen["rank"]
    return name if rank is None else f"{rank:02d}-{name}"


def ship(
    folder: Path,
    fitted: Fitted,
    days: Days,
    asks: Asks,
    label: Label,
    chosen: Mapping[str, Any],
    regime: Regime,
    expected: Mapping[str, Any],
    per_day: int = 0,
) -> None:
    """Write everything that predicting needs; nothing in it runs code when it is read.

    ``fitted/`` is what `buysignal.models.kept.save` writes; ``model.json`` holds the card, what it asks of bars,
    feature names in order with their mean and deviation, label, threshold, certified threshold (None: none is
    certified), calibration map, the time it was trained in, what its buys came to, the SHA-256 of ``fitted/`` and
    its own.

    Parameters
    ----------
    days : of its tier
    asks : of the bars
    chosen : the contender's entry in data/selected.json
    expected : as `buysignal.ship.promise.expectation` gives it
    per_day : how many of many symbols are bought a day; 0, which is not written: as many as reach the threshold
    """
    inner = kept.save(folder / FITTED, fitted)
    scaler = {"mean": days.scaler.mean.tolist(), "deviation": days.scaler.deviation.tolist()}
    manifest: dict[str, Any] = {
        "card": fitted.card.to_dict(),
        "asks": asks.model_dump(mode="json"),
        "features": list(days.names),
        "scaler": scaler,
        "label": vars(label),
        "threshold": chosen["point"]["threshold"],
        **({"per_day": per_day} if per_day else {}),
        "certified": {key: value for key, value in chosen["certified"].items() if key in Promise.model_fields},
        "calibration": dict(chosen["map"]),
        "regime": {key: value for key, value in regime if key != "symbols" or value},
        "expected": dict(expected),
        "sha256": sha256(inner),
    }
    write_sealed(folder / MANIFEST, manifest)


def hand_on(source: Path, target: Path, tested: Scored | None = None, row: Mapping[str, Any] | None = None) -> None:
    """Write the contender of one folder into another; one that was examined with what its buys came to.

    Parameters
    ----------
    source : as `ship` wrote it
    tested, row : as `buysignal.ship.promise.with_test` takes them
    """
    manifest = {key: value for key, value in read_json(source / MANIFEST).items() if key != SEAL}
    if tested is not None:
        manifest["expected"] = with_test(manifest["expected"], tested, row)
    for path in sorted(file for file in (source / FITTED).rglob("*") if file.is_file()):
        write_atomic(target / path.relative_to(source), lambda to, path=path: shutil.copyfile(path, to))
    write_sealed(target / MANIFEST, manifest)


@dataclass(frozen=True)
class Shipped:
    """A contender as `ship` wrote it, proven whole: everything that predicting needs.

    Attributes
    ----------
    card : who it is
    asks : of the bars
    features : the F columns of its tier, in order
    scaler : mean and deviation (F,) of the features, finite, deviation > 0
    label : what it predicts
    threshold : a day is a buy if the mean score of the seeds is at least this; in [0, 1]
    per_day : of many symbols, a buy is one of so many that score highest on its day, too; 0: whatever others score
    certified : the threshold that keeps a promise, if one does
    calibration : from that mean to a probability
    regime : the time it was trained in
    expected : what its buys came to on days it was not trained on
    fitted : what scores the days
    """

    card: ModelCard
    asks: Asks
    features: tuple[str, ...]
    scaler: Scaler
    label: Label
    threshold: float
    per_day: int
    certified: Promise
    calibration: CalibrationMap
    regime: Regime
    expected: Expected
    fitted: Fitted

    @property
    def needed(self) -> int:
        """Bars that the first answer takes: the warm-up of the features and one window."""
        return self.asks.warmup + self.context

    @property
    def context(self) -> int:
        """Days that a window shows: they must lie before and on a day that is scored."""
        return self.asks.context


def load(folder: str | Path) -> Shipped:
    """Read a contender back and prove it whole.

    The manifest is checked key by key, then ``fitted/`` is compared with its SHA-256 and only then parsed.

    Raises
    ------
    UserError
        If a file is missing, unreadable, torn, changed or another contender's, or the manifest holds a key or a
        value that `ship` would not write; one line that names the file and the command that mends it.
    """
    path = Path(folder) / MANIFEST
    content = read_strict(path)
    try:
        found = read_manifest(content)
    except UserError as error:
        raise UserError(f"{path}: {error}; {MEND}") from None
    if own := found["asks"].own:
        require_same(own, found["asks"].content, settings(Features).extra, "features.extra", found["card"].name)
    inner = Path(folder) / FITTED / kept.FITTED
    digest = hashlib.sha256(read_bytes(inner, MOST)).hexdigest()
    if digest != content["sha256"]:
        raise UserError(f"{inner} has SHA-256 {digest[:12]}, {MANIFEST} says {content['sha256'][:12]}: {MEND}")
    fitted = contenders.load(inner.parent)
    if fitted.card != found["card"]:
        raise UserError(f"{inner} is of another contender than {MANIFEST}, or of other numbers: {MEND}")
    if fault := fitted.fault(len(found["features"]), found["asks"].context):
        raise UserError(f"{inner}: {fault}; {MEND}")
    return Shipped(**found, fitted=fitted)
