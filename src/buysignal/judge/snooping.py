"""Is the best of many models better than the best baseline, or only the luckiest of many?

The utility of a day is ``alert * (label - break_even)``: what a buy brings above the precision that
breaks even. At the base rate a few sure buys are worth less than many that are a little better than
chance: the question is who gains more, not whose precision is higher. Utility adds up over days, so the
tests of the forecasting literature apply, all from arch:

- SPA (Hansen, J. Bus. Econ. Stat. 23, 2005): is any model better than the benchmark?
- StepM (Romano & Wolf, Econometrica 73, 2005): which ones, with one chance of ``size`` for any false name?
- MCS (Hansen, Lunde & Nason, Econometrica 79, 2011): which cannot be told from the best?

Alerts and hits come in clusters, so days are drawn in blocks (`buysignal.judge.intervals.block_length`), and a
window holds few of them, for which `allow_for_few_blocks` corrects. Of many symbols the utility of a day is the sum
over all that are bought on it: what is drawn are dates. How often skill is claimed where there is none,
and found where there is some: docs/honesty.md.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from arch.bootstrap import MCS, StepM
from scipy.special import ndtri, stdtrit

from buysignal.judge.dates import dates_in, sums
from buysignal.judge.intervals import block_length
from buysignal.judge.operating import JUDGE, SelectionRules, alerts, operating_point, require_same_days
from buysignal.judge.paired import MIN_BUYS
from buysignal.models.scores import Scored

MIN_BLOCKS = 5  # in a window; below it nothing is tested
SAME = 1e-9  # utilities closer than this on every day are the same


@dataclass(frozen=True)
class Snooping:
    """What the tests say.

    Attributes
    ----------
    benchmark : the baseline the models are compared with
    models, tested : models looked at, and those that could be tested: with at least `MIN_BUYS` days with a buy,
        and a utility unlike the benchmark's on as many days
    best : the tested model of highest mean utility; empty if none
    advantage : its mean utility per day minus the benchmark's; 0.0 if none
    spa_pvalue : consistent p-value, in [1 / draws, 1]; 1.0 if no tested model is ahead of the benchmark
    superior : the models StepM calls better than the benchmark
    confidence_set : of tested models and benchmark, those MCS cannot tell from the best
    benchmark_pvalue : of the benchmark in the MCS; 1.0 if nothing was tested
    size : chance of a false claim the tests are run at
    days, block : days in the window, and in a block on average
    verdict : one sentence
    """

    benchmark: str
    models: int
    tested: int
    best: str
    advantage: float
    spa_pvalue: float
    superior: tuple[str, ...]
    confidence_set: tuple[str, ...]
    benchmark_pvalue: float
    size: float
    days: int
    block: int
    verdict: str


def snooping(models: Sequence[Scored], baselines: Sequence[Scored], rules: SelectionRules, seed: int) -> Snooping:
    """Test models against the best baseline on the threshold role, each at its own operating point.

    Both sides chose their threshold by the same rule on the same days. Buying breaks even at the
    role's base rate, of many symbols that of all rows, so buying always and never buying both have
    utility 0. A model without an operating point never buys. Where the best of each day are bought, both sides buy as
    many on every date: what all symbols of a date share is in both utilities, and leaves their difference.

    Raises
    ------
    ValueError
        If there is no baseline, or two models are not judged on the same days.
    """
    everybody = [*baselines, *models]
    if not baselines:
        raise ValueError("without a baseline there is nothing to compare with")
    require_same_days(everybody)
    utilities = np.array([_utility_at_operating_point(model, rules) for model in everybody])
    names = [model.card.name for model in everybody]
    count = len(baselines)
    best = best_baseline(names[:count], utilities[:count])
    return snooping_tests(names[count:], utilities[count:], names[best], utilities[best], rules.horizon, seed)


def daily_utility(label: np.ndarray, alert: np.ndarray, break_even: float) -> np.ndarray:
    """``alert * (label - break_even)`` of each day or row, shape (n,), in units of one right buy.

    Examples
    --------
    >>> daily_utility(np.array([1, 0, 1]), np.array([True, True, False]), 0.25).tolist()
    [0.75, -0.25, 0.0]
    """
    return np.asarray(alert, float) * (np.asarray(label, float) - break_even)


def best_baseline(names: Sequence[str], utilities: np.ndarray) -> int:
    """Place of the baseline with the highest mean utility (m, n); ties go to the first name."""
    mean = np.asarray(utilities, float).sum(axis=1) / max(1, utilities.shape[1])
    return min(range(len(names)), key=lambda k: (-round(float(mean[k]), 12), names[k]))


def snooping_tests(
    names: Sequence[str],
    utilities: np.ndarray,
    benchmark_name: str,
    benchmark: np.ndarray,
    horizon: int,
    seed: int,
    size: float = 0.05,
    draws: int = 1000,
) -> Snooping:
    """SPA, StepM and MCS of models against a benchmark.

    Parameters
    ----------
    names, utilities : m names and (m, n) daily utilities, consecutive trading days; m >= 0
    benchmark_name, benchmark : its name and (n,) utilities
    horizon : trading days a label looks ahead; >= 1
    seed : of the bootstrap
    size : chance of a false claim; 0 < x < 0.5
    draws : of the bootstrap
    """
    benchmark = np.asarray(benchmark, float)
    n = len(benchmark)
    utilities = np.asarray(utilities, float).reshape(len(names), n)
    block = block_length(n, horizon)
    enough_days = n >= MIN_BLOCKS * block
    rows = [k for k in range(len(names)) if enough_days and testable(utilities[k], benchmark)]
    common = dict(benchmark=benchmark_name, models=len(names), tested=len(rows), size=size, days=n, block=block)
    if not rows:
        verdict = _untested(len(names), benchmark_name, n, block, enough_days)
        return Snooping(**common, verdict=verdict, **_NOTHING)
    chosen, who = utilities[rows], [names[k] for k in rows]
    lead = (chosen - benchmark).mean(axis=1)
    best = min(range(len(rows)), key=lambda k: (-round(float(lead[k]), 12), who[k]))
    pvalue, better = superiority(chosen - benchmark, block, size, draws, seed)
    kept, benchmark_pvalue = confidence_set(np.vstack([benchmark, chosen]), block, size, draws, seed)
    superior = tuple(sorted(who[k] for k in better))
    return Snooping(
        **common,
        best=who[best],
        advantage=float(lead[best]),
        spa_pvalue=pvalue,
        superior=superior,
        confidence_set=tuple(sorted([benchmark_name, *who][k] for k in kept)),
        benchmark_pvalue=benchmark_pvalue,
        verdict=_verdict(len(names), who[best], benchmark_name, pvalue, superior),
    )


def testable(utility: np.ndarray, benchmark: np.ndarray) -> bool:
    """Whether there are buys enough, and days enough on which the two differ, by more than a constant."""
    difference = utility - benchmark
    enough = min(np.count_nonzero(np.abs(u) > SAME) for u in (utility, difference)) >= MIN_BUYS
    return bool(enough and np.ptp(difference) > SAME)


def allow_for_few_blocks(series: np.ndarray, block: int, size: float) -> np.ndarray:
    """Series (k, n) with their means pulled towards 0, and nothing else changed.

    A window of n days holds ``B = n / block`` nearly independent blocks. Their bootstrap divides by B
    where B - 1 is due, and its quantiles are those of the normal law where Student's with B - 1
    degrees of freedom are due. Pulling the mean by both factors is the same as widening the
    bootstrap's distribution by them.
    """
    blocks = series.shape[1] / block
    pull = math.sqrt(1 - 1 / blocks) * ndtri(1 - size) / stdtrit(blocks - 1, 1 - size)
    return series - (1 - pull) * series.mean(axis=1, keepdims=True)


def superiority(differences: np.ndarray, block: int, size: float, draws: int, seed: int) -> tuple[float, list[int]]:
    """SPA's consistent p-value and the places StepM calls superior, from model minus benchmark (k, n).

    A column of zeros, the benchmark against itself, joins: it makes the statistic Hansen's
    ``max(0, .)``, and it is never superior, so that arch never runs out of models to go on with.
    Without a model ahead arch's p-value can be 0, because no draw is *above* the observed maximum;
    it is 1 by definition.
    """
    if differences.mean(axis=1).max() <= SAME:
        return 1.0, []
    corrected = allow_for_few_blocks(differences, block, size)
    losses = -np.vstack([corrected, np.zeros(differences.shape[1])]).T
    test = StepM(np.zeros(len(losses)), losses, size=size, block_size=block, reps=draws, seed=seed)
    test.compute()
    superior = [int(k) for k in test.superior_models]
    test.spa.compute()  # StepM went on to subsets of models; this is all of them, from the same draws
    return max(float(test.spa.pvalues["consistent"]), 1 / draws), superior


def confidence_set(utilities: np.ndarray, block: int, size: float, draws: int, seed: int) -> tuple[list[int], float]:
    """Places of the utilities (k, n) in the model confidence set, and the p-value of the first of them.

    Series that differ by a constant cannot be told apart by drawing days: one stands for all of
    them. arch would divide by their deviation of 0, and never end.
    """
    stands = _representatives(utilities - utilities.mean(axis=1, keepdims=True))
    distinct = sorted(set(stands))
    everybody, certain = list(range(len(utilities))), 1.0
    if len(distinct) == 1:
        return everybody, certain
    losses = -allow_for_few_blocks(utilities[distinct], block, size).T
    test = MCS(losses, size, reps=draws, block_size=block, method="max", seed=seed)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            test.compute()
    except RuntimeWarning:  # one is the exact mean of the others: there is no statistic, so none is excluded
        return everybody, certain
    pvalue = test.pvalues["Pvalue"]
    kept = {distinct[k] for k in test.included}
    return [k for k in everybody if stands[k] in kept], float(pvalue[distinct.index(stands[0])])


_NOTHING: dict[str, Any] = dict(
    best="", advantage=0.0, spa_pvalue=1.0, superior=(), confidence_set=(), benchmark_pvalue=1.0
)


def _utility_at_operating_point(model: Scored, rules: SelectionRules) -> np.ndarray:
    label, *_ = model.of(JUDGE)
    point = operating_point(model, rules).point
    alert = alerts(model, JUDGE, None if point is None else point.threshold, rules.per_day)
    utility = daily_utility(label, alert, float(label.mean()) if len(label) else 0.0)
    return sums(utility, dates_in(model, JUDGE))


def _representatives(series: np.ndarray) -> list[int]:
    """For each series (k, n) the place of the first that equals it."""
    first: list[int] = []
    for row in series:
        same = (k for k in sorted(set(first)) if np.abs(series[k] - row).max() <= SAME)
        first.append(next(same, len(first)))
    return first


def _verdict(models: int, best: str, benchmark: str, pvalue: float, superior: tuple[str, ...]) -> str:
    spa = f"SPA p = {pvalue:.3f}"
    if superior:
        be = "is" if len(superior) == 1 else "are"
        names = ", ".join(superior)
        return f"{len(superior)} of {_count(models)} {be} shown to be better than {benchmark}: {spa}; {names}"
    if models == 1:
        return f"the one model, {best}, is not shown to be better than {benchmark}: {spa}"
    return f"the best of {_count(models)}, {best}, is not shown to be better than {benchmark}: {spa}"


def _untested(models: int, benchmark: str, n: int, block: int, enough_days: bool) -> str:
    if not models:
        return f"there is no model to compare with {benchmark}"
    why = f"it takes {MIN_BUYS} buys, and {MIN_BUYS} days on which the two differ"
    if not enough_days:
        why = f"{n} days hold fewer than {MIN_BLOCKS} blocks of {block}"
    return f"none of {_count(models)} is shown to be better than {benchmark}, because none can be tested: {why}"


def _count(models: int) -> str:
    return f"{models} model" + "s" * (models != 1)
