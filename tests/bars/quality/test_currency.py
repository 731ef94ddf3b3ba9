"""A fall by a currency's rate as the euro comes is said to be that, and is no split."""

from __future__ import annotations

import pandas as pd
import pytest

from buysignal.bars.quality.currency import RATES
from tests.bars.quality.samples import DAY, PRICES, N, found, good, judged, kinds


def until(year: int, rate: float) -> pd.DataFrame:
    """Good bars of which row `DAY` is the first of a year, and the prices before it ``rate`` times as high."""
    first = pd.bdate_range(f"{year}-01-02", periods=1)
    before = pd.bdate_range(end=first[0] - pd.Timedelta(days=1), periods=DAY)
    days = before.append(pd.bdate_range(first[0], periods=N - DAY))
    bars = good().set_axis(pd.DatetimeIndex(days, name="date"))
    bars.loc[bars.index[:DAY], PRICES] *= rate
    return bars


@pytest.mark.parametrize(("year", "name"), [(year, name) for year, rates in RATES.items() for name in rates])
def test_the_end_of_a_currency_is_told_with_its_rate(year, name):
    rate = RATES[year][name]
    bars = until(year, rate)
    one = found(bars, "currency")
    assert one.level == "warning" and one.days == (f"{bars.index[DAY]:%Y-%m-%d}",)
    assert f"if prices before it are in {name}, divide them by {rate};" in one.advice
    bars.loc[bars.index[:DAY], PRICES] /= rate  # as it says
    assert judged(bars).findings == ()


def test_on_any_other_day_it_is_no_currency():
    bars = until(2003, 1.95583)
    assert "currency" not in kinds(bars) and "unadjusted-split" in kinds(bars)
