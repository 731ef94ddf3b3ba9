"""Roles of time: chronological, never touching through labels, or refused with the right number of bars."""

from __future__ import annotations

import doctest
import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.days import roles as splits
from buysignal.days.columns import PURGED
from buysignal.days.labels import touch_label
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
