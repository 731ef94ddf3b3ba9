"""A variant beside the registered candidate, on the days of the threshold role that both saw."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from buysignal.bars.symbols import by_date, is_many
from buysignal.judge.dates import dates_in
from buysignal.judge.operating import JUDGE, SelectionRules, alerts, operating_point
from buysignal.judge.paired import auc_difference, precision_difference
from buysignal.models.scores import Scored

INTERVAL = 0.95  # of the two-sided intervals


def compared(model: Scored, registered: pd.DataFrame, rules: SelectionRules, seed: int) -> dict[str, Any]:
    """A model minus the registered candidate: precision, the latter buying on as many days; and AUC.

    Where the best of each day are bought, the latter buys as many of each day.

    Parameters
    ----------
    model : scores of the threshold role among others
    registered : ``label`` and ``score`` of the threshold role, index ``date`` or (symbol, date)
    seed : of the bootstrap of days; of many symbols dates are drawn

    Returns
    -------
    ``days`` they are compared on, of many symbols rows; ``precision`` and ``auc``, each a
    `buysignal.judge.paired.Difference` as plain types or None where there is nothing to compare; ``reason`` why there
    is not.
    """
    (label, score, _), dates = model.of(JUDGE), dates_in(model, JUDGE)
    days = model.index[model.role == JUDGE]
    nothing = {"days": 0, "precision": None, "auc": None}
    if is_many(registered.index):
        registered = registered.iloc[by_date(registered.index).argsort()]  # a model's rows are in order of time
    if not days.equals(registered.index):
        return nothing | {"reason": "the threshold role has other days than that of the registered candidate"}
    if (label != registered["label"].to_numpy()).any():
        return nothing | {"reason": "the label is another than that of the registered candidate"}
    point, other = operating_point(model, rules).point, registered["score"].to_numpy()
    drawn = (rules.horizon, INTERVAL, seed)
    found = {
        "days": len(days),
        "precision": None,
        "auc": asdict(auc_difference(label, score, other, *drawn, dates=dates)),
    }
    if point is None:
        return found | {"reason": "it has no threshold from which it buys"}
    alert = alerts(model, JUDGE, point.threshold, rules.per_day)
    precise = precision_difference(label, alert, other, *drawn, dates=dates, of_day=rules.per_day > 0)
    return found | {"precision": asdict(precise), "reason": ""}


def lead(found: Mapping[str, Any]) -> dict[str, float]:
    """The difference of precision and its ends, for `dvc exp show`; nothing where there is none."""
    precise = found["precision"]
    if precise is None:
        return {}
    return {"lead": precise["difference"], "lead_low": precise["low"], "lead_high": precise["high"]}
