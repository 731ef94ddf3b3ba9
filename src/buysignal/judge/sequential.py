"""Is the promise still kept? A test that may be looked at every day, for ever.

The claim under test: whatever was known when it was bought, each buy hits with a chance of at least ``floor``. Somebody
who doubts it starts with a capital of 1 and bets against every buy, at odds that are fair if the chance is ``floor``:
a stake s pays ``s * (floor - x)``, x the share of hits of that day's buys. If the claim is true, no way of betting is
expected to win, and by Ville's inequality the chance that the capital *ever* reaches 1 / alpha is at most alpha
(Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024; Shafer, "Testing
by betting", JRSS A 184, 2021). No law of the days is assumed, and symbols of one day may rise and fall together.

- The capital is spread over bets of several sizes (`SIZES`), as nobody knows how far the precision will fall, and over
  their first day: on buying days 0, `BLOCK`, 2 `BLOCK`, ... bets begin with 1/2, 1/6, 1/12, ..., which sum to 1. So a
  model that was good for years and then breaks is found too; its good years take nothing from a bet not yet begun.
- A label is known after ``horizon`` days, and others are bought before. What a bet may lose is set aside when it is
  made and cannot be staked again; until it is settled it counts as lost. So the capital shown is never above what it is
  worth, and Ville's inequality holds on every day, however far labels overlap. (The average of h interleaved tests has
  no such guarantee, see the correction of Henzi and Ziegel, Biometrika 109, 2022; and each sees a part of the buys.)

False alarms and delays, simulated: docs/daily.md.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import ndtri

HOLDS, BROKEN, EARLY = "holds", "broken", "too early to tell"
SIZES = np.array([0.05, 0.1, 0.2, 0.4, 0.8])  # share of its free capital that a bet may lose; best: 1 - precision/floor
BLOCK = 20  # buying days from the first day of a bet to that of the next
TILTS = np.array([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2])  # exponents of the bounds, for some 5,000 to some 5 buys
POWER = 0.8  # share of broken models that would have been found, before it is said that a promise holds
PATHS, LONGEST, SEED = 500, 16_000, 19  # of the simulation of `needed`: histories, days at most
MOST, LARGE = 1e100, 200.0  # of a capital and of an exponent: far beyond any alarm, and sums stay finite


@dataclass(frozen=True)
class Promise:
    """What a model was shipped with.

    Attributes
    ----------
    floor : the precision promised, 0 < x < 1
    base : the base rate promised, 0 < x < 1; what precision falls to when all skill is gone
    horizon : trading days a label looks ahead, >= 1
    alpha : chance of ever calling a kept promise broken, 0 < x < 1
    """

    floor: float
    base: float
    horizon: int
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if not all(0 < x < 1 for x in (self.floor, self.base, self.alpha)) or self.horizon < 1:
            raise ValueError(f"shares must lie between 0 and 1 and the horizon be at least 1: {self}")


@dataclass(frozen=True)
class Kept:
    """What came of a promise. A buying day counts once, however many symbols were bought; n of them are known.

    Attributes
    ----------
    verdict : `HOLDS`, `BROKEN` or `EARLY`
    alarm : the day it was found broken, None if it was not; once broken it stays so
    since : the buying day from which on betting against it, up to the alarm, would have won most; None without alarm
    at : (n,) place of each buying day among the trading days
    e : (n,) capital of the bets when the outcome was known; broken from 1 / alpha on
    low, high : (n,) bounds of the mean chance of all buys made until then; true of all of them together with
        probability 1 - alpha
    needed : buying days after which a model at the base rate is found with probability `POWER`, see `needed`; None if
        that takes more than `LONGEST` days, or if the promise is no more than the base rate
    """

    verdict: str
    alarm: pd.Timestamp | None
    since: pd.Timestamp | None
    at: np.ndarray
    e: np.ndarray
    low: np.ndarray
    high: np.ndarray
    needed: int | None

    @property
    def more(self) -> int | None:
        """Buying days that are missing until silence means that the promise holds; None if no number would do."""
        return None if self.needed is None else max(0, self.needed - len(self.e))


def kept(hits: np.ndarray, at: np.ndarray, days: pd.DatetimeIndex, promise: Promise) -> Kept:
    """Hold what came against what was promised.

    Parameters
    ----------
    hits : (buys,) share of hits of each buying day, 0 to 1; of one symbol 0 or 1. Not read where not yet known
    at : (buys,) place of each buying day in ``days``, rising; also of those whose outcome is not known yet
    days : every trading day from the first that is followed to the last that is known

    Raises
    ------
    ValueError
        If ``at`` does not rise within ``days``, or a known share is none.
    """
    hits, at, horizon = np.asarray(hits, float), np.asarray(at, int), promise.horizon
    if hits.shape != at.shape or (np.diff(at, prepend=-1) <= 0).any() or (len(at) and at[-1] >= len(days)):
        raise ValueError("buying days must rise and lie among the trading days, with one share of hits each")
    n = int((at + horizon < len(days)).sum())
    if not ((hits[:n] >= 0) & (hits[:n] <= 1)).all():
        raise ValueError("a known share of hits must lie between 0 and 1")
    series = np.full((len(days), 1), np.nan)
    series[at, 0] = np.where(np.arange(len(at)) < n, hits, 0.0)  # those not known are never settled here
    e = capital(series, promise.floor, horizon)[at[:n] + horizon, 0]
    low, high = bounds(hits[:n], at, horizon, promise.alpha)
    wanted = needed(promise)
    crossed = np.flatnonzero(e >= 1 / promise.alpha)
    if len(crossed):
        first = int(crossed[0])
        start = at[best_start(hits[: first + 1], promise.floor)]
        return Kept(BROKEN, days[at[first] + horizon], days[start], at[:n], e, low, high, wanted)
    verdict = HOLDS if wanted is not None and n >= wanted else EARLY
    return Kept(verdict, None, None, at[:n], e, low, high, wanted)


def capital(hits: np.ndarray, floor: float, horizon: int) -> np.ndarray:
    """Capital of who bets that the chance of a hit is below ``floor``; what is staked and not settled counts as lost.

    Parameters
    ----------
    hits : (days, paths) share of hits of what was bought each day, NaN where nothing was
    floor : 0 < x < 1
    horizon : trading days until an outcome is known, >= 1

    Returns
    -------
    (days + horizon, paths); of a day after its outcomes are known and before its buys. Expected at most 1, at any
    stopping time, where every buy hits with a chance of at least ``floor`` given what is known.

    Examples
    --------
    A miss at a floor of one half: half of the capital bets, and its bets may lose, or win, 31 % of it in the mean.

    >>> capital(np.array([[0.0]]), 0.5, 1)[:, 0].round(3).tolist()
    [1.0, 1.155]
    """
    days, paths = hits.shape
    bought = ~np.isnan(hits)
    paid = np.where(bought, 1 - hits, 0.0) / (1 - floor)  # for each unit that a bet may lose
    before = np.vstack([np.zeros((1, paths), int), bought.cumsum(axis=0)])
    waiting = 1 / (1 + -(-before // BLOCK))  # capital of bets yet to begin
    sizes = SIZES[:, None]
    free = np.zeros((len(SIZES), paths))
    staked = np.zeros((horizon, len(SIZES), paths))
    e = np.empty((days + horizon, paths))
    for day in range(days + horizon):
        stake = staked[day % horizon]
        if day >= horizon:
            free = np.minimum(free + stake * paid[day - horizon], MOST)
        e[day] = waiting[min(day, days)] + free.mean(axis=0)
        if day < days:
            free += waiting[day] - waiting[day + 1]
            np.multiply(free, sizes * bought[day], out=stake)
            free -= stake
    return e


def best_start(hits: np.ndarray, floor: float) -> int:
    """Place of the outcome (of n) from which on, to the last one, a bet of one of the sizes would have won most.

    Outcomes are taken one after the other, as if each were known before the next was bought.

    >>> best_start(np.array([1, 0, 1, 1, 0, 0, 0]), 0.5)
    4
    """
    gain = np.log1p(SIZES[:, None] / (1 - floor) * (floor - np.asarray(hits, float)))
    won = gain[:, ::-1].cumsum(axis=1)[:, ::-1]  # of bets that began at each outcome
    return int(won.max(axis=0).argmax())


def bounds(hits: np.ndarray, at: np.ndarray, horizon: int, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of the mean chance of the buys made until each outcome was known: true of all n with chance 1 - alpha.

    For any exponent a, ``exp(a * x - log(1 - p + p * exp(a)))`` is expected to be at most 1 where x in [0, 1] has the
    mean p, and the logarithm is concave in p, so that n buys of different chances count as n of their mean m. A mean is
    left out where the average over `TILTS` of ``exp(n / horizon * (a * mean(x) - log(1 - m + m * exp(a))))`` reaches
    2 / alpha (Howard, Ramdas, McAuliffe and Sekhon, Annals of Statistics 49, 2021). Labels that overlap tell at most
    what one in ``horizon`` tells (the geometric mean of interleaved tests is below their average); outcomes that are
    open count as misses below and as hits above.

    Parameters
    ----------
    hits : (n,) shares of hits that are known
    at : (buys,) place of each buying day, of those known first
    """
    n = len(hits)
    made = np.searchsorted(at, at[:n] + horizon)  # buys made before that outcome was known
    known, sums = np.arange(1, n + 1), np.cumsum(hits)
    low = _lower(sums / np.maximum(made, 1), made / horizon, alpha)
    high = 1 - _lower((known - sums) / np.maximum(made, 1), made / horizon, alpha)
    return low, high


