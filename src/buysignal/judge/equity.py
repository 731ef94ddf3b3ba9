"""What became of a capital that took every buy: its equity day by day, in numbers that traders know.

The capital starts as 1, in ``horizon`` equal parts. The buy of day t takes the whole of part ``t mod horizon``, which
no other buy has before day ``t + horizon``: overlapping trades never hold more than there is. Where a day has buys of
several symbols, its part is split evenly over them; one alone takes it whole. All that a trade brings, cost included,
is written to the day of its buy; what rises and falls within a trade is not seen.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from buysignal.bars.returns import YEAR
from buysignal.judge.dates import Dates


@dataclass(frozen=True)
class Curve:
    """A capital that took some buys.

    Attributes
    ----------
    equity : (n,) capital after the buys of each day; 1 before the first
    buys : trades
    mean : return of a trade after costs; None without one
    exposure : mean over the days of the share of parts in a trade; each counts for all of its ``horizon`` days
    """

    equity: np.ndarray
    buys: int
    mean: float | None
    exposure: float

    @classmethod
    def of(cls, net: np.ndarray, alert: np.ndarray, horizon: int, dates: Dates | None = None) -> Self:
        """Of returns after costs and alerts of the same consecutive trading days (n,), n >= 1, or of their rows."""
        alert = np.asarray(alert, bool)
        buys = int(alert.sum())
        mean = float(net[alert].mean()) if buys else None
        brought, bought = of_days(net, alert, dates)
        return cls(equity(brought, bought, horizon), buys, mean, exposure(bought, horizon))

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON, without the days."""
        total, annual = total_return(self.equity), annualised(self.equity)
        told = {"buys": self.buys, "mean": self.mean, "exposure": self.exposure, "total_return": total}
        return told | {"annualised": annual, "max_drawdown": float(drawdown(self.equity).min())}


def of_days(net: np.ndarray, alert: np.ndarray, dates: Dates | None) -> tuple[np.ndarray, np.ndarray]:
    """What the part of each day brought (D,), and whether the day has a buy (D,).

    The part is split evenly over the buys (rows,) of the day, so it brings their mean; a symbol that loses more than
    all of its share takes nothing from the others. A day without a buy brings 0. None: a row is a day.

    >>> dates = Dates(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    >>> of_days(np.array([0.5, -0.1, 0.3, 0.7]), np.array([True, True, False, False]), dates)
    (array([0.2, 0. ]), array([ True, False]))
    """
    if dates is None:
        return net, alert
    buys = dates.sums(alert)
    return dates.sums(np.where(alert, np.maximum(net, -1.0), 0.0)) / np.maximum(buys, 1), buys > 0


def equity(net: np.ndarray, alert: np.ndarray, horizon: int) -> np.ndarray:
    """Capital after the buy of each day, 1 before the first; a part that lost all stays at 0.

    Parameters
    ----------
    net : (..., n) returns after costs of the days if bought
    alert : (..., n) bool, whether they are
    horizon : trading days that a trade lasts at most; >= 1

    Examples
    --------
    Two parts of one half: the first buys on the first and the third day, the second on the second alone.

    >>> equity(np.array([0.1, -0.2, 0.1, 0.5]), np.array([True, True, True, False]), 2).round(4).tolist()
    [1.05, 0.95, 1.005, 1.005]
    """
    factor = np.where(alert, np.maximum(1 + np.asarray(net, float), 0.0), 1.0)
    n, value = factor.shape[-1], np.zeros_like(factor)
    for part in range(min(horizon, n)):
        own = np.ones_like(factor)
        own[..., part::horizon] = factor[..., part::horizon]
        value += np.cumprod(own, axis=-1)
    return (value + max(horizon - n, 0)) / horizon


def drawdown(equity: np.ndarray) -> np.ndarray:
    """(n,) how far a capital is below the highest that it had, the 1 of its start included; 0 or less.

    >>> drawdown(np.array([0.9, 1.2, 0.9, 1.2])).round(3).tolist()
    [-0.1, 0.0, -0.25, 0.0]
    """
    return equity / np.maximum(np.maximum.accumulate(equity), 1.0) - 1


def total_return(equity: np.ndarray) -> float:
    """What the capital gained from its start to the last day."""
    return float(equity[-1] - 1)


def annualised(equity: np.ndarray) -> float:
    """The yearly return that brings the same over as many days, of `YEAR` a year.

    >>> round(annualised(np.full(504, 1.21)), 6)
    0.1
    """
    return float(equity[-1] ** (YEAR / len(equity)) - 1)


def exposure(alert: np.ndarray, horizon: int) -> float:
    """Mean share of the capital's parts in a trade.

    >>> exposure(np.array([True, False, False, True]), 2)
    0.375
    """
    opened = np.cumsum(np.r_[np.zeros(horizon), np.asarray(alert, float)])
    return float((opened[horizon:] - opened[:-horizon]).mean() / horizon)
