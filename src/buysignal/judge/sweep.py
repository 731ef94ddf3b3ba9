"""Threshold curves of many models as tables."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from buysignal.judge.dates import Dates, dates_in
from buysignal.judge.evidence import evidence
from buysignal.judge.operating import JUDGE
from buysignal.judge.thresholds import exact_curve, quantile_curve, rising
from buysignal.models.scores import Scored

PLOTTED_BUYS = 10  # days with a buy; a precision of fewer is a point of a plot that says nothing
BAND = 0.95  # confidence of the bands


def exact_table(models: Sequence[Scored]) -> pd.DataFrame:
    """Every model's precision and recall at every distinct score of the threshold role, one row each."""
    parts = []
    for model in models:
        label, score, _ = model.of(JUDGE)
        curve = exact_curve(label, score).to_frame()
        curve.insert(0, "model", pd.array([model.card.name] * len(curve), dtype="str"))
        parts.append(curve)
    return pd.concat(parts, ignore_index=True)


def plot_curve(model: Scored, points: int, horizon: int, configurations: int = 1) -> pd.DataFrame:
    """One model at score quantiles of the threshold role with its evidence, from `PLOTTED_BUYS` days with a buy on.

    The row of the lowest threshold, which buys always, is kept whatever the count: a constant score
    has no other. Bands are two-sided at `BAND` for each threshold alone.
    """
    (label, score, _), dates = model.of(JUDGE), dates_in(model, JUDGE)
    curve = quantile_curve(label, score, points).to_frame()
    plotted = curve[(_bought(score, curve["threshold"], dates) >= PLOTTED_BUYS) | (curve.index == 0)]
    counts = {"horizon": horizon, "confidence": BAND, "seeds": len(model.card.seeds), "configurations": configurations}
    found = ((at, evidence(label, score >= at, **counts, dates=dates)) for at in plotted["threshold"])
    return pd.DataFrame([{"threshold": at, **judged.to_row()} for at, judged in found])


def rising_table(models: Sequence[Scored], horizon: int) -> list[dict[str, Any]]:
    """For every model, whether its precision rises with the threshold on the threshold role."""
    rows = []
    for model in models:
        label, score, _ = model.of(JUDGE)
        found = rising(label, score, horizon, dates=dates_in(model, JUDGE))
        rows.append({"name": model.card.name, "family": model.card.family, **asdict(found)})
    return rows


def _bought(score: np.ndarray, threshold: np.ndarray, dates: Dates | None) -> np.ndarray:
    """(k,) days with a buy at each of the thresholds (k,): those whose highest score reaches it."""
    highest = np.sort(score if dates is None else np.maximum.reduceat(score, dates.starts))
    return len(highest) - np.searchsorted(highest, threshold, side="left")
