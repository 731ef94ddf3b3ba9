"""What every judged model hands on: who it is, and its score of every day it may see."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from buysignal.bars.symbols import by_date, dates_of, index_of, is_many
from buysignal.core.errors import UserError
from buysignal.core.files import read_json, read_parquet, write_exact_json, write_parquet
from buysignal.models.patchtst.architecture import Configuration

SCORES, MODELS = "scores.parquet", "models.json"
FAMILIES = ("formula", "logistic", "garch", "boosting", "transformer", "blend", "own")
"""Of contenders, the simplest first; of a user's own nothing is known."""
VOLATILITY_ALONE = FAMILIES[: FAMILIES.index("boosting")]
"""Those that see how much a market moves and nothing of where to."""


@dataclass(frozen=True)
class ModelCard:
    """Who a model is.

    Attributes
    ----------
    name : unique among the models judged together, such as ``a50-2M-T8`` or ``candidate``
    tier : the features it sees
    family : one of `FAMILIES`
    budget : the budget it was searched under; empty if none
    origin : who proposed it: extreme, random, tpe, redirected, variant or supplementary, of a search; hand; baseline;
        own, of a user; built, of what a search found
    configuration : its hyperparameters; None but for a transformer
    parameters : true number of fitted values
    cap : the budget's cap on them; 0 if none
    seeds : one member per seed; empty if no random number is drawn
    epochs : epochs (or boosting rounds) each member trained
    """

    name: str
    tier: str
    family: str
    budget: str
    origin: str
    configuration: Configuration | None
    parameters: int
    cap: int
    seeds: tuple[int, ...]
    epochs: tuple[int, ...]

    @property
    def complexity(self) -> tuple[int, int, str]:
        """Less is simpler: the family first, then the number of fitted values; the name, so that no two tie."""
        return FAMILIES.index(self.family), self.parameters, self.name

    @property
    def searched(self) -> bool:
        """Whether it is a transformer by its own: one of the search, or the one typed by hand."""
        return self.family == "transformer" and self.origin != "built"

    def to_dict(self) -> dict[str, Any]:
        """Plain types; `from_dict` restores them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Inverse of `to_dict`, also after JSON turned tuples into lists."""
        plain = dict(value)
        configuration = plain.pop("configuration")
        for key in ("seeds", "epochs"):
            plain[key] = tuple(plain[key])
        kind = TunedCard if "tried" in plain else cls
        return kind(configuration=None if configuration is None else Configuration(**configuration), **plain)


@dataclass(frozen=True)
class TunedCard(ModelCard):
    """Who a rival with a search of its own is.

    Attributes
    ----------
    tried : configurations that were looked at to find it
    """

    tried: int


