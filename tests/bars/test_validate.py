"""Validation: a bad bar is named or dropped and counted, a good one never is."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.bars.sources import load
from buysignal.bars.validate import REASONS, Gap, row_reasons, validate
from buysignal.core.errors import UserError
from tests.bars.examples import good_bars

NONE_DROPPED = dict.fromkeys(REASONS, 0)
SPOILT = [  # changed values of one bar (open 10, high 12, low 9, close 11, volume 100) and the reason expected
    ({"close": np.nan}, "not_finite"),
    ({"high": np.inf}, "not_finite"),
    ({"volume": np.nan}, "not_finite"),
    ({"adj_close": np.nan}, "not_finite"),
    ({"low": 0.0}, "not_positive"),
    ({"open": -10.0}, "not_positive"),
    ({"adj_close": 0.0}, "not_positive"),
    ({"volume": -1.0}, "negative_volume"),
    ({"volume": 1e308}, "out_of_range"),
    ({"volume": 1.1e18}, "out_of_range"),
    ({"high": 1e13}, "out_of_range"),
    ({"adj_close": 5e-324}, "out_of_range"),
    ({"high": 8.0}, "high_below_low"),
    ({"high": 10.5}, "high_below_open_or_close"),
    ({"open": 12.1}, "high_below_open_or_close"),
    ({"low": 10.1}, "low_above_open_or_close"),
    ({"close": 8.9}, "low_above_open_or_close"),
]


def refusal(bars: pd.DataFrame, on_bad_rows: str = "error", max_gap_days: int = 10) -> str:
    with pytest.raises(UserError) as caught:
        validate(bars, on_bad_rows, max_gap_days)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


@pytest.mark.parametrize("source", ["sp500", "nasdaq"])
def test_the_embedded_bars_are_good_as_they_are(source):
    raw = load(source, csv="", symbol="", start="", end="").bars
    bars, report = validate(raw, "error", 5)
    pd.testing.assert_frame_equal(bars, raw)
    assert (report.rows, report.first, report.last) == (5031, "1999-01-04", "2018-12-31")
    assert report.dropped == NONE_DROPPED
    assert report.longest_gaps == (Gap("2001-09-10", "2001-09-17", 7),)


@pytest.mark.parametrize(
    "edge",
    [
        {"high": 11.0},
        {"low": 10.0},
        {"open": 12.0},
        {"close": 9.0},
        {"volume": 0.0},
        {"adj_close": 500.0},
        {"high": 1e12, "low": 1e-9, "volume": 1e18},
    ],
)
def test_a_price_on_the_edge_of_its_bar_is_good(edge):
    bars = good_bars().assign(adj_close=11.0)
    bars.loc["2018-01-03", list(edge)] = list(edge.values())
    assert row_reasons(bars).tolist() == ["", "", "", ""]


@pytest.mark.parametrize(("values", "reason"), SPOILT)
def test_each_defect_has_its_reason_and_is_dropped_and_counted(values, reason):
    bars = good_bars().assign(adj_close=11.0)
    bars.loc["2018-01-03", list(values)] = list(values.values())
    assert row_reasons(bars).tolist() == ["", reason, "", ""]
    kept, report = validate(bars, "drop", 10)
    assert list(kept.index.day) == [2, 4, 5]
    assert report.dropped == NONE_DROPPED | {reason: 1} and report.rows == 3


def test_a_row_counts_once_under_its_first_reason():
    bars = good_bars()
    bars.loc["2018-01-03", ["open", "volume"]] = [-1.0, np.nan]
    _, report = validate(bars, "drop", 10)
    assert report.dropped == NONE_DROPPED | {"not_finite": 1}


def test_the_first_bar_of_a_date_is_kept_and_its_twin_dropped():
    bars = good_bars(["2018-01-02", "2018-01-03", "2018-01-03", "2018-01-04"])
    bars["close"] = [10.0, 10.1, 10.2, 10.3]
    kept, report = validate(bars, "drop", 10)
    assert kept["close"].tolist() == [10.0, 10.1, 10.3]
    assert report.dropped == NONE_DROPPED | {"duplicate_date": 1}


def test_a_bad_bar_does_not_take_its_good_twin_with_it():
    bars = good_bars(["2018-01-02", "2018-01-03", "2018-01-03", "2018-01-04"])
    bars.iloc[1, bars.columns.get_loc("close")] = np.nan
    assert row_reasons(bars).tolist() == ["", "not_finite", "", ""]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([2, 9, 3, 4, 5], [1]),  # one date far ahead: it goes, not the three after it
        ([2, 3, 1, 4, 5], [2]),
        ([9, 2, 3, 4, 5], [0]),
        ([2, 3, 4, 5, 1], [4]),
        ([4, 5, 2, 3, 8, 9], [0, 1]),  # of two runs as long, the one with the earlier dates
    ],
)
def test_as_few_rows_as_possible_are_called_out_of_order(days, expected):
    reasons = row_reasons(good_bars([f"2018-01-{day:02d}" for day in days]))
    assert np.flatnonzero(reasons == "date_out_of_order").tolist() == expected


@given(days=st.lists(st.integers(1, 7), min_size=1, max_size=8))
@settings(deadline=None)
def test_the_dates_kept_are_a_longest_increasing_run(days):
    reasons = row_reasons(good_bars([f"2018-01-{day:02d}" for day in days]))
    kept = [day for day, reason in zip(days, reasons) if reason == ""]
    assert kept == sorted(set(kept))
    longer = combinations(days, len(kept) + 1)
    assert not any(list(run) == sorted(set(run)) for run in longer)
    assert {day for day, reason in zip(days, reasons) if reason == "duplicate_date"} <= set(kept)
    assert not {day for day, reason in zip(days, reasons) if reason == "date_out_of_order"} & set(kept)


def test_a_missing_date_is_not_finite():
    bars = good_bars()
    bars.index = pd.DatetimeIndex([bars.index[0], pd.NaT, *bars.index[2:]], name="date")
    assert row_reasons(bars).tolist() == ["", "not_finite", "", ""]
    assert "a row without a date after 2018-01-02 not_finite" in refusal(bars)


def test_the_error_names_row_date_reason_and_values():
    bars = good_bars()
    bars.loc["2018-01-03", "high"] = 8.0
    assert refusal(bars) == (
        "1 of 4 bars is bad: 2018-01-03 high_below_low: open 10 high 8 low 9 close 11 volume 100; "
        "correct them or set ingest.on_bad_rows to drop"
    )


def test_a_value_beyond_any_market_is_named_with_its_row_column_and_range():
    bars = good_bars()
    bars.loc["2018-01-03", "volume"] = 1e308
    bars.loc["2018-01-05", ["high", "low"]] = [1e13, 1e-10]
    assert refusal(bars) == (
        "2 of 4 bars are bad: 2018-01-03 out_of_range: volume 1e+308 is not from 0 to 1e+18; "
        "2018-01-05 out_of_range: high 1e+13 is not from 1e-09 to 1e+12, low 1e-10 is not from 1e-09 to 1e+12; "
        "correct them or set ingest.on_bad_rows to drop"
    )


def test_the_error_quotes_three_rows_and_counts_the_rest():
    bars = good_bars([f"2018-01-{day:02d}" for day in (2, 3, 3, 1, 4, 5, 8)])
    bars.loc[["2018-01-05", "2018-01-08"], "volume"] = -5.0
    assert refusal(bars) == (
        "4 of 7 bars are bad: 2018-01-03 duplicate_date; "
        "2018-01-01 date_out_of_order next to 2018-01-03; "
        "2018-01-05 negative_volume: open 10 high 12 low 9 close 11 volume -5; and 1 more; "
        "correct them or set ingest.on_bad_rows to drop"
    )


def test_nothing_left_to_keep_is_refused():
    assert refusal(good_bars().assign(close=0.0), "drop") == "none of 4 bars is usable"
    assert refusal(good_bars()[:0]) == "the source has no bars"


def test_a_gap_is_reported_when_it_is_longer_than_allowed_and_never_refused():
    bars = good_bars(["2018-01-02", "2018-01-05", "2018-01-09", "2018-01-19", "2018-01-20"])  # steps 3, 4, 10, 1
    _, report = validate(bars, "error", 3)
    assert report.gaps == 2 and report.longest_gap_days == 10
    assert report.longest_gaps == (Gap("2018-01-09", "2018-01-19", 10), Gap("2018-01-05", "2018-01-09", 4))
    _, report = validate(bars, "error", 10)
    assert (report.gaps, report.longest_gaps, report.longest_gap_days) == (0, (), 10)


def test_gaps_are_those_of_the_bars_kept():
    bars = good_bars()
    bars.loc["2018-01-04", "close"] = np.nan
    _, report = validate(bars, "drop", 1)
    assert report.longest_gaps == (Gap("2018-01-03", "2018-01-05", 2),)


def test_only_the_ten_longest_gaps_are_listed():
    days = pd.Timestamp("2018-01-01") + pd.to_timedelta(np.cumsum(np.arange(1, 14)), unit="D")  # steps 2 to 13
    _, report = validate(good_bars(days.strftime("%Y-%m-%d")), "error", 1)
    assert report.gaps == 12 and [gap.days for gap in report.longest_gaps] == list(range(13, 3, -1))


def test_one_bar_has_no_gap():
    _, report = validate(good_bars(["2018-01-02"]), "error", 1)
    assert (report.rows, report.gaps, report.longest_gap_days) == (1, 0, 0)
    assert report.first == report.last == "2018-01-02"
