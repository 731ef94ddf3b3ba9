"""Bars of today are the continuation of those that are known, or it is said in which days they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.bars.agreement import changed
from buysignal.bars.embedded import index_of
from buysignal.core.errors import UserError

PRICES = ["open", "high", "low", "close"]


def market(n: int = 80, seed: int = 0) -> pd.DataFrame:
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, n)))
    days = pd.bdate_range("2020-01-01", periods=n, name="date")
    return pd.DataFrame({"open": close, "high": close * 1.01, "low": close * 0.99, "close": close, "volume": 1e6}, days)


@pytest.fixture
def bars() -> pd.DataFrame:
    return market()


def through(known: pd.DataFrame) -> pd.Timestamp:
    return known.index[-1]


def test_the_same_past_and_new_days_are_no_change(bars):
    known = bars.iloc[:70]
    for given_ in (bars, bars.iloc[50:], bars.iloc[69:]):
        found = changed(known, given_, through(known))
        assert not found and found.said == ""


def test_one_close_that_was_revised_is_told_with_its_day(bars):
    known, now = bars.iloc[:70], bars.copy()
    now.iloc[69, 3] *= 1.001
    found = changed(known, now, through(known))
    assert found and found.ratio == 1
    assert found.said == f"another bar on {bars.index[69]:%Y-%m-%d}"
    pd.testing.assert_frame_equal(found.applied(known), now.iloc[:70], check_freq=False)


@pytest.mark.parametrize("ratio", [0.5, 1 / 3, 10, 0.97])
def test_a_split_rescales_all_known_prices_and_volumes_the_other_way_round(bars, ratio):
    known, now = bars.iloc[:70], bars * pd.Series(dict.fromkeys(PRICES, ratio) | {"volume": 1 / ratio})
    found = changed(known, now.round(2), through(known))
    assert found.ratio == pytest.approx(ratio, rel=1e-3) and found.of_volume == pytest.approx(1 / ratio, rel=1e-3)
    assert not len(found.revised) and not len(found.missing)
    pd.testing.assert_frame_equal(found.applied(known), now.iloc[:70], rtol=1e-3, check_freq=False)


def test_a_split_and_a_revised_day_in_one_are_both_told(bars):
    known, now = bars.iloc[:70], bars * pd.Series(dict.fromkeys(PRICES, 0.5) | {"volume": 2})
    now.iloc[10, 1] *= 1.05
    found = changed(known, now, through(known))
    assert found.ratio == pytest.approx(0.5) and list(found.revised.index) == [bars.index[10]]


def test_a_day_that_is_gone_keeps_its_bar_and_one_that_came_late_gets_its_own(bars):
    known = bars.drop(bars.index[20]).iloc[:69]
    found = changed(known, bars.drop(bars.index[30]), through(known))
    assert list(found.missing) == [bars.index[30]] and list(found.revised.index) == [bars.index[20]]
    late, gone = (f"{bars.index[at]:%Y-%m-%d}" for at in (20, 30))
    assert found.said == f"a bar where none was on {late}; no bar on {gone}"
    pd.testing.assert_frame_equal(found.applied(known), bars.iloc[:70], check_freq=False)


def test_another_market_is_refused_with_how_little_it_moves_alike(bars):
    with pytest.raises(UserError, match=r"another market .* on 69 shared days the Close moves alike on \d$"):
        changed(bars.iloc[:70], market(seed=1), bars.index[69])


def test_two_indices_that_rise_and_fall_together_are_two_markets():
    a, b = (index_of(name).bars for name in ("sp500", "nasdaq"))
    assert np.corrcoef(a["close"].pct_change().iloc[1:], b["close"].pct_change().iloc[1:])[0, 1] > 0.8
    with pytest.raises(UserError, match="another market"):
        changed(a.iloc[:4000, :5], b.iloc[:, :5], a.index[3999])


@pytest.mark.parametrize("shared", [1, 5])
def test_a_few_shared_days_of_another_scale_may_be_of_another_market_and_are_refused(bars, shared):
    now = bars.iloc[70 - shared :] * 2.65
    with pytest.raises(UserError, match="cannot tell a split from another market: give bars of more than 5 days"):
        changed(bars.iloc[:70], now, bars.index[69])


def test_bars_that_begin_after_the_known_ones_are_refused(bars):
    with pytest.raises(UserError, match=r"share no day .* begin on or before it"):
        changed(bars.iloc[:70], bars.iloc[70:], bars.index[69])


@given(st.integers(0, 69), st.sampled_from([*PRICES, "volume"]), st.floats(1.0005, 1.5))
def test_what_is_applied_to_the_known_past_gives_what_was_read(at, column, factor):
    bars = market()
    known, now = bars.iloc[:70], bars.copy()
    now.loc[now.index[at], column] *= factor
    found = changed(known, now, through(known))
    pd.testing.assert_frame_equal(found.applied(known), now.iloc[:70], check_freq=False)
    assert not changed(found.applied(known), now, through(known))