@dataclass(frozen=True)
class Scored:
    """A model and its scores, in time order; of many symbols those of a date in order of the symbol.

    Attributes
    ----------
    card : who it is
    index : (n,) decision days: date, of many symbols (symbol, date); unique
    role : (n,) role of each day
    label : (n,) int8, 0 or 1
    scores : (S, n) float64, a score in [0, 1] per seed
    """

    card: ModelCard
    index: pd.Index
    role: np.ndarray
    label: np.ndarray
    scores: np.ndarray

    def __post_init__(self) -> None:
        name, n = self.card.name, len(self.index)
        members = max(1, len(self.card.seeds))
        if self.scores.shape != (members, n) or self.role.shape != (n,) or self.label.shape != (n,):
            raise ValueError(
                f"{name}: {n} days and {members} members need scores ({members}, {n}), role ({n},) and label ({n},); "
                f"they are {self.scores.shape}, {self.role.shape} and {self.label.shape}"
            )
        if not np.isfinite(self.scores).all():
            raise ValueError(f"{name}: a score is not finite")
        if not (by_date(self.index).is_monotonic_increasing and self.index.is_unique):
            raise ValueError(f"{name}: days must be unique and increasing")

    @classmethod
    def of_rows(cls, card: ModelCard, index: pd.Index, role: np.ndarray, label: np.ndarray, scores: np.ndarray) -> Self:
        """The same of rows as a table has them, the days of a symbol together: they are put in order of time."""
        order = by_date(index).argsort() if is_many(index) else slice(None)
        return cls(card, index[order], role[order], label[order], scores[:, order])

    @property
    def dates(self) -> pd.DatetimeIndex:
        """(n,) date of each day."""
        return dates_of(self.index)

    @property
    def ensemble(self) -> np.ndarray:
        """(n,) mean over the seeds: the model that is judged and shipped."""
        return np.ascontiguousarray(self.scores).mean(axis=0)  # one layout, so one order of summing

    def of(self, role: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(label (m,), ensemble (m,), scores (S, m)) of one role; m is 0 if it has no day here."""
        chosen = self.role == role
        return self.label[chosen], self.ensemble[chosen], self.scores[:, chosen]


def write(folder: str | Path, models: Iterable[Scored]) -> None:
    """Write models to ``scores.parquet`` and ``models.json`` in a folder.

    The bytes depend on the models alone, not on their order: they are sorted by name. Scores and
    hyperparameters keep every bit, because a rounded score may fall below the threshold it set and
    a rounded learning rate is another configuration.

    Raises
    ------
    ValueError
        If two models have one name.
    """
    ordered = sorted(models, key=lambda model: model.card.name)
    for one, other in pairwise(model.card.name for model in ordered):
        if one == other:
            raise ValueError(f"two models are named {one}")
    write_parquet(Path(folder) / SCORES, _long(ordered))
    write_exact_json(Path(folder) / MODELS, [model.card.to_dict() for model in ordered])


def read(folder: str | Path) -> list[Scored]:
    """Read what `write` wrote, sorted by name.

    Raises
    ------
    UserError
        If a file is missing or torn, or the two are not of one `write`.
    """
    cards = [ModelCard.from_dict(card) for card in read_json(Path(folder) / MODELS)]
    frame = read_parquet(Path(folder) / SCORES)
    parts = {name: part for name, part in frame.groupby("model", sort=False)}
    if set(parts) != {card.name for card in cards}:
        raise UserError(f"{folder}: {SCORES} and {MODELS} name different models; delete both and run `dvc repro`")
    return [_scored(card, parts[card.name]) for card in cards]


def others(tiers: Iterable[str]) -> list[str]:
    """Folders of scores, with a folder ``fitted`` in each: baselines and a user's own; what is built of a search."""
    return [folder for tier in tiers for folder in (f"data/baseline/{tier}", f"data/evaluate/{tier}/built")]


def offset_of(tier: str, under: str = "offset") -> str:
    """Where the logits lie that a transformer of a tier is added to, by default volatility's; none of the test role."""
    return f"data/baseline/{tier}/{under}.parquet"


def named(models: Iterable[Scored], name: str) -> Scored:
    """The model of that name."""
    return next(model for model in models if model.card.name == name)


def _long(models: list[Scored]) -> pd.DataFrame:
    """One row per model, member and day: models of different tiers differ in their days."""
    parts = [
        pd.DataFrame(
            {
                "model": model.card.name,
                "member": np.int16(member),
                **{level: model.index.get_level_values(level) for level in model.index.names},
                "role": pd.array(model.role.astype(object), dtype="str"),
                "label": model.label.astype(np.int8),
                "score": scores,
            }
        )
        for model in models
        for member, scores in enumerate(model.scores)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"model": pd.array([], dtype="str")})


def _scored(card: ModelCard, part: pd.DataFrame) -> Scored:
    members = max(1, len(card.seeds))
    first = part.iloc[: len(part) // members]
    return Scored(
        card,
        index_of(first),
        first["role"].to_numpy(str),
        first["label"].to_numpy(np.int8),
        part["score"].to_numpy(np.float64).reshape(members, -1),
    )
