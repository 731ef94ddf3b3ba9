"""Bars unlike those of the training are told apart from those that are like them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from buysignal.cli.predict import Predictor
from buysignal.cli.predict.asked import answered
from buysignal.cli.predict.cautions import AS_OF, FUTURE, GAP, MOVE, PRICE, SPACING, STALE, TODAY, USED, VOLATILITY
from buysignal.cli.predict.history import EVERY
from buysignal.core.errors import UserError


def told(predictor, bars, path, asked=None, since=None, late=1):
    """Cautions for bars of which the last is of ``late`` days ago."""
    bars.to_csv(path / "new.csv")
    today = bars.index[-1].date() + timedelta(days=late)
    return {found.kind: found.text for found in answered(predictor, path / "new.csv", asked, since, today).cautions}


def shaken(bars, days, move):
    """The bars, and after them some whose close goes up and down by a factor of 1 + ``move``."""
    close = bars["close"].iloc[-1] * np.where(np.arange(days) % 2, 1.0, 1 + move)
    index = pd.bdate_range(bars.index[-1] + pd.Timedelta(days=1), periods=days, name="date")
    return pd.concat([bars, pd.DataFrame({name: close for name in bars} | {"volume": 1e6}, index=index)])


def test_bars_like_those_of_the_training_give_no_warning(predictor, bars, tmp_path):
    assert told(predictor, bars, tmp_path) == {}


def test_a_volatility_beyond_the_training_is_told_with_both(predictor, bars, tmp_path):
    found = told(predictor, shaken(bars, 20, 0.08), tmp_path)
    assert list(found) == [VOLATILITY, MOVE]  # 8 % in a day are more than these bars ever moved
    # 20 returns of log 1.08 and its negative in turn: their deviation is log 1.08, times the root of 252
    assert "volatility 1.222 a year is outside" in found[VOLATILITY]
    regime = predictor.model.regime
    assert f"{regime.low:.3f} to {regime.high:.3f}" in found[VOLATILITY] and regime.last in found[VOLATILITY]


def test_a_bar_of_today_may_not_be_finished(predictor, bars, tmp_path):
    last, before = bars.index[-1].date(), bars.index[-2].date()
    for asked in (None, last):
        assert told(predictor, bars, tmp_path, asked=asked, late=0) == {
            TODAY: f"the last bar is of today, {last}, and may not be finished; --as-of {before} looks at "
            "finished bars only"
        }
    assert TODAY not in told(predictor, bars, tmp_path, asked=before, late=0)


def test_a_market_that_stands_still_is_outside_too(predictor, bars, tmp_path):
    assert "volatility 0.000 a year" in told(predictor, shaken(bars, 21, 0.0), tmp_path)[VOLATILITY]


def test_of_many_days_only_those_outside_count(predictor, bars, tmp_path):
    calm = predictor.predict(bars)["warnings"].str.contains(VOLATILITY)
    assert 0 < calm.sum() < 200  # the train role's edges, and what came after it
    found = told(predictor, bars, tmp_path, since=EVERY)
    assert found[VOLATILITY].startswith(f"{calm.sum():,} of {len(calm):,} days, the first {calm.idxmax():%Y-%m-%d}: ")


def test_old_bars_are_told_from_the_day_after_the_longest_gap_on(predictor, bars, tmp_path):
    assert told(predictor, bars, tmp_path, late=10) == {}
    found = told(predictor, bars, tmp_path, late=11)
    assert found == {STALE: f"the last bar is of {bars.index[-1].date()}, 11 days before today"}


def test_a_day_that_was_asked_for_is_never_old(predictor, bars, tmp_path):
    assert told(predictor, bars, tmp_path, asked=bars.index[-1].date(), late=3000) == {}


def test_a_day_without_a_bar_is_answered_by_the_one_before_it(predictor, bars, tmp_path):
    saturday = date(2014, 12, 13)
    assert saturday.weekday() == 5
    found = told(predictor, bars, tmp_path, asked=saturday)
    assert found == {AS_OF: "there is no bar of 2014-12-13: the latest before it is of 2014-12-12"}


def test_missing_days_are_told_for_every_day_computed_from_them_and_for_no_other(predictor, bars, tmp_path):
    broken = bars.drop(bars.index[2300:2310])  # two weeks
    marked = predictor.predict(broken)["warnings"].str.contains(GAP)
    first, last = marked[marked].index[[0, -1]]
    assert marked.sum() == predictor.needed - 1  # as many steps as lie between the bars of one answer
    assert (first, last) == (broken.index[2300], broken.index[2300 + predictor.needed - 2])
    days = (bars.index[2310] - bars.index[2299]).days
    assert days > predictor.model.regime.max_gap_days
    found = told(predictor, broken.iloc[:2301], tmp_path)
    assert f"a gap of {days} days from {bars.index[2299]:%Y-%m-%d} to {bars.index[2310]:%Y-%m-%d}" in found[GAP]


def test_the_longest_of_several_gaps_is_named(predictor, bars, tmp_path):
    broken = bars.drop(bars.index[2540:2560]).drop(bars.index[2570:2580])
    days = (bars.index[2560] - bars.index[2539]).days
    assert (
        f"2 gaps, the longest of {days} days from {bars.index[2539]:%Y-%m-%d}" in told(predictor, broken, tmp_path)[GAP]
    )


def test_days_before_the_test_role_are_no_test_of_the_model(predictor, bars, tmp_path):
    first = pd.Timestamp(predictor.model.expected.first)
    before = predictor.predict(bars)["warnings"].str.contains(USED)
    assert before.equals(pd.Series(before.index < first, index=before.index, name="warnings"))
    assert USED in told(predictor, bars[bars.index < first], tmp_path)
    assert USED not in told(predictor, bars[bars.index <= first], tmp_path)


def trained_in(predictor, **regime):
    model = predictor.model
    return Predictor(replace(model, regime=model.regime.model_copy(update=regime)))


def test_prices_of_another_scale_are_told_with_what_to_multiply_them_by(predictor, bars, tmp_path):
    prices = ["open", "high", "low", "close"]
    small = bars.assign(**(bars[prices] * (6.6 / bars["close"].iloc[-1])))
    small["high"] = small[["open", "high", "close"]].max(axis=1)  # a last digit may differ
    small["low"] = small[["open", "low", "close"]].min(axis=1)
    found = told(trained_in(predictor, least_close=676.53), small, tmp_path)
    # a tenth is 67.653; 676.53 / 6.6 is 102.5, and 100 the nearest power of ten
    assert found[PRICE] == (
        f"{bars.index[-1]:%Y-%m-%d}: the Close 6.6 is under a tenth of the lowest of the training days (676.53): "
        "multiply prices by a constant, e.g. 100"
    )
    # 600 / 6.6 is 90.9: times 10 would do for the last day, but only just
    assert told(trained_in(predictor, least_close=600.0), small, tmp_path)[PRICE].endswith("e.g. 100")
    assert PRICE not in told(trained_in(predictor, least_close=65.9), small, tmp_path)
    assert PRICE in told(trained_in(predictor, least_close=66.1), small, tmp_path)


def test_a_split_that_prices_were_not_adjusted_for_is_told_for_every_day_computed_from_it(predictor, bars, tmp_path):
    prices, at = ["open", "high", "low", "close"], 2300
    split = bars.copy()
    split.iloc[at:, [split.columns.get_loc(name) for name in prices]] /= 2
    used_to = trained_in(predictor, largest_move=np.log(1.25))
    marked = used_to.predict(split)["warnings"].str.contains(MOVE)
    first, last = marked[marked].index[[0, -1]]
    assert (first, last) == (bars.index[at], bars.index[at + predictor.needed - 2])
    change = split["close"].iloc[at] / split["close"].iloc[at - 1] - 1
    assert change < -0.4
    assert told(used_to, split.iloc[: at + 1], tmp_path)[MOVE] == (
        f"{bars.index[at]:%Y-%m-%d}: the Close moved by {change:+.1%} on {bars.index[at]:%Y-%m-%d}, more than on any "
        "training day (-20.0% or its reverse): if that was a split, adjust the prices before it"
    )
    assert MOVE not in told(used_to, bars, tmp_path)


def test_weekly_bars_are_told_from_daily_ones(predictor, bars, tmp_path):
    def every(days, freq):
        return days.set_axis(pd.date_range("2001-01-05", periods=len(days), freq=freq, name="date"))

    with pytest.raises(UserError, match="every step is 7 days: these are weekly bars; daily bars are asked for"):
        told(predictor, every(bars.iloc[:200], "7D"), tmp_path)
    assert SPACING not in told(predictor, every(bars.iloc[:200], "3D"), tmp_path)


def test_each_day_is_judged_by_the_spacing_of_its_own_window(predictor, bars):
    sparse = pd.date_range(bars.index[299] + pd.Timedelta(days=4), periods=40, freq="4D")
    mixed = bars.iloc[:340].set_axis(bars.index[:300].append(sparse))
    marked = predictor.predict(mixed)["warnings"].str.contains(SPACING)
    # of 20 steps 10 are of 4 days on bar 309, and the longest other is a weekend of 3: the median is 3.5
    assert marked.idxmax() == mixed.index[309] and marked.iloc[marked.argmax() :].all()


def test_a_last_bar_after_today_is_told(predictor, bars, tmp_path):
    last = bars.index[-1].date()
    found = told(predictor, bars, tmp_path, late=-1)
    assert found == {FUTURE: f"the last bar is of {last}, which is after today, {last - timedelta(days=1)}"}
    assert told(predictor, bars, tmp_path, asked=date(2014, 12, 17), late=-1) == {}
