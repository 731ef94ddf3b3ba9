"""The test of a promise may be looked at every day: its capital wins nothing where the promise is kept."""

import doctest
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from bench.follow import Buying, null
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.judge import sequential
from buysignal.judge.sequential import (
    BROKEN,
    EARLY,
    HOLDS,
    SIZES,
    Promise,
    best_start,
    bounds,
    capital,
    delays,
    evidence_against,
    kept,
    needed,
    outcomes,
)

PROMISE = Promise(0.5, 0.2, 1)


def days(n):
    return pd.bdate_range("2024-01-01", periods=n, name="date")


def column(*hits):
    return np.array(hits, float)[:, None]


def test_two_misses_by_hand():
    """Half of the capital bets: the sizes have the mean .31, and their squares .1705."""
    e = capital(column(0, 0), 0.5, 1)[:, 0]
    assert e == pytest.approx([1, 1 / 2 * 1.31 + 1 / 2, 1 / 2 * (1 + 2 * 0.31 + 0.1705) + 1 / 2], abs=1e-12)


def test_a_sixth_begins_to_bet_on_the_twenty_first_buying_day():
    e = capital(column(*[0.5] * 20, 0, 0), 0.5, 1)[:, 0]  # half a hit at this floor wins and loses nothing
    both = 1 / 2 + 1 / 6
    assert e[20:] == pytest.approx([1, both * 1.31 + 1 / 3, both * 1.7905 + 1 / 3], abs=1e-12)


def test_a_hit_loses_the_stake_and_half_a_hit_at_a_floor_of_one_half_nothing():
    assert capital(column(1), 0.5, 1)[1, 0] == pytest.approx(0.5 * 0.69 + 0.5, abs=1e-12)
    assert capital(column(0.5, 0.5), 0.5, 1)[:, 0] == pytest.approx([1, 1, 1], abs=1e-12)


def test_what_is_staked_counts_as_lost_until_it_is_settled():
    """Buys on days 0 and 1, outcomes on days 3 and 4, both missed, at a floor of one half."""
    e = capital(column(0, 0), 0.5, 3)[:, 0]
    free = 1 / 2 * (1 - 2 * 0.31 + 0.1705)  # after both stakes
    first, second = 1 / 2 * 2 * 0.31, 1 / 2 * 2 * (0.31 - 0.1705)
    expected = [1, 1 / 2 * 0.69 + 1 / 2, free + 1 / 2, free + first + 1 / 2, free + first + second + 1 / 2]
    assert e == pytest.approx(expected, abs=1e-12)


def test_days_without_a_buy_change_nothing():
    dense, sparse = capital(column(0, 1, 0), 0.4, 1), capital(column(np.nan, 0, np.nan, np.nan, 1, 0), 0.4, 1)
    assert sparse[[2, 5, 6], 0].tolist() == dense[1:, 0].tolist()


@pytest.mark.parametrize("horizon", [1, 2, 5, 10])
@pytest.mark.parametrize("floor", [0.3, 0.5])
def test_expected_capital_is_at_most_one_over_all_paths_of_ten_buys(horizon, floor):
    paths = np.array(list(product([0.0, 1.0], repeat=10))).T
    weight = np.prod(np.where(paths == 1, floor, 1 - floor), axis=0)
    expected = capital(paths, floor, horizon) @ weight
    assert expected.max() <= 1 + 1e-12 and expected[-1] == pytest.approx(1, abs=1e-12)
    better = np.prod(np.where(paths == 1, floor + 0.1, 0.9 - floor), axis=0)
    assert (capital(paths, floor, horizon) @ better)[-1] < 1


@pytest.mark.parametrize("only_after_a_fall", [False, True])
def test_labels_that_overlap_and_buys_that_know_the_past_break_no_promise(only_after_a_fall):
    """All paths of 12 moves, up or down alike; a buy hits if the next three are up: 1/8 whatever is known."""
    moves = np.array(list(product([0, 1], repeat=12))).T
    hits = np.array([moves[t : t + 3].all(axis=0) for t in range(10)], float)
    if only_after_a_fall:
        hits[1:] = np.where(moves[:9] == 0, hits[1:], np.nan)
    e = capital(hits, 1 / 8, 3)
    assert e.mean(axis=1).max() <= 1 + 1e-12 and e[-1].mean() == pytest.approx(1, abs=1e-12)
    for level in (1.01, 1.05, 1.1, 1.2):  # at the first day above a level, if there is one: Ville
        over = e >= level
        stopped = np.where(over.any(axis=0), e[over.argmax(axis=0), np.arange(e.shape[1])], e[-1])
        assert stopped.mean() <= 1 + 1e-12 and over.any(axis=0).mean() <= 1 / level


