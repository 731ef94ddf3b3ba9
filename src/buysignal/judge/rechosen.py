"""The threshold that a model would choose if its scores were shifted against the labels, at every shift."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from buysignal.core.binomial import clopper_pearson_lower
from buysignal.core.files import DIGITS
from buysignal.judge.circle import shifted, wide
from buysignal.judge.dates import Dates
from buysignal.judge.intervals import effective_of_sums, precision_lower
from buysignal.judge.operating import JUDGE, PROPOSE, SelectionRules, candidate_thresholds, held_in
from buysignal.models.scores import Scored


@dataclass(frozen=True)
class Rechosen:
    """What one model's choice of a threshold gives at each shift, (s,) each; ``low`` is -1 where it has none."""

    low: np.ndarray
    n_buys: np.ndarray
    hits: np.ndarray
    recall: np.ndarray

    def optimism(self, base_rate: float) -> float:
        """Share of right buys over all shifts above the base rate; large choices count for more, as in a pool."""
        made = self.n_buys[self.low >= 0].sum()
        return float(self.hits[self.low >= 0].sum() / made) - base_rate if made else 0.0


def rechosen(model: Scored, by: np.ndarray, rules: SelectionRules, dates: Dates | None) -> Rechosen:
    """The best qualified threshold at each shift: highest lower bound, then recall, then lowest threshold.

    Parameters
    ----------
    model : scored on both roles
    by : (s,) shifts, in days of the threshold role
    dates : of its rows, where they are of several symbols
    """
    threshold = _thresholds(model, rules)
    if not len(threshold):
        return Rechosen(np.full(len(by), -1.0), *np.zeros((3, len(by))))
    if dates is not None:
        return _of_dates(model, threshold, by, rules, dates)
    label, score, _ = model.of(JUDGE)
    return _of_days(label, score >= threshold[:, None], by, rules)


def _thresholds(model: Scored, rules: SelectionRules) -> np.ndarray:
    """Rising thresholds (k,) with enough buys on the threshold role; the lowest of those that buy the same.

    Where the best of each day are bought, 0 is the only one.
    """
    candidates = np.zeros(1) if rules.per_day else candidate_thresholds(model.of(PROPOSE)[1], rules.points)
    made = len(score := np.sort(held_in(model, JUDGE, rules.per_day))) - np.searchsorted(score, candidates)
    n_buys, lowest = np.unique(made, return_index=True)  # equal counts are equal days
    return candidates[np.sort(lowest[n_buys >= max(1, rules.min_buys)])]


def _of_days(label: np.ndarray, alert: np.ndarray, by: np.ndarray, rules: SelectionRules) -> Rechosen:
    """Of one symbol's alerts (k, n). The bound at independent buys is a ceiling: thresholds are tried from the highest
    ceiling down, until none that is left can win."""
    n_buys = alert.sum(axis=1)
    hits = alert.astype(float) @ shifted(label, -by).T.astype(float)  # (k, s): alerts by +d are labels by -d
    recall = hits / max(int(label.sum()), 1)
    ceiling = clopper_pearson_lower(hits / n_buys[:, None], n_buys[:, None], rules.confidence)
    ceiling = np.where(recall >= rules.min_recall, np.round(ceiling, DIGITS), -1.0)
    circle = np.lib.stride_tricks.sliding_window_view(np.tile(alert, 2), len(label), axis=1)  # (k, n + 1, n)
    every, at, low = np.arange(len(by)), np.full(len(by), -1), np.full(len(by), -1.0)
    for cell in np.argsort(-ceiling, axis=0, kind="stable"):
        rows = np.flatnonzero((ceiling[cell, every] >= 0) & (ceiling[cell, every] >= low))
        if not len(rows):
            break
        moved = circle[cell[rows], len(label) - by[rows]]
        bound = np.round(precision_lower(label, moved, rules.horizon, rules.confidence)[0], DIGITS)
        new, old = recall[cell[rows], rows], recall[at[rows], rows]
        better = (bound > low[rows]) | ((bound == low[rows]) & ((new > old) | ((new == old) & (cell[rows] < at[rows]))))
        at[rows[better]], low[rows[better]] = cell[rows[better]], bound[better]
    return Rechosen(low, n_buys[at], hits[at, every], np.round(recall[at, every], DIGITS))


