"""The luck bar: what the best of many models shows when none of them knows anything.

A leaderboard's first place is the luckiest one. How lucky depends on how many models compete, how alike
they are, how many thresholds each may choose from and how persistent scores and labels are. All of that
is kept when the real score series are shifted against the real labels, all by the same number of days,
round a circle: only their link to the labels is lost. Then selection chooses again, at every shift. (The
torus translation test of Harms, Condit, Hubbell and Foster, Journal of Ecology 89, 2001, on a line of
days. Shifts near 0 are left out, because labels and scores remember.)

Of many symbols all are shifted together, by dates (`buysignal.judge.circle`).

A shifted score also loses what it knows about *volatility*. To be beyond luck is not to beat a baseline.
How often chance is called beyond luck: docs/honesty.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from buysignal.core.files import DIGITS
from buysignal.judge.circle import met, shifted, shifts
from buysignal.judge.dates import Dates, dates_in, several
from buysignal.judge.operating import (
    JUDGE,
    PROPOSE,
    OperatingPoint,
    SelectionRules,
    operating_point,
    require_same_days,
)
from buysignal.judge.rechosen import Rechosen, rechosen
from buysignal.models.metrics import ranking
from buysignal.models.scores import Scored

FEWEST = 20  # below it a 95th percentile says nothing
BEYOND, WITHIN, CANNOT_TELL = "beyond luck", "within luck", "cannot tell"


@dataclass(frozen=True)
class Bar:
    """One number of the best model, as observed and as luck shows it.

    Attributes
    ----------
    observed : of the real best; 0 where there is none
    mean, p95 : over the shifts; 0 where there are too few
    chance : share of shifts whose best reaches the observed one, the real order counted as one of them
    """

    observed: float
    mean: float
    p95: float
    chance: float


@dataclass(frozen=True)
class LuckBar:
    """The luck of a leaderboard of operating points.

    Attributes
    ----------
    models : that compete: scored on both roles and not collapsed
    shifts : at which some model has an operating point; the bars are over these
    empty : at which none has
    base_rate : of the threshold role
    precision, precision_low : bars of the model that ranks first (by ``precision_low``, as selection ranks)
    optimism : per model, how far its own buys at all shifts are above the base rate, because its
        threshold is the best of many; 0 where it never has one, and where none is chosen as the best of each day
        are bought
    verdict : `BEYOND` if the observed lower bound is above its p95, else `WITHIN`, or `CANNOT_TELL`
    reason : one sentence
    """

    models: int
    shifts: int
    empty: int
    base_rate: float
    precision: Bar
    precision_low: Bar
    optimism: dict[str, float]
    verdict: str
    reason: str


@dataclass(frozen=True)
class AucLuck:
    """The luck of the best AUC of many trials; ``verdict`` and ``reason`` as for `LuckBar`."""

    trials: int
    shifts: int
    auc: Bar
    verdict: str
    reason: str


def luck_bar(models: Sequence[Scored], rules: SelectionRules) -> LuckBar:
    """The luck bar of a leaderboard, from the threshold role of its models.

    At each shift every model picks its threshold again by the rules of `operating_point`, and the best is
    taken as `select` takes it. The result is that of trying every threshold; a threshold is passed over
    only where its lower bound could not win even if all its buys were independent.

    Parameters
    ----------
    models : those that compete for the first place; all on the same days of the threshold role
    rules : of the selection

    Raises
    ------
    ValueError
        If the models are not judged on the same days: then no shift moves them alike.
    """
    competing = sorted(filter(_competes, models), key=lambda m: (m.card.origin == "supplementary", m.card.name))
    if not competing:
        return _no_luck(0, 0, 0, 0.0, None, "no model has scores that differ from day to day")
    require_same_days(competing)
    points = [point for model in competing if (point := operating_point(model, rules).point)]
    best = min(points, key=lambda p: (-round(p.precision_low, DIGITS), -round(p.recall, DIGITS)), default=None)
    label, dates = competing[0].of(JUDGE)[0], several(dates_in(competing[0], JUDGE))
    days = len(label) if dates is None else len(dates)
    by, base_rate = shifts(days, rules.horizon), float(label.mean())
    if reason := _why_not(label, days, by):
        return _no_luck(len(competing), 0, 0, base_rate, best, reason)
    chosen = [rechosen(model, by, rules, dates) for model in competing]
    optimism = {
        model.card.name: 0.0 if rules.per_day else one.optimism(base_rate) for model, one in zip(competing, chosen)
    }
    return _compare(competing, chosen, base_rate, best, optimism)


def _competes(model: Scored) -> bool:
    label, score, _ = model.of(JUDGE)
    return bool(len(label) and (model.role == PROPOSE).any() and not ranking(label, score).collapsed)


def _compare(
    competing: list[Scored],
    chosen: list[Rechosen],
    base_rate: float,
    best: OperatingPoint | None,
    optimism: dict[str, float],
) -> LuckBar:
    """The bars from every model's choices: at each shift the model that ranks first."""
    low, recall = np.array([c.low for c in chosen]), np.array([c.recall for c in chosen])
    precision = np.array([c.hits / np.maximum(c.n_buys, 1) for c in chosen])
    top = low.max(axis=0)
    first = np.where(low == top, recall, -1.0).argmax(axis=0)  # of equals the first, as selection orders them
    usable = top >= 0
    shifts_used = int(usable.sum())
    if shifts_used < FEWEST:
        reason = f"without skill a model qualifies at {shifts_used} of {len(top)} shifts, {FEWEST} are needed"
        return _no_luck(len(competing), shifts_used, len(top) - shifts_used, base_rate, best, reason)
    by_luck = precision[first, np.arange(len(top))][usable], top[usable]
    bars = [_bar(seen, luck) for seen, luck in zip(_headline(best), by_luck)]
    if best is None:
        verdict, reason = CANNOT_TELL, "cannot tell: no model has an operating point"
    else:
        verdict, reason = _verdict("lower bound of precision", bars[1], len(competing), "models")
    return LuckBar(len(competing), shifts_used, len(top) - shifts_used, base_rate, *bars, optimism, verdict, reason)


