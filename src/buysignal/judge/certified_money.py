"""The claim that a buy earns more than its costs, as `buysignal.judge.certified` puts it to the test.

Returns are worse than labels in three ways. They are skewed: a level caps the gain, nothing caps the loss, and then a
plain t-test finds profit where there is none. Their tail is fat: three dozen buys may hold not one of the losses that
decide. And neighbouring days depend on each other. So

- the mean is studentized, and held against the same statistic of resampled dates: a stationary bootstrap of blocks
  (Politis & Romano, J. Am. Stat. Assoc. 89, 1994) with the variance of its own blocks in every draw (Götze & Künsch,
  Ann. Stat. 24, 1996), which follows the skew of these very returns;
- one buy is added that loses what the worst of all days of the role lost, bought or not, as one more observation at
  the edge of what is possible is in Anderson's bound of a mean (1969).

Where rows are of many symbols the observation is a date with all its buys: dates are drawn, and the date that is added
has as many buys as the average one, each of which loses what the worst day lost (`worst_day`).

No test keeps a promise about a mean against losses that no day of the role shows (Bahadur & Savage, Ann. Math. Stat.
27, 1956). What this one keeps, and what it costs in power: docs/honesty.md.
"""

from dataclasses import dataclass

import numpy as np

from buysignal.judge.dates import Dates, dates_in, sums
from buysignal.judge.intervals import block_length, long_run_variance, thinned_count
from buysignal.judge.money import Trades
from buysignal.judge.operating import JUDGE
from buysignal.judge.paired import DRAWS
from buysignal.models.scores import Scored

EQUAL = 1e-12  # relative variance below which returns are the same but for rounding


@dataclass(frozen=True)
class Profit:
    """The claim "the mean return of a buy after costs is above 0", see `buysignal.judge.certified.Claim`.

    Attributes
    ----------
    trades : what every day would earn
    seed : of the resampled dates
    """

    trades: Trades
    seed: int
    kind: str = "expectancy"
    target: float = 0.0
    asked: str = "a mean return after costs above 0"
    kept: str = "a trade earns more than its costs"

    def p_values(self, model: Scored, alert: np.ndarray, horizon: int) -> np.ndarray:
        """Those of resampled dates, see `p_values`."""
        net = self.trades.on(model.index[model.role == JUDGE]) - self.trades.cost
        return p_values(net, alert, horizon, self.seed, dates=dates_in(model, JUDGE))

    def doubt(self, p: np.ndarray, delta: float) -> str:
        """That luck alone does as well, and how often."""
        first, best, most = (f"{100 * share:.3g} %" for share in (p[-1], p.min(), delta))
        return (
            f"at the highest of {len(p)} thresholds, where the tests begin, luck alone would look as good in {first} "
            f"of markets without profit ({best} at the best one), and {most} are the most at which it is said that "
            f"{self.kept}"
        )


def p_values(
    net: np.ndarray, alert: np.ndarray, horizon: int, seed: int, draws: int = DRAWS, dates: Dates | None = None
) -> np.ndarray:
    """P-value of "the true mean net return of a buy is at most 0" for every set of alerts.

    With N buys of mean m, ``u[t] = alert[t] * (net[t] - m)`` and w the worst net return of any day, at most 0, the
    statistic is ``(N m + w) / sqrt(V)``: V is the Bartlett variance of ``sum(u)``, at least that of independent days,
    over ``1 - 2 / k``, as in `buysignal.judge.paired.stretched`, k the blocks. Of a draw it is the sum of u over the
    root of the sum of squares of the blocks' sums of ``alert * (net - m*)``, m* its own mean. The p-value is
    ``(1 + draws with at least as much) / (1 + draws)``.

    Of many symbols u and the blocks' sums are of dates, and w is that of `worst_day`, times the mean number of buys of
    a date that has any.

    Buys that all earn the same show no spread to resample. Then it is the chance that as many buys as stand
    ``horizon`` days apart all gain, where a gain is m, a loss is w and both together earn nothing.

    Parameters
    ----------
    net : (n,) returns after costs, consecutive trading days; n >= 1
    alert : (k, n) bool
    horizon : trading days a trade lasts at most; >= 1
    seed, draws : of the resampled dates, which are the same for every set
    dates : of the n, where they are rows of many symbols; None: each is a day of its own

    Returns
    -------
    (k,) in (0, 1]; 1 without a buy, and where the mean is at most 0. A constant taken off every return lowers none.
    """
    net, alert = np.asarray(net, float), np.asarray(alert, bool)
    n = len(net) if dates is None else len(dates)
    blocks, worst = resampled(n, block_length(n, horizon), seed, draws), worst_day(net, dates)
    return np.array([p_value(net, one, horizon, worst, blocks, dates) for one in alert])