def _lower(mean: np.ndarray, n: np.ndarray, alpha: float) -> np.ndarray:
    """Lower bound (k,) of the chance at means (k,) of n (k,) values, by bisection."""
    low, high = np.zeros_like(mean), np.array(mean, float)
    for _ in range(40):
        middle = (low + high) / 2
        out = evidence_against(middle, mean, n) >= 2 / alpha
        low, high = np.where(out, middle, low), np.where(out, high, middle)
    return low


def evidence_against(chance: np.ndarray, mean: np.ndarray, n: np.ndarray) -> np.ndarray:
    """How much speaks against a mean chance this low: (k,) from means (k,) of n (k,) values in [0, 1]; see `bounds`."""
    tilts = TILTS[:, None]
    return np.exp(np.minimum(n * (tilts * mean - np.log1p(chance * np.expm1(tilts))), LARGE)).mean(axis=0)


@lru_cache(maxsize=64)
def needed(promise: Promise) -> int | None:
    """Buying days after which a model at the base rate from the first day on is found with probability `POWER`.

    By simulation, seeded. Symbols of one day count as one; every day is bought and the label is whether the sum of the
    next shocks passes a level, so labels overlap as far as they can and tell the least: of buys that lie apart fewer
    would do. It takes seconds where the answer is large.
    """
    if promise.base >= promise.floor:
        return None
    place, days = int(np.ceil(POWER * PATHS)) - 1, 250
    while days <= LONGEST:
        hits = outcomes(np.random.default_rng(SEED), days, promise.base, promise.horizon)
        found = np.sort(delays(capital(hits, promise.floor, promise.horizon), hits, promise.horizon, promise.alpha))
        if found[place] < np.inf:
            return int(found[place])
        days *= 2
    return None


def outcomes(rng: np.random.Generator, days: int, chance: float, horizon: int, paths: int = PATHS) -> np.ndarray:
    """(days, paths) hits of labels that overlap: each has the same chance, whatever was known on its day."""
    sums = np.cumsum(rng.standard_normal((days + horizon, paths)), axis=0)
    ahead = sums[horizon:] - sums[:-horizon]
    return (ahead > -np.sqrt(horizon) * ndtri(chance)).astype(float)


def delays(e: np.ndarray, hits: np.ndarray, horizon: int, alpha: float) -> np.ndarray:
    """(paths,) known buying days at the first alarm of a capital (days + horizon, paths); infinite without one."""
    over = e >= 1 / alpha
    first = over.argmax(axis=0)
    known = np.vstack([np.zeros((horizon, hits.shape[1]), int), (~np.isnan(hits)).cumsum(axis=0)])
    return np.where(over.any(axis=0), known[first, np.arange(hits.shape[1])], np.inf)
