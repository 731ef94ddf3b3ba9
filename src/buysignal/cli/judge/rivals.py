"""What outside scores must beat: two that know nothing but how much the market moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.cli.judge.cut import Cut
from buysignal.days.params import Label
from buysignal.judge.paired import Difference, precision_at_buys, precision_difference
from buysignal.models.dataset import Scaler
from buysignal.models.days import Days
from buysignal.models.metrics import auc
from buysignal.models.rivals.formulas import Touch
from buysignal.models.rivals.volatility import Volatility

LEAST = 250  # days, fewer of which no logistic regression on nine features learns from
NAMES = {Touch: "touch formula", Volatility: "volatility logistic"}


@dataclass(frozen=True)
class Rival:
    """A rival on the days judged.

    Attributes
    ----------
    name : who
    auc : how well its score orders the days
    at_as_many : precision of as many buys as the outside model has; None without one
    lead : precision of the outside model minus that, paired; None without a buy
    """

    name: str
    auc: float
    at_as_many: float | None
    lead: Difference | None


def rivals(bars: pd.DataFrame, days: Cut, confidence: float, seed: int) -> tuple[tuple[Rival, ...], tuple[str, ...]]:
    """The rivals, the logistic fitted on the days before the judged ones, and why one is missing."""
    train = np.arange(1, days.rows[0] - days.horizon)
    seen = days.labels[train] if len(train) else np.zeros(0)
    fits = len(train) >= LEAST and seen.min() < seen.max()
    rows = np.concatenate([train, days.rows]) if fits else days.rows
    both = days_of(bars, days.labels, days.move, days.asks, rows, len(train) * fits)
    fitted = [Touch.fit(both, 0), *([Volatility.fit(both, 0)] if fits else [])]
    judged = both.of_roles("judged")
    found = tuple(_rival(NAMES[type(one)], one.scored(judged).ensemble, days, confidence, seed) for one in fitted)
    why = f"no volatility logistic: {len(train)} days before the judged ones, {LEAST} are needed (a later --from helps)"
    return found, () if fits else (why,)


def days_of(bars: pd.DataFrame, labels: np.ndarray, move: pd.Series, asks: Label, rows: np.ndarray, train: int) -> Days:
    """The days of the rivals, the first of ``rows`` to train on: they look at bars and at no table of features."""
    return Days(
        tier="bars",
        names=(),
        scaler=Scaler(np.zeros(0), np.ones(0)),
        calendar=bars.index,
        role=np.where(np.arange(len(rows)) < train, "train", "judged"),
        label=labels[rows],
        table=np.zeros((len(bars), 0), np.float32),
        rows=rows,
        move=move.to_numpy()[rows],
        horizon=asks.horizon,
        kind=asks.kind,
        stop=asks.stop,
        bars=bars,
    )


def _rival(name: str, score: np.ndarray, days: Cut, confidence: float, seed: int) -> Rival:
    count = int(days.alert.sum())
    lead = precision_difference(days.label, days.alert, score, days.horizon, confidence, seed) if count else None
    return Rival(name, auc(days.label, score), precision_at_buys(days.label, score, count) if count else None, lead)
