"""One row per model, the same for a baseline, the candidate and a searched one: what tables are made of."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from buysignal.judge.best_of_day import held
from buysignal.judge.dates import Dates, dates_in
from buysignal.judge.evidence import evidence
from buysignal.judge.intervals import precision_lower
from buysignal.judge.operating import JUDGE, SelectionRules, alerts, operating_point
from buysignal.judge.params import Select
from buysignal.models.metrics import auc, buys, ranking
from buysignal.models.scores import ModelCard, Scored, TunedCard

SHORT = ("precision", "recall", "precision_low", "n_buys", "auc")
"""The columns of `dvc exp show`, in the project's order."""

NOTHING = {"precision": 0.0, "recall": 0.0, "precision_low": 0.0, "n_buys": 0, "auc": 0.5}
"""Stands where no model qualified: nothing is bought and nothing is ranked."""


def rules_of(select: Select, horizon: int, points: int = 101) -> SelectionRules:
    """Selection rules from params.yaml; how many are bought a day decides the recall, so that none is asked for."""
    recall = 0.0 if select.per_day else select.min_recall
    return SelectionRules(select.count, select.min_buys, recall, select.confidence, horizon, points, select.per_day)


def judge(model: Scored, rules: SelectionRules, configurations: int = 1) -> dict[str, Any]:
    """Who the model is, its operating point with its evidence, and its ranking on the threshold role.

    Without an operating point the counts are zero, ``no_buys`` is true and ``reason`` says why.
    ``configurations`` were looked at before this one was shown. ``precision_sd``, ``recall_sd`` and
    ``auc_sd`` are standard deviations over the seeds, each seed judged alone at the seed average's
    threshold; 0 with one seed.
    """
    label, score, per_seed = model.of(JUDGE)
    operating = operating_point(model, rules)
    point = operating.point
    threshold = None if point is None else point.threshold
    return {
        **identity(model),
        **asdict(ranking(label, score)),
        **evidence_at(model, JUDGE, threshold, rules, rules.confidence, configurations),
        "candidates": None if point is None else point.candidates,
        "qualified": 0 if point is None else point.qualified,
        "reason": operating.reason,
        **_spread(label, per_seed, threshold, dates_in(model, JUDGE), rules.per_day),
        "no_buys": point is None,
        "auc_rank": auc(*model.of("rank")[:2]),
    }


def evidence_at(
    model: Scored, role: str, threshold: float | None, rules: SelectionRules, confidence: float, configurations: int
) -> dict[str, Any]:
    """The threshold, and the evidence for precision and recall on a role; None never buys.

    ``precision_low`` is the one-sided bound at ``rules.confidence`` on every role: one name, one meaning.
    The two-sided intervals are at ``confidence``.
    """
    (label, *_), dates = model.of(role), dates_in(model, role)
    alert = alerts(model, role, threshold, rules.per_day)
    seen = evidence(label, alert, rules.horizon, confidence, len(model.card.seeds), configurations, dates).to_dict()
    low, _ = precision_lower(label, alert, rules.horizon, rules.confidence, dates)
    return {"threshold": threshold, **seen, "precision_low": float(low)}


def looked_at(card: ModelCard, trials: int) -> int:
    """Configurations looked at before this model was shown, of ``trials`` in all rounds of the search.

    A baseline, a user's own and a configuration typed by hand stand for themselves, a baseline with a search of its
    own for what was tried in it; what was tried by hand in other runs, no run can know.
    """
    if isinstance(card, TunedCard):
        return card.tried
    return 1 if card.origin in ("baseline", "hand", "own") else trials


def identity(model: Scored) -> dict[str, Any]:
    """Name, size and training of a model, for a table."""
    card = model.card
    return {
        "name": card.name,
        "tier": card.tier,
        "family": card.family,
        "budget": card.budget,
        "parameters": card.parameters,
        "cap": card.cap,
        "seeds": len(card.seeds),
        "epochs": list(card.epochs),
    }


def short(row: Mapping[str, Any]) -> dict[str, float]:
    """The few values of a row that `dvc exp show` has room for; ``trade``, what one earned after costs, if any was."""
    earned = {"trade": row["money"]["mean"]} if row.get("money") else {}
    return {key: row[key] for key in SHORT} | earned


def _spread(
    label: np.ndarray, per_seed: np.ndarray, threshold: float | None, dates: Dates | None, per_day: int
) -> dict[str, float]:
    aucs = [auc(label, scores) for scores in per_seed]
    seen = [] if threshold is None else [held(scores, dates, per_day) for scores in per_seed]
    at = [buys(label, scores, threshold) for scores in seen]
    return {
        "auc_sd": _sd(aucs),
        "precision_sd": _sd([b.precision for b in at]),
        "recall_sd": _sd([b.recall for b in at]),
    }


def _sd(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
