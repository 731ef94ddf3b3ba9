"""Trees walked as arrays give the bits of scikit-learn, also on a threshold and where a feature is missing."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from buysignal.models.rivals.boosting import DEPTH, Boosting
from tests.models.rivals.test_fitted import LABELS, days, market


def data(seed, missing):
    """(x (n, 3) float32 of few distinct values, so that a threshold lies half-way between two of them; label)."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 12, (900, 3)).astype(np.float32)
    x[rng.random(x.shape) < missing] = np.nan
    odds = np.where(np.isnan(x[:, 0]), 1.0, x[:, 0] > 5) + np.where(np.isnan(x[:, 1]), -1.0, x[:, 1] / 12)
    return x, (rng.random(900) < 1 / (1 + np.exp(-odds))).astype(np.int8)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("leaf", [1, 40, 400])  # many leaves; as in use; hardly a split
def test_the_walk_has_the_bits_of_staged_predict_proba(missing, leaf):
    x, label = data(leaf, missing)
    model = HistGradientBoostingClassifier(max_iter=30, max_depth=DEPTH, min_samples_leaf=leaf, early_stopping=False)
    model.fit(x, label)
    trees = Boosting.grown("a20", model, 30, 0)
    split = trees.left != np.arange(len(trees.left))
    edges = trees.threshold[split & np.isfinite(trees.threshold)].astype(np.float32)
    on_edge = np.repeat(edges[:, None], 3, axis=1)  # every threshold there is, met exactly
    assert (on_edge[:, 0] == edges).all() and (leaf == 400 or len(edges) > 30)
    odd = np.array([[np.nan] * 3, [np.inf] * 3, [-np.inf] * 3, [np.nan, np.inf, -np.inf]], np.float32)
    seen = np.concatenate([x, on_edge, np.nextafter(on_edge, np.float32(np.inf)), odd])
    for rounds, expected in enumerate(model.staged_predict_proba(seen), start=1):
        found = Boosting.grown("a20", model, rounds, 0).walk(seen)
        assert found.tobytes() == expected[:, 1].tobytes()


def test_without_a_stop_day_all_rounds_are_kept():
    bars, frame = market(900, LABELS["fixed"])
    frame = frame[frame["role"] != "stop"]
    with threadpool_limits(1):
        fit = Boosting.fit(days(bars, frame, LABELS["fixed"]).known(), 1)
    assert fit.card.epochs == (200,) and len(fit.roots) == 200
