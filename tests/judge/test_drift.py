"""Drift is told from the months-long memory that features have: against stretches of the train role itself."""

import doctest

import numpy as np
import pandas as pd
import pytest
from bench.follow import remembering
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.judge import drift as module
from buysignal.judge.drift import _starts, drift, psi


def frame(values, start="2000-01-03", names="abcdefgh"):
    values = np.asarray(values, float).reshape(len(values), -1)
    index = pd.bdate_range(start, periods=len(values), name="date")
    return pd.DataFrame(values, index=index, columns=list(names[: values.shape[1]]))


def test_index_by_hand():
    """(10, 30) rows and 5 that are like the reference: shares 12.5 / 45 and 32.5 / 45 against halves."""
    q = np.array([12.5, 32.5]) / 45
    assert psi(np.array([10, 30]), np.array([500, 500])) == pytest.approx(((q - 0.5) * np.log(q / 0.5)).sum())
    assert psi(np.array([20, 20]), np.array([500, 500])) == 0


def test_a_bin_that_is_empty_in_both_says_nothing_and_one_filled_for_the_first_time_says_much():
    assert psi(np.array([30, 30, 0]), np.array([500, 500, 0])) < 0.01
    assert 1 < psi(np.array([0, 0, 60]), np.array([500, 500, 0])) < 10


def test_a_feature_that_jumps_is_named_and_one_that_stays_is_not():
    rng = np.random.default_rng(1)
    before = frame(rng.standard_normal((1000, 3)))
    after = frame(rng.normal([0, 3, 1.5], 1, (40, 3)), "2010-01-04")
    found = drift(before, after)
    assert found.beyond() == ("b", "c") and found.beyond(1) == ("b",)
    assert found.table["larger"]["a"] > 0 and (found.days, found.stretches, found.overall) == (40, 100, 0)
    assert found.by_chance == pytest.approx(3 * 40 / 1040)


def test_a_stretch_that_is_in_the_reference_is_never_beyond_it():
    """The same 50 days once more: the very same stretch has a larger index, as it is held against the rest alone."""
    values = np.r_[np.zeros(75), np.ones(50), np.zeros(75)] + np.linspace(0, 0.1, 200)
    before = frame(values)
    found = drift(before, frame(values[75:125], "2010-01-04"))
    assert found.beyond() == () and found.table["larger"]["a"] > 0


def test_stretches_are_spread_from_the_first_to_the_last():
    assert _starts(10, 4).tolist() == [0, 1, 2, 3, 4, 5, 6]
    many = _starts(2500, 60)
    assert (len(many), many[0], many[-1]) == (100, 0, 2440)


def test_of_more_days_than_a_quarter_the_last_are_compared():
    rng = np.random.default_rng(2)
    before, after = frame(rng.standard_normal(400)), frame(rng.standard_normal(300), "2010-01-04")
    assert drift(before, after).days == 100
    assert drift(before, after).table.equals(drift(before, after.iloc[-100:]).table)


def test_a_date_is_taken_with_all_its_symbols_and_rows_may_stand_in_any_order():
    rng = np.random.default_rng(3)
    one, came = frame(rng.standard_normal(400)), frame(rng.standard_normal(30), "2010-01-04")
    twice, came_twice = (pd.concat({"S": part, "T": part}, names=["symbol"]) for part in (one, came))
    found, single = drift(twice, came_twice), drift(one, came)
    assert (found.days, found.stretches) == (single.days, single.stretches) == (30, 100)
    assert found.table["larger"]["a"] == pytest.approx(single.table["larger"]["a"], abs=0.05)
    shuffled = drift(twice.sample(frac=1, random_state=1), came_twice.sample(frac=1, random_state=2))
    assert shuffled.table.equals(found.table)


def test_nothing_to_compare_and_missing_values_are_refused():
    before = frame(np.arange(40.0))
    with pytest.raises(ValueError, match="nothing to compare: 3 dates"):
        drift(before.iloc[:3], before)
    with pytest.raises(ValueError, match="nothing to compare: 40 dates of reference, 0 that came"):
        drift(before, before.iloc[:0])
    with pytest.raises(ValueError, match="without a value on some row: a"):
        drift(before, frame([1.0, np.nan]))
    with pytest.raises(ValueError, match="without a value on some row: a"):
        drift(before, frame([1.0, 2.0], names="z"))


@given(st.lists(st.integers(0, 200), min_size=10, max_size=10), st.lists(st.integers(0, 900), min_size=10, max_size=10))
@settings(deadline=None, max_examples=60)
def test_index_is_never_negative_and_finite(came, reference):
    found = psi(np.array(came), np.array(reference))
    assert np.isfinite(found) and found >= -1e-12


def test_memory_of_a_month_is_no_drift_though_the_usual_rule_says_so():
    rng = np.random.default_rng(5)
    told = []
    for _ in range(20):
        x = remembering(rng, (1060, 5), 21.0)
        found = drift(frame(x[:1000]), frame(x[1000:], "2010-01-04"))
        told.append((len(found.beyond()) / 5, (found.table["psi"] > 0.25).mean()))
    ours, usual = np.mean(told, axis=0)
    assert ours < 0.2 and usual > 0.8


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(module).failed == 0
