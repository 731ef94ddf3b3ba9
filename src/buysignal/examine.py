"""The test role, opened: what the selected models and the baselines do on days nothing was chosen on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from buysignal.architecture import Shape
from buysignal.dataset import TierData
from buysignal.evaluation.intervals import precision_interval, precision_lower, recall_interval
from buysignal.evaluation.judge import identity
from buysignal.evaluation.metrics import auc, buys
from buysignal.evaluation.operating import SelectionRules
from buysignal.evaluation.paired import auc_difference, precision_at_buys, precision_difference
from buysignal.evaluation.scores import ModelCard, Scored
from buysignal.fitting import Fit, score
from buysignal.windows import Windows

TEST = "test"
INTERVAL = 0.95  # of the two-sided intervals


def score_test(card: ModelCard, fit: Fit, data: TierData, shape: Shape) -> Scored:
    """Scores of a trained model on the test role of an opened tier."""
    rows = data.rows(TEST, shape.context)
    windows = Windows.over(data.values, shape)
    scores = score(fit.trained.theta, card.configuration, shape, data, windows, rows)
    return Scored(card, data.dates[rows], data.role[rows], data.label[rows], scores)


def examine(model: Scored, threshold: float | None, rules: SelectionRules) -> dict[str, Any]:
    """One row of the test table: precision, recall, their intervals and the ranking.

    ``threshold`` is the operating point chosen on the threshold role; None never buys.
    ``precision_low`` is the one-sided bound at ``rules.confidence``, as on the threshold role: one name,
    one meaning. The intervals are two-sided.
    """
    label, scores, per_seed = model.of(TEST)
    at = buys(label, scores, np.inf if threshold is None else threshold)
    alert = np.zeros(len(label), bool) if threshold is None else scores >= threshold
    precision = precision_interval(label, alert, rules.horizon, INTERVAL)
    recall = recall_interval(label, alert, rules.horizon, INTERVAL)
    return {
        **identity(model),
        **at.to_dict(),
        "threshold": threshold,
        "n_eff": precision.n_eff,
        "precision_interval": [precision.low, precision.high],
        "precision_low": float(precision_lower(label, alert, rules.horizon, rules.confidence)[0]),
        "recall_interval": [recall.low, recall.high],
        "auc": auc(label, scores),
        "auc_per_seed": [auc(label, s) for s in per_seed],
    }


def against(
    model: Scored, baseline: Scored, threshold: float | None, rules: SelectionRules, seed: int
) -> dict[str, Any]:
    """The model minus the baseline on the same days: precision at as many buys, then AUC.

    ``precision`` is None where the model never buys: there is nothing to compare.
    """
    label, scores, _ = model.of(TEST)
    alert = scores >= (np.inf if threshold is None else threshold)
    _, other, _ = baseline.of(TEST)
    days, other_days = (scored.dates[scored.role == TEST] for scored in (model, baseline))
    if not days.equals(other_days):
        raise ValueError(f"{model.card.name} and {baseline.card.name} are not judged on the same days")
    return {
        "baseline": baseline.card.name,
        "precision_at_buys": precision_at_buys(label, other, int(alert.sum())),
        "precision": precision_difference(label, alert, other, rules.horizon, INTERVAL, seed).to_dict()
        if alert.any()
        else None,
        "auc": auc_difference(label, scores, other, rules.horizon, INTERVAL, seed).to_dict(),
    }


def named(models: Sequence[Scored], name: str) -> Scored:
    """The model of that name."""
    return next(model for model in models if model.card.name == name)
