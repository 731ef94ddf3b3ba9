"""Files that are not of daily bars, or whose columns are others, must not be read, whatever is done about bad rows."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bars.quality.samples import PRICES, N, good, judged, kinds
from tests.features.samples import random_bars

ORDERS = [order for order in permutations(range(4)) if order not in ((0, 1, 2, 3), (3, 1, 2, 0))]
RULES = ("error", "drop", "repair")


def refusal(bars: pd.DataFrame, kind: str, **reading) -> str:
    """The error of a kind, which is there under each rule, and no bars."""
    said = set()
    for rule in RULES:
        result = judged(bars, on_bad_rows=rule, reading=reading)
        [one] = result.findings
        assert (one.kind, one.level, result.bars) == (kind, "error", None)
        said.add(one.said)
    [text] = said
    return text


def hourly(per_day: int = 7, times: bool = True) -> tuple[pd.DataFrame, dict]:
    """The same bars as hours of days, with their moments or without."""
    bars = good()
    days = pd.bdate_range("2021-01-04", periods=-(-N // per_day))
    moments = pd.DatetimeIndex([day + pd.Timedelta(hours=9 + h) for day in days for h in range(per_day)])[:N]
    bars.index = moments.normalize().rename("date")
    return bars, {"zoned": moments} if times else {}


@pytest.mark.parametrize("order", ORDERS)
def test_a_shuffled_order_of_columns_is_found(order):
    bars = good()
    bars[PRICES] = good()[PRICES].to_numpy()[:, order]
    names = ", ".join(PRICES[at].capitalize() for at in order)
    assert f"the columns Open, High, Low, Close look like {names}; " in refusal(bars, "columns")


@given(st.integers(0, 2**32 - 1), st.sampled_from(ORDERS), st.floats(0.002, 0.05))
def test_a_shuffled_order_of_any_bars_is_found(seed, order, move):
    bars = random_bars(120, seed, move=move)
    right = bars[PRICES].to_numpy()
    bars[PRICES] = right[:, order]
    names = ", ".join(PRICES[at].capitalize() for at in order)
    assert f"look like {names}; " in judged(bars).findings[0].said


def test_high_and_low_in_each_others_place_are_counted():
    bars = good().rename(columns={"high": "low", "low": "high"})[["open", "high", "low", "close", "volume"]]
    assert refusal(bars, "columns").startswith(
        "High is below Low on 300 of 300 rows: the columns Open, High, Low, Close"
    )


def test_open_and_close_in_each_others_place_are_found_by_the_nights():
    bars = good().rename(columns={"open": "close", "close": "open"})
    assert "Open and Close look exchanged; exchange their names in the header" in refusal(bars, "exchanged")


def test_a_market_that_opens_where_it_closed_is_in_order_and_found_if_exchanged():
    bars = good()
    bars["open"] = bars["close"].shift(1).fillna(bars["open"])
    bars["high"] = bars[PRICES].max(axis=1)
    bars["low"] = bars[PRICES].min(axis=1)
    assert kinds(bars) == ["echoed-open"] and judged(bars).findings[0].level == "note"
    said = refusal(bars.rename(columns={"open": "close", "close": "open"}), "exchanged")
    assert "(the same on 100 % of days)" in said


@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.1))
def test_columns_in_order_are_never_called_shuffled(seed, move):
    assert not {"columns", "exchanged", "shifted"} & set(kinds(random_bars(120, seed, move=move)))


def test_bars_of_hours_are_told_with_their_length_and_how_to_resample():
    bars, reading = hourly()
    assert refusal(bars, "intraday", **reading) == (
        "these are hourly bars, 7 a day; this is for daily bars; "
        "resample to days (Open first, High max, Low min, Close last, Volume sum)"
    )
    bars, _ = hourly(7, times=False)
    assert refusal(bars, "intraday").startswith("7 rows a day: bars of parts of a day")


def test_bars_of_half_hours():
    bars, _ = hourly(6)
    moments = pd.DatetimeIndex([d + pd.Timedelta(minutes=30 * (n % 6)) for n, d in enumerate(bars.index)])
    assert refusal(bars, "intraday", zoned=moments).startswith("these are 30-minute bars, 6 a day")


@pytest.mark.parametrize("blocks", [True, False], ids=["one after another", "side by side"])
def test_two_symbols_in_one_file_are_told(blocks):
    other = good()
    other[PRICES] *= 0.26
    bars = pd.concat([good(), other])
    assert "several symbols; keep one symbol" in refusal(bars if blocks else bars.sort_index(kind="stable"), "symbols")


def test_a_file_that_is_there_twice_is_no_intraday_file():
    result = judged(pd.concat([good(), good()]), on_bad_rows="drop")
    assert result.bars.equals(good()) and result.findings[0].text == "300 of 600 rows were dropped (duplicate_date 300)"


@pytest.mark.parametrize(
    ("freq", "told"),
    [
        ("W-FRI", "every step is 7 days: these are weekly bars; daily bars are asked for (horizon would count weeks)"),
        (
            "MS",
            "the median step is 31 days: these are monthly bars; daily bars are asked for (horizon would count months)",
        ),
    ],
)
def test_bars_of_weeks_and_months_are_refused(freq, told):
    bars = good()
    bars.index = pd.date_range("1995-01-01", periods=N, freq=freq, name="date")
    assert refusal(bars, "frequency").startswith(told)


def test_months_before_days_say_from_which_day_it_is_daily():
    months = pd.date_range("1898-01-01", periods=24, freq="MS")
    bars = good()
    bars.index = months.append(pd.bdate_range("1900-01-02", periods=N - 24)).rename("date")
    assert refusal(bars, "frequency") == (
        "bars are monthly before 1900-01-02 and daily from then on; leave out the rows before 1900-01-02"
    )


def test_weeks_within_days_are_told():
    days = pd.bdate_range("2015-01-01", periods=120)
    weeks = pd.date_range(days[-1], periods=61, freq="7D")[1:]
    bars = good()
    bars.index = days.append(weeks).append(pd.bdate_range(weeks[-1], periods=121)[1:]).rename("date")
    assert "are weekly, the others daily; use the daily ones alone" in refusal(bars, "frequency")


@pytest.mark.parametrize("weeks", [7, 15, 20])
def test_a_few_weeks_within_or_after_days_are_told(weeks):
    days = pd.bdate_range("2015-01-05", periods=N)
    last = pd.date_range(days[199], periods=weeks + 1, freq="7D")[1:]
    bars = good()[: 200 + weeks].set_axis(days[:200].append(last).rename("date"))
    day = f"{days[199]:%Y-%m-%d}"
    told = f"bars are daily up to {day} and weekly from then on; leave out the rows after {day}"
    assert refusal(bars, "frequency") == told
    assert kinds(bars[:day]) == []
    bars = good().set_axis(days[:200].append(last).append(pd.bdate_range(last[-1], periods=N)[1 : 101 - weeks]))
    said = refusal(bars.rename_axis("date"), "frequency")
    assert said.startswith(f"{weeks} bars between {day} and ") and "are weekly, the others daily" in said


def test_a_few_weeks_before_days_are_told():
    weeks = pd.date_range("2015-01-05", periods=8, freq="7D")
    bars = good()[:208].set_axis(weeks.append(pd.bdate_range(weeks[-1], periods=201)[1:]).rename("date"))
    assert refusal(bars, "frequency").endswith(f"leave out the rows before {weeks[-1]:%Y-%m-%d}")


def test_a_close_of_the_day_before_is_told():
    bars = good()
    bars["close"] = bars["close"].shift(1).fillna(bars["open"])
    bars["high"], bars["low"] = bars[PRICES].max(axis=1), bars[PRICES].min(axis=1)
    assert refusal(bars, "shifted").endswith("move that column up by a day")
    back = bars.assign(close=bars["close"].shift(-1))[:-1]
    assert judged(back).findings == ()


def test_a_long_holiday_and_a_market_of_every_day_are_daily():
    bars = good()
    bars.index = pd.date_range("2021-01-01", periods=N, name="date")
    assert kinds(bars) == []
    bars = good().drop(good().index[100:140])
    assert kinds(bars) == ["gap"]


def test_few_rows_are_not_judged_as_a_file():
    assert kinds(good()[:10].rename(columns={"open": "close", "close": "open"})) == []
    assert np.all([kinds(good()[:n]) == [] for n in range(1, 40)])
