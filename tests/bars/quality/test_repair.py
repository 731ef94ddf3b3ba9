"""Repair does what is certain, counts it, and leaves good bars alone."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.bars.quality.repair import NOISE, repaired
from buysignal.bars.validate import row_reasons
from tests.bars.quality.samples import DAY, ON, N, found, good, judged

LAST = date(2022, 2, 25)


def high_below_close(by: float) -> pd.DataFrame:
    bars = good()
    bars.loc[bars.index[DAY], "high"] = bars["close"].iloc[DAY] * (1 - by)
    bars.loc[bars.index[DAY], "open"] = bars["low"].iloc[DAY]
    return bars


def holidays(rows=(20, 85, DAY)) -> pd.DataFrame:
    bars = good()
    for row in rows:
        bars.iloc[row, :4] = bars["close"].iloc[row - 1]
        bars.iloc[row, 4] = 0
    return bars


def test_rounding_noise_goes_and_is_counted():
    bars = high_below_close(5e-7)
    assert "set ingest.on_bad_rows to repair" in judged(bars).findings[0].text
    result = judged(bars, on_bad_rows="repair")
    assert [(r.what, r.days) for r in result.repaired] == [("rounding noise taken out of High or Low", (ON,))]
    assert result.bars["high"].iloc[DAY] == bars["close"].iloc[DAY] and len(result.bars) == N
    assert result.bars.drop(columns="high").equals(bars.drop(columns="high"))
    assert [(one.kind, one.level) for one in result.findings] == [("repaired", "note")]


def test_more_than_noise_is_no_noise():
    result = judged(high_below_close(2e-6), on_bad_rows="repair")
    assert result.bars is None and "high_below_open_or_close" in result.findings[0].text
    assert "correct them or set ingest.on_bad_rows to drop" in result.findings[0].text


def test_holiday_rows_are_said_and_go_with_repair():
    one = found(holidays(), "holiday")
    assert one.level == "warning" and one.days == ("2021-02-01", "2021-05-03", ON)
    assert one.text == f"3 of 300 rows repeat the day before with volume 0 (2021-02-01, 2021-05-03, {ON}): holidays"
    result = judged(holidays(), on_bad_rows="repair")
    assert len(result.bars) == N - 3 and result.repaired[0].days == one.days


def test_a_row_that_repeats_all_four_prices_is_a_holiday_too():
    bars = good()
    bars.iloc[DAY] = bars.iloc[DAY - 1]
    bars.iloc[DAY, 4] = 0
    assert found(bars, "holiday").days == (ON,)


def test_days_on_which_little_is_traded_are_no_holidays():
    bars = holidays(range(10, 290, 5))
    assert found(bars, "untraded").level == "warning"
    assert judged(bars, on_bad_rows="repair").bars.equals(bars)


def test_days_without_a_price_are_no_holidays_and_are_named_all():
    bars = good()
    bars.iloc[[40, 41, 42, DAY], :] = 0.0
    said = judged(bars, on_bad_rows="repair").findings[-1].text
    assert said.startswith("4 of 300 bars are bad: 2021-03-01 not_positive: open 0 ")
    assert said.endswith("correct them or set ingest.on_bad_rows to drop")
    assert len(judged(bars, on_bad_rows="drop").bars) == N - 4


def test_without_volume_nothing_is_a_holiday_for_certain():
    bars = holidays().drop(columns="volume")
    assert judged(bars, on_bad_rows="repair").bars.equals(bars)
    bars = holidays().assign(volume=0.0)
    assert len(judged(bars, on_bad_rows="repair").bars) == N


def test_the_bar_of_today_is_said_and_goes_with_repair():
    bars = good()
    one = found(bars, "unfinished", today=LAST)
    assert one.text == "the last bar is of today, 2022-02-25, and may not be finished"
    assert len(judged(bars, today=LAST, on_bad_rows="repair").bars) == N - 1
    assert judged(bars, today=date(2022, 2, 26)).findings == ()
    assert "after today, 2022-02-24" in found(bars, "future", today=date(2022, 2, 24)).text


def test_a_last_row_that_lacks_a_value_goes_with_repair_and_no_other_does():
    bars = good()
    bars.iloc[-1, 3] = np.nan
    assert "set ingest.on_bad_rows to repair" in judged(bars).findings[0].text
    assert len(judged(bars, on_bad_rows="repair").bars) == N - 1
    bars.iloc[DAY, 3] = np.nan
    assert judged(bars, on_bad_rows="repair").bars is None


def test_rows_left_out_by_the_reader_are_counted():
    from buysignal.bars.reading import LeftOut

    left = (LeftOut("dividend row", ("2021-05-27", "2021-08-26")),)
    one = found(good(), "left-out", reading={"left_out": left})
    assert one.level == "note" and one.text == "2 dividend rows left out (2021-05-27, 2021-08-26)"


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 1e6), st.booleans())
def test_repair_of_good_bars_changes_nothing(seed, price, volume):
    from tests.features.samples import random_bars

    bars = random_bars(40, seed, price)
    bars = bars if volume else bars.drop(columns="volume")
    same, repairs = repaired(bars, None)
    assert same is bars and repairs == ()


@given(st.integers(0, N - 1), st.sampled_from(["high", "low"]), st.floats(0, NOISE * 0.99))
def test_repaired_rows_are_legal(row, column, by):
    bars = good()
    edge = bars[["open", "close"]].iloc[row]
    bars.iloc[row, bars.columns.get_loc(column)] = edge.max() * (1 - by) if column == "high" else edge.min() * (1 + by)
    mended, _ = repaired(bars, None)
    assert (row_reasons(mended) == "").all() and len(mended) == N
    assert np.abs(mended / bars - 1).to_numpy().max() <= NOISE


@pytest.mark.parametrize("rule", ["error", "drop", "repair"])
def test_no_bars_are_an_error_under_each_rule(rule):
    result = judged(good()[:0], on_bad_rows=rule)
    assert result.bars is None and result.findings[0].text == "the source has no bars"
