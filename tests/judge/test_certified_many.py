"""Certified thresholds of a panel: one symbol as alone, copies of a day one day, and a bad date in every symbol."""

import numpy as np
import pandas as pd
import pytest

from buysignal.judge.certified import Precision, certify, p_values
from buysignal.judge.certified_money import Profit, worst_day
from buysignal.judge.certified_money import p_values as of_money
from buysignal.judge.dates import Dates
from buysignal.judge.money import Trades
from tests.judge.examples import RULES, skilled
from tests.judge.panels import copies, per_row

RNG = np.random.default_rng(5)
ALONE = skilled("m", 2.0, 1, 200)
GROSS = pd.Series(RNG.standard_normal(400) / 100 + 0.03 * ALONE.label, ALONE.index)
NET, ALERT = RNG.standard_normal(200) / 100 + 0.002, RNG.random((3, 200)) < [[0.6], [0.4], [0.2]]
SIX = Dates(np.repeat(np.arange(200), 6), np.tile(np.arange(6), 200))


@pytest.mark.parametrize("money", [False, True])
def test_one_symbol_is_certified_as_it_is_alone(money):
    def found(model, gross):
        return certify(model, Profit(Trades(gross, 0.001), 1) if money else Precision(0.4), 0.2, RULES)

    one = copies(ALONE, 1)
    assert found(one, per_row(one, GROSS)) == found(ALONE, GROSS)
    assert found(ALONE, GROSS).threshold is not None


def test_copies_of_a_day_certify_no_more_than_the_day():
    label = RNG.random(200) < 0.5
    wide = p_values(np.repeat(label, 6).astype(int), np.repeat(ALERT, 6, axis=1), 1, 0.4, SIX)
    rows = p_values(np.repeat(label, 6).astype(int), np.repeat(ALERT, 6, axis=1), 1, 0.4)
    assert (wide > rows).all()


@pytest.mark.parametrize("horizon", [1, 5])
def test_copies_of_a_day_earn_as_surely_as_the_day(horizon):
    found = of_money(np.repeat(NET, 6), np.repeat(ALERT, 6, axis=1), horizon, 1, 300, SIX)
    assert found == pytest.approx(of_money(NET, ALERT, horizon, 1, 300))
    flat = of_money(np.where(np.repeat(ALERT[2], 6), 0.01, -0.01), np.repeat(ALERT[2:], 6, axis=1), horizon, 1, 50, SIX)
    assert flat == of_money(np.where(ALERT[2], 0.01, -0.01), ALERT[2:], horizon, 1, 50)


def test_buys_of_few_dates_are_not_sure_however_many_they_are():
    """Four dates of seven gain what the others lose, all symbols alike: 1,200 rows would be sure, 200 dates are not."""
    net = np.repeat(np.where(np.arange(200) % 7 < 4, 0.01, -0.01), 6)
    every = np.ones((1, 1200), bool)
    assert of_money(net, every, 1, 1, 300, SIX)[0] > 0.05 > of_money(net, every, 1, 1, 300)[0]


def test_the_worst_day_is_that_of_all_symbols_or_of_one_that_falls_alone():
    two = Dates(np.repeat(np.arange(4), 2), np.tile([0, 1], 4))
    crash = np.array([0.01, 0.02, -0.3, -0.1, 0.01, 0.0, 0.02, 0.01])
    assert worst_day(crash, two) == pytest.approx(-0.2)
    alone = np.array([0.01, 0.02, -0.3, 0.3, 0.01, -0.25, 0.02, 0.01])
    assert worst_day(alone, two) == -0.25  # one buy in four lost as much
    assert worst_day(np.abs(alone), two) == 0.0
    assert worst_day(alone, Dates(np.arange(8), np.zeros(8, int))) == worst_day(alone, None) == -0.3
