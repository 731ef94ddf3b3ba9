"""What is read of a run: the artefacts in a project's folder, each only when a check asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from buysignal.bars.manifest import read_bars
from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.core.files import read_json, read_parquet
from buysignal.core.git import committed
from buysignal.days.columns import LABEL_COLUMNS
from buysignal.days.table import label_and_role
from buysignal.judge.luck import LuckBar, luck_bar
from buysignal.judge.operating import SelectionRules
from buysignal.judge.row import rules_of
from buysignal.models import scores
from buysignal.models.scores import Scored
from buysignal.ship import ledger, registered
from buysignal.ship.package import Shipped, load
from buysignal.ship.selected import in_order

TESTED = "data/tested"
EXAMINED = "metrics/train.json"
MIRRORED = "data/mirror"
SHIPPED = "data/models/models.json"
LEDGER = "metrics/ledger.jsonl"
BASELINE = "baseline"  # origin


def _json(relative: str, stage: str, *keys: str) -> cached_property[Any]:
    """What stands in a JSON file that a stage writes, under some keys."""

    def read(run: Run) -> Any:
        content = run.json(relative, stage)
        for key in keys:
            content = content[key]
        return content

    return cached_property(read)


@dataclass(frozen=True)
class Run:
    """The artefacts under ``root``, read once and only when asked for.

    Every property raises `UserError` where its file is missing or torn; the message names the file
    and the command that builds it.
    """

    root: Path = Path()
    _kept: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False, compare=False)

    manifest = _json("data/bars/bars.json", "ingest")  # what the bars are, with their SHA-256
    selection = _json("data/selected.json", "select")  # the search's ten, the others, and what ships
    ten = _json("data/selected.json", "select", "selected")  # rank, card, point and reason of each, by rank
    judged = _json("metrics/selection.json", "select")  # rows of every model on the threshold role
    examined = _json(EXAMINED, "test")  # rows of the test role, or why there are none

    @cached_property
    def selected(self) -> list[dict[str, Any]]:
        """Every contender that buys: what ships, then the search's ten by rank, then the others."""
        return in_order(self.selection)

    @property
    def days(self) -> str:
        """What a verdict calls what it counts: days, and of many symbols rows, of which a date has several."""
        try:
            return "rows" if "symbols" in self.manifest else "days"
        except (UserError, TypeError):  # a check that needs the bars says so
            return "days"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Of the test role: every contender that was examined."""
        return [*self.examined["models"], *self.examined["others"]]

    @cached_property
    def tested(self) -> list[dict[str, Any]]:
        """Rows of those that buy on the test role, in the order of `selected`."""
        buying = [row for row in self.rows if row["threshold"] is not None]
        return sorted(buying, key=lambda row: row["name"] != self.examined["shipped"])

    @property
    def silent(self) -> list[dict[str, Any]]:
        """Rows of the contenders that never buy on the test role."""
        return [row for row in self.examined["others"] if row["threshold"] is None]

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

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Every tier's."""
        return {tier: self.table(tier) for tier in self.params.tiers}

    def features(self, tier: str) -> list[str]:
        """The columns that a model of the tier sees: all that are no label, whatever they are called."""
        return [name for name in self.table(tier).columns if name not in LABEL_COLUMNS]

    @cached_property
    def score_folders(self) -> dict[str, str]:
        """Folder of scores -> the stage that writes it."""
        tiers = self.params.tiers
        folders = {"data/candidate": "candidate"}
        folders |= {f"data/evaluate/{tier}": f"evaluate@{tier}" for tier in tiers}
        return folders | self.other_folders | {TESTED: "test"}

    @property
    def other_folders(self) -> dict[str, str]:
        """The same of what was not searched; each has a folder of fits beside its scores."""
        return {folder: "@".join(folder.split("/")[1:3]) for folder in scores.others(self.params.tiers)}

    @property
    def score_tables(self) -> dict[str, pd.DataFrame]:
        """Folder -> rows of model, member, date, role, label and score, unchecked; without folders that have none."""
        folders = self.score_folders.items()
        found = {folder: self._read(read_parquet, f"{folder}/{scores.SCORES}", stage) for folder, stage in folders}
        return {folder: table for folder, table in found.items() if not table.empty}

    @cached_property
    def models(self) -> dict[str, Scored]:
        """Every contender but the baselines, by name; what was searched comes first."""
        apart = (*self.other_folders, TESTED)
        searched = self._scored([folder for folder in self.score_folders if folder not in apart])
        return searched | {name: one for name, one in self._others.items() if one.card.origin != BASELINE}

    @property
    def candidate(self) -> Scored:
        """The configuration tried by hand."""
        return self.models["candidate"]

    @property
    def unopened(self) -> str:
        """Why the test role stays closed to this run; empty if it was opened for it."""
        return self.examined.get("unopened", "")

    @cached_property
    def registration(self) -> dict[str, Any]:
        """What would be registered of this run: `buysignal.ship.registered.registration`."""
        tiers = [self.metrics(f"featurize/{tier}.json", f"featurize@{tier}") for tier in self.params.tiers]
        return registered.registration(self.selection, self.manifest["sha256"], tiers)

    @cached_property
    def baselines(self) -> dict[str, Scored]:
        """Every baseline, by name."""
        return {name: one for name, one in self._others.items() if one.card.origin == BASELINE}

    @property
    def contenders(self) -> dict[str, Scored]:
        """All of them, by name."""
        return {**self.baselines, **self.models}

    @cached_property
    def _others(self) -> dict[str, Scored]:
        return self._scored(list(self.other_folders))

    @cached_property
    def opened(self) -> dict[str, Scored]:
        """Every contender that was examined with its scores of the test role, by name."""
        return self._scored([TESTED])

    @cached_property
    def falls(self) -> dict[str, Scored]:
        """The selected configurations trained on the fall, by name."""
        return {model.card.name: model for model in self._read(scores.read, MIRRORED, "mirror")}

    def _scored(self, folders: Sequence[str]) -> dict[str, Scored]:
        stages = self.score_folders
        found = [model for folder in folders for model in self._read(scores.read, folder, stages[folder])]
        return {model.card.name: model for model in found}

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
            raise self.relative(error) from None

    @property
    def looks_if_any(self) -> list[ledger.Entry]:
        """The same; none of a project that has no ledger yet."""
        return self.looks if self.has(LEDGER) or committed(self.root / LEDGER) else []

    @property
    def names(self) -> list[str]:
        """Of `selected`."""
        return [entry["card"]["name"] for entry in self.selected]

    @property
    def ranked(self) -> list[str]:
        """Names of the search's ten, by rank."""
        return [entry["card"]["name"] for entry in self.ten]

    @cached_property
    def chosen(self) -> list[tuple[dict[str, Any], Scored]]:
        """`selected` with their scores."""
        for name in self.names:
            if name not in self.contenders:
                raise UserError(f"data/selected.json names {name}, which has no scores: run `dvc repro select`")
        return [(entry, self.contenders[name]) for entry, name in zip(self.selected, self.names)]

    @property
    def claims(self) -> dict[str, list[dict[str, Any]]]:
        """File of metrics/ -> its rows, which all have a precision."""
        return {"selection.json": self.judged, "train.json": [*self.tested, *self.silent]}

    @cached_property
    def shipped(self) -> list[Shipped]:
        """Every contender that data/models names, proved whole by the reader that `predict` uses."""
        return [self._read(load, f"data/models/{name}", "test") for name in self.json(SHIPPED, "test")]

    @property
    def shipped_if_any(self) -> list[Shipped]:
        """The same; none where nothing was shipped, which `weights-altered` tells."""
        return self.shipped if self.has(SHIPPED) else []

    def metrics(self, name: str, stage: str) -> Any:
        """The JSON of one file of metrics/."""
        return self.json(f"metrics/{name}", stage)

    def json(self, relative: str, stage: str) -> Any:
        """The JSON of a file that a stage writes."""
        return self._read(read_json, relative, stage)

    def has(self, relative: str) -> bool:
        """Whether a file or folder is there."""
        return (self.root / relative).exists()

    def _read(self, reader: Callable[[Path], Any], relative: str, stage: str) -> Any:
        """Read once; say what is missing or torn by its path in the project."""
        key = (reader.__name__, relative)
        if key not in self._kept:
            if not self.has(relative):
                kept = f"git checkout HEAD -- {relative}" if relative.startswith("metrics/") else "dvc pull"
                raise UserError(f"{relative} is missing: `{kept}`, or build it with `dvc repro {stage}`")
            try:
                self._kept[key] = reader(self.root / relative)
            except UserError as error:
                raise UserError(f"{self.relative(error)} (`dvc repro {stage}` builds it)") from None
        return self._kept[key]

    def relative(self, error: UserError) -> UserError:
        """The same, with paths as they are in the project."""
        return UserError(str(error).replace(f"{self.root}/", ""))
