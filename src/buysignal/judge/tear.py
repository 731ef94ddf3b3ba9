"""The tear sheet: what alerts earned, day by day, by year, by how much the market moved, and the worst of them.

It stands beside three others: buying always, a contender that knows volatility alone on as many days, and as many days
drawn at random. Definitions: docs/methodology.md, Money, and `buysignal.judge.equity`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from buysignal.judge.equity import Curve, drawdown, equity

BAND = (0.05, 0.95)  # of the random draws, on each day
DRAWS = 1000
BUCKETS = ("calm", "middling", "wild")
WORST = 10


@dataclass(frozen=True)
class Part:
    """The buys of some of the days; means are of returns after costs, relative.

    Attributes
    ----------
    name : year or bucket
    days : of the role that lie in it
    buys, hits, misses : of them
    positives, base_rate : days labelled 1, and their share
    mean : of the buys; None without one: what never traded earned no 0 %
    mean_all : of all days, which is what as many random ones earn on average
    low, high : least and largest deviation of the days; None for a year
    """

    name: str
    days: int
    buys: int
    hits: int
    misses: int
    positives: int
    base_rate: float | None
    mean: float | None
    mean_all: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Trade:
    """A buy: its day, what it brought before and after costs, whether the label was 1, the deviation on that day."""

    date: str
    gross: float
    net: float
    hit: bool
    deviation: float


@dataclass(frozen=True)
class Tear:
    """A tear sheet; every return is relative, 0.01 is one percent of what was paid.

    Attributes
    ----------
    dates : (n,) the days
    cost, horizon : of a round trip; most trading days of a trade
    model, always, volatility : capital that took the alerts, every day, and as many days as there are alerts of the
        volatility contender's highest score (of equal scores the earlier day)
    same : whether that contender buys the very days of the alerts, as where it is what made them
    random_low, random_high : (n,) `BAND` of the capitals of as many random days, day by day
    random : of the same draws, the ends of `BAND` and the median of ``total_return`` and ``max_drawdown``
    ahead : share of the draws that end below the alerts' capital
    years, buckets, worst : see `Part` and `Trade`; the worst first
    """

    dates: pd.DatetimeIndex
    cost: float
    horizon: int
    model: Curve
    always: Curve
    volatility: Curve
    same: bool
    random_low: np.ndarray
    random_high: np.ndarray
    random: dict[str, dict[str, float]]
    ahead: float
    years: Sequence[Part]
    buckets: Sequence[Part]
    worst: Sequence[Trade]

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; the days are in `frame`."""
        span = {"first": f"{self.dates[0]:%Y-%m-%d}", "last": f"{self.dates[-1]:%Y-%m-%d}", "days": len(self.dates)}
        curves = {name: getattr(self, name).to_dict() for name in ("model", "always", "volatility")}
        told = {"cost": self.cost, "horizon": self.horizon, "same": self.same, "ahead": self.ahead}
        lists = {name: [asdict(one) for one in getattr(self, name)] for name in ("years", "buckets", "worst")}
        return span | curves | told | lists | {"random": self.random}

    def frame(self) -> pd.DataFrame:
        """The capitals day by day: columns `COLUMNS`; DVC draws along the number of the day, from 1."""
        days = self.dates.strftime("%Y-%m-%d"), np.arange(1, len(self.dates) + 1)
        capitals = (self.model.equity, self.always.equity, self.volatility.equity, self.random_low, self.random_high)
        return pd.DataFrame(dict(zip(COLUMNS, (*days, *capitals))))


COLUMNS = ("date", "day", "model", "always", "volatility", "random_low", "random_high")


