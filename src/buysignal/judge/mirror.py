"""Falsification: the selected configurations also learn the mirrored label, the fall.

A market that moves much touches levels on both sides, so a score of volatility ranks rises and falls
alike. A score of direction ranks the one better than the other.

Real markets are not symmetric, so "better" alone proves nothing (docs/honesty.md): direction is what a score has
beyond the asymmetry of a formula, direction-free by construction, on the same days (`formula_of`). Of many symbols
the areas are over all rows, and what is drawn are dates with all their symbols.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from buysignal.judge.dates import Dates, dates_in
from buysignal.judge.intervals import MIN_BLOCK
from buysignal.judge.operating import JUDGE
from buysignal.judge.paired import DRAWS
from buysignal.models.metrics import auc
from buysignal.models.scores import Scored

CONFIDENCE = 0.95  # of the two-sided interval
ENDS = ("low", "high", "cross_low", "cross_high", "excess_low", "excess_high")


def mirror(
    rises: Sequence[Scored],
    falls: Sequence[Scored],
    taught: Sequence[tuple[np.ndarray, np.ndarray]],
    formulas: Mapping[str, Scored],
    horizon: int,
    seed: int,
) -> list[dict[str, Any]]:
    """One row of `compared` per configuration; no day of the test role is read.

    Parameters
    ----------
    rises, falls : each configuration trained on the rise and on the fall, same seeds, same protocol
    taught : the labels of the train role that either learned from
    formulas : tier -> its `formula_of`
    """
    return [
        compared(rise, fall, formulas[rise.card.tier], horizon, seed, _untaught(*labels))
        for rise, fall, labels in zip(rises, falls, taught)
    ]


def formula_of(baselines: Iterable[Scored], tier: str) -> Scored | None:
    """The baseline that knows how much a symbol moves and nothing of where to: a GARCH, of many symbols the touch one.

    A GARCH is the variance of one symbol, so that many have none. None where neither is among them.
    """
    by = {model.card.name: model for model in baselines}
    return by.get(f"{tier}-garch", by.get(f"{tier}-touch"))


def compared(
    rise: Scored, fall: Scored, formula: Scored, horizon: int, seed: int, untaught: str = ""
) -> dict[str, Any]:
    """How well rises and falls are predicted on the threshold role, and whether that is more than volatility.

    Three differences of AUC, each with the percentile interval of a stationary bootstrap (Politis & Romano,
    1994) over days, blocks of ``max(2 * horizon, 10)`` days on average; a day brings its labels and all
    scores, so what they share cancels:

    - ``difference``, rise minus fall: each label by the model trained on it. 0 for volatility, but also for
      a model of direction, which may rank falls as well as rises; and above 0 where the model of falls
      failed to learn. So it cannot show direction alone.
    - ``cross_difference``, rise minus cross: the rise score on either label. 0 for volatility in a symmetric
      market.
    - ``excess``: the cross difference minus that of ``formula``, which takes the market's asymmetry out.

    Parameters
    ----------
    rise, fall : one configuration trained on either label; the same days, each with its own label
    formula : a score that knows volatility alone, with the rise label; the same days
    horizon : trading days a label looks ahead
    seed : of the bootstrap
    untaught : why one of the two could not learn; empty if both could

    Returns
    -------
    dict with ``name``, ``tier``, ``seeds``, ``n`` (days; of many symbols rows), ``rises`` and ``falls`` (labelled 1),
    ``auc_rise``, ``auc_fall``, ``auc_cross`` (the rise score against the fall label), ``formula_rise`` and
    ``formula_fall`` (AUC of the formula), the three differences with ``low``, ``high``, ``cross_low``,
    ``cross_high``, ``excess_low`` and ``excess_high``, ``confidence``, ``verdict`` and ``reason``. The
    verdict is ``falls better`` if ``high`` is below 0; ``direction`` if ``cross_low`` and ``excess_low`` are
    above 0; else ``volatility, not direction``, whose reason says so where only the formula's asymmetry
    was found. Where a label has one class, or ``untaught`` says something, the intervals are None and
    the verdict is ``cannot tell`` with its reason; an AUC without two classes is 0.5.

    Raises
    ------
    ValueError
        If they are not judged on the same days.
    """
    days = [model.index[model.role == JUDGE] for model in (rise, fall, formula)]
    if not (days[0].equals(days[1]) and days[0].equals(days[2])):
        raise ValueError(f"the rise, the fall and the formula of {rise.card.name} are not judged on the same days")
    (up, up_score, _), (down, down_score, _), (_, plain, _) = (model.of(JUDGE) for model in (rise, fall, formula))
    counts = {"n": len(up), "rises": int(up.sum()), "falls": int(down.sum()), "confidence": CONFIDENCE}
    row = {"name": rise.card.name, "tier": rise.card.tier, "seeds": len(rise.card.seeds), **counts}
    row |= {"auc_rise": _auc(up, up_score), "auc_fall": _auc(down, down_score), "auc_cross": _auc(down, up_score)}
    row |= {"formula_rise": _auc(up, plain), "formula_fall": _auc(down, plain)}
    aucs = [row[key] for key in ("auc_rise", "auc_fall", "auc_cross", "formula_rise", "formula_fall")]
    row |= dict(zip(("difference", "cross_difference", "excess"), _differences(*aucs)))
    reason = untaught or _missing(up, "rise", JUDGE) or _missing(down, "fall", JUDGE)
    if reason:
        return row | dict.fromkeys(ENDS) | {"verdict": "cannot tell", "reason": reason}
    ends = dict(zip(ENDS, _intervals(up, down, (up_score, down_score, plain), horizon, seed, dates_in(rise, JUDGE))))
    verdict, reason = _verdict(ends)
    return row | ends | {"verdict": verdict, "reason": reason}


def _verdict(ends: Mapping[str, float]) -> tuple[str, str]:
    """Verdict and reason."""
    if ends["high"] < 0:
        return "falls better", ""
    if ends["cross_low"] > 0 and ends["excess_low"] > 0:
        return "direction", ""
    shared = "a formula of volatility is as asymmetric on these days" if ends["cross_low"] > 0 else ""
    return "volatility, not direction", shared


def _differences(rise: float, fall: float, cross: float, formula_rise: float, formula_fall: float) -> list[float]:
    return [rise - fall, rise - cross, (rise - cross) - (formula_rise - formula_fall)]


def _auc(label: np.ndarray, score: np.ndarray) -> float:
    return auc(label, score) if len(label) else 0.5


def _untaught(rise: np.ndarray, fall: np.ndarray) -> str:
    """Why one of the two could not learn from these train labels; empty if both could."""
    return _missing(rise, "rise", "train") or _missing(fall, "fall", "train")


def _missing(label: np.ndarray, name: str, role: str) -> str:
    """Why nothing can be ranked or learned; empty if both classes are there."""
    if not len(label):
        return f"the {role} role has no day"
    if label.min() == label.max():
        return f"every day of the {role} role is labelled as a {name}" if label[0] else f"the {role} role has no {name}"
    return ""


def _intervals(
    up: np.ndarray,
    down: np.ndarray,
    scores: tuple[np.ndarray, ...],
    horizon: int,
    seed: int,
    dates: Dates | None,
) -> list[float]:
    """Percentile intervals of the three differences, in the order of `ENDS`, dates resampled jointly.

    ``scores`` are the rise score, the fall score and the formula's. How often each date is drawn is all that a draw
    tells, so the area of a draw is a ratio of two sums over pairs of dates.
    """
    from arch.bootstrap import StationaryBootstrap  # it brings statsmodels, and the doctor reads only `formula_of`

    own, mirrored, formula = scores
    rises, falls = up.astype(bool), down.astype(bool)
    starts = np.arange(len(up)) if dates is None else dates.starts
    bootstrap = StationaryBootstrap(max(2 * horizon, MIN_BLOCK), np.arange(len(starts)), seed=seed)
    drawn = bootstrap.apply(lambda days: np.bincount(days, minlength=len(starts)), DRAWS)
    pairs = ((rises, own), (falls, mirrored), (falls, own), (rises, formula), (falls, formula))
    differences = _differences(*(_drawn_aucs(*pair, starts, drawn) for pair in pairs))
    return np.quantile(differences, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2], axis=1).T.ravel().tolist()


def _drawn_aucs(label: np.ndarray, score: np.ndarray, starts: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """(draws,) AUC where date d, rows (n,) from ``starts[d]`` on, comes ``drawn[:, d]`` times; of one class 0.5.

    The counts are whole or half numbers, so that the order of summing does not matter.
    """
    pairs = ((drawn @ _won(label, score, starts)) * drawn).sum(axis=1)
    of_each = [drawn @ np.add.reduceat(one.astype(float), starts) for one in (label, ~label)]
    possible = of_each[0] * of_each[1]
    return np.where(possible > 0, pairs / np.maximum(possible, 1), 0.5)


def _won(label: np.ndarray, score: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """(D, D) at (d, e): rows labelled 1 of date d above rows labelled 0 of date e, counted by pairs; equal ones half.

    >>> _won(np.array([True, False, True, False]), np.array([0.5, 0.1, 0.2, 0.2]), np.array([0, 2])).tolist()
    [[1.0, 1.0], [1.0, 0.5]]
    """
    order = np.argsort(score[label])  # rising, which is faster to look up
    ones, on = score[label][order], np.searchsorted(starts, np.flatnonzero(label)[order], side="right") - 1
    found = np.zeros((len(starts), len(starts)))
    for date, (of_date, labels) in enumerate(zip(np.split(score, starts[1:]), np.split(label, starts[1:]))):
        zeros = np.sort(of_date[~labels])
        if len(zeros):
            below = np.searchsorted(zeros, ones, side="left") + np.searchsorted(zeros, ones, side="right")
            found[:, date] = np.bincount(on, below, len(starts)) / 2
    return found
