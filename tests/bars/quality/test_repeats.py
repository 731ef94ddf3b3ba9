"""Rows made of other rows are no days: sums of weeks and months must not be read, a pasted block is said."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bars.quality.samples import DAY, PRICES, good, judged, kinds
from tests.features.samples import random_bars

SUM = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}


def with_sums(freq: str, label: str, move: int = 0) -> tuple[pd.DataFrame, pd.DatetimeIndex]:
    bars = good()
    sums = bars.resample(freq, label=label).agg(SUM)
    sums.index = sums.index + pd.Timedelta(days=move)
    sums = sums[~sums.index.isin(bars.index)]
    return pd.concat([bars, sums]).sort_index().rename_axis("date"), sums.index


@pytest.mark.parametrize(
    ("freq", "label", "move", "told"),
    [
        ("W-SAT", "right", 0, "before them, as of weeks"),
        ("W-SUN", "right", 0, "before them, as of weeks"),
        ("W-SUN", "left", 0, "after them, as of weeks"),  # dated with the Sunday before
        ("ME", "right", 0, "before them, as of months"),
    ],
)
def test_sums_of_weeks_and_months_among_days_must_not_be_read(freq, label, move, told):
    bars, days = with_sums(freq, label, move)
    result = judged(bars)
    one = next(one for one in result.findings if one.kind == "summed")
    assert one.level == "error" and result.bars is None and told in one.text and "leave these rows out" in one.advice
    assert set(one.days) <= set(days.strftime("%Y-%m-%d")) and len(one.days) >= 0.8 * len(days) - 1
    assert "summed" not in kinds(bars.drop(pd.DatetimeIndex(one.days)))


@pytest.mark.parametrize("volume", [True, False])
def test_a_block_that_stands_there_twice_is_said(volume):
    bars = good() if volume else good().drop(columns="volume")
    bars.iloc[DAY : DAY + 20] = bars.iloc[50:70].to_numpy()
    findings = {one.kind: one for one in judged(bars).findings}
    one = findings["repeated"]
    first, source = f"{bars.index[DAY]:%Y-%m-%d}", f"{bars.index[50]:%Y-%m-%d}"
    assert one.level == "warning" and len(one.days) == 20
    assert one.text == f"20 rows from {first} on repeat those from {source} on in every price"


def test_a_market_that_stands_still_repeats_nothing():
    bars = good()
    bars.iloc[DAY : DAY + 20, :4] = 100.0
    bars.iloc[DAY : DAY + 20, 4] = 0.0
    assert not {"repeated", "summed"} & set(kinds(bars))
    bars = good()
    bars.iloc[DAY : DAY + 20] = bars.iloc[DAY].to_numpy()
    assert "repeated" not in kinds(bars)


@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.05), st.booleans())
def test_walks_of_few_digits_have_none(seed, move, volume):
    bars = random_bars(300, seed, price=20.0, move=move)
    bars[PRICES] = bars[PRICES].round(2)
    bars["high"], bars["low"] = bars[PRICES].max(axis=1), bars[PRICES].min(axis=1)
    bars = bars if volume else bars.drop(columns="volume")
    assert not {"repeated", "summed"} & set(kinds(bars))
