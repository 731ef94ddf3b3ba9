"""Roles of time: chronological, never touching through labels, or refused with the right number of bars."""

from __future__ import annotations

import doctest
import re
from itertools import accumulate, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.days import roles as splits
from buysignal.days.columns import PURGED
from buysignal.days.labels import touch_label
from buysignal.days.params import Roles
from buysignal.days.roles import ROLES, assign_roles, summary

SHARES = {"train": 0.50, "stop": 0.08, "rank": 0.10, "calibrate": 0.08, "threshold": 0.12, "test": 0.12}


def label_days(days: pd.DatetimeIndex, horizon: int) -> pd.DataFrame:
    """Labels of bars on the given days."""
    price = np.ones(len(days))
    return touch_label(pd.DataFrame({"high": price, "close": price}, index=days), horizon, 0.01)


def bars_needed(days: pd.DatetimeIndex, shares: dict[str, float], horizon: int, min_rows: int) -> int | None:
    """The number of bars a refusal asks for, or None where the roles can be cut."""
    try:
        assign_roles(label_days(days, horizon), shares, horizon, min_rows)
    except UserError as error:
        assert len(str(error).splitlines()) == 1
        return int(re.search(r"at least ([\d,]+) bars", str(error))[1].replace(",", ""))
    return None


weights = st.lists(st.integers(1, 20), min_size=6, max_size=6)
random_shares = weights.map(lambda w: {role: x / sum(w) for role, x in zip(ROLES, w)})
random_days = st.lists(st.integers(1, 9), min_size=10, max_size=300).map(
    lambda steps: pd.Timestamp("2000-01-03") + pd.to_timedelta(np.cumsum(steps), unit="D")
)


def test_the_examples_in_the_docstrings_are_right():
    result = doctest.testmod(splits)
    assert result.attempted > 0 and result.failed == 0


@given(days=random_days, shares=random_shares, horizon=st.integers(1, 8), min_rows=st.integers(1, 5))
@settings(deadline=None, max_examples=200)
def test_no_two_roles_share_a_day_through_their_labels(days, shares, horizon, min_rows):
    labels = label_days(days, horizon)
    try:
        role = assign_roles(labels, shares, horizon, min_rows)
    except UserError as error:
        assert "bars are needed" in str(error)
        return
    assert role.index.equals(labels.index) and role.name == "role"
    kept = role[role != PURGED]
    assert list(dict.fromkeys(kept)) == list(ROLES)  # all six, each one block, in time order
    assert (kept.value_counts() >= min_rows).all()
    for at, earlier in enumerate(ROLES):
        for later in ROLES[at + 1 :]:
            first = role.index[role == later][0]
            assert labels.loc[role == earlier, "label_end"].max() < first
    # exactly the horizon is purged before each cut: no leak, and no day wasted
    for earlier, later in pairwise(ROLES):
        last = np.flatnonzero(role == earlier)[-1]
        first = np.flatnonzero(role == later)[0]
        assert first - last - 1 == horizon
    assert role.iloc[-1] == "test"


@given(shares=random_shares, horizon=st.integers(1, 8), min_rows=st.integers(1, 5), bars=st.integers(10, 60))
@settings(deadline=None, max_examples=60)
def test_a_refusal_names_the_number_of_bars_from_which_on_it_works(shares, horizon, min_rows, bars):
    days = pd.date_range("2000-01-03", periods=4000, freq="B")
    needed = bars_needed(days[:bars], shares, horizon, min_rows)
    if needed is None:
        return
    assert bars < needed < len(days) - 20
    assert bars_needed(days[: needed - 1], shares, horizon, min_rows) == needed
    assert all(bars_needed(days[: needed + more], shares, horizon, min_rows) is None for more in range(20))


