"""How restless the market was that a model learned from, so that new bars can be compared with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from buysignal.bars.returns import log_returns
from buysignal.features.rolling import deviation

DAYS = 20  # trading days of a volatility: a month
YEAR = 252  # trading days that a volatility is told for
EDGE = 0.01  # share of the train role's days beyond each end of its range


@dataclass(frozen=True)
class Regime:
    """The time a model was trained in; dates are ISO.

    Attributes
    ----------
    market : ticker, or the source of the bars where none is known
    first, last : days of the train role
    seen : last bar that the pipeline had
    low, high : range of the annualised volatility on the train role, from the `EDGE` quantile to 1 - `EDGE`
    max_gap_days : calendar days between two bars above which days count as missing; ``ingest.max_gap_days``
    least_close : the lowest close of the train role: far below it prices are of another scale
    largest_move : the largest daily log return of the train role, up or down: beyond it may be a split
    """

    market: str
    first: str
    last: str
    seen: str
    low: float
    high: float
    max_gap_days: int
    least_close: float
    largest_move: float


def volatility(close: pd.Series) -> pd.Series:
    """Deviation of the log returns of the last `DAYS` days, a year's worth: (n,), NaN on the first `DAYS` days.

    Examples
    --------
    >>> up_and_down = pd.Series(100 * 1.01 ** (np.arange(22) % 2))
    >>> volatility(up_and_down).dropna().round(3).tolist()
    [0.158, 0.158]
    """
    daily = deviation(log_returns(close).to_numpy(), DAYS)
    return pd.Series(np.sqrt(YEAR) * daily, index=close.index)


def regime_of(bars: pd.DataFrame, trained: pd.DatetimeIndex, market: str, max_gap_days: int) -> Regime:
    """The regime of a train role.

    Parameters
    ----------
    bars : (n, ...) all bars of the pipeline, index ``date``
    trained : days of the train role, at least one of them with `DAYS` returns
    """
    least = float(bars["close"].loc[trained].min())
    largest = float(log_returns(bars["close"]).loc[trained].abs().max())
    low, high = volatility(bars["close"]).loc[trained].quantile([EDGE, 1 - EDGE])
    first, last, seen = (day.strftime("%Y-%m-%d") for day in (trained[0], trained[-1], bars.index[-1]))
    return Regime(market, first, last, seen, float(low), float(high), max_gap_days, least, largest)
