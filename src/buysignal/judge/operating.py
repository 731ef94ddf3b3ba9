"""The operating point of one model: the threshold it buys at, chosen for a precision that can be relied on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from buysignal.core.files import DIGITS
from buysignal.judge.best_of_day import held, the_best
from buysignal.judge.dates import dates_in
from buysignal.judge.intervals import precision_lower
from buysignal.judge.thresholds import curve_at, score_quantiles
from buysignal.models.metrics import auc, buys
from buysignal.models.scores import Scored

PROPOSE, JUDGE = "calibrate", "threshold"  # roles: thresholds come from the first, are judged on the second


@dataclass(frozen=True)
class SelectionRules:
    """What a model must show to be selected.

    Attributes
    ----------
    count : models wanted; >= 1
    min_buys : fewest buys on the threshold role; >= 1
    min_recall : least recall there; 0..1
    confidence : of the one-sided lower bound of precision; 0.5 < x < 1
    horizon : trading days a label looks ahead; >= 1
    points : score quantiles tried as thresholds; >= 2
    per_day : of many symbols, how many are bought a day, see `operating_point`; 0: as many as reach the threshold
    """

    count: int
    min_buys: int
    min_recall: float
    confidence: float
    horizon: int
    points: int
    per_day: int = 0


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold and what it gives on the threshold role.

    Attributes
    ----------
    threshold : buy if score >= threshold; has `DIGITS` decimals, so that JSON keeps it exactly
    precision, precision_low : hits / n_buys, and the lower bound of the true one
    recall : hits / days labelled 1; of many symbols a day here is one of a symbol
    n_buys, hits, n_eff : buys, right ones, and the independent buys they are worth
    base_rate, lift, alert_rate, auc : see `buysignal.models.metrics`
    candidates, qualified : thresholds looked at, and those with enough buys and recall. The bound
        holds for one threshold fixed beforehand; the more were looked at, the more it flatters.
    """

    threshold: float
    precision: float
    precision_low: float
    recall: float
    n_buys: int
    hits: int
    n_eff: float
    base_rate: float
    lift: float
    alert_rate: float
    auc: float
    candidates: int
    qualified: int


@dataclass(frozen=True)
class Operating:
    """An operating point, or None and the reason why there is none; None is a valid answer."""

    point: OperatingPoint | None
    reason: str = ""


def operating_point(model: Scored, rules: SelectionRules) -> Operating:
    """Choose the threshold of the seed average with the highest lower bound of precision.

    Thresholds are score quantiles on the calibrate role, so they do not depend on the labels or
    days they are judged on: the threshold role. Those with at least ``min_buys`` buys and
    ``min_recall`` recall there compete; ties go to the higher recall, then to the lower threshold. Of many symbols
    buys are counted by row, and the bound by date.

    With ``per_day`` the best of each day are bought whatever their scores: the threshold is 0, the only candidate, so
    the bound is that of a rule fixed beforehand, and no choice flatters it.
    """
    proposing, (label, score, _) = model.of(PROPOSE)[1], model.of(JUDGE)
    if not len(proposing) or not len(label):
        return Operating(None, f"no operating point: no day of role {JUDGE if len(proposing) else PROPOSE} is scored")
    candidates = np.zeros(1) if rules.per_day else candidate_thresholds(proposing, rules.points)
    seen = held_in(model, JUDGE, rules.per_day)
    curve = curve_at(label, seen, candidates)
    qualified = np.flatnonzero((curve.n_buys >= rules.min_buys) & (curve.recall >= rules.min_recall))
    if not len(qualified):
        return Operating(None, _why_none(curve, rules))
    threshold = candidates[qualified]
    alert, dates = seen >= threshold[:, None], dates_in(model, JUDGE)
    low, n_eff = precision_lower(label, alert, rules.horizon, rules.confidence, dates)
    best = np.lexsort((threshold, -curve.recall[qualified], -np.round(low, DIGITS)))[0]
    at = buys(label, seen, threshold[best])
    return Operating(
        OperatingPoint(
            threshold=at.threshold,
            precision=at.precision,
            precision_low=float(low[best]),
            recall=at.recall,
            n_buys=at.n_buys,
            hits=at.hits,
            n_eff=float(n_eff[best]),
            base_rate=at.base_rate,
            lift=at.lift,
            alert_rate=at.alert_rate,
            auc=auc(label, score),
            candidates=len(candidates),
            qualified=len(qualified),
        )
    )


def alerts(model: Scored, role: str, threshold: float | None, per_day: int) -> np.ndarray:
    """Days or rows (n,) of a role that a model buys, of a date at most ``per_day``; a threshold of None never buys."""
    score = held_in(model, role, per_day)
    return np.zeros(len(score), bool) if threshold is None else score >= threshold


def held_in(model: Scored, role: str, per_day: int) -> np.ndarray:
    """Scores (n,) of a role as a threshold sees them, see `buysignal.judge.best_of_day.held`."""
    return held(model.of(role)[1], dates_in(model, role) if per_day else None, per_day)


def require_same_days(models: Sequence[Scored]) -> None:
    """Refuse, by `ValueError`, models that are not judged on the same days of the threshold role."""
    days = [model.index[model.role == JUDGE] for model in models]
    for model, own in zip(models, days):
        if not own.equals(days[0]):
            raise ValueError(f"{model.card.name} and {models[0].card.name} are not judged on the same days")


def candidate_thresholds(score: np.ndarray, points: int) -> np.ndarray:
    """Distinct quantiles of score (n,), rounded down to the decimals JSON keeps.

    A threshold that JSON rounded up would lose the very day that set it, so the rounded value is
    the one that is judged. Down, so that this day stays a buy.
    """
    scale = 10.0**DIGITS
    return np.unique(np.floor(score_quantiles(score, points) * scale) / scale)


def _why_none(curve, rules: SelectionRules) -> str:
    enough = curve.n_buys >= rules.min_buys
    if rules.per_day:
        made = f"{curve.n_buys[0]} buys of {the_best(rules.per_day)} of each day"
        return f"no operating point: {made}, {rules.min_buys} are needed"
    if not enough.any():
        return (
            f"no operating point: at most {curve.n_buys.max()} buys at any of {len(enough)} thresholds, "
            f"{rules.min_buys} are needed"
        )
    return (
        f"no operating point: the best recall with {rules.min_buys} or more buys is "
        f"{curve.recall[enough].max():.3f} over {len(enough)} thresholds, {rules.min_recall:.3f} is needed"
    )
