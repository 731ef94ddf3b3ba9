"""Rows are dropped one by one or not at all: what many bad rows mean is said, also where they were to be dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.quality.prepare import Rules, prepare
from buysignal.bars.reading import Reading
from buysignal.core.errors import UserError
from tests.bars.quality.samples import N, good, judged


def refusal(bars: pd.DataFrame) -> str:
    """What is said under each rule, which is the same."""
    said = set()
    for rule in ("error", "drop", "repair"):
        with pytest.raises(UserError) as caught:
            prepare(Reading(bars, "CSV"), Rules(rule))
        said.add(str(caught.value))
    [text] = said
    assert len(text.splitlines()) == 1
    return text


def spoilt(column: str, value: float, rows: int) -> pd.DataFrame:
    bars = good()
    bars.loc[bars.index[:rows], column] = value
    return bars


ANOTHER = ", too many to leave out one by one: get the bars from another source"


@pytest.mark.parametrize(
    ("column", "value", "means"),
    [
        ("low", -1.0, "have a price below 0: a spread, a rate or returns, and no prices"),
        ("low", 0.0, f"have a price of 0, as of days without trade{ANOTHER}"),
        ("volume", -1.0, "have a volume below 0, which stands for none: set ingest.volume to none"),
        ("volume", np.nan, "lack a volume: set ingest.volume to none, or get the bars from another source"),
        ("open", np.nan, f"lack a value{ANOTHER}"),
        ("close", 1e13, f"have values of no market{ANOTHER}"),
        ("high", 1.0, f"have prices beyond their own High or Low, as of columns adjusted unlike each other{ANOTHER}"),
    ],
)
@pytest.mark.parametrize("share", [0.12, 0.25, 0.45])
def test_more_than_a_tenth_are_not_dropped(column, value, means, share):
    rows = np.random.default_rng(3).permutation(N - 1)[: int(share * N)]  # a last row is unfinished
    bars = good()
    bars.iloc[rows, bars.columns.get_loc(column)] = value
    assert refusal(bars).endswith(f" more; {100 * share:.0f} % of rows {means}")
    bars = good()
    bars.iloc[rows[:25], bars.columns.get_loc(column)] = value
    assert len(judged(bars, on_bad_rows="drop").bars) == N - 25


@pytest.mark.parametrize(("column", "value"), [("open", 0.0), ("high", 1.0), ("close", np.nan)])
def test_old_rows_that_are_bad_are_left_out_up_to_the_first_good_one(column, value):
    bars = spoilt(column, value, 100)
    day = f"{bars.index[100]:%Y-%m-%d}"
    assert refusal(bars).endswith(f"too many to leave out one by one: leave out all rows before {day}")
    assert judged(bars[day:]).findings == ()


@pytest.mark.parametrize(
    ("value", "count", "what"),
    [
        (np.nan, N, "is empty, 0 or below 0"),
        (0.0, N, "is empty, 0 or below 0"),
        (-3.0, 60, "is missing, 0 or below 0 on 60 of 300 rows"),
        (np.nan, 2, "is missing, 0 or below 0 on 2 of 300 rows"),
    ],
)
def test_adj_close_that_alone_is_bad_is_to_be_deleted(value, count, what):
    bars = good().assign(adj_close=good()["close"])
    bars.loc[bars.index[:count], "adj_close"] = value
    end = f"; Adj Close {what} and the other columns are whole: delete the column Adj Close from the file"
    assert judged(bars).findings[0].text.endswith(end)
    assert judged(bars.drop(columns="adj_close")).findings == ()
    if count > 10:
        refusal(bars)
    else:
        assert len(judged(bars, on_bad_rows="drop").bars) == N - count


def test_rows_that_are_bad_one_by_one_are_dropped_and_said():
    bars = good()
    bars.iloc[[10, 50], 3] = np.nan
    bars.iloc[70, 1] = 1.0
    assert "or set ingest.on_bad_rows to drop" in judged(bars).findings[0].text
    result = judged(bars, on_bad_rows="drop")
    assert result.bars.equals(good().drop(good().index[[10, 50, 70]]))
    [one] = result.findings
    assert (one.kind, one.level) == ("dropped", "warning") and one.days == ("2021-01-18", "2021-03-15", "2021-04-12")
    assert one.text == "3 of 300 rows were dropped (not_finite 2, high_below_low 1)"


def test_day_and_month_exchanged_are_recognised():
    days = good().index
    swapped = [f"{d.year}-{d.day:02}-{d.month:02}" if d.day <= 12 else f"{d:%Y-%m-%d}" for d in days]
    bars = good().set_axis(pd.DatetimeIndex(swapped, name="date"))
    assert refusal(bars).endswith("; with day and month exchanged the dates would run in order: see ingest.dates")


def test_a_second_symbol_for_some_of_the_days_is_recognised():
    other = good()[:40] * 0.97
    text = refusal(pd.concat([good(), other]))
    assert text.endswith(
        "; 40 days have several rows that differ, and the dates begin anew 1 time: several symbols, "
        "or several times a day"
    )


def test_shuffled_rows_are_recognised():
    rows = np.random.default_rng(1).permutation(N)
    assert refusal(good().iloc[rows]).endswith("; the dates run in no order: sort the file, or see ingest.dates")


def test_a_slip_of_the_date_is_dropped():
    days = good().index.to_series()
    days.iloc[100] = pd.Timestamp("2022-05-24")  # the year is one too high
    bars = good().set_axis(pd.DatetimeIndex(days, name="date"))
    result = judged(bars, on_bad_rows="drop")
    assert len(result.bars) == N - 1 and result.report.dropped["date_out_of_order"] == 1
