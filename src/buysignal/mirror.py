"""Falsification: the selected configurations also learn the mirrored label, the fall.

A market that moves much touches levels on both sides, so a model of volatility predicts rises and
falls equally well. A model that knows direction must be better at what it was selected for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from arch.bootstrap import StationaryBootstrap

from buysignal.architecture import Shape
from buysignal.evaluation.metrics import auc
from buysignal.evaluation.operating import JUDGE
from buysignal.evaluation.paired import DRAWS, counted_auc
from buysignal.evaluation.scores import Scored
from buysignal.fitting import Fit
from buysignal.params import TrainingParams
from buysignal.refit import Entry, refit
from buysignal.search.engine import Engine

CONFIDENCE = 0.95  # of the two-sided interval
ENDS = ("low", "high", "cross_low", "cross_high")


def mirror(
    entries: Sequence[Entry],
    shape: Shape,
    training: TrainingParams,
    root_seed: int,
    horizon: int,
    scratch: Path,
    engine: Engine,
) -> list[dict[str, Any]]:
    """Train every entry on the rise and on the fall, same seeds, same protocol; one row of `compared` each.

    The fits of the rise are those of the other stages and come from the store where it has them. No
    day of the test role is read.
    """
    trained = (shape, training, root_seed, scratch, engine)
    rises = refit("mirror, rises", entries, *trained)
    falls = refit("mirror, falls", entries, *trained, target="fall")
    return [
        compared(rise, fall, horizon, root_seed, _one_class(rise_fit, "rise") or _one_class(fall_fit, "fall"))
        for (rise, rise_fit), (fall, fall_fit) in zip(rises, falls)
    ]


def compared(rise: Scored, fall: Scored, horizon: int, seed: int, untaught: str = "") -> dict[str, Any]:
    """How well rises and falls are predicted on the threshold role, and whether one better than the other.

    Two differences: ``auc_rise - auc_fall``, each label by the model trained on it, and ``auc_rise -
    auc_cross``, the rise score on either label. Both have the percentile interval of a stationary bootstrap
    (Politis & Romano, 1994) over days, blocks of ``max(2 * horizon, 10)`` days on average; a day brings
    both labels and both scores, so what they share cancels. The second difference is there because a
    model of falls may simply have failed to learn, which says nothing of direction.

    Parameters
    ----------
    rise, fall : one configuration trained on either label; the same days, each with its own label
    horizon : trading days a label looks ahead
    seed : of the bootstrap
    untaught : why one of the two could not learn; empty if both could

    Returns
    -------
    dict with ``name``, ``tier``, ``seeds``, ``n`` (days), ``rises`` and ``falls`` (days labelled 1),
    ``auc_rise``, ``auc_fall``, ``auc_cross`` (the rise score against the fall label), ``difference``
    (auc_rise - auc_fall) with ``low`` and ``high``, ``cross_difference`` (auc_rise - auc_cross) with
    ``cross_low`` and ``cross_high``, ``confidence``, ``verdict`` and ``reason``. The verdict is
    ``direction`` if both intervals lie above 0, ``falls better`` if the first lies below 0, else
    ``volatility, not direction``. Where a label has one class, or ``untaught`` says something, the
    intervals are None and the verdict is ``cannot tell`` with its reason; an AUC without two classes is 0.5.

    Raises
    ------
    ValueError
        If the two are not judged on the same days.
    """
    days, other_days = (model.dates[model.role == JUDGE] for model in (rise, fall))
    if not days.equals(other_days):
        raise ValueError(f"the rise and the fall of {rise.card.name} are not judged on the same days")
    (up, up_score, _), (down, down_score, _) = rise.of(JUDGE), fall.of(JUDGE)
    counts = {"n": len(up), "rises": int(up.sum()), "falls": int(down.sum()), "confidence": CONFIDENCE}
    row = {"name": rise.card.name, "tier": rise.card.tier, "seeds": len(rise.card.seeds), **counts}
    risen, fallen, crossed = _auc(up, up_score), _auc(down, down_score), _auc(down, up_score)
    row |= {"auc_rise": risen, "auc_fall": fallen, "auc_cross": crossed}
    row |= {"difference": risen - fallen, "cross_difference": risen - crossed}
    reason = untaught or _missing(up, "rise", JUDGE) or _missing(down, "fall", JUDGE)
    if reason:
        return row | dict.fromkeys(ENDS) | {"verdict": "cannot tell", "reason": reason}
    ends = dict(zip(ENDS, _intervals(up, up_score, down, down_score, horizon, seed)))
    return row | ends | {"verdict": _verdict(ends), "reason": ""}


def _verdict(ends: dict[str, float]) -> str:
    if ends["high"] < 0:
        return "falls better"
    return "direction" if ends["low"] > 0 and ends["cross_low"] > 0 else "volatility, not direction"


def _auc(label: np.ndarray, score: np.ndarray) -> float:
    return auc(label, score) if len(label) else 0.5


def _one_class(fit: Fit, name: str) -> str:
    return _missing(fit.of("train")[0], name, "train")


def _missing(label: np.ndarray, name: str, role: str) -> str:
    """Why nothing can be ranked or learned; empty if both classes are there."""
    if not len(label):
        return f"the {role} role has no day"
    if label.min() == label.max():
        return f"every day of the {role} role is labelled as a {name}" if label[0] else f"the {role} role has no {name}"
    return ""


def _intervals(
    up: np.ndarray, up_score: np.ndarray, down: np.ndarray, down_score: np.ndarray, horizon: int, seed: int
) -> list[float]:
    """Percentile intervals of the two differences, in the order of `ENDS`, days resampled jointly."""
    rises, falls = up.astype(bool), down.astype(bool)
    up_place, down_place = (np.unique(score, return_inverse=True)[1] for score in (up_score, down_score))

    def differences(rows: np.ndarray) -> np.ndarray:
        risen = counted_auc(rises[rows], up_place[rows])
        fallen, crossed = (counted_auc(falls[rows], place[rows]) for place in (down_place, up_place))
        return np.array([risen - fallen, risen - crossed])

    bootstrap = StationaryBootstrap(max(2 * horizon, 10), np.arange(len(up)), seed=seed)
    ends = np.quantile(bootstrap.apply(differences, DRAWS), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=0)
    return ends.T.ravel().tolist()
