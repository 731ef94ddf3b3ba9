"""One row per model, the same for a baseline, the candidate and a searched one: what tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from buysignal.evaluation.metrics import auc, buys, ranking
from buysignal.evaluation.operating import JUDGE, SelectionRules, operating_point
from buysignal.evaluation.scores import Scored
from buysignal.params import SelectParams

SHORT = ("precision", "precision_low", "recall", "n_buys", "auc")
"""The columns of `dvc exp show`, in the project's order."""

NO_BUYS = {
    "threshold": None,
    "precision": 0.0,
    "precision_low": 0.0,
    "recall": 0.0,
    "n_buys": 0,
    "hits": 0,
    "n_eff": 0.0,
    "lift": 0.0,
    "alert_rate": 0.0,
    "candidates": None,
    "qualified": 0,
}

NOTHING = {**NO_BUYS, "auc": 0.5}
"""Stands where no model qualified: nothing is bought and nothing is ranked."""


def rules_of(select: SelectParams, horizon: int, points: int = 101) -> SelectionRules:
    """Selection rules from params.yaml."""
    return SelectionRules(select.count, select.min_buys, select.min_recall, select.confidence, horizon, points)


def judge(model: Scored, rules: SelectionRules) -> dict[str, Any]:
    """Who the model is, its operating point and its ranking on the threshold role.

    Without an operating point the counts are zero, ``no_buys`` is true and ``reason`` says why.
    ``precision_sd``, ``recall_sd`` and ``auc_sd`` are standard deviations over the seeds, each seed
    judged alone at the seed average's threshold; 0 with one seed.
    """
    label, score, per_seed = model.of(JUDGE)
    operating = operating_point(model, rules)
    point = {**NO_BUYS, "reason": operating.reason}
    if operating.point is not None:
        point |= {key: value for key, value in operating.point.to_dict().items() if key != "auc"}
    return {
        **identity(model),
        **ranking(label, score).to_dict(),
        **point,
        **_spread(label, per_seed, point["threshold"]),
        "no_buys": operating.point is None,
        "auc_rank": auc(*model.of("rank")[:2]),
    }


def identity(model: Scored) -> dict[str, Any]:
    """Name, size and training of a model, for a table."""
    card = model.card
    return {
        "name": card.name,
        "tier": card.tier,
        "kind": card.kind,
        "budget": card.budget,
        "parameters": card.parameters,
        "cap": card.cap,
        "seeds": len(card.seeds),
        "epochs": list(card.epochs),
    }


def short(row: Mapping[str, Any]) -> dict[str, float]:
    """The few values of a row that `dvc exp show` has room for."""
    return {key: row[key] for key in SHORT}


def _spread(label: np.ndarray, per_seed: np.ndarray, threshold: float | None) -> dict[str, float]:
    aucs = [auc(label, scores) for scores in per_seed]
    at = [] if threshold is None else [buys(label, scores, threshold) for scores in per_seed]
    return {
        "auc_sd": _sd(aucs),
        "precision_sd": _sd([b.precision for b in at]),
        "recall_sd": _sd([b.recall for b in at]),
    }


def _sd(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
