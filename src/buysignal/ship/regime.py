"""How restless the market was that a model learned from, so that new bars can be compared with it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from buysignal.bars.params import TICKER
from buysignal.bars.returns import YEAR, log_returns
from buysignal.bars.symbols import dates_of, each
from buysignal.core.isoday import Day
from buysignal.core.settings import Section, matching, of, real, several, whole
from buysignal.features.rolling import deviation
from buysignal.judge.evidence import NotNegative

DAYS = 20  # trading days of a volatility: a month
EDGE = 0.01  # share of the train role's days beyond each end of its range

Ticker = matching("[A-Za-z0-9^.=&-]{1,20}", f"a source or {TICKER}")


class Regime(Section):
    """The time a model was trained in; dates are ISO.

    Attributes
    ----------
    market : ticker, or the source of the bars where none is known; of many symbols how many there are
    first, last : days of the train role
    seen : last bar that the pipeline had
    low, high : range of the annualised volatility on the train role, from the `EDGE` quantile to 1 - `EDGE`
    max_gap_days : calendar days between two bars above which days count as missing; ``ingest.max_gap_days``
    least_close : the lowest close of the train role: far below it prices are of another scale
    largest_move : the largest daily log return of the train role, up or down: beyond it may be a split
    symbols : those that it learned from, where they are many
    """

    market: Ticker
    first: Day
    last: Day
    seen: Day
    low: NotNegative
    high: NotNegative
    max_gap_days: whole(1, 10**12)
    least_close: real("above 0 and at most 10**12", gt=0, le=1e12)
    largest_move: NotNegative
    symbols: several(Ticker, most=None, least=0) = ()

    @property
    def known(self) -> tuple[str, ...]:
        """Names of what it learned from."""
        return self.symbols or (self.market,)

    def fault(self) -> str:
        """Its ends must be in order."""
        in_order = self.first <= self.last <= self.seen and self.low <= self.high
        return "" if in_order else "it must have first <= last <= seen and low <= high"


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


def regime_of(
    bars: pd.DataFrame, trained: pd.Index, market: str, max_gap_days: int, symbols: Sequence[str] = ()
) -> Regime:
    """The regime of a train role.

    Parameters
    ----------
    bars : (n, ...) all bars of the pipeline, index ``date`` or (symbol, date)
    trained : days of the train role, at least one of them with `DAYS` returns
    """
    close, dates = bars["close"], dates_of(trained)
    least = float(close.loc[trained].min())
    largest = float(each(close, log_returns).loc[trained].abs().max())
    low, high = each(close, volatility, DAYS + 1).loc[trained].quantile([EDGE, 1 - EDGE])
    days = (day.strftime("%Y-%m-%d") for day in (dates.min(), dates.max(), dates_of(bars.index).max()))
    return of(Regime, market, *days, float(low), float(high), max_gap_days, least, largest, tuple(symbols))