def test_the_refusal_says_which_role_is_short_and_what_would_help():
    days = pd.date_range("2000-01-03", periods=201, freq="B")
    with pytest.raises(UserError) as caught:
        assign_roles(label_days(days, 1), SHARES, 1)
    # 200 labelled rows are cut at 100 116 136 152 176: stop keeps 16 - 1
    assert str(caught.value) == (
        "201 bars leave role stop 15 rows after purging, fewer than 30: "
        "at least 389 bars are needed, or a larger share in roles.stop"  # tried by hand, from 1 to 2,000
    )


def test_the_default_roles_of_the_embedded_calendar():
    days = pd.date_range("1999-01-04", periods=5031, freq="B")
    role = assign_roles(label_days(days, 1), SHARES, 1)
    # 5,030 rows cut at 2515 2917.4 3420.4 3822.8 4426.4; one row is purged before each cut
    assert role.value_counts().to_dict() == {
        "train": 2514,
        "stop": 401,
        "rank": 502,
        "calibrate": 402,
        "threshold": 602,
        "test": 604,
        PURGED: 5,
    }


@given(shares=random_shares, rows=st.integers(1, 20_000))
@settings(deadline=None, max_examples=500)
def test_shares_are_summed_and_rounded_once(shares, rows):
    """Python's sum from left to right; numpy's cumulative sum is the same, and rounds a half to even as it does."""
    starts = [min(round(total * rows), rows) for total in accumulate(list(shares.values())[:5])]
    assert splits._bounds(rows, list(shares.values())[:5]).tolist() == [0, *starts, rows]


DAYS = pd.date_range("2000-01-03", periods=1001, freq="B")  # 1,000 of them have a label
DATED = {"train": "2001-11-30", "stop": "2002-03-31", "rank": "2002-08-30", "calibrate": "2002-12-31"}
DATED |= {"threshold": "2003-05-30", "test": "rest"}


def spans_of(parts: dict[str, float | str], days: pd.DatetimeIndex = DAYS, horizon: int = 1) -> dict[str, list[str]]:
    """First and last day of each role."""
    role = assign_roles(label_days(days, horizon), parts, horizon)
    return {one: [f"{role.index[role == one][at]:%Y-%m-%d}" for at in (0, -1)] for one in ROLES}


def test_a_role_that_is_dated_ends_on_that_day_less_what_is_purged():
    assert spans_of(DATED) == {  # 2002-03-31 is a Sunday
        "train": ["2000-01-03", "2001-11-29"],
        "stop": ["2001-12-03", "2002-03-28"],
        "rank": ["2002-04-01", "2002-08-29"],
        "calibrate": ["2002-09-02", "2002-12-30"],
        "threshold": ["2003-01-01", "2003-05-29"],
        "test": ["2003-06-02", "2003-10-31"],
    }
    assert spans_of(DATED, horizon=3)["rank"] == ["2002-04-01", "2002-08-27"]


def test_more_bars_lengthen_the_test_role_alone():
    longer = spans_of(DATED, pd.date_range("2000-01-03", periods=1500, freq="B"))
    assert longer == spans_of(DATED) | {"test": ["2003-06-02", "2005-09-29"]}


def test_a_share_after_a_last_day_is_one_of_all_days_and_begins_there():
    mixed = spans_of(DATED | {"stop": 0.1004, "rank": 0.0504})
    stop, rank = (DAYS.get_indexer(pd.to_datetime(mixed[role])) for role in ("stop", "rank"))
    first = DAYS.get_loc("2001-11-30") + 1
    assert stop.tolist() == [first, first + 100 - 2]  # 100.4 of 1,000 days, of which one is purged
    assert rank.tolist() == [first + 100, first + 151 - 2]  # .1508 of them together
    assert mixed["calibrate"] == [f"{DAYS[first + 151]:%Y-%m-%d}", "2002-12-30"]


