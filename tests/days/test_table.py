"""A tier's table: the same days and roles on every tier, features first, and bars that are too few refused."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.days.labels import fall_label, thresholds, touch_label
from buysignal.days.params import Label, Roles
from buysignal.days.roles import MIN_ROLE_ROWS, ROLES
from buysignal.days.table import assemble, describe, label_and_role, require_rows
from buysignal.features.tiers import TIERS, n_features, warmup
from tests.features.samples import random_bars

LABEL = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="fixed", multiple=1.0)
ROLE = Roles(until="last", train=0.50, stop=0.08, rank=0.10, calibrate=0.08, threshold=0.12, test=0.12)
BARS = random_bars(1500, seed=3)
LABEL_COLUMNS = ["label", "fall", "label_start", "label_end", "role"]
SCALED = Label(kind="touch", stop=-1.0, horizon=2, threshold=0.01, barrier="volatility", multiple=1.5)


def test_the_dates_of_a_registration_give_its_roles():
    """Each role's last day is its last kept day, and the day that is purged after it."""
    whole = label_and_role(BARS, LABEL, ROLE)
    days, role = whole.index, whole["role"]
    ends = {one: f"{days[days.get_loc(days[role == one][-1]) + 1]:%Y-%m-%d}" for one in ROLES[:-1]}
    dated = Roles(until="last", **ends, test="rest")
    pd.testing.assert_frame_equal(label_and_role(BARS, LABEL, dated), whole)
    sooner = BARS[: BARS.index.get_loc(days[role == "test"][0]) + 60]
    pd.testing.assert_series_equal(
        label_and_role(sooner, LABEL, dated)["role"], role[: len(sooner) - LABEL.horizon], check_freq=False
    )


@pytest.fixture(scope="module")
def tables():
    return {tier: assemble(BARS, tier, LABEL, ROLE) for tier in TIERS}


def test_every_tier_judges_the_same_days_in_the_same_roles(tables):
    whole = label_and_role(BARS, LABEL, ROLE)
    for table in tables.values():
        pd.testing.assert_series_equal(table["role"], whole["role"].loc[table.index], check_freq=False)
        for role in ROLES[1:]:
            assert table.index[table["role"] == role].equals(whole.index[whole["role"] == role])


def test_warm_up_is_lost_from_the_train_role_alone(tables):
    train = int((label_and_role(BARS, LABEL, ROLE)["role"] == "train").sum())
    for tier, table in tables.items():
        assert int((table["role"] == "train").sum()) == train - warmup(tier)
        assert table.index[0] == BARS.index[warmup(tier)]
        assert len(table) == len(BARS) - LABEL.horizon - warmup(tier)


def test_features_come_first_then_the_label_columns(tables):
    for tier, table in tables.items():
        assert list(table.columns) == [feature.name for feature in TIERS[tier]] + LABEL_COLUMNS
        assert table.index.name == "date"


def test_labels_are_those_of_the_bars(tables):
    expected = touch_label(BARS, LABEL.horizon, LABEL.threshold)
    falls = fall_label(BARS, LABEL.horizon, LABEL.threshold)["label"].rename("fall")
    for table in tables.values():
        rises = table[["label", "label_start", "label_end"]]
        pd.testing.assert_frame_equal(rises, expected.loc[table.index], check_freq=False)
        pd.testing.assert_series_equal(table["fall"], falls.loc[table.index], check_freq=False)


def test_a_scaled_barrier_changes_both_labels_and_nothing_else(tables):
    table = assemble(BARS, "a20", SCALED, ROLE)
    moves = thresholds(BARS, SCALED)
    for column, label in (("label", touch_label), ("fall", fall_label)):
        expected = label(BARS, 2, moves)["label"].rename(column).loc[table.index]
        pd.testing.assert_series_equal(table[column], expected, check_freq=False)
        assert 0.05 < table[column].mean() < 0.3
    same = table.drop(columns=LABEL_COLUMNS)
    pd.testing.assert_frame_equal(same, tables["a20"].drop(columns=LABEL_COLUMNS).loc[same.index], check_freq=False)


def test_later_bars_change_no_row_but_through_the_roles(tables):
    earlier = assemble(BARS.iloc[:1400], "a50", LABEL, ROLE).drop(columns="role")
    whole = tables["a50"].drop(columns="role").loc[earlier.index]
    pd.testing.assert_frame_equal(earlier, whole, check_freq=False)


def test_a_description_counts_what_the_table_holds(tables):
    for tier, table in tables.items():
        told = describe(table, tier, BARS)
        assert (told["tier"], told["features"], told["warmup_days"]) == (tier, n_features(tier), warmup(tier))
        assert told["rows"] == len(table) == sum(role["rows"] for role in told["roles"].values())
        threshold = table.loc[table["role"] == "threshold", "label"]
        assert told["roles"]["threshold"]["base_rate"] == pytest.approx(threshold.mean())
        assert told["roles"]["threshold"]["falls"] == table.loc[table["role"] == "threshold", "fall"].sum() > 0
        assert told["roles"]["threshold"]["first"] == threshold.index[0].strftime("%Y-%m-%d")


@given(rows=st.integers(389, 900), context=st.integers(1, 300), tier=st.sampled_from(list(TIERS)))
@settings(deadline=None, max_examples=40)
def test_a_refusal_counts_the_training_windows_that_the_table_would_have(rows, context, tier):
    bars = BARS.iloc[:rows]
    train = int((label_and_role(bars, LABEL, ROLE)["role"] == "train").sum())  # the first rows of the calendar
    windows = max(0, train - warmup(tier) - (context - 1))
    try:
        require_rows(bars, tier, LABEL, ROLE, context)
    except UserError as error:
        told = re.search(rf"^{rows} bars leave tier {tier} (\d+) training windows after {warmup(tier)}", str(error))
        assert int(told[1]) == windows < MIN_ROLE_ROWS
        assert len(str(error).splitlines()) == 1
    else:
        table = assemble(bars, tier, LABEL, ROLE)
        assert int((table["role"].iloc[context - 1 :] == "train").sum()) == windows >= MIN_ROLE_ROWS


@pytest.mark.parametrize(("threshold", "label"), [(0.9, 0), (1e-9, 1)])
def test_labels_that_are_all_alike_are_refused(threshold, label):
    bars = BARS.assign(high=BARS["high"] + 0.2 * BARS["close"])
    with pytest.raises(UserError) as caught:
        require_rows(bars, "a20", LABEL.model_copy(update={"threshold": threshold}), ROLE, 80)
    windows = 1499 // 2 - warmup("a20") - 79  # half of 1,499 labelled days, the last one purged, rounded
    assert str(caught.value).startswith(f"all {windows} training windows of tier a20 are labelled {label}, so there")
    assert f"label.threshold ({threshold:g})" in str(caught.value)


def test_labels_of_a_scaled_barrier_that_are_all_alike_name_the_multiple():
    with pytest.raises(UserError, match=r"are labelled 0, .*: change label.multiple \(50\) or label.horizon \(1\)$"):
        require_rows(BARS, "a20", LABEL.model_copy(update={"barrier": "volatility", "multiple": 50.0}), ROLE, 80)


def test_labels_of_a_triple_barrier_that_are_all_alike_name_the_stop_too():
    near = LABEL.model_copy(update={"kind": "triple", "stop": -1e-9})
    with pytest.raises(UserError, match=r"change label.threshold \(0.01\), label.stop \(-1e-09\) or label.horizon"):
        require_rows(BARS.assign(open=0.6 * BARS["close"], low=0.5 * BARS["close"]), "a20", near, ROLE, 80)
