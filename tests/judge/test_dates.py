"""Rows of many symbols are doubted by date, and one symbol gives what it gives without dates, to the byte."""

import numpy as np
import pandas as pd
import pytest

from buysignal.core.binomial import clopper_pearson_lower, clopper_pearson_upper
from buysignal.judge.best_of_day import as_many_of_day, best_of_day
from buysignal.judge.concentration import concentration
from buysignal.judge.daily_auc import daily_auc, daily_auc_interval
from buysignal.judge.dates import Dates
from buysignal.judge.evidence import evidence
from buysignal.judge.intervals import (
    effective_count,
    effective_of_sums,
    precision_interval,
    precision_lower,
)
from buysignal.judge.money import money
from buysignal.judge.paired import choice_difference, highest, precision_difference
from buysignal.judge.unskilled import best_unskilled
from buysignal.models.metrics import auc
from tests.judge.examples import persistent

RNG = np.random.default_rng(7)
ONE = Dates(np.arange(400), np.zeros(400, int))
LABEL = (persistent(RNG, (400,)) > 0.5).astype(np.int8)
ALERT, OTHER = persistent(RNG, (400,)) > 0.8, persistent(RNG, (400,))
GROSS = RNG.standard_normal(400) / 100


def every(days, symbols):
    """Each of some symbols on each of some days."""
    return Dates(np.repeat(np.arange(days), symbols), np.tile(np.arange(symbols), days))


def alike(values, symbols):
    """The same value on a day for all symbols."""
    return np.repeat(values, symbols)


@pytest.mark.parametrize("horizon", [1, 5])
def test_one_symbol_gives_the_bytes_of_no_dates(horizon):
    assert evidence(LABEL, ALERT, horizon, 0.95, 0, 1, ONE) == evidence(LABEL, ALERT, horizon, 0.95, 0, 1)
    cuts = np.array([[-1.0], [0.0]]) < OTHER
    for with_dates, without in zip(
        precision_lower(LABEL, cuts, horizon, 0.9, ONE), precision_lower(LABEL, cuts, horizon, 0.9)
    ):
        assert with_dates.tobytes() == without.tobytes()
    asked = (horizon, 0.95, 3, 200)
    theirs = highest(OTHER, int(ALERT.sum()))
    assert choice_difference(LABEL, ALERT, theirs, *asked, ONE) == precision_difference(LABEL, ALERT, OTHER, *asked)
    earned = (GROSS, LABEL, ALERT, horizon, 0.0005, 0.95, 3, 200)
    assert dict(money(*earned, dates=ONE)) == dict(money(*earned))
    assert best_unskilled(GROSS, ALERT, horizon, 5, ONE) == best_unskilled(GROSS, ALERT, horizon, 5)


def test_symbols_that_are_all_alike_tell_no_more_than_one():
    wide = evidence(alike(LABEL, 20), alike(ALERT, 20), 1, 0.95, 0, 1, every(400, 20))
    one = evidence(LABEL, ALERT, 1, 0.95, 0, 1)
    assert (wide.precision, wide.recall, wide.n_buys) == (one.precision, one.recall, 20 * one.n_buys)
    assert wide.n_eff <= one.n_eff + 1e-9 and wide.precision_interval[0] <= one.precision_interval[0]
    taken = (alike(GROSS, 20), alike(LABEL, 20), alike(ALERT, 20), 1, 0.0, 0.95, 3, 200)
    assert money(*taken, dates=every(400, 20)).mean_interval == pytest.approx(
        money(GROSS, LABEL, ALERT, 1, 0.0, 0.95, 3, 200).mean_interval
    )


def test_independent_symbols_are_worth_nearly_as_many_as_they_are():
    by, rng = every(500, 40), np.random.default_rng(2)
    alert, label = rng.random(20_000) < 0.1, rng.random(20_000) < 0.3
    assert 0.4 * alert.sum() < effective_count(alert, label, 1, by) <= alert.sum()


def test_a_day_on_which_all_are_right_is_one_event_and_never_many():
    """Three buys a day for ten days, each of them right: nothing varies, so a date stands for one toss."""
    chosen = np.full(10, 3)
    assert effective_of_sums(chosen, chosen, 1) == pytest.approx(10)
    assert effective_of_sums(chosen, chosen, 5) == pytest.approx(2)  # days 0 and 5 share no day of their outcome


def test_rows_taken_for_independent_would_be_too_sure():
    by, rng = every(400, 50), np.random.default_rng(3)
    label = (rng.standard_normal(400)[:, None] + rng.standard_normal((400, 50)) > 0.5).ravel()
    alert = rng.random(20_000) < 0.5
    ours, count = precision_interval(label, alert, 1, 0.95, by), alert.sum()
    rows = clopper_pearson_upper(ours.point, count, 0.975) - clopper_pearson_lower(ours.point, count, 0.975)
    assert ours.high - ours.low > 3 * rows


