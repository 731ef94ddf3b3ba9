"""The tear sheet of many symbols by hand, on a dozen rows of two; of one it is that of the symbol, to the byte."""

import doctest
import json
from math import comb

import numpy as np
import pandas as pd
import pytest

from buysignal.judge import tear_of_many as module
from buysignal.judge.dates import Dates
from buysignal.judge.equity import Curve, of_days
from buysignal.judge.tear import COLUMNS, tear
from tests.judge.test_equity import ALERT as ALERT_OF_ONE
from tests.judge.test_equity import NET as NET_OF_ONE
from tests.judge.test_tear import COST, DATES, DEVIATION, LABEL, SCORE, sheet

DAYS = pd.bdate_range("2017-12-27", periods=7)  # three days of 2017, four of 2018; B begins on the third
DAY = np.array([0, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6])
NAME = np.array(["A", "A", *["A", "B"] * 5])
INDEX = pd.MultiIndex.from_arrays([NAME, DAYS[DAY]], names=["symbol", "date"])
BY = Dates.of(INDEX)
NET = np.array([0.1, -0.05, 0.02, 0.04, -0.1, 0.3, 0.01, -0.2, 0.05, 0.06, 0.03, -0.02])
ALERT = np.array([0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0], bool)
HIT = np.array([1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0])
MOVED = np.array([1, 2, 1, 5, 4, 4, 5, 5, 2, 10, 7, 7]) / 100  # 1 to 7 % in the mean of a day
BROUGHT = [0, -0.05, 0.03, 0, -0.2, 0.055, 0]


def many(**changes):
    given = dict(index=INDEX, gross=NET + COST, cost=COST, label=HIT, alert=ALERT, deviation=MOVED)
    return tear(**(given | dict(volatility=np.full(12, 0.5), horizon=1, seed=7) | changes))


def test_a_day_brings_the_mean_of_its_buys_and_a_symbol_loses_no_more_than_its_share():
    brought, bought = of_days(NET, ALERT, BY)
    assert brought == pytest.approx(BROUGHT) and bought.tolist() == [False, True, True, False, True, True, False]
    two = Dates(np.array([0, 0]), np.array([0, 1]))
    assert of_days(np.array([-1.5, 0.5]), np.array([True, True]), two)[0] == pytest.approx([-0.25])


def test_the_capitals_by_hand():
    found = many()
    assert found.dates.equals(DAYS)
    assert found.model.equity == pytest.approx(np.cumprod(1 + np.array(BROUGHT)))
    assert (found.model.buys, found.model.exposure) == (6, 4 / 7) and found.model.mean == pytest.approx(-0.08 / 6)
    always = np.array([0.1, -0.05, 0.03, 0.1, -0.095, 0.055, 0.005])  # every symbol of the day in equal shares
    assert found.always.equity == pytest.approx(np.cumprod(1 + always))
    assert (found.always.buys, found.always.exposure) == (12, 1)


def test_longer_trades_have_parts_of_the_capital_and_a_day_splits_its_own():
    found = Curve.of(NET, ALERT, 2, BY)
    assert found.equity[-1] == pytest.approx((1.03 * 0.8 + 0.95 * 1.055) / 2)
    assert found.exposure == pytest.approx(8 / 14)  # 0, 1, 2, 1, 1, 2, 1 open parts


def test_the_volatility_contender_buys_as_many_of_each_day():
    found = many()  # its scores are all equal: of the fifth day, too, it takes the first name
    assert found.volatility.equity[-1] == pytest.approx(0.95 * 1.03 * 1.01 * 1.055) and not found.same
    assert many(volatility=ALERT.astype(float)).same


def test_the_band_is_of_as_many_symbols_of_the_same_days():
    """A day with a buy of each symbol leaves nothing to chance: only the fifth does, with A or B."""
    found = many(draws=400)
    low, high = ([1, 0.95, 0.95 * 1.03, 0.95 * 1.03] for _ in "lh")
    low += [low[-1] * 0.8, low[-1] * 0.8 * 1.055, low[-1] * 0.8 * 1.055]
    high += [high[-1] * 1.01, high[-1] * 1.01 * 1.055, high[-1] * 1.01 * 1.055]
    assert found.random_low == pytest.approx(low) and found.random_high == pytest.approx(high)
    assert found.ahead == 0  # half of the draws are the alerts themselves, and end where they do
    assert many(draws=400).random == found.random


def test_random_symbols_are_drawn_as_often_as_there_are_buys():
    by, net = Dates(np.zeros(4, int), np.arange(4)), np.array([0.0, 0.1, 0.2, 0.7])
    drawn = module.random_symbols(net, np.array([0, 0, 1, 1], bool), by, np.random.default_rng(1), 3000)[:, 0]
    pairs, counts = np.unique(drawn.round(6), return_counts=True)
    assert pairs == pytest.approx([0.05, 0.1, 0.15, 0.35, 0.4, 0.45])
    assert counts / 3000 == pytest.approx(np.full(6, 1 / 6), abs=0.03)


