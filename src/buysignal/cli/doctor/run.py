"""What is read of a run: the artefacts in a project's folder, each only when a check asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors import SafetensorError
from safetensors.numpy import load_file

from buysignal.bars.manifest import read_bars
from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.core.files import read_json, read_parquet
from buysignal.days.columns import LABEL_COLUMNS
from buysignal.days.table import label_and_role
from buysignal.judge.luck import LuckBar, luck_bar
from buysignal.judge.operating import SelectionRules
from buysignal.judge.row import rules_of
from buysignal.models import scores
from buysignal.models.scores import Scored
from buysignal.ship import ledger

TESTED = "data/tested"
MIRRORED = "data/mirror"
LEDGER = "metrics/ledger.jsonl"


@dataclass(frozen=True)
class Shipped:
    """A trained model as `buysignal.ship.package` wrote it: its folder's name, manifest and tensors."""

    folder: str
    manifest: dict[str, Any]
    tensors: dict[str, np.ndarray]

    @property
    def name(self) -> str:
        """The name on its card."""
        return self.manifest["card"]["name"]


@dataclass(frozen=True)
class Run:
    """The artefacts under ``root``, read once and only when asked for.

    Every property raises `UserError` where its file is missing or torn; the message names the file
    and the command that builds it.
    """

    root: Path = Path()
    _kept: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def params(self) -> Params:
        """params.yaml, checked."""
        return Params.load(self.root / "params.yaml")

    @cached_property
    def rules(self) -> SelectionRules:
        """Rules of selection, from params."""
        return rules_of(self.params.select, self.params.label.horizon, self.params.sweep.points)

    @cached_property
    def bars(self) -> pd.DataFrame:
        """Daily bars, proved by their manifest."""
        return self._read(read_bars, "data/bars/bars.parquet", "ingest")

    @cached_property
    def expected(self) -> pd.DataFrame:
        """Label, its interval and role of every bar, computed again from bars and params."""
        return label_and_role(self.bars, self.params.label, self.params.roles)

    def table(self, tier: str) -> pd.DataFrame:
        """A tier's table as featurize wrote it."""
        return self._read(read_parquet, f"data/features/{tier}.parquet", f"featurize@{tier}")

    def features(self, tier: str) -> list[str]:
        """The columns that a model of the tier sees: all that are no label, whatever they are called."""
        return [name for name in self.table(tier).columns if name not in LABEL_COLUMNS]

    def score_table(self, folder: str) -> pd.DataFrame:
        """Rows of model, member, date, role, label and score, unchecked; ``folder`` is one of `score_folders`."""
        return self._read(read_parquet, f"{folder}/{scores.SCORES}", self.score_folders[folder])

    @cached_property
    def score_folders(self) -> dict[str, str]:
        """Folder of scores -> the stage that writes it."""
        tiers = self.params.tiers
        folders = {"data/candidate": "candidate"}
        folders |= {f"data/evaluate/{tier}": f"evaluate@{tier}" for tier in tiers}
        return folders | {f"data/baseline/{tier}": f"baseline@{tier}" for tier in tiers} | {TESTED: "train"}

    @cached_property
    def models(self) -> dict[str, Scored]:
        """Every model that competes for selection, by name."""
        return self._scored("data/candidate", "data/evaluate/")

    @cached_property
    def baselines(self) -> dict[str, Scored]:
        """Every baseline, by name."""
        return self._scored("data/baseline/")

    @cached_property
    def opened(self) -> dict[str, Scored]:
        """Every selected model and every baseline with its scores of the test role, by name."""
        return self._scored(TESTED)

    @cached_property
    def luck(self) -> LuckBar:
        """What the best of as many models shows without skill."""
        return luck_bar(list(self.models.values()), self.rules)

    @cached_property
    def looks(self) -> list[ledger.Entry]:
        """Every recorded look at a test role."""
        if not self.has(LEDGER):
            raise UserError(f"{LEDGER} is missing: `git checkout HEAD -- {LEDGER}` brings it back")
        try:
            return ledger.read(self.root / LEDGER)
        except UserError as error:
            raise UserError(str(error).replace(f"{self.root}/", "")) from None

    def _scored(self, *starts: str) -> dict[str, Scored]:
        folders = {folder: stage for folder, stage in self.score_folders.items() if folder.startswith(starts)}
        found = [model for folder, stage in folders.items() for model in self._read(scores.read, folder, stage)]
        return {model.card.name: model for model in found}

    @cached_property
    def falls(self) -> dict[str, Scored]:
        """The selected configurations trained on the fall, by name."""
        return {model.card.name: model for model in self._read(scores.read, MIRRORED, "mirror")}

    @cached_property
    def selected(self) -> list[dict[str, Any]]:
        """Selected models in the order of their rank: rank, card, point and reason; may be empty."""
        return self._json("data/selected.json", "select")["selected"]

    @cached_property
    def chosen(self) -> list[tuple[dict[str, Any], Scored]]:
        """Selected models with their scores."""
        for name in (entry["card"]["name"] for entry in self.selected):
            if name not in self.models:
                raise UserError(f"data/selected.json names {name}, which has no scores: run `dvc repro select`")
        return [(entry, self.models[entry["card"]["name"]]) for entry in self.selected]

    @cached_property
    def judged(self) -> list[dict[str, Any]]:
        """Rows of every model on the threshold role."""
        return self._json("metrics/selection.json", "select")

    @cached_property
    def tested(self) -> list[dict[str, Any]]:
        """Rows of the selected models on the test role."""
        return self._json("metrics/train.json", "train")["models"]

    @cached_property
    def tested_baselines(self) -> list[dict[str, Any]]:
        """Rows of the baselines on the test role."""
        return self._json("metrics/train.json", "train")["baselines"]

    @cached_property
    def shipped(self) -> list[Shipped]:
        """Every model folder that data/models/models.json names."""
        names = self._json("data/models/models.json", "train")
        return [self._shipped(f"data/models/{name}") for name in names]

    def _shipped(self, folder: str) -> Shipped:
        manifest = self._json(f"{folder}/model.json", "train")
        return Shipped(folder, manifest, self._read(_tensors, f"{folder}/weights.safetensors", "train"))

    @cached_property
    def maps(self) -> list[dict[str, Any]]:
        """Calibration map of each selected model, as it is shipped."""
        return self._json("data/selected.json", "select")["maps"]

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What the bars are, with their SHA-256."""
        return self._json("data/bars/bars.json", "ingest")

    @cached_property
    def trials(self) -> pd.DataFrame:
        """Every trial of every round."""
        return self._read(read_parquet, "data/trials/trials.parquet", "analyze")

    def metrics(self, name: str, stage: str) -> Any:
        """The JSON of one file of metrics/."""
        return self._json(f"metrics/{name}", stage)

    def has(self, relative: str) -> bool:
        """Whether a file or folder is there."""
        return (self.root / relative).exists()

    def _json(self, relative: str, stage: str) -> Any:
        return self._read(read_json, relative, stage)

    def _read(self, reader: Callable[[Path], Any], relative: str, stage: str) -> Any:
        """Read once; say what is missing or torn by its path in the project."""
        key = (reader.__name__, relative)
        if key not in self._kept:
            path = self.root / relative
            if not path.exists():
                kept = f"git checkout HEAD -- {relative}" if relative.startswith("metrics/") else "dvc pull"
                raise UserError(f"{relative} is missing: `{kept}`, or build it with `dvc repro {stage}`")
            try:
                self._kept[key] = reader(path)
            except UserError as error:
                reason = str(error).replace(f"{self.root}/", "")
                raise UserError(f"{reason} (`dvc repro {stage}` builds it)") from None
        return self._kept[key]


def _tensors(path: Path) -> dict[str, np.ndarray]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        reason = (str(error) or repr(error)).splitlines()[0]
        raise UserError(f"{path} holds no whole weights ({reason})") from None