def tear(
    dates: pd.DatetimeIndex,
    gross: np.ndarray,
    cost: float,
    label: np.ndarray,
    alert: np.ndarray,
    deviation: np.ndarray,
    volatility: np.ndarray,
    horizon: int,
    seed: int,
    draws: int = DRAWS,
) -> Tear | None:
    """The tear sheet of alerts; None without one: nothing was traded.

    Parameters
    ----------
    dates : (n,) consecutive trading days
    gross : (n,) returns of the days if bought, before costs, see `buysignal.judge.money.trade_returns`
    cost : of a round trip, relative; >= 0
    label, alert : (n,) 0 or 1, and bool
    deviation : (n,) of the market, known on the day; finite
    volatility : (n,) score of a contender that knows volatility alone
    horizon : trading days that a trade lasts at most; >= 1
    seed, draws : of the random days

    Raises
    ------
    ValueError
        If the days are not as many everywhere, or a deviation is not finite.
    """
    label, alert = np.asarray(label, bool), np.asarray(alert, bool)
    gross, deviation, volatility = (np.asarray(one, float) for one in (gross, deviation, volatility))
    if any(one.shape != (len(dates),) for one in (gross, label, alert, deviation, volatility)):
        raise ValueError(f"{len(dates)} days need as many returns, labels, alerts, deviations and scores")
    if not np.isfinite(deviation).all():
        raise ValueError(f"the deviation of {dates[~np.isfinite(deviation)][0]:%Y-%m-%d} is not finite")
    if not alert.any():
        return None
    net = gross - cost
    model, other = Curve.of(net, alert, horizon), as_many(volatility, int(alert.sum()))
    capitals = random_capitals(net, alert, horizon, seed, draws)
    low, high = np.quantile(capitals, BAND, axis=0)
    place = np.searchsorted(np.quantile(deviation, (1 / 3, 2 / 3)), deviation)  # of equal ones none is parted
    days = (net, label, alert)
    return Tear(
        dates=dates,
        cost=cost,
        horizon=horizon,
        model=model,
        always=Curve.of(net, np.ones(len(net), bool), horizon),
        volatility=Curve.of(net, other, horizon),
        same=bool((other == alert).all()),
        random_low=low,
        random_high=high,
        random=_spread(capitals),
        ahead=float((capitals[:, -1] < model.equity[-1]).mean()),
        years=[part(str(year), dates.year == year, *days) for year in dates.year.unique()],
        buckets=[part(name, place == at, *days, deviation) for at, name in enumerate(BUCKETS)],
        worst=worst(dates, gross, cost, label, alert, deviation),
    )


def as_many(score: np.ndarray, count: int) -> np.ndarray:
    """(n,) bool, the ``count`` days of highest score; of equal scores the earlier day.

    >>> as_many(np.array([0.2, 0.5, 0.5, 0.1]), 1).tolist()
    [False, True, False, False]
    """
    chosen = np.zeros(len(score), bool)
    chosen[np.argsort(-np.asarray(score, float), kind="stable")[:count]] = True
    return chosen


def random_capitals(net: np.ndarray, alert: np.ndarray, horizon: int, seed: int, draws: int) -> np.ndarray:
    """(draws, n) capitals of as many days as there are alerts, drawn at random each time."""
    drawn = np.random.default_rng(seed).permuted(np.broadcast_to(alert, (draws, len(alert))), axis=1)
    return equity(net, drawn, horizon)


def _spread(capitals: np.ndarray) -> dict[str, dict[str, float]]:
    """Ends of the band and median of what the draws came to."""
    came = {"total_return": capitals[:, -1] - 1, "max_drawdown": [drawdown(one).min() for one in capitals]}
    shares = {"low": BAND[0], "median": 0.5, "high": BAND[1]}
    return {name: {key: float(np.quantile(v, q)) for key, q in shares.items()} for name, v in came.items()}


def part(
    name: str,
    chosen: np.ndarray,
    net: np.ndarray,
    label: np.ndarray,
    alert: np.ndarray,
    deviation: np.ndarray | None = None,
) -> Part:
    """The buys of the chosen (n,) days."""
    bought = chosen & alert
    days, buys, hits, positives = (int(one.sum()) for one in (chosen, bought, bought & label, chosen & label))
    seen = deviation[chosen] if deviation is not None and days else None
    return Part(
        name=name,
        days=days,
        buys=buys,
        hits=hits,
        misses=buys - hits,
        positives=positives,
        base_rate=positives / days if days else None,
        mean=float(net[bought].mean()) if buys else None,
        mean_all=float(net[chosen].mean()) if days else None,
        low=None if seen is None else float(seen.min()),
        high=None if seen is None else float(seen.max()),
    )


def worst(
    dates: pd.DatetimeIndex,
    gross: np.ndarray,
    cost: float,
    label: np.ndarray,
    alert: np.ndarray,
    deviation: np.ndarray,
    count: int = WORST,
) -> list[Trade]:
    """The buys that brought least, the worst first; of equal ones the earlier."""
    bought = np.flatnonzero(alert)
    lowest = bought[np.argsort(gross[bought], kind="stable")[:count]]
    return [
        Trade(f"{dates[d]:%Y-%m-%d}", float(gross[d]), float(gross[d] - cost), bool(label[d]), float(deviation[d]))
        for d in lowest
    ]