def worst_day(net: np.ndarray, dates: Dates | None) -> float:
    """The worst net return of a buy (n,) that a role of so many dates shows; at most 0.

    Of one symbol it is that of its worst day. Of many it is the mean of all symbols on their worst date, as all fall
    together; or, if that is worse, what one buy in as many as there are dates lost, as one symbol falls alone.

    >>> day, symbol = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1])
    >>> net = np.array([-0.02, -0.04, -0.5, 0.5, -0.4, 0.6])
    >>> worst_day(net, Dates(day, symbol))  # no date lost more than 3 % on average, and one buy in three 40 %
    -0.4
    """
    if dates is None:
        return min(float(net.min()), 0.0)
    rows = sums(np.ones(len(net)), dates)
    every = max(len(net) // len(dates), 1) - 1  # of so many rows a date the lowest but these
    return min(float((sums(net, dates) / rows).min()), float(np.partition(net, every)[every]), 0.0)


def p_value(
    net: np.ndarray, alert: np.ndarray, horizon: int, worst: float, blocks: tuple, dates: Dates | None = None
) -> float:
    """That of one set of alerts (n,); ``worst`` <= 0 is what an added buy earns, ``blocks`` are of `resampled`."""
    buys, least = int(alert.sum()), 1 / (1 + len(blocks[0]))
    mean = float(net[alert].mean()) if buys else 0.0
    if mean <= 0:
        return 1.0
    u, count = sums(alert * (net - mean), dates), sums(alert, dates)
    n, added = len(u), buys / np.count_nonzero(count)
    independent = float((u * u).sum())
    if independent <= EQUAL * buys * mean**2:
        return max(least, (worst / (worst - mean)) ** int(thinned_count(count > 0, horizon)))
    length = block_length(n, horizon)
    variance = max(float(long_run_variance(u, min(length, n - 1))), independent) / (1 - 2 / max(3.0, n / length))
    seen = (buys * mean + added * worst) / np.sqrt(variance)
    return float(1 + (_studentized(u, count, blocks, EQUAL * independent) >= seen).sum()) * least


def _studentized(u: np.ndarray, buys: np.ndarray, blocks: tuple, flat: float) -> np.ndarray:
    """(draws,) sums of u over their own deviation; where that is 0, infinite or 0."""
    total, count = (_sums(x, *blocks) for x in (u, buys.astype(float)))
    summed = total.sum(axis=1)
    own = summed / np.maximum(count.sum(axis=1), 1)
    variance = ((total - own[:, None] * count) ** 2).sum(axis=1)
    spread = variance > flat
    alike = np.where(summed**2 > flat, np.copysign(np.inf, summed), 0.0)  # or it drew every buy, or none
    return np.where(spread, summed / np.sqrt(np.where(spread, variance, 1.0)), alike)


def _sums(x: np.ndarray, begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """(draws, K) sums of x (n,) over blocks of days, the first of which follows the last."""
    before = np.concatenate([[0.0], np.cumsum(np.tile(x, 2))])
    return before[end] - before[begin]


def resampled(n: int, length: float, seed: int, draws: int) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end, each (draws, K), of blocks of n days in all; 0 <= begin < n, end - begin <= n, 0 where unused.

    Blocks begin anywhere and have geometric lengths of the mean ``length``.
    """
    rng, more = np.random.default_rng(seed), max(1, round(n / length))
    begin, used = np.zeros((draws, 0), int), np.zeros((draws, 1), int)
    while used[:, -1].min() < n:  # some draws need more blocks than the mean
        begin = np.hstack([begin, rng.integers(0, n, (draws, more))])
        lengths = np.minimum(rng.geometric(1 / length, (draws, more)), n)
        used = np.hstack([used, used[:, -1:] + np.cumsum(lengths, axis=1)])
    return begin, begin + np.diff(np.minimum(used, n), axis=1)
