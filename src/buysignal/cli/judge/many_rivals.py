"""What outside scores of many symbols must beat: two that know nothing but how much each symbol moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.cli.judge.many_cut import One, Rows
from buysignal.cli.judge.rivals import LEAST, NAMES, days_of
from buysignal.days.params import Label
from buysignal.judge.best_of_day import as_many_of_day
from buysignal.judge.daily_auc import daily_auc
from buysignal.judge.paired import Difference, choice_difference, highest
from buysignal.models.dataset import Scaler
from buysignal.models.rivals.formulas import Touch
from buysignal.models.rivals.volatility import TERMS, Volatility, volatility_features

TRAIN = 1000  # days before the judged ones that the logistic learns from: four years of all symbols


@dataclass(frozen=True)
class RivalOfMany:
    """A rival on the rows judged, buying as many.

    Attributes
    ----------
    name : who
    daily_auc : how well its score orders the symbols of a day, on average
    of_day, lead_of_day : precision of as many buys on each day, and that of the outside model minus it; None without
        one
    over_all, lead_over_all : the same of as many buys in all, on days of its own choice
    """

    name: str
    daily_auc: float
    of_day: float | None
    lead_of_day: Difference | None
    over_all: float | None
    lead_over_all: Difference | None


def rivals(rows: Rows, label: Label, confidence: float, seed: int) -> tuple[tuple[RivalOfMany, ...], tuple[str, ...]]:
    """The rivals, the logistic fitted on all symbols on the days before the judged ones, and why one is missing."""
    scores = {NAMES[Touch]: rows.laid(lambda one: _touch(one, label))}
    learned = _logistic(rows, label.horizon)
    if learned is not None:
        scores[NAMES[Volatility]] = learned[rows.order]
    why = f"no {NAMES[Volatility]}: fewer than {LEAST} days of bars before the judged ones (a later --from helps)"
    found = tuple(_rival(name, score, rows, label.horizon, confidence, seed) for name, score in scores.items())
    return found, () if learned is not None else (why,)


def _touch(one: One, label: Label) -> np.ndarray:
    """(n,) scores of the touch formula."""
    days = days_of(one.bars, one.labels, one.move, label, one.rows, 0)
    return Touch.fit(days, 0).scored(days).ensemble if len(one.rows) else np.zeros(0)


def _logistic(rows: Rows, horizon: int) -> np.ndarray | None:
    """(rows,) scores, one symbol after the other, learned on the latest `TRAIN` days whose outcome was known before the
    first judged one; None where they are too few, or all alike."""
    from sklearn.linear_model import LogisticRegression  # two seconds, and no other word needs it

    first = rows.days[0]
    ends = [max(1, one.bars.index.searchsorted(first) - horizon) for one in rows.symbols]
    before = np.unique(np.concatenate([one.bars.index[1:end] for one, end in zip(rows.symbols, ends)]))
    if len(before) < LEAST:
        return None
    since = pd.Timestamp(before[-TRAIN:][0])
    begins = [max(1, one.bars.index.searchsorted(since)) for one in rows.symbols]
    spans = [slice(begin, end) for begin, end in zip(begins, ends)]
    label = np.concatenate([one.labels[span] for one, span in zip(rows.symbols, spans)])
    if label.min() == label.max():
        return None
    parts = []
    for one, span in zip(rows.symbols, spans):
        features = np.vstack([np.zeros(TERMS), volatility_features(one.bars).to_numpy()])  # the first bar has none
        parts.append((features[span], features[one.rows]))
    learned, judged = (np.concatenate(part) for part in zip(*parts))
    scaler = Scaler.fit(learned)
    model = LogisticRegression(C=1.0, tol=1e-8, max_iter=1000)
    model.fit((learned - scaler.mean) / scaler.deviation, label)
    return model.decision_function((judged - scaler.mean) / scaler.deviation)


def _rival(name: str, score: np.ndarray, rows: Rows, horizon: int, confidence: float, seed: int) -> RivalOfMany:
    area, alert, dates = daily_auc(rows.label, score, rows.dates), rows.alert, rows.dates
    mean = float(np.nanmean(area)) if np.isfinite(area).any() else 0.5
    if not alert.any():
        return RivalOfMany(name, mean, None, None, None, None)
    told = []
    for other in (as_many_of_day(score, alert, dates), highest(score, int(alert.sum()))):
        lead = choice_difference(rows.label, alert, other, horizon, confidence, seed, dates=dates)
        told += [float((other * rows.label).sum() / other.sum()), lead]
    return RivalOfMany(name, mean, *told)