def test_the_days_that_shares_name_cut_where_the_shares_do():
    role = assign_roles(label_days(DAYS, 1), SHARES, 1)
    ends = {one: f"{role.index[role == two][0] - pd.Timedelta('1D'):%Y-%m-%d}" for one, two in pairwise(ROLES)}
    pd.testing.assert_series_equal(assign_roles(label_days(DAYS, 1), ends, 1), role)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"train": "1999-12-31"},
            "roles.train is 1999-12-31, but the days that have a label are 2000-01-03 to 2003-10-31",
        ),
        (
            {"threshold": "2003-11-03"},
            "roles.threshold is 2003-11-03, but the days that have a label are 2000-01-03 to",
        ),
        (
            {"rank": "2002-04-30"},
            "1,001 bars leave role rank 21 rows after purging, fewer than 30: "
            "let it end later, or the role before it earlier, or use more bars",
        ),
        ({"train": 0.6, "stop": 0.1}, "1,001 bars leave role rank 0 rows after purging"),  # begins after it ends
        ({"threshold": 0.5}, "1,001 bars leave role test 0 rows after purging"),
    ],
)
def test_days_that_leave_a_role_too_little_are_refused_in_one_line(changes, says):
    with pytest.raises(UserError) as caught:
        spans_of(DATED | changes)
    assert str(caught.value).startswith(says) and len(str(caught.value).splitlines()) == 1


def test_the_rest_is_the_share_that_is_left():
    told = Roles(**SHARES | {"until": "last", "test": "rest"}).parts
    pd.testing.assert_series_equal(
        assign_roles(label_days(DAYS, 1), told, 1), assign_roles(label_days(DAYS, 1), SHARES, 1)
    )
    few = DAYS[:201]
    assert bars_needed(few, told, 1, 30) == bars_needed(few, SHARES, 1, 30) == 389


def test_a_label_that_ends_later_than_the_horizon_is_purged_by_its_interval():
    days = pd.date_range("2000-01-03", periods=300, freq="B")
    labels = label_days(days, 1)
    # 299 rows: stop starts at row 150
    labels.loc[days[100], "label_end"] = days[200]
    labels.loc[days[110], "label_end"] = days[150]
    labels.loc[days[120], "label_end"] = days[149]
    role = assign_roles(labels, SHARES, 1, min_rows=5)
    assert np.flatnonzero(role[:150] == PURGED).tolist() == [100, 110, 149]


def test_labels_that_end_early_still_leave_the_horizon_between_roles():
    days = pd.date_range("2000-01-03", periods=303, freq="B")
    labels = label_days(days, 3)
    role = assign_roles(labels.assign(label_end=labels["label_start"]), SHARES, 3, min_rows=5)
    pd.testing.assert_series_equal(role, assign_roles(labels, SHARES, 3, min_rows=5))


def test_labels_out_of_order_are_a_bug_not_a_user_error():
    labels = label_days(pd.date_range("2000-01-03", periods=1000, freq="B"), 1)
    with pytest.raises(ValueError, match="unique, increasing"):
        assign_roles(labels[::-1], SHARES, 1)
    with pytest.raises(ValueError, match="decided after its date"):
        assign_roles(labels.assign(label_start=labels.index), SHARES, 1)
    with pytest.raises(ValueError, match="decided after its date"):
        assign_roles(labels.assign(label_end=labels.index), SHARES, 1)


def test_the_summary_counts_each_role_by_hand():
    days = pd.date_range("2018-01-01", periods=5)
    labels = pd.DataFrame({"label": [1, 0, 1, 1, 0]}, index=days)
    roles = pd.Series(["train", "train", "train", PURGED, "stop"], index=days)
    table = summary(labels, roles)
    assert list(table) == [*ROLES, PURGED]
    assert table["train"] == {
        "rows": 3,
        "positives": 2,
        "base_rate": 2 / 3,
        "first": "2018-01-01",
        "last": "2018-01-03",
    }
    assert table["stop"] == {"rows": 1, "positives": 0, "base_rate": 0.0, "first": "2018-01-05", "last": "2018-01-05"}
    assert table["test"] == {"rows": 0, "positives": 0, "base_rate": 0.0, "first": None, "last": None}
    assert table[PURGED]["rows"] == 1
    with pytest.raises(ValueError, match="same index"):
        summary(labels, roles[1:])
