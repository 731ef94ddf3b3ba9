"""The tear sheet: what alerts earned, day by day, by year, by how much the market moved, and the worst of them.

It stands beside three others: buying always, a contender that knows volatility alone on as many days, and as many days
drawn at random; of many symbols every symbol every day, as many buys of each day, and as many symbols of each day drawn
at random. Definitions: docs/methodology.md, Money, and `buysignal.judge.equity`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from buysignal.bars.symbols import SYMBOL, dates_of, named
from buysignal.judge.dates import Dates, dates_among, several
from buysignal.judge.equity import Curve, drawdown, equity
from buysignal.judge.tear_of_many import Many, many_of, random_symbols

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
    positives, base_rate : days labelled 1, and their share; of many symbols rows
    mean : of the buys; None without one: what never traded earned no 0 %
    mean_all : of all days, which is what as many random ones earn on average; of many symbols of all rows
    low, high : least and largest deviation of the days; None for a year
    rows : of many symbols, on these days; else None
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
    rows: int | None = None


@dataclass(frozen=True)
class Trade:
    """A buy: its day, what it brought before and after costs, whether the label was 1, the deviation on that day; of
    many symbols which, else None."""

    date: str
    gross: float
    net: float
    hit: bool
    deviation: float
    symbol: str | None = None


@dataclass(frozen=True)
class Tear:
    """A tear sheet; every return is relative, 0.01 is one percent of what was paid.

    Attributes
    ----------
    dates : (n,) the days
    cost, horizon : of a round trip; most trading days of a trade
    model, always, volatility : capital that took the alerts, every day, and as many days as there are alerts of the
        volatility contender's highest score (of equal scores the earlier day, or the first symbol)
    same : whether that contender buys the very days of the alerts, as where it is what made them
    random_low, random_high : (n,) `BAND` of the capitals of as many random days, day by day
    random : of the same draws, the ends of `BAND` and the median of ``total_return`` and ``max_drawdown``
    ahead : share of the draws that end below the alerts' capital
    years, buckets, worst : see `Part` and `Trade`; the worst first
    many : what rows of many symbols have besides; None of one
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
    many: Many | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON; the days are in `frame`."""
        span = {"first": f"{self.dates[0]:%Y-%m-%d}", "last": f"{self.dates[-1]:%Y-%m-%d}", "days": len(self.dates)}
        curves = {name: getattr(self, name).to_dict() for name in ("model", "always", "volatility")}
        told = {"cost": self.cost, "horizon": self.horizon, "same": self.same, "ahead": self.ahead}
        lists = {name: [_plain(one) for one in getattr(self, name)] for name in ("years", "buckets", "worst")}
        of_many = {} if self.many is None else {"many": self.many.to_dict()}
        return span | curves | told | lists | {"random": self.random} | of_many

    def frame(self) -> pd.DataFrame:
        """The capitals day by day: columns `COLUMNS`; DVC draws along the number of the day, from 1."""
        days = self.dates.strftime("%Y-%m-%d"), np.arange(1, len(self.dates) + 1)
        capitals = (self.model.equity, self.always.equity, self.volatility.equity, self.random_low, self.random_high)
        return pd.DataFrame(dict(zip(COLUMNS, (*days, *capitals))))


def _plain(one: Part | Trade) -> dict[str, Any]:
    """Plain types for JSON; what only many symbols have is left out of one."""
    return {key: value for key, value in asdict(one).items() if key not in ("rows", "symbol") or value is not None}


COLUMNS = ("date", "day", "model", "always", "volatility", "random_low", "random_high")


def tear(
    index: pd.Index,
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
    index : (n,) consecutive trading days; of many symbols (symbol, date), in order of date and symbol: rows
    gross : (n,) returns of the days if bought, before costs, see `buysignal.judge.money.trade_returns`
    cost : of a round trip, relative; >= 0
    label, alert : (n,) 0 or 1, and bool
    deviation : (n,) of the market, known on the day; finite. Of many symbols the mean of a day's rows is the day's
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
    if any(one.shape != (len(index),) for one in (gross, label, alert, deviation, volatility)):
        raise ValueError(f"{len(index)} days need as many returns, labels, alerts, deviations and scores")
    if not np.isfinite(deviation).all():
        raise ValueError(f"the deviation of {named(index[~np.isfinite(deviation)][0])} is not finite")
    if not alert.any():
        return None
    net, dates, by = gross - cost, dates_of(index), several(dates_among(index))
    model, other = Curve.of(net, alert, horizon, by), as_many(volatility, alert, by)
    capitals = random_capitals(net, alert, horizon, seed, draws, by)
    low, high = np.quantile(capitals, BAND, axis=0)
    moved = deviation if by is None else by.means(deviation)
    place = np.searchsorted(np.quantile(moved, (1 / 3, 2 / 3)), moved)  # of equal ones none is parted
    place, moved = (place, moved) if by is None else (place[by.day], moved[by.day])
    return Tear(
        dates=dates if by is None else dates[by.starts],
        cost=cost,
        horizon=horizon,
        model=model,
        always=Curve.of(net, np.ones(len(net), bool), horizon, by),
        volatility=Curve.of(net, other, horizon, by),
        same=bool((other == alert).all()),
        random_low=low,
        random_high=high,
        random=_spread(capitals),
        ahead=float((capitals[:, -1] < model.equity[-1]).mean()),
        years=[part(str(year), dates.year == year, net, label, alert, None, by) for year in dates.year.unique()],
        buckets=[part(name, place == at, net, label, alert, moved, by) for at, name in enumerate(BUCKETS)],
        worst=worst(index, gross, cost, label, alert, deviation, by),
        many=None if by is None else many_of(index, net, label, alert, by, WORST),
    )


def as_many(score: np.ndarray, alert: np.ndarray, dates: Dates | None = None) -> np.ndarray:
    """(n,) bool, as many days of highest score as there are alerts, of equal scores the earlier; of many symbols as
    many rows of each date, of equal scores the first name.

    >>> as_many(np.array([0.2, 0.5, 0.5, 0.1]), np.array([True, False, False, False])).tolist()
    [False, True, False, False]
    """
    if dates is not None:
        return dates.ranks(score) < dates.sums(alert)[dates.day]
    chosen = np.zeros(len(score), bool)
    chosen[np.argsort(-np.asarray(score, float), kind="stable")[: int(alert.sum())]] = True
    return chosen


def random_capitals(
    net: np.ndarray, alert: np.ndarray, horizon: int, seed: int, draws: int, dates: Dates | None = None
) -> np.ndarray:
    """(draws, D) capitals of as many days as there are alerts, drawn at random each time; of many symbols of as many
    symbols of each date."""
    rng = np.random.default_rng(seed)
    if dates is not None:
        return equity(random_symbols(net, alert, dates, rng, draws), dates.sums(alert) > 0, horizon)
    return equity(net, rng.permuted(np.broadcast_to(alert, (draws, len(alert))), axis=1), horizon)


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
    dates: Dates | None = None,
) -> Part:
    """The buys of the chosen (n,) days, or rows of many symbols on some dates."""
    bought = chosen & alert
    rows, buys, hits, positives = (int(one.sum()) for one in (chosen, bought, bought & label, chosen & label))
    seen = deviation[chosen] if deviation is not None and rows else None
    return Part(
        name=name,
        days=rows if dates is None else int((dates.sums(chosen) > 0).sum()),
        buys=buys,
        hits=hits,
        misses=buys - hits,
        positives=positives,
        base_rate=positives / rows if rows else None,
        mean=float(net[bought].mean()) if buys else None,
        mean_all=float(net[chosen].mean()) if rows else None,
        low=None if seen is None else float(seen.min()),
        high=None if seen is None else float(seen.max()),
        rows=None if dates is None else rows,
    )


def worst(
    index: pd.Index,
    gross: np.ndarray,
    cost: float,
    label: np.ndarray,
    alert: np.ndarray,
    deviation: np.ndarray,
    dates: Dates | None = None,
    count: int = WORST,
) -> list[Trade]:
    """The buys that brought least, the worst first; of equal ones the earlier, of one date the first symbol."""
    bought, day = np.flatnonzero(alert), dates_of(index).strftime("%Y-%m-%d")
    symbols = None if dates is None else index.get_level_values(SYMBOL)
    return [
        Trade(
            date=day[at],
            gross=float(gross[at]),
            net=float(gross[at] - cost),
            hit=bool(label[at]),
            deviation=float(deviation[at]),
            symbol=None if symbols is None else str(symbols[at]),
        )
        for at in bought[np.argsort(gross[bought], kind="stable")[:count]]
    ]
