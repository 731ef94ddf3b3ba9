"""Boosted trees on today's features: grown by scikit-learn, kept as arrays and walked without it."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy.special import expit
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss

from buysignal.models.days import Days
from buysignal.models.rivals.rival import Rival

ROUNDS, DEPTH, RATE, LEAF_ROWS = 200, 3, 0.05, 40  # shallow and slow, for some thousand noisy days


@dataclass(frozen=True)
class Boosting(Rival):
    """R trees whose N nodes lie one after the other.

    Attributes
    ----------
    start : log odds before the first tree
    roots : (R,) node that a tree starts at
    feature, threshold : (N,) a day goes left if the feature is at most the threshold
    missing_left : (N,) whether it goes left if the feature is missing
    left, right : (N,) next node; a leaf leads to itself
    value : (N,) what a leaf adds to the log odds
    """

    KIND: ClassVar[str] = "boosting"
    FAMILY: ClassVar[str] = "boosting"
    start: float
    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray

    @classmethod
    def fit(cls, days: Days, seed: int) -> Self:
        """The stop role says after how many rounds to stop.

        The early stopping of scikit-learn would hold out random days of the train role, whose
        neighbours it has seen. Without a stop row all rounds are kept.
        """
        train, stop = days.role == "train", days.role == "stop"
        model = HistGradientBoostingClassifier(
            learning_rate=RATE,
            max_iter=ROUNDS,
            max_depth=DEPTH,
            min_samples_leaf=LEAF_ROWS,
            early_stopping=False,
            random_state=seed,
        ).fit(days.values[train], days.label[train])
        rounds = model.n_iter_
        if stop.any():
            staged = model.staged_predict_proba(days.values[stop])
            rounds = 1 + int(np.argmin([log_loss(days.label[stop], p[:, 1], labels=[0, 1]) for p in staged]))
        return cls.grown(days.tier, model, rounds, seed)

    @classmethod
    def grown(cls, tier: str, model: HistGradientBoostingClassifier, rounds: int, seed: int) -> Self:
        """The first ``rounds`` trees of a fitted classifier: neither they nor its start have public names."""
        trees = [tree.nodes for [tree] in model._predictors[:rounds]]
        sizes = [len(tree) for tree in trees]
        roots, nodes = np.cumsum([0, *sizes[:-1]]), np.concatenate(trees)
        before, leaf = np.repeat(roots, sizes), nodes["is_leaf"] == 1
        return cls(
            cls.card_of(tier, int(leaf.sum()), (seed,), (rounds,)),
            float(model._baseline_prediction[0, 0]),
            roots,
            nodes["feature_idx"].astype(np.int64),
            nodes["num_threshold"].copy(),
            nodes["missing_go_to_left"] == 1,
            *(np.where(leaf, np.arange(len(nodes)), before + nodes[side]) for side in ("left", "right")),
            nodes["value"].copy(),
        )

    def score(self, days: Days) -> np.ndarray:
        """Scores (1, n)."""
        return self.walk(days.values)[None, :]

    def walk(self, values: np.ndarray) -> np.ndarray:
        """Every day (n, F) down every tree: (n,), with the bits of scikit-learn's ``predict_proba``."""
        odds, day = np.full(len(values), self.start), np.arange(len(values))
        for root in self.roots:  # one tree after the other: another order of summing has other bits
            at = np.full(len(values), root)
            for _ in range(DEPTH):
                seen = values[day, self.feature[at]]
                goes_left = np.where(np.isnan(seen), self.missing_left[at], seen <= self.threshold[at])
                at = np.where(goes_left, self.left[at], self.right[at])
            odds += self.value[at]
        return expit(odds)
