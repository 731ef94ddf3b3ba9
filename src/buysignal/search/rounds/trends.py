"""What the best trials have in common: shares of the top, mean objectives, sweet spots and gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.stats import MonteCarloMethod, binomtest, chi2_contingency, t

from buysignal.search.rounds.gaps import beyond, gaps
from buysignal.search.study.record import COMPLETE
from buysignal.search.study.space import DIMENSIONS, Space

HOLDS, VIOLATED, CANNOT_TELL = "holds", "violated", "cannot tell"
DRAWS = 9999


@dataclass(frozen=True)
class ValueTrend:
    """One value of one dimension.

    Attributes
    ----------
    count : complete trials with the value
    in_top : those of them among the top
    share : ``in_top`` / size of the top; 0 without a top
    rate, rate_low : ``in_top`` / ``count`` and the lower end of its Wilson interval
    mean, low, high : mean objective of its trials with a t interval; the ends are None below two trials
    promising : in the top more often than a trial at large, with more than an even split of the top,
        or the sweet spot itself
    """

    value: float
    count: int
    in_top: int
    share: float
    rate: float
    rate_low: float
    mean: float
    low: float | None
    high: float | None
    promising: bool


@dataclass(frozen=True)
class DimensionTrend:
    """One searched dimension.

    Attributes
    ----------
    values : ascending; only values with a complete trial
    sweet_spot : the value with the highest ``rate_low``, so that a lucky single trial does not win;
        None without a top
    verdict : ``holds`` if which value a trial has matters for its place in the top, else ``cannot tell``
    p_value : of no such effect: chi-square of value against top over random tables with the same
        margins (`scipy.stats.MonteCarloMethod`), times the number of dimensions looked at (Bonferroni)
    gaps : untested values inside the promising region or next to the sweet spot, ascending
    beyond : untested values past the end of the tested ones where the sweet spot is that end, ascending
    """

    name: str
    values: tuple[ValueTrend, ...]
    sweet_spot: float | None
    verdict: str
    p_value: float
    gaps: tuple[float, ...]
    beyond: tuple[float, ...]

    def __getitem__(self, value: float) -> ValueTrend:
        return next(v for v in self.values if v.value == value)

    @property
    def promising(self) -> tuple[float, ...]:
        """The promising values, ascending."""
        return tuple(v.value for v in self.values if v.promising)

    @property
    def promising_share(self) -> float:
        """Share of the top that has a promising value."""
        return sum(v.share for v in self.values if v.promising)


@dataclass(frozen=True)
class Trends:
    """What the trials of one or several studies on the same data say about each searched value.

    Attributes
    ----------
    trials, complete, collapsed : rows, complete ones, and those of them that collapsed
    top : trials that make the top; fewer than asked for where fewer qualify
    confidence : of every interval and verdict
    dimensions : name -> trend, in the order of `buysignal.search.study.space.DIMENSIONS`
    missing : what the trials cannot tell, in words; empty if nothing
    """

    trials: int
    complete: int
    collapsed: int
    top: int
    confidence: float
    dimensions: Mapping[str, DimensionTrend]
    missing: str


def trends(trials: pd.DataFrame, space: Space, top: int, confidence: float) -> Trends:
    """Trends over the rows of a trial table.

    The top are the ``top`` complete, not collapsed trials of highest objective, the earlier row of
    equals; a collapsed model says nearly the same of every day, whatever its ranking.

    Parameters
    ----------
    trials : columns of `buysignal.search.study.record.table`; of one study, or several on the same tier
    space : what was searched, see `united` for several studies
    top : >= 1
    confidence : of intervals and verdicts; 0.5 < x < 1
    """
    complete = trials[trials["state"] == COMPLETE]
    sound = ~complete["collapsed"].to_numpy(bool)
    value = complete["value"].to_numpy(float)
    order = np.argsort(-value, kind="stable")
    in_top = np.zeros(len(complete), bool)
    if sound.sum() > 1:  # a single one is better than nothing only
        in_top[order[sound[order]][:top]] = True
    compared = max(1, sum(complete[name].nunique() > 1 for name in DIMENSIONS))
    dimensions = {}
    for name in DIMENSIONS:
        tested = np.unique(trials[name].to_numpy()).tolist()  # failed trials too: they were tried
        chance = min(1.0, compared * _chance(complete[name].to_numpy(), in_top))
        column = complete[name].to_numpy()
        dimensions[name] = _dimension(name, column, value, in_top, chance, tested, space, confidence)
    missing = _missing(len(trials), len(complete), int(sound.sum()))
    collapsed = len(complete) - int(sound.sum())
    return Trends(len(trials), len(complete), collapsed, int(in_top.sum()), confidence, dimensions, missing)


def usable(trials: pd.DataFrame) -> pd.DataFrame:
    """The rows an analysis can use: complete and not collapsed."""
    return trials[(trials["state"] == COMPLETE) & ~trials["collapsed"].astype(bool)]


def top_count(complete: int, share: float) -> int:
    """How many of so many complete trials are the top: a share of them, at least one."""
    return max(1, round(share * complete))


def united(spaces: Sequence[Space]) -> Space:
    """One space with every value of several, under the largest of their caps."""
    grids = {name: tuple(v for space in spaces for v in getattr(space, name)) for name in DIMENSIONS}
    name = "+".join(space.name for space in spaces)
    return Space(name, **grids, cap=max(space.cap for space in spaces), count=spaces[0].count)


def _chance(column: np.ndarray, in_top: np.ndarray) -> float:
    """How often random tables with the same margins show as uneven a top; 1 where nothing can differ."""
    values, place = np.unique(column, return_inverse=True)
    if len(values) < 2 or in_top.all() or not in_top.any():
        return 1.0
    counts = np.stack([np.bincount(place[in_top == side], minlength=len(values)) for side in (False, True)])
    method = MonteCarloMethod(n_resamples=DRAWS, rng=np.random.default_rng(0))  # same counts, same answer
    return float(chi2_contingency(counts, correction=False, method=method).pvalue)


def _dimension(
    name: str,
    column: np.ndarray,
    objective: np.ndarray,
    in_top: np.ndarray,
    chance: float,
    tested: Sequence[float],
    space: Space,
    confidence: float,
) -> DimensionTrend:
    values = [_value(v, column == v, objective, in_top, confidence) for v in np.unique(column)]
    if not in_top.any():
        return DimensionTrend(name, tuple(values), None, CANNOT_TELL, 1.0, (), ())
    best = max(values, key=lambda v: (v.rate_low, v.mean, -v.value))
    at_large, even = in_top.mean(), 1 / len(values)
    values = [replace(v, promising=v == best or (v.rate > at_large and v.share > even)) for v in values]
    promising = [v.value for v in values if v.promising]
    return DimensionTrend(
        name,
        tuple(values),
        best.value,
        HOLDS if chance < 1 - confidence else CANNOT_TELL,
        chance,
        gaps(name, tested, promising, best.value, space),
        beyond(name, tested, best.value, space),
    )


def _value(
    value: np.generic, at: np.ndarray, objective: np.ndarray, in_top: np.ndarray, confidence: float
) -> ValueTrend:
    own, count, hits, k = objective[at], int(at.sum()), int(in_top[at].sum()), int(in_top.sum())
    mean, half = float(own.mean()), None
    if count > 1:
        half = float(t.ppf((1 + confidence) / 2, count - 1) * own.std(ddof=1) / count**0.5)
    return ValueTrend(
        value=value.item(),
        count=count,
        in_top=hits,
        share=hits / k if k else 0.0,
        rate=hits / count,
        rate_low=float(binomtest(hits, count).proportion_ci(confidence, "wilson").low),
        mean=mean,
        low=None if half is None else mean - half,
        high=None if half is None else mean + half,
        promising=False,
    )


def _missing(trials: int, complete: int, usable: int) -> str:
    if not trials:
        return "no trial was finished"
    if not complete:
        return f"none of {trials} trials completed"
    if not usable:
        return f"all {complete} complete trials collapsed: their scores hardly differ"
    if usable == 1:
        return "one usable trial cannot be compared with another"
    return ""