@pytest.mark.parametrize("count", [1, 4, 5])
def test_every_choice_of_symbols_is_as_likely(count):
    drawn = module.subsets(5, count, np.random.default_rng(2), 4000)
    kinds, counts = np.unique(drawn, axis=0, return_counts=True)
    assert (drawn.sum(axis=1) == count).all() and len(kinds) == comb(5, count)
    assert counts / 4000 == pytest.approx(np.full(len(kinds), 1 / len(kinds)), abs=0.03)


def test_years_count_days_rows_and_buys_as_what_they_are():
    first, second = many().years
    counts = [(one.name, one.days, one.rows, one.buys, one.hits, one.positives) for one in (first, second)]
    assert counts == [("2017", 3, 4, 3, 2, 3), ("2018", 4, 8, 3, 1, 3)]
    assert (first.base_rate, first.mean, first.mean_all) == pytest.approx((3 / 4, 0.01 / 3, 0.0275))
    assert (second.base_rate, second.mean, second.mean_all) == pytest.approx((3 / 8, -0.03, 0.13 / 8))


def test_buckets_are_thirds_of_the_days_by_their_mean_deviation():
    found = many().buckets
    assert [(one.name, one.days, one.rows, one.buys, one.hits) for one in found] == [
        ("calm", 3, 4, 3, 2),
        ("middling", 2, 4, 1, 0),
        ("wild", 2, 4, 2, 1),
    ]
    assert [x for one in found for x in (one.low, one.high)] == pytest.approx([0.01, 0.03, 0.04, 0.05, 0.06, 0.07])


def test_the_worst_trades_have_a_symbol_and_the_worst_days_their_buys():
    found = many()
    trades = [("2018-01-02", "B"), ("2017-12-28", "A"), ("2017-12-29", "A"), ("2017-12-29", "B"), ("2018-01-03", "A")]
    assert [(one.date, one.symbol) for one in found.worst] == [*trades, ("2018-01-03", "B")]
    assert (found.worst[0].net, found.worst[0].hit, found.worst[-1].deviation) == (pytest.approx(-0.2), False, 0.1)
    days = [(one.date, one.buys, one.hits) for one in found.many.worst_days]
    assert days == [("2018-01-02", 1, 0), ("2017-12-28", 1, 0), ("2017-12-29", 2, 2), ("2018-01-03", 2, 1)]
    assert [one.net for one in found.many.worst_days] == pytest.approx([-0.2, -0.05, 0.03, 0.055])


def test_where_the_buys_lie_and_what_others_of_the_same_days_earn():
    found = many().many
    assert (found.symbols, found.rows, found.days_bought, found.alone) == (2, 12, 4, 2)
    assert found.random == pytest.approx((-0.05 + 2 * 0.03 - 0.095 + 2 * 0.055) / 6)
    assert [(one.name, one.buys, one.said) for one in found.lumps] == [("2017-12", 3, False), ("A", 3, False)]
    month, symbol = many(alert=INDEX.get_level_values("symbol") == "B").many.lumps
    assert symbol.said is (1 > 2 * 5 / 12) and symbol.share == 1 and month.share == 4 / 5


def test_json_and_rows_are_plain():
    found = many()
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert (told["first"], told["last"], told["days"]) == ("2017-12-27", "2018-01-04", 7)
    assert told["worst"][0]["symbol"] == "B" and told["years"][0]["rows"] == 4
    assert told["many"]["lumps"][0]["said"] is False and told["many"]["worst_days"][0]["date"] == "2018-01-02"
    assert tuple(found.frame()) == COLUMNS and found.frame()["day"].tolist() == list(range(1, 8))


@pytest.mark.parametrize("horizon", [1, 3])
def test_one_symbol_gives_the_bytes_of_no_symbol(horizon):
    index = pd.MultiIndex.from_product([["A"], DATES], names=["symbol", "date"])
    given = dict(gross=NET_OF_ONE + COST, label=LABEL, alert=ALERT_OF_ONE, deviation=DEVIATION, volatility=SCORE)
    one, alone = sheet(**given, horizon=horizon, index=index), sheet(**given, horizon=horizon)
    assert json.dumps(one.to_dict()) == json.dumps(alone.to_dict())
    assert one.frame().to_csv() == alone.frame().to_csv() and "many" not in alone.to_dict()


def test_symbols_that_are_all_alike_have_the_capital_of_one():
    index = pd.MultiIndex.from_product([DATES, ["A", "B", "C"]], names=["date", "symbol"]).swaplevel()
    given = dict(gross=NET_OF_ONE + COST, label=LABEL, alert=ALERT_OF_ONE, deviation=DEVIATION, volatility=SCORE)
    three, one = sheet(index=index, **{key: np.repeat(value, 3) for key, value in given.items()}), sheet()
    assert three.model.equity == pytest.approx(one.model.equity) and three.model.buys == 3 * one.model.buys
    assert three.always.equity == pytest.approx(one.always.equity)
    assert three.random_low == pytest.approx(three.model.equity) and three.ahead == 0  # they differ by days alone


def test_without_a_buy_nothing_was_traded_and_a_row_without_a_deviation_is_named():
    assert many(alert=np.zeros(12, bool)) is None
    with pytest.raises(ValueError, match="deviation of B 2018-01-01 is not finite"):
        many(deviation=np.where(np.arange(12) == 5, np.nan, MOVED))


def test_the_examples_hold():
    assert doctest.testmod(module).failed == 0
