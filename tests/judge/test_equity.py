"""A capital by hand on a dozen days, and as a library has it that traders know."""

import doctest

import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from buysignal.judge import equity as module
from buysignal.judge.equity import Curve, annualised, drawdown, equity, exposure, total_return

NET = np.array([0.01, 0.02, -0.1, 0.05, 0.01, -0.02, 0.03, 0.2, 0.04, -0.05, 0.01, 0.1])
ALERT = np.array([0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0, 0], bool)
BY_HAND = [1, 1.02, 0.918, 0.918, 0.918, 0.89964, 0.89964, 0.89964, 0.9356256, 0.88884432, 0.88884432, 0.88884432]
days = st.integers(1, 40).flatmap(
    lambda n: st.tuples(arrays(float, n, elements=st.floats(-0.9, 1)), arrays(bool, n), st.integers(1, 6))
)


def daily(equity):
    """Returns of the days, as a series that a library takes."""
    days = pd.bdate_range("2018-01-02", periods=len(equity))
    return pd.Series(equity / np.r_[1.0, equity[:-1]] - 1, index=days)


def test_the_examples_hold():
    assert doctest.testmod(module).failed == 0


def test_a_dozen_days_by_hand():
    found = Curve.of(NET, ALERT, 1)
    assert found.equity.tolist() == pytest.approx(BY_HAND)
    assert drawdown(found.equity).tolist() == pytest.approx([0, 0, *(x / 1.02 - 1 for x in BY_HAND[2:])])
    assert found.to_dict() == pytest.approx(
        {
            "buys": 5,
            "mean": (0.02 - 0.1 - 0.02 + 0.04 - 0.05) / 5,
            "exposure": 5 / 12,
            "total_return": 0.88884432 - 1,
            "annualised": 0.88884432**21 - 1,
            "max_drawdown": 0.88884432 / 1.02 - 1,
        }
    )


def test_three_parts_by_hand():
    """Days 0, 3, 6, 9 are of the first part, and so on; each is a third, and never lent to another."""
    found = Curve.of(NET, ALERT, 3)
    first, second, third = 0.95, 1.02, 0.9 * 0.98 * 1.04
    assert found.equity[-1] == pytest.approx((first + second + third) / 3)
    assert found.equity[:3].tolist() == pytest.approx([1, 1 + 0.02 / 3, 1 + (0.02 - 0.1) / 3])
    # days with 0, 1, 2, 2, 1, 1, 1, 1, 1, 2, 2, 1 open trades
    assert found.exposure == pytest.approx(15 / 36)


def test_a_part_that_lost_all_stays_at_nothing_and_is_no_debt():
    assert equity(np.array([-1.0005, 0.5, 0.2]), np.ones(3, bool), 1).tolist() == [0, 0, 0]
    assert annualised(np.zeros(3)) == total_return(np.zeros(3)) == drawdown(np.zeros(3)).min() == -1


def test_a_horizon_beyond_the_days_leaves_the_other_parts_as_they_were():
    assert equity(np.array([0.1, 0.2]), np.ones(2, bool), 4).tolist() == pytest.approx([4.1 / 4, 4.3 / 4])


def test_many_alerts_at_once_are_each_alone():
    many = np.stack([ALERT, ~ALERT])
    assert np.array_equal(equity(NET, many, 2), np.stack([equity(NET, one, 2) for one in many]))


@given(days)
def test_total_yearly_return_and_deepest_fall_are_what_traders_call_so(given):
    net, alert, horizon = given
    capital = equity(net, alert, horizon)
    told, returns = Curve.of(net, alert, horizon).to_dict(), daily(capital)
    assert empyrical.cum_returns(returns, starting_value=1).to_numpy() == pytest.approx(capital)
    assert told["total_return"] == pytest.approx(empyrical.cum_returns_final(returns), abs=1e-9)
    assert told["annualised"] == pytest.approx(empyrical.annual_return(returns), rel=1e-6, abs=1e-9)
    assert told["max_drawdown"] == pytest.approx(empyrical.max_drawdown(returns), abs=1e-9)


@given(days)
def test_with_one_day_a_trade_the_returns_of_the_days_are_those_of_the_trades(given):
    net, alert, _ = given
    assert daily(equity(net, alert, 1)).to_numpy() == pytest.approx(np.where(alert, net, 0), abs=1e-9)


@given(days)
def test_trades_never_hold_more_than_the_capital(given):
    _, alert, horizon = given
    opened = [alert[max(0, day - horizon + 1) : day + 1].sum() / horizon for day in range(len(alert))]
    assert exposure(alert, horizon) == pytest.approx(np.mean(opened)) and max(opened) <= 1