def _of_dates(model: Scored, threshold: np.ndarray, by: np.ndarray, rules: SelectionRules, dates: Dates) -> Rechosen:
    """Of many symbols, shifted together by dates: every threshold (k,) is tried at every shift."""
    label, score, _ = model.of(JUDGE)
    counted = _best(label, score, rules.per_day, dates) if rules.per_day else _above(label, score, threshold, dates)
    found = np.full((4, len(by)), -1.0)
    for i, days in enumerate(by):
        buys, hits = counted(days)
        n_buys, right = buys.sum(axis=1), hits.sum(axis=1)
        recall = right / max(int(label.sum()), 1)
        able = np.flatnonzero((n_buys >= max(1, rules.min_buys)) & (recall >= rules.min_recall))
        if not len(able):
            continue
        n_eff = effective_of_sums(buys[able], hits[able], rules.horizon)
        low = np.round(clopper_pearson_lower(right[able] / n_buys[able], n_eff, rules.confidence), DIGITS)
        first = np.lexsort((able, -recall[able], -low))[0]
        best = able[first]
        found[:, i] = low[first], n_buys[best], right[best], np.round(recall[best], DIGITS)
    return Rechosen(*found)


Counted = Callable[[int], tuple[np.ndarray, np.ndarray]]
"""From a shift in days to buys and hits, (k, D) each: of k thresholds on each date."""


def _above(label: np.ndarray, score: np.ndarray, threshold: np.ndarray, dates: Dates) -> Counted:
    """Of rows that reach a threshold (k,)."""
    reached = wide(np.searchsorted(threshold, score, side="right"), dates)  # thresholds that a row is bought at

    def at(days: int) -> tuple[np.ndarray, np.ndarray]:
        there = reached[dates.symbol, (dates.day - days) % len(dates)]  # 0 where the symbol had no row
        buys, hits = (
            _by_threshold(there[rows], dates.day[rows], len(dates), len(threshold)) for rows in (..., label > 0)
        )
        return buys, hits

    return at


def _best(label: np.ndarray, score: np.ndarray, per_day: int, dates: Dates) -> Counted:
    """Of the best of each date, which are chosen again at every shift.

    All scores of a date come to another date and are ranked there, among the symbols that have a row: without skill
    as many of each date are bought as with it, in the same runs of days. That a symbol is always among the best is
    kept at every shift, too: to know which symbols move much is not beyond luck, to know when is.
    """
    order = np.lexsort((dates.symbol, -score, dates.day))  # by date, its best first; places of dates stay
    symbol, first = dates.symbol[order], dates.starts[dates.day]
    row, hit = dates.wide(np.ones(len(label), bool)), dates.wide(label > 0)

    def at(days: int) -> tuple[np.ndarray, np.ndarray]:
        to = (dates.day + days) % len(dates)
        there = row[symbol, to]
        before = np.cumsum(there) - there
        bought = there & (before - before[first] < per_day)
        buys, hits = (
            np.bincount(to[chosen], minlength=len(dates))[None] for chosen in (bought, bought & hit[symbol, to])
        )
        return buys, hits

    return at


def _by_threshold(reached: np.ndarray, day: np.ndarray, days: int, thresholds: int) -> np.ndarray:
    """(thresholds, days): how many rows of each day reach each of the rising thresholds."""
    cells = np.bincount(day * (thresholds + 1) + reached, minlength=days * (thresholds + 1))
    at_least = cells.reshape(days, thresholds + 1)[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.ascontiguousarray(at_least[:, 1:].T)
