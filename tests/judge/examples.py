"""Small scored models for tests to judge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from buysignal.judge.operating import SelectionRules
from buysignal.models.patchtst.architecture import Configuration
from buysignal.models.scores import ModelCard, Scored

RULES = SelectionRules(count=10, min_buys=5, min_recall=0.1, confidence=0.95, horizon=1, points=101)


def card(name="m", tier="a50", dropout=0.3, seeds=(1,), family="transformer", learning_rate=1e-4):
    configuration = Configuration(64, 3, 4, 2, dropout, learning_rate, 1e-4) if family == "transformer" else None
    return ModelCard(name, tier, family, "2M", "tpe", configuration, 1000, 2_000_000, seeds, (4,) * len(seeds))


def scored(label, scores, role=None, **of_card):
    """A model over consecutive days; ``scores`` (n,) or (S, n), role ``threshold`` unless told."""
    scores = np.atleast_2d(np.asarray(scores, float))
    n = scores.shape[1]
    role = np.full(n, "threshold") if role is None else np.asarray(role)
    seeds = tuple(range(len(scores)))
    dates = pd.bdate_range("2014-01-01", periods=n, name="date")
    return Scored(card(seeds=seeds, **of_card), dates, role, np.asarray(label, np.int8), scores)


def skilled(name, skill, seed=0, n=400, **of_card):
    """A model whose score follows the label by ``skill``; calibrate role first, then the threshold role."""
    rng = np.random.default_rng(seed)
    label = rng.random(2 * n) < 0.3
    score = 1 / (1 + np.exp(-(skill * (label - 0.5) + rng.standard_normal(2 * n))))
    return scored(label, score, np.repeat(["calibrate", "threshold"], n), name=name, **of_card)


def persistent(rng, shape, weight=0.8):
    """Series over the last axis that remember about five days, or more by a higher weight."""
    series = rng.standard_normal(shape)
    for t in range(1, shape[-1]):
        series[..., t] = weight * series[..., t - 1] + np.sqrt(1 - weight**2) * series[..., t]
    return series


def named(model, **changes):
    """The same scores under another card."""
    return replace(model, card=replace(model.card, **changes))