def test_the_lead_of_many_symbols_is_over_the_average_one_of_the_same_day():
    """A day of +1 and +3 %, one of -2 and 0 %: the second symbol bought on both leads by 1 %, whatever the days do."""
    by = every(2, 2)
    found = money(
        np.array([0.01, 0.03, -0.02, 0.0]), np.array([0, 1, 0, 0]), np.array([0, 1, 0, 1], bool), 1, 0.001, 0.95, 1,
        dates=by,
    )  # fmt: skip
    assert (found.mean, found.random, found.ahead) == pytest.approx((0.014, 0.004, 0.01))
    assert found.ahead_interval == pytest.approx((0.01, 0.01))  # both days say the same


def test_days_without_a_buy_have_no_part_in_the_average():
    by = every(3, 2)
    gross = np.array([0.01, 0.03, 0.5, 0.9, -0.02, 0.0])
    found = money(gross, gross > 0, np.array([0, 1, 0, 0, 0, 1], bool), 1, 0.0, 0.95, 1, dates=by)
    assert found.random == pytest.approx((0.02 - 0.01) / 2)


def test_another_buys_as_many_on_each_day():
    by = every(3, 3)
    alert = np.array([1, 1, 0, 0, 0, 0, 1, 1, 1], bool)
    score = np.array([0.1, 0.5, 0.9, 0.7, 0.8, 0.9, 0.2, 0.2, 0.2])
    assert as_many_of_day(score, alert, by).tolist() == [0, 1, 1, 0, 0, 0, 1, 1, 1]
    tied = np.array([0.5, 0.5, 0.5, 0.7, 0.8, 0.9, 0.3, 0.2, 0.1])
    assert as_many_of_day(tied, alert, by) == pytest.approx([2 / 3] * 3 + [0] * 3 + [1] * 3)


def test_of_equal_scores_the_first_name_is_bought():
    by = Dates.of(pd.MultiIndex.from_tuples([("B", 1), ("Z", 1), ("A", 2), ("B", 2)], names=["symbol", "date"]))
    assert best_of_day(np.zeros(4), by, 1).tolist() == [True, False, True, False]
    assert best_of_day(np.array([1.0, 2.0, 3.0, 1.0]), by, 5).all()


def test_fewer_than_ten_days_with_a_buy_cannot_tell_however_many_buys_they_hold():
    by = every(300, 50)
    label = np.tile(np.arange(50) < 25, 300)
    alert = label & (by.day < 9)
    found = choice_difference(label, alert, as_many_of_day(-label.astype(float), alert, by), 1, 0.95, 1, 200, by)
    assert found.difference == 1 and found.verdict == "cannot tell"


def test_the_area_of_a_day_is_that_of_its_rows():
    by, rng = Dates(np.repeat(np.arange(30), 12), np.tile(np.arange(12), 30)), np.random.default_rng(4)
    label, score = rng.random(360) < 0.4, rng.integers(0, 5, 360) / 4
    expected = [auc(label[by.day == day].astype(int), score[by.day == day]) for day in range(30)]
    assert daily_auc(label, score, by) == pytest.approx(expected)
    found = daily_auc_interval(label, score, by, 1, 0.95, 1, 300)
    assert found.point == pytest.approx(np.mean(expected)) and found.low < 0.5 < found.high
    right = daily_auc_interval(label, label.astype(float), by, 1, 0.95, 1)
    assert right.point == right.high == 1 and 0.85 < right.low < 0.9  # thirty tosses, all won
    assert daily_auc_interval(label * 0, score, by, 1, 0.95, 1).low == 0


def test_a_shift_moves_all_symbols_together_and_none_to_where_it_has_no_row():
    """The second symbol has rows on the first half of the days only; shifted there, its alerts are left out."""
    day = np.concatenate([np.repeat(np.arange(200), 2), np.arange(200, 400)])
    by = Dates(day, np.concatenate([np.tile([0, 1], 200), np.zeros(200, int)]))
    value = np.where(by.symbol == 1, 1.0, 0.0)
    bar = best_unskilled(value, by.symbol == 1, 1, 1, by)
    assert (bar.observed, bar.mean, bar.p95) == pytest.approx((1, 1, 1))


@pytest.mark.parametrize(
    ("day", "symbol"), [([0, 0], [1, 1]), ([0, 0], [1, 0]), ([1, 0], [0, 0]), ([0, 2], [0, 0]), ([1], [0])]
)
def test_rows_in_another_order_or_twice_are_refused(day, symbol):
    with pytest.raises(ValueError, match=r"rows must rise|each date from 0"):
        Dates(np.array(day), np.array(symbol))


def test_a_month_that_holds_most_buys_is_said_and_an_even_spread_is_not():
    index = pd.MultiIndex.from_product(
        [["A", "B", "C", "D", "E"], pd.bdate_range("2014-01-01", "2014-12-31")], names=["symbol", "date"]
    )
    month, symbol = concentration(pd.Series(True, index))
    assert not month.said and not symbol.said and symbol.share == symbol.even == 0.2
    crisis = pd.Series(index.get_level_values("date").month == 10, index)
    month, symbol = concentration(crisis)
    assert month.said and (month.name, month.share) == ("2014-10", 1.0) and not symbol.said
    assert concentration(pd.Series(False, index)) == ()
