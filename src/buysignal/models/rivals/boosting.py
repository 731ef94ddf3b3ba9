"""Boosted trees on today's features: grown and walked by LightGBM, kept as its own text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, ClassVar, Self

import numpy as np

from buysignal.core.errors import UserError
from buysignal.models.days import Days
from buysignal.models.rivals.rival import Rival
from buysignal.models.rivals.trees import ENDED, leaves_of
from buysignal.models.scores import ModelCard


@dataclass(frozen=True)
class Growth:
    """How trees are grown; as it stands, shallow and slow, for some thousand noisy days.

    Attributes
    ----------
    depth : splits on the way to a leaf, at most; a tree has up to ``2 ** depth`` leaves
    rate : by how much what each tree says is shrunk
    leaf_rows : days of the train role that a leaf must hold
    features, rows : shares of the features and of the train days that a tree is grown on, drawn anew for each
    l2 : penalty on what a leaf says
    rounds : trees, at most
    patience : trees after the best on the stop role, before no more are grown; 0: all are
    """

    depth: int = 3
    rate: float = 0.05
    leaf_rows: int = 40
    features: float = 1.0
    rows: float = 1.0
    l2: float = 0.0
    rounds: int = 200
    patience: int = 0


SHALLOW = Growth()


@dataclass(frozen=True)
class Boosting(Rival):
    """``trees``: LightGBM's text of the rounds that are kept, up to the last tree.

    A feature that is missing (NaN) goes where it went in training, or as 0 if none was missing there.
    """

    KIND: ClassVar[str] = "boosting"
    FAMILY: ClassVar[str] = "boosting"
    FILES: ClassVar[Mapping[str, str]] = {"trees": "trees.txt"}
    trees: str

    @classmethod
    def fit(cls, days: Days, seed: int, growth: Growth = SHALLOW) -> Self:
        """The stop role says after how many rounds to stop: where its log loss is least, the first time.

        Random days of the train role would not do, because the fit has seen their neighbours. Without a
        stop row all rounds are kept; trees end early where no split is left.
        """
        lightgbm, asked = _lightgbm(), _asked(seed, growth)
        train, stop = days.role == "train", days.role == "stop"
        known = lightgbm.Dataset(np.ascontiguousarray(days.values[train]), days.label[train], params=asked)
        seen, losses = {}, {}
        if stop.any():
            held = known.create_valid(np.ascontiguousarray(days.values[stop]), days.label[stop])
            watch = [lightgbm.record_evaluation(losses)]
            if growth.patience:
                watch.append(lightgbm.early_stopping(growth.patience, verbose=False))
            seen = dict(valid_sets=[held], valid_names=["stop"], callbacks=watch)
        booster = lightgbm.train(asked, known, growth.rounds, **seen)
        rounds = 1 + int(np.argmin(losses["stop"]["binary_logloss"])) if losses else booster.num_trees()
        rounds = min(rounds, booster.num_trees())
        text = booster.model_to_string(num_iteration=rounds)
        trees = text.partition(ENDED)[0] + ENDED  # what follows says how they were grown: no score needs it
        return cls(cls.card_of(days.tier, sum(leaves_of(trees)), (seed,), (rounds,)), trees)

    def score(self, days: Days) -> np.ndarray:
        """Scores (1, n)."""
        booster = _lightgbm().Booster(model_str=self.trees)
        values = np.ascontiguousarray(days.values)
        if values.shape[1] != booster.num_feature():
            said = f"its trees see {booster.num_feature()} features, and the days have {values.shape[1]}"
            raise UserError(f"{self.card.name}: {said}; run `dvc repro`")
        return np.asarray(booster.predict(values, num_threads=1), np.float64).reshape(1, -1)

    @classmethod
    def restore(cls, card: ModelCard, values: Mapping[str, Any]) -> Self:
        leaves = leaves_of(values["trees"])  # LightGBM ends the process where a text is no tree: it is looked at first
        if (len(leaves), sum(leaves)) != (*card.epochs, card.parameters):
            raise ValueError(
                f"{len(leaves)} trees have {sum(leaves)} leaves; "
                f"its card says {card.epochs} trees and {card.parameters} leaves"
            )
        return super().restore(card, values)


def _asked(seed: int, growth: Growth) -> dict[str, Any]:
    """What LightGBM is asked for; on one thread and by rows, so that every sum has one order."""
    return dict(
        objective="binary",
        learning_rate=growth.rate,
        max_depth=growth.depth,
        num_leaves=2**growth.depth,
        min_data_in_leaf=growth.leaf_rows,
        feature_fraction=growth.features,
        bagging_fraction=growth.rows,
        bagging_freq=1,
        lambda_l2=growth.l2,
        seed=seed,
        deterministic=True,
        force_row_wise=True,
        num_threads=1,
        verbosity=-1,
    )


def _lightgbm() -> ModuleType:
    """LightGBM, imported where it is used: it takes a second."""
    try:
        import lightgbm
    except OSError as error:  # its own library is there, the one of threads is not
        said = re.split(r"[:\n]", str(error))[0]
        raise UserError(f"LightGBM cannot be loaded ({said}): install libgomp (`apt-get install libgomp1`)") from None
    return lightgbm