def test_misses_alone_are_found_on_the_ninth():
    """The largest size alone wins .8 a miss: a tenth of 1.8 ** 8 is 11, of 1.8 ** 9 is 20."""
    begun = [(s, 1 / ((s / 20 + 1) * (s / 20 + 2))) for s in (0, 20, 40)]
    waiting = [1.0] + [1 / 2] * 20 + [1 / 3] * 20 + [1 / 4] * 5
    e = [sum(w * np.mean((1 + SIZES) ** (k - s)) for s, w in begun if s < k) + waiting[k] for k in range(46)]
    assert e[8] < 20 <= e[9]
    found = kept(np.zeros(45), np.arange(45), days(46), PROMISE)
    assert found.e == pytest.approx(e[1:])
    assert (found.verdict, found.alarm, found.since) == (BROKEN, days(46)[9], days(46)[0])
    assert np.isfinite(capital(np.zeros((2000, 1)), 0.5, 1)).all()


def test_what_broke_after_good_years_is_found_and_dated_and_stays_broken():
    hits = np.r_[np.tile([1, 1, 0], 100), np.zeros(30), np.ones(300)]
    found = kept(hits, np.arange(630), days(631), PROMISE)
    assert found.verdict == BROKEN and days(631)[310] < found.alarm <= days(631)[330]
    assert found.since == days(631)[299]  # the miss before them is counted with them
    assert found.e[-1] < 20
    assert best_start(hits[:330], 0.5) == 299


def test_an_outcome_is_read_when_it_is_known_and_not_before():
    hits, at = np.zeros(30), np.arange(30)
    today = kept(np.r_[np.zeros(12), np.full(4, np.nan)], at[:16], days(16), replace(PROMISE, horizon=5))
    later = kept(hits, at, days(30), replace(PROMISE, horizon=5))
    assert len(today.e) == 11 and today.at.tolist() == list(range(11))
    assert today.e.tolist() == later.e[:11].tolist() and today.low.tolist() == later.low[:11].tolist()


def test_silence_is_no_praise_until_a_broken_model_would_have_been_found():
    wanted = needed(PROMISE)
    hits = np.resize([1, 0, 1], wanted)
    before = kept(hits[:-1], np.arange(wanted - 1), days(wanted), PROMISE)
    after = kept(hits, np.arange(wanted), days(wanted + 1), PROMISE)
    assert (before.verdict, before.more, after.verdict, after.more) == (EARLY, 1, HOLDS, 0)
    nothing = kept(np.zeros(0), np.zeros(0), days(5), PROMISE)
    assert (nothing.verdict, nothing.more, len(nothing.e), len(nothing.low)) == (EARLY, wanted, 0, 0)


def test_needed_is_what_finds_four_of_five_and_nothing_where_there_is_nothing_to_lose():
    wanted = needed(PROMISE)
    hits = outcomes(np.random.default_rng(7), wanted, 0.2, 1, 2000)
    found = (delays(capital(hits, 0.5, 1), hits, 1, 0.05) <= wanted).mean()
    assert found == pytest.approx(0.8, abs=0.05)
    assert needed(replace(PROMISE, base=0.4)) > 3 * wanted and needed(replace(PROMISE, horizon=5)) > wanted
    assert needed(replace(PROMISE, base=0.5)) is None
    assert kept(np.ones(9), np.arange(9), days(10), replace(PROMISE, base=0.6)).more is None


def test_more_than_can_be_waited_for_is_told_as_never(monkeypatch):
    monkeypatch.setattr(sequential, "LONGEST", 300)
    assert needed(replace(PROMISE, base=0.45, alpha=0.04)) is None and needed(replace(PROMISE, alpha=0.04)) < 300


@pytest.mark.parametrize(
    ("hits", "at"), [([0, 1], [1, 1]), ([0, 1], [3, 2]), ([0], [9]), ([0, 1], [0]), ([2], [0]), ([np.nan], [0])]
)
def test_days_that_do_not_rise_and_shares_that_are_none_are_refused(hits, at):
    with pytest.raises(ValueError, match="must"):
        kept(np.array(hits), np.array(at), days(9), PROMISE)


