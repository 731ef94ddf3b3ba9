"""Splits that the file shows are taken out of the prices, dividends are not, and good bars keep their bytes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.bars.quality.adjust import adjusted, told
from buysignal.bars.quality.fractions import SPLITS
from buysignal.bars.reading import Reading
from tests.bars.quality.samples import DAY, ON, PRICES, found, good, judged, kinds, split

WHOLE = [s for s in SPLITS if s.ratio >= 1.2 or s.ratio <= 1 / 1.2]


def with_adj_close(ratio=7.0, dividend=None):
    """A split on row `DAY` that Adj Close does not show, and a dividend of a share of the price on row 200."""
    bars = split(ratio)
    bars["adj_close"] = good()["close"]
    if dividend is not None:
        bars.loc[bars.index[:200], "adj_close"] *= 1 - dividend
    return bars


def same_as_good(bars):
    pd.testing.assert_frame_equal(bars[PRICES], good()[PRICES], rtol=1e-12)
    np.testing.assert_allclose(bars["volume"], good()["volume"], rtol=1e-12)


def test_a_split_that_adj_close_shows_is_taken_out_and_said():
    result = judged(with_adj_close())
    same_as_good(result.bars)
    [one] = result.findings
    assert (one.kind, one.level, one.days) == ("split", "note", (ON,))
    assert one.text == f"adjusted for 1 split shown by Adj Close (7:1 on {ON})"


def test_with_adjust_none_it_is_said_in_one_line_with_the_way_out():
    bars = with_adj_close()
    one = found(bars, "split", adjust="none")
    assert one.said == (
        f"on {ON} Close falls by 86 % and Adj Close does not: a split of 7:1, prices not adjusted; "
        "set ingest.adjust to splits, or to all for dividends too"
    )
    assert judged(bars, adjust="none").bars is bars or judged(bars, adjust="none").bars.equals(bars)


def test_all_scales_by_adj_close_and_multiplies_volume_for_splits_alone():
    bars = with_adj_close(dividend=0.02)
    result = judged(bars, adjust="all")
    np.testing.assert_allclose(result.bars["close"], bars["adj_close"], rtol=1e-12)
    np.testing.assert_allclose(result.bars["open"], bars["open"] * bars["adj_close"] / bars["close"], rtol=1e-12)
    np.testing.assert_allclose(result.bars["volume"], good()["volume"], rtol=1e-12)
    assert [one.kind for one in result.findings] == ["split", "dividends"]


def test_dividends_stay_in_the_prices_and_are_said():
    bars = good()
    bars["adj_close"] = bars["close"] * np.where(np.arange(len(bars)) < 200, 0.98, 1.0)
    result = judged(bars)
    assert result.bars.equals(bars)
    [one] = result.findings
    assert (one.kind, one.level) == ("dividends", "note")
    assert one.text == "Adj Close differs from Close, by 2 % on the first day: prices are not adjusted for dividends"
    same_as_good(judged(with_adj_close(dividend=0.02)).bars)


def test_adj_close_that_is_the_same_share_of_close_all_along_is_said():
    bars = good()
    bars["adj_close"] = 0.8 * bars["close"]
    assert "by 20 % on the first day" in found(bars, "dividends").text
    np.testing.assert_allclose(judged(bars, adjust="all").bars[PRICES], 0.8 * bars[PRICES], rtol=1e-12)


def test_adj_close_equal_to_close_is_nothing_to_be_said():
    bars = good()
    bars["adj_close"] = bars["close"]
    for adjust in ("splits", "all", "none"):
        assert judged(bars, adjust=adjust).bars.equals(bars) and kinds(bars, adjust=adjust) == []


def test_a_jump_of_adj_close_that_close_does_not_make_is_no_split():
    bars = good()
    bars["adj_close"] = bars["close"] * np.where(np.arange(len(bars)) < DAY, 0.25, 1.0)
    one = found(bars, "adj-close")
    assert (one.level, one.days) == ("warning", (ON,)) and judged(bars).bars.equals(bars)
    assert one.advice == "one of the two is wrong: mend it, or delete the column Adj Close from the file"


def test_a_ratio_of_the_file_is_taken_out_where_prices_still_jump():
    splits = pd.Series([4.0], index=pd.DatetimeIndex([ON]))
    result = judged(split(4), reading={"splits": splits})
    same_as_good(result.bars)
    assert result.findings[0].text == f"adjusted for 1 split shown by the split ratio of the file (4:1 on {ON})"
    assert "the split ratio of the file says so: a split of 4:1, prices not adjusted" in (
        found(split(4), "split", adjust="none", reading={"splits": splits}).text
    )
    bars = good()  # as Yahoo has it: the ratio stands beside prices that are adjusted
    assert judged(bars, reading={"splits": splits}).bars.equals(bars)


@pytest.mark.parametrize(
    ("ratio", "called"),
    [(1.1, "11:10"), (13, "13:1"), (1 / 200, "1:200"), (0.00125, "1:800"), (2.1, "21:10"), (0.9091, "10:11")],
)
def test_a_ratio_that_the_file_names_is_any(ratio, called):
    splits = pd.Series([ratio], index=pd.DatetimeIndex([ON]))
    result = judged(split(ratio), reading={"splits": splits})
    pd.testing.assert_frame_equal(result.bars[PRICES], good()[PRICES], rtol=1e-4)
    [one] = result.findings
    assert one.text == f"adjusted for 1 split shown by the split ratio of the file ({called} on {ON})"
    assert judged(good(), reading={"splits": splits}).findings == ()  # adjusted before


def test_a_small_ratio_that_may_be_chance_changes_nothing():
    bars = split(1.02)
    assert judged(bars, reading={"splits": pd.Series([1.02], index=pd.DatetimeIndex([ON]))}).bars.equals(bars)


@pytest.mark.parametrize(("ratio", "called"), [(13, "13:1"), (1 / 200, "1:200"), (1 / 11, "1:11"), (120, "120:1")])
def test_adj_close_shows_splits_that_stand_in_no_table(ratio, called):
    result = judged(with_adj_close(ratio))
    same_as_good(result.bars)
    [one] = result.findings
    assert (one.kind, one.level) == ("split", "note") and f"({called} on {ON})" in one.text


def test_a_jump_that_is_no_split_goes_with_adj_close_as_is_said():
    bars = with_adj_close(1.29)  # a spin-off
    one = found(bars, "adj-close")
    assert (one.level, one.days) == ("warning", (ON,)) and one.advice.startswith("set ingest.adjust to all")
    after = judged(bars, adjust="all")
    assert after.of("warning") == () and not {"outlier"} & {one.kind for one in after.findings}


@pytest.mark.parametrize("ratio", [0.0, 1.0, np.nan, -2.0, 1e300])
def test_a_ratio_that_is_none_changes_nothing(ratio):
    splits = pd.Series([ratio], index=pd.DatetimeIndex([ON]))
    assert told(split(4), Reading(split(4), "CSV", splits=splits)) == ()


def test_two_splits_multiply():
    bars = with_adj_close(4.0)
    bars.loc[bars.index[:50], PRICES] *= 3
    bars.loc[bars.index[:50], "volume"] /= 3
    result = judged(bars)
    same_as_good(result.bars)
    assert "adjusted for 2 splits shown by Adj Close (3:1 on 2021-03-15, 4:1 on 2021-08-02)" in result.findings[0].text


def test_adj_close_of_two_decimals_shows_a_split_too():
    bars = with_adj_close(7.0)
    bars["adj_close"] = bars["adj_close"].round(2)
    assert [step.split for step in told(bars, Reading(bars, "CSV"))] == [s for s in SPLITS if str(s) == "7:1"]


@given(st.sampled_from(WHOLE), st.integers(1, 299))
def test_any_split_on_any_day_is_found_and_undone(ratio, at):
    bars = split(ratio.ratio, at=at)
    bars["adj_close"] = good()["close"]
    steps = told(bars, Reading(bars, "CSV"))
    assert [(step.at, step.split) for step in steps] == [(at, ratio)]
    same_as_good(adjusted(bars, steps, "splits"))
    assert adjusted(bars, steps, "none") is bars


@given(st.lists(st.floats(0.0005, 0.08), min_size=1, max_size=5), st.data())
def test_no_dividend_is_taken_for_a_split(dividends, data):
    bars = good()
    factor = np.ones(len(bars))
    for dividend in dividends:
        factor[: data.draw(st.integers(1, 299))] *= 1 - dividend
    bars["adj_close"] = bars["close"] * factor
    assert len(set(factor)) <= len(dividends) + 1
    if np.max(factor[1:] / factor[:-1]) < 1.15:  # several on one day may add up to more
        assert adjusted(bars, told(bars, Reading(bars, "CSV")), "splits") is bars


def test_a_split_that_takes_the_volume_out_of_range_is_refused():
    bars = with_adj_close(100.0)
    bars["volume"] = 5e17
    result = judged(bars)
    assert result.findings[0].kind == "adjusted" and len(result.of("error")[0].days) == DAY
    assert judged(bars, adjust="none").of("error") == ()
