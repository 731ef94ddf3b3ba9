"""A variant beside the registered candidate, on the days of the threshold role that both saw."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from buysignal.judge.operating import JUDGE, SelectionRules, operating_point
from buysignal.judge.paired import auc_difference, precision_difference
from buysignal.models.scores import Scored

INTERVAL = 0.95  # of the two-sided intervals


def compared(model: Scored, registered: pd.DataFrame, rules: SelectionRules, seed: int) -> dict[str, Any]:
    """A model minus the registered candidate: precision, the latter buying on as many days; and AUC.

    Parameters
    ----------
    model : scores of the threshold role among others
    registered : ``label`` and ``score`` of the threshold role, index ``date``
    seed : of the bootstrap of days

    Returns
    -------
    ``days`` they are compared on; ``precision`` and ``auc``, each a `buysignal.judge.paired.Difference` as plain
    types or None where there is nothing to compare; ``reason`` why there is not.
    """
    label, score, _ = model.of(JUDGE)
    days = model.dates[model.role == JUDGE]
    nothing = {"days": 0, "precision": None, "auc": None}
    if not days.equals(registered.index.rename(days.name)):
        return nothing | {"reason": "the threshold role has other days than that of the registered candidate"}
    if (label != registered["label"].to_numpy()).any():
        return nothing | {"reason": "the label is another than that of the registered candidate"}
    point, other = operating_point(model, rules).point, registered["score"].to_numpy()
    drawn = (rules.horizon, INTERVAL, seed)
    found = {"days": len(days), "precision": None, "auc": asdict(auc_difference(label, score, other, *drawn))}
    if point is None:
        return found | {"reason": "it has no threshold from which it buys"}
    precise = precision_difference(label, score >= point.threshold, other, *drawn)
    return found | {"precision": asdict(precise), "reason": ""}


def lead(found: Mapping[str, Any]) -> dict[str, float]:
    """The difference of precision and its ends, for `dvc exp show`; nothing where there is none."""
    precise = found["precision"]
    if precise is None:
        return {}
    return {"lead": precise["difference"], "lead_low": precise["low"], "lead_high": precise["high"]}