def auc_luck(label: np.ndarray, scores: np.ndarray, horizon: int, dates: Dates | None = None) -> AucLuck:
    """The luck of the best AUC among trials scored on the same days.

    Parameters
    ----------
    label : (n,) 0 or 1, consecutive trading days
    scores : (N, n) finite; a row per trial
    horizon : trading days a label looks ahead; >= 1
    dates : of the n, where they are rows of many symbols; None: each is a day of its own. At a shift the rows that
        have a score and a label are compared, each at its place among all scores
    """
    from scipy.stats import rankdata  # a second to import, and no leaderboard needs it

    label, trials, dates = np.asarray(label, float), len(scores), several(dates)
    days = len(label) if dates is None else len(dates)
    by = shifts(days, horizon)
    flat = not trials or (scores == scores[:, :1]).all()
    if reason := "no trial has scores that differ from day to day" if flat else _why_not(label, days, by):
        return AucLuck(trials, 0, Bar(0.5, 0.5, 0.5, 1.0), CANNOT_TELL, f"cannot tell: {reason}")
    ranks = rankdata(scores, axis=1)  # days of equal score share their mean rank
    to = np.concatenate([[0], by])
    area = _areas(label, ranks, to) if dates is None else _areas_of_dates(label, ranks, to, dates)
    best = area.max(axis=0).round(DIGITS)  # the last bit of a sum decides nothing
    bar = _bar(float(best[0]), best[1:])
    return AucLuck(trials, len(by), bar, *_verdict("AUC", bar, trials, "trials"))


def _areas(label: np.ndarray, ranks: np.ndarray, by: np.ndarray) -> np.ndarray:
    """AUC (N, s) of scores of the ranks (N, n) and labels (n,) moved on by each of (s,) days."""
    positives = label.sum()
    area = ranks @ shifted(label, by).T - positives * (positives + 1) / 2
    return area / (positives * (len(label) - positives))


def _areas_of_dates(label: np.ndarray, ranks: np.ndarray, by: np.ndarray, dates: Dates) -> np.ndarray:
    """The same of rows of dates: the mean rank of the positives less that of the others, over all rows, plus half."""
    there, hit = dates.wide(np.ones(len(label))), dates.wide(label)
    at = -by % len(dates)
    both, hits = (np.rint(met(values, there)[at]) for values in (there, hit))
    ranked = np.array([dates.wide(row) for row in ranks])
    total, of_hits = (np.array([met(values, row)[at] for row in ranked]) for values in (there, hit))
    lead = of_hits / np.maximum(hits, 1) - (total - of_hits) / np.maximum(both - hits, 1)
    return np.where((hits > 0) & (hits < both), lead / len(label), 0.0) + 0.5


def _why_not(label: np.ndarray, days: int, by: np.ndarray) -> str:
    """Why labels cannot be shifted, or nothing."""
    if len(by) < FEWEST:
        return f"{days} days allow {len(by)} shifts, {FEWEST} are needed"
    return "all days have the same label" if label.min() == label.max() else ""


def _bar(observed: float, luck: np.ndarray) -> Bar:
    chance = (1 + int((luck >= round(observed, DIGITS)).sum())) / (1 + len(luck))
    return Bar(float(observed), float(luck.mean()), float(np.quantile(luck, 0.95)), chance)


def _verdict(what: str, bar: Bar, count: int, kind: str) -> tuple[str, str]:
    verdict = BEYOND if round(bar.observed, DIGITS) > bar.p95 else WITHIN
    return verdict, (
        f"{verdict}: the best {what} is {bar.observed:.3f}; without skill the best of {count} {kind} "
        f"shows {bar.mean:.3f} on average and {bar.p95:.3f} in one of twenty cases"
    )


def _headline(best: OperatingPoint | None) -> tuple[float, float]:
    return (0.0, 0.0) if best is None else (best.precision, best.precision_low)


def _no_luck(models: int, used: int, empty: int, base_rate: float, best: OperatingPoint | None, reason: str) -> LuckBar:
    """What is observed, without a bar."""
    bars = [Bar(seen, 0.0, 0.0, 1.0) for seen in _headline(best)]
    return LuckBar(models, used, empty, base_rate, *bars, {}, CANNOT_TELL, f"cannot tell: {reason}")