@pytest.mark.parametrize("wrong", [{"floor": 0}, {"base": 1}, {"horizon": 0}, {"alpha": 1}])
def test_a_promise_of_no_shares_is_refused(wrong):
    with pytest.raises(ValueError, match="must"):
        replace(PROMISE, **wrong)


def test_one_buy_is_bounded_by_hand():
    """One hit: the average of a / (1 - m + m a) over a = exp(tilt) reaches 2 / alpha at the lower bound."""
    low, high = bounds(np.array([1.0]), np.array([0]), 1, 0.5)
    factor = np.exp([0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2])
    assert np.mean(factor / (1 - low[0] + low[0] * factor)) == pytest.approx(4, abs=1e-6) and high[0] == 1


def test_open_outcomes_widen_the_bounds_and_overlap_does():
    hits, at = np.tile([1.0, 0.0], 200), np.arange(400)
    single, apart, close = (bounds(hits, *case, 0.05) for case in ((at, 1), (at * 5, 5), (at, 5)))
    low, high = zip(*((one[0][99], one[1][99]) for one in (single, apart, close)))
    assert 1 > low[0] > low[1] > low[2] > 0 and 0 < high[0] < high[1] < high[2] < 1
    assert low[0] == pytest.approx(1 - high[0])


@pytest.mark.parametrize("n", [1, 5])
def test_evidence_against_the_true_chance_is_expected_to_be_one_at_most(n):
    """Chances that differ count as their mean, as the logarithm is concave."""
    chances = np.linspace(0.2, 0.6, n)
    paths = np.array(list(product([0.0, 1.0], repeat=n)))
    weight = np.prod(np.where(paths == 1, chances, 1 - chances), axis=1)
    mean, count = paths.mean(axis=1), np.full(len(paths), n)
    expected = weight @ evidence_against(np.full(len(paths), chances.mean()), mean, count)
    assert expected <= 1 + 1e-12 and (n > 1 or expected == pytest.approx(1, abs=1e-12))


SHARES = st.lists(st.sampled_from([0.0, 1 / 3, 1.0]), min_size=1, max_size=30)


@given(SHARES, st.integers(0, 29), st.integers(1, 5), st.floats(0.05, 0.9))
@settings(deadline=None, max_examples=60)
def test_a_hit_more_never_speaks_against_the_promise_and_a_higher_floor_always_does(shares, place, horizon, floor):
    hits = column(*shares)
    better = hits.copy()
    better[place % len(hits)] = 1.0
    e = capital(hits, floor, horizon)
    assert (capital(better, floor, horizon) <= e + 1e-9 * e).all() and (e > 0).all()
    assert (capital(hits, floor + 0.05, horizon) >= e - 1e-9 * e).all()


@given(SHARES, st.integers(1, 5), st.floats(0.01, 0.4))
@settings(deadline=None, max_examples=60)
def test_bounds_hold_the_mean_that_came_and_widen_with_certainty(shares, horizon, alpha):
    hits, at = np.array(shares), np.arange(len(shares))
    (low, high), (lower, higher) = bounds(hits, at, horizon, alpha), bounds(hits, at, horizon, alpha / 2)
    made = np.minimum(len(hits), np.arange(len(hits)) + horizon)
    assert (low <= hits.cumsum() / made + 1e-9).all() and (high >= hits.cumsum() / made - 1e-9).all()
    assert (lower <= low + 1e-9).all() and (higher >= high - 1e-9).all()


@pytest.mark.parametrize("horizon", [1, 5])
def test_a_kept_promise_is_seldom_called_broken_in_ten_years(horizon):
    row = null(Buying(0.4, 0.15, horizon, "bursts"), 200, np.random.default_rng(3))
    assert row["false_alarms"] <= 0.08 and row["bounds_missed"] <= 0.08  # more than 16 of 200 once in 40 at 5 %


@pytest.mark.full
@pytest.mark.parametrize("horizon", [1, 5])
@pytest.mark.parametrize("placed", ["even", "bursts"])
def test_a_kept_promise_is_called_broken_at_most_as_often_as_said(horizon, placed):
    for floor, rate in product((0.3, 0.6), (0.05, 0.4)):
        row = null(Buying(floor, rate, horizon, placed), 2000, np.random.default_rng(4))
        assert row["false_alarms"] <= 0.06 and row["bounds_missed"] <= 0.06


def test_the_examples_in_the_docstrings_are_true():
    assert doctest.testmod(sequential).failed == 0
