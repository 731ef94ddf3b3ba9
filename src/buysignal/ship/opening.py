"""The test role, opened: what contenders do on days nothing was chosen on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from buysignal.judge.calibration_maps import CalibrationMap, Identity
from buysignal.judge.dates import dates_in
from buysignal.judge.evidence import EVIDENCE
from buysignal.judge.money import Trades
from buysignal.judge.operating import SelectionRules, alerts
from buysignal.judge.paired import (
    as_many_buys,
    auc_difference,
    auc_interval,
    precision_difference,
    weighted_precision,
)
from buysignal.judge.row import evidence_at, identity
from buysignal.judge.worth import worth_at
from buysignal.models.metrics import auc
from buysignal.models.scores import Scored, named
from buysignal.ship.promise import INTERVAL

TEST = "test"
APART = 5  # trading days without a buy that end an episode
FIRST_CLOSES = 20  # enough to tell two markets apart


def examine(
    model: Scored,
    threshold: float | None,
    rules: SelectionRules,
    confidence: float = INTERVAL,
    configurations: int = 1,
    seed: int = 0,
) -> dict[str, Any]:
    """One row of the test table: precision, recall, their evidence and the ranking.

    ``threshold`` is the operating point chosen on the threshold role; None never buys. ``configurations``
    were looked at before this one was chosen, ``seed`` is that of the bootstrap of the AUC. The intervals
    are two-sided at ``confidence``, which is kept as ``interval_confidence``; see `simultaneous`.
    ``one_class`` tells that every day has the same label: then the role can judge nothing.
    """
    label, scores, per_seed = model.of(TEST)
    seen = evidence_at(model, TEST, threshold, rules, confidence, configurations)
    area = auc_interval(label, scores, rules.horizon, confidence, seed, dates=dates_in(model, TEST))
    return {
        **identity(model),
        "n": len(label),
        **seen,
        "interval_confidence": confidence,
        "no_buys": seen["n_buys"] == 0,
        "one_class": bool(label.min() == label.max()),
        "auc": area.point,
        "auc_interval": [area.low, area.high],
        "auc_per_seed": [auc(label, s) for s in per_seed],
    }


def examine_chosen(
    model: Scored,
    chosen: Mapping[str, Any],
    baselines: Sequence[Scored],
    fitted: CalibrationMap,
    rules: SelectionRules,
    confidence: float,
    seed: int,
    trades: Trades,
    tried: int = 1,
) -> dict[str, Any]:
    """One row of a contender that buys: `examine`, and what the promises made before the opening came to.

    ``chosen`` is its entry in data/selected.json, ``baselines`` are those of its tier, ``fitted`` is its
    calibration map. ``certified`` is the evidence at the certified threshold (None: there was none),
    ``calibration`` the log loss, Brier score and calibration error of the score itself and of the map,
    ``at_as_many_buys`` the precision of each baseline that buys on as many days (as many of each day where
    the best of it are bought), ``against_volatility`` see
    `against`, ``money`` and ``verdict`` see `buysignal.judge.worth.worth_at`, and so at the certified threshold,
    ``episodes`` the number of times it began to buy (more than `APART` days after the last
    buy), ``by_year`` its buys in each calendar year.
    """
    from buysignal.judge.calibration import judge_map  # not on top: it takes a second, and most runs open nothing

    threshold, looked = chosen["point"]["threshold"], chosen["configurations"]
    label, score, _ = model.of(TEST)
    promised, alert = chosen["certified"]["threshold"], alerts(model, TEST, threshold, rules.per_day)
    volatility = named(baselines, f"{model.card.tier}-volatility")
    worth = [worth_at(model, TEST, at, trades, rules, seed, tried) for at in (threshold, promised)]
    dates, of_day = dates_in(model, TEST), rules.per_day > 0
    rivals = {one.card.name: as_many_buys(one.of(TEST)[1], alert, dates, of_day) for one in baselines}
    judged = {one.name: asdict(judge_map(one, label, score, rules.horizon, dates)) for one in (Identity(), fitted)}
    return {
        **examine(model, threshold, rules, confidence, looked, seed),
        **worth[0],
        "precision_shrunk": chosen["precision_shrunk"],
        "against_volatility": against(model, volatility, threshold, rules, seed),
        "at_as_many_buys": {name: weighted_precision(label, weight) for name, weight in rivals.items()},
        **episodes(model.dates[model.role == TEST], alert),
        "certified": None
        if promised is None
        else evidence_at(model, TEST, promised, rules, confidence, looked) | worth[1],
        "calibration": {name: {k: v for k, v in found.items() if k != "bins"} for name, found in judged.items()},
    }


def episodes(dates: pd.DatetimeIndex, alert: np.ndarray) -> dict[str, Any]:
    """When it bought: ``episodes`` and ``by_year``; dates (n,), rising, and alerts (n,).

    A date of many symbols stands once for each of them, and is one trading day.

    Examples
    --------
    >>> days = pd.bdate_range("2017-12-28", periods=12)
    >>> episodes(days, np.isin(np.arange(12), [0, 1, 3, 11]))
    {'episodes': 2, 'by_year': {'2017': 2, '2018': 2}}
    """
    bought = pd.factorize(dates)[0][alert]  # the trading day of each buy
    begun = int(len(bought) > 0) + int((np.diff(bought) > APART).sum())
    years, counts = np.unique(dates[alert].year, return_counts=True)
    return {"episodes": begun, "by_year": {str(year): int(count) for year, count in zip(years, counts)}}


def against(
    model: Scored, baseline: Scored, threshold: float | None, rules: SelectionRules, seed: int
) -> dict[str, Any]:
    """The model minus the baseline on the same days: precision at as many buys, then AUC.

    ``precision`` is None where the model never buys: there is nothing to compare.
    """
    label, scores, _ = model.of(TEST)
    alert = alerts(model, TEST, threshold, rules.per_day)
    _, other, _ = baseline.of(TEST)
    days, other_days = (scored.index[scored.role == TEST] for scored in (model, baseline))
    drawn = (rules.horizon, INTERVAL, seed)
    of_dates = dict(dates=dates_in(model, TEST), of_day=rules.per_day > 0)
    if not days.equals(other_days):
        raise ValueError(f"{model.card.name} and {baseline.card.name} are not judged on the same days")
    return {
        "baseline": baseline.card.name,
        "precision_at_buys": weighted_precision(label, as_many_buys(other, alert, **of_dates)),
        "precision": asdict(precision_difference(label, alert, other, *drawn, **of_dates)) if alert.any() else None,
        "auc": asdict(auc_difference(label, scores, other, *drawn, dates=of_dates["dates"])),
    }


def results_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of a row of the test table: its evidence, and the ranking."""
    return {key: row[key] for key in (*EVIDENCE, "auc")}


def opened(span: str, manifest: Mapping[str, Any], bars: pd.DataFrame) -> dict[str, str]:
    """What was opened, for the ledger: the market, its bars and the first and last test day.

    A market without a symbol is named by its first closes, which later bars do not change.

    Parameters
    ----------
    span : first and last test day, as `buysignal.ship.registered.spans` writes them
    manifest, bars : as `buysignal.bars.manifest` keeps them
    """
    first, last = span.split(" to ")
    begins = hashlib.sha256(bars["close"].to_numpy(np.float64)[:FIRST_CLOSES].tobytes()).hexdigest()[:12]
    market = manifest["symbol"] or f"{manifest['source']} {begins}"
    return {"market": market, "bars": manifest["sha256"], "first": first, "last": last}
