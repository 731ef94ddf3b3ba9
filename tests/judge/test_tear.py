"""The tear sheet by hand on a dozen days."""

import doctest
import json
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from buysignal.judge import tear as module
from buysignal.judge.tear import COLUMNS, as_many, tear
from tests.judge.test_equity import ALERT, BY_HAND, NET

DATES = pd.bdate_range("2017-12-26", periods=12)  # four days of 2017, eight of 2018
LABEL = np.array([1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1])
DEVIATION = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) / 1000
SCORE = np.array([0.1, 0.9, 0.2, 0.8, 0.1, 0.5, 0.5, 0.5, 0.1, 0.7, 0.1, 0.1])
COST = 0.001


def sheet(**changes):
    given = dict(index=DATES, gross=NET + COST, cost=COST, label=LABEL, alert=ALERT, deviation=DEVIATION)
    return tear(**(given | dict(volatility=SCORE, horizon=1, seed=7) | changes))


def test_the_examples_hold():
    assert doctest.testmod(module).failed == 0


def test_the_capitals_by_hand():
    found = sheet()
    assert found.model.equity.tolist() == pytest.approx(BY_HAND)
    assert found.always.equity[-1] == pytest.approx(np.prod(1 + NET)) and found.always.exposure == 1
    others = [1, 3, 5, 6, 9]  # five days; of the three of score .5 the first two
    assert np.flatnonzero(as_many(SCORE, ALERT)).tolist() == others
    assert found.volatility.equity[-1] == pytest.approx(np.prod(1 + NET[others]))
    assert found.volatility.buys == found.model.buys == 5 and not found.same


def test_years_by_hand():
    first, second = sheet().years
    assert (first.name, first.days, first.buys, first.hits, first.misses) == ("2017", 4, 2, 1, 1)
    assert (first.positives, first.base_rate) == (3, 3 / 4)
    assert (first.mean, first.mean_all) == pytest.approx((-0.04, -0.005))
    assert (second.name, second.days, second.buys, second.hits, second.misses) == ("2018", 8, 3, 1, 2)
    assert (second.positives, second.base_rate) == (4, 1 / 2)
    assert (second.mean, second.mean_all) == pytest.approx((-0.01, 0.04))


def test_buckets_are_thirds_of_the_days_by_hand():
    found = sheet().buckets
    assert [(one.name, one.days, one.buys, one.hits, one.misses) for one in found] == [
        ("calm", 4, 2, 1, 1),
        ("middling", 4, 1, 0, 1),
        ("wild", 4, 2, 1, 1),
    ]
    assert [(one.low, one.high) for one in found] == [(0.001, 0.004), (0.005, 0.008), (0.009, 0.012)]
    assert [one.mean for one in found] == pytest.approx([-0.04, -0.02, -0.005])


def test_days_of_one_deviation_are_not_parted_and_an_empty_bucket_has_no_money():
    calm, *others = sheet(deviation=np.full(12, 0.01)).buckets
    assert calm.days == 12 and calm.buys == 5
    for one in others:
        assert one.days == one.buys == 0
        assert one.mean is one.mean_all is one.low is one.base_rate is None


def test_a_year_without_buys_has_none_and_not_0_percent():
    first, second = sheet(alert=ALERT & (DATES.year == 2018)).years
    assert (first.buys, first.hits, first.mean) == (0, 0, None)
    assert second.buys == 3 and second.mean == pytest.approx(-0.01)


def test_the_worst_come_first_with_their_days():
    found = sheet().worst
    assert [one.date for one in found] == ["2017-12-28", "2018-01-08", "2018-01-02", "2017-12-27", "2018-01-05"]
    assert (found[0].net, found[0].gross) == pytest.approx((-0.1, -0.099))
    assert not found[0].hit and found[0].deviation == 0.003
    assert len(sheet(alert=np.ones(12, bool)).worst) == 10


def test_without_a_buy_nothing_was_traded():
    assert sheet(alert=np.zeros(12, bool)) is None


def test_the_band_is_of_as_many_random_days_and_the_seed_s():
    found = sheet(draws=4000)
    assert np.array_equal(found.random_low, sheet(draws=4000).random_low)
    assert not np.array_equal(found.random_low, sheet(draws=4000, seed=8).random_low)
    assert (found.random_low <= found.random_high).all()
    ends = np.array([np.prod(1 + NET[list(five)]) for five in combinations(range(12), 5)])
    told = found.random["total_return"]
    below = [(ends <= 1 + told[name] + 1e-9).mean() for name in ("low", "median", "high")]
    assert below == pytest.approx([0.05, 0.5, 0.95], abs=0.02)
    assert (found.random_low[-1], found.random_high[-1]) == pytest.approx((1 + told["low"], 1 + told["high"]))
    assert found.ahead == pytest.approx((ends < BY_HAND[-1] - 1e-9).mean(), abs=0.02)


def test_a_contender_that_buys_the_same_days_is_said_to():
    assert sheet(volatility=ALERT.astype(float)).same


def test_buying_always_is_one_of_its_own_band():
    found = sheet(alert=np.ones(12, bool))
    for capital in (found.random_low, found.random_high, found.always.equity, found.volatility.equity):
        assert capital == pytest.approx(found.model.equity)
    assert found.ahead == 0


def test_json_and_rows_are_plain():
    found = sheet()
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (told["first"], told["last"], told["days"], told["cost"]) == ("2017-12-26", "2018-01-10", 12, COST)
    assert told["model"]["buys"] == 5 and told["years"][0]["name"] == "2017" and told["worst"][0]["hit"] is False
    assert tuple(found.frame()) == COLUMNS and found.frame()["date"].iloc[0] == "2017-12-26"
    assert found.frame()["day"].tolist() == list(range(1, 13))


@pytest.mark.parametrize("changed", [{"label": LABEL[1:]}, {"volatility": SCORE[1:]}, {"gross": NET[1:]}])
def test_days_that_are_not_as_many_are_refused(changed):
    with pytest.raises(ValueError, match="12 days need as many"):
        sheet(**changed)


def test_a_day_without_a_deviation_is_named():
    with pytest.raises(ValueError, match="2017-12-27 is not finite"):
        sheet(deviation=np.where(np.arange(12) == 1, np.nan, DEVIATION))
