"""What alerts earn: the return of every day as if it were bought, and of those that were, after costs.

Precision is no money. A market that moves much touches a level often, and falls far when it does not: so the mean
return of a trade is shown beside the precision, with that of as many random days, and with the precision at which
those very buys would break even.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from buysignal.bars.symbols import each
from buysignal.core.errors import UserError
from buysignal.core.settings import Confidence, Section, ends, or_null, real, whole
from buysignal.days.barrier import LEVEL, STOP, first_end
from buysignal.days.labels import ROUNDING, thresholds
from buysignal.days.params import Label
from buysignal.judge.dates import Dates, sums
from buysignal.judge.paired import DRAWS, stretched
from buysignal.judge.params import BASIS_POINT, Costs, Exit

Return = real("that is finite")
Span = ends(Return, "a low and a high end")


class Money(Section):
    """What some alerts earned; every return is relative, 0.01 is one percent of what was paid.

    Attributes
    ----------
    trades : buys; >= 1
    cost : of a round trip
    mean, mean_interval : of a trade after costs, and its two-sided interval
    random : mean of as many random days after costs, which is that of all days; where there are many symbols, of
        the average symbol on the days of the buys
    ahead, ahead_interval : ``mean - random``, and its interval, the days of both resampled together
    mean_hit, mean_miss : of the buys labelled 1 and 0, before costs; None where there are none
    break_even : precision at which these buys would earn nothing (`break_even`); None where it is not defined
    confidence : of the intervals
    """

    trades: whole(1)
    cost: Return
    mean: Return
    mean_interval: Span
    random: Return
    ahead: Return
    ahead_interval: Span
    mean_hit: or_null(Return)
    mean_miss: or_null(Return)
    break_even: or_null(Return)
    confidence: Confidence

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in self}


@dataclass(frozen=True)
class Trades:
    """What every day would earn if it were bought.

    Attributes
    ----------
    gross : return of each day before costs, index ``date`` or (symbol, date), see `trade_returns` and `exits`
    cost : of a round trip, relative to what was paid
    """

    gross: pd.Series
    cost: float

    @classmethod
    def of(cls, bars: pd.DataFrame, label: Label, costs: Costs, exit: Exit) -> Self:
        """Of the days that have a label, as params.yaml has it."""

        def of_one(one: pd.DataFrame) -> pd.Series:
            return trade_returns(one, label.horizon, *exits(label, thresholds(one, label), exit.stop))

        return cls(each(bars, of_one, label.horizon + 1), costs.bps * BASIS_POINT)

    def on(self, index: pd.Index) -> np.ndarray:
        """(n,) gross returns of some of these days; `KeyError` of another."""
        return self.gross.loc[index].to_numpy()


def exits(label: Label, move: pd.Series, stop: float | None) -> tuple[float | pd.Series, float | None]:
    """The move at which a trade is sold, and the one at which it is given up, as its label asks for it.

    touch: the label's level, and ``stop``; close: no level, as the last Close is what the label asks about, and
    ``stop``; triple: the label's level, and the label's own stop.
    """
    match label.kind:
        case "close":
            return np.inf, stop
        case "triple":
            return move, label.stop
    return move, stop


def trade_returns(bars: pd.DataFrame, horizon: int, move: float | pd.Series, stop: float | None = None) -> pd.Series:
    """Return of each day as if it were bought, before costs.

    A buy is entered at the Close of day t. Of the days t+1 to t+horizon the first that reaches the level or the stop
    ends it (`buysignal.days.barrier.first_end`): it leaves there, or at the Open if that is beyond. Else it leaves at
    the Close of day t+horizon. The level is ``(1 + move) * close[t]``, reached as
    `buysignal.days.labels.touch_label` has it; the stop is ``(1 + stop) * close[t]``. That is the triple barrier of
    Lopez de Prado (Advances in Financial Machine Learning, 2018, section 3.4), without the lower one where there is
    no stop.

    Parameters
    ----------
    bars : (n, ...) with open, high, low and close
    horizon : trading days; >= 1
    move : relative move that a day asks for, above 0; one for all or (n,); an infinite one is never reached
    stop : relative move, -1 <= stop < 0; -1 is never reached

    Returns
    -------
    Series (n - horizon,) of floats, indexed by the day of the buy.

    Raises
    ------
    UserError
        If there are no more than ``horizon`` bars.

    Examples
    --------
    >>> bars = pd.DataFrame({"open": [100, 100, 98], "high": [100, 102, 99], "low": [99, 98, 97],
    ...                      "close": [100.0, 100.0, 98.0]})
    >>> trade_returns(bars, 1, 0.01).round(3).tolist(), trade_returns(bars, 1, 0.01, -0.015).round(3).tolist()
    ([0.01, -0.02], [-0.015, -0.02])
    """
    n = len(bars) - horizon
    if n < 1:
        raise UserError(f"{len(bars)} bars hold no trade of {horizon} days: at least {horizon + 1}")
    open_, high, low, close = (bars[name].to_numpy(float) for name in ("open", "high", "low", "close"))
    paid = close[:n]
    level = (1 + np.broadcast_to(np.asarray(move, float), len(bars))[:n]) * paid
    floor = np.full(n, -np.inf) if stop is None else (1 + stop) * paid
    near = level * (1 - ROUNDING)
    how, at = first_end(open_, high, low, near, floor * (1 + ROUNDING))
    sold = np.where(open_[at] >= near, open_[at], level)
    got = np.select([how == LEVEL, how == STOP], [sold, np.minimum(open_[at], floor)], close[horizon:])
    return pd.Series(got / paid - 1, index=bars.index[:n])


def break_even(hit: float | None, miss: float | None, cost: float) -> float | None:
    """Precision p at which ``p * hit + (1 - p) * miss`` is the cost: ``(cost - miss) / (hit - miss)``.

    Above 1 not even hits alone pay, below 0 misses pay, too. None where one kind is absent or a hit earns no more
    than a miss.

    >>> round(break_even(0.0128, -0.0181, 0.0), 3), break_even(0.01, None, 0.0)
    (0.586, None)
    """
    return None if hit is None or miss is None or hit <= miss else (cost - miss) / (hit - miss)


def money(
    gross: np.ndarray,
    label: np.ndarray,
    alert: np.ndarray,
    horizon: int,
    cost: float,
    confidence: float,
    seed: int,
    draws: int = DRAWS,
    dates: Dates | None = None,
) -> Money | None:
    """What alerts earned; None without a buy: nothing was traded, which is not to earn 0 %.

    The intervals are those of `buysignal.judge.paired`: a stationary bootstrap of days, stretched for how few blocks
    there are. A draw without a buy counts as one that earns nothing, which draws the interval towards 0.

    Parameters
    ----------
    gross : (n,) of `trade_returns`, consecutive trading days
    label, alert : (n,) 0 or 1, and bool, of the same days
    horizon : trading days a trade lasts at most; >= 1
    cost : of a round trip, relative; >= 0
    confidence, seed, draws : of the intervals
    dates : of the n, where they are rows of many symbols: dates are drawn, and the lead of a buy is over the mean of
        all symbols of its date; None: each is a day of its own
    """
    gross, alert, label = np.asarray(gross, float), np.asarray(alert, bool), np.asarray(label, bool)
    if not alert.any():
        return None
    net = gross - cost
    bought, buys = sums(np.where(alert, net, 0.0), dates), sums(alert, dates)
    other, others = _without_choice(net, buys, dates)

    def mean(rows: np.ndarray) -> float:
        return float(bought[rows].sum() / max(int(buys[rows].sum()), 1))

    def random(rows: np.ndarray) -> float:
        return float(other[rows].sum() / others[rows].sum())

    def ahead(rows: np.ndarray) -> float:
        return mean(rows) - random(rows) if buys[rows].any() else 0.0

    every = np.arange(len(bought))
    spans = [stretched(m(every), m, len(every), horizon, confidence, seed, draws) for m in (mean, ahead)]
    hit, miss = (float(gross[chosen].mean()) if chosen.any() else None for chosen in (alert & label, alert & ~label))
    return Money.model_construct(
        trades=int(alert.sum()),
        cost=cost,
        mean=mean(every),
        mean_interval=spans[0],
        random=random(every),
        ahead=ahead(every),
        ahead_interval=spans[1],
        mean_hit=hit,
        mean_miss=miss,
        break_even=break_even(hit, miss, cost),
        confidence=confidence,
    )


def _without_choice(net: np.ndarray, buys: np.ndarray, dates: Dates | None) -> tuple[np.ndarray, np.ndarray]:
    """What buys without choice earn on each date, in sum, and how many they are: of one symbol every day, of many the
    average symbol as often as the date has ``buys``."""
    if dates is None or dates.single:
        return net, np.ones(len(net))
    return buys * dates.means(net), buys
