"""One verdict: decided by money, with its reason, and with how many more days would tell."""

import doctest

import numpy as np
import pandas as pd
import pytest
from bench.honesty.markets import Design, Signal, simulate, touch_probability

import buysignal
from buysignal.core.settings import of
from buysignal.judge import verdict as module
from buysignal.judge.luck import Bar
from buysignal.judge.money import Money
from buysignal.judge.params import CANNOT_TELL, DO_NOT_USE, USE
from buysignal.judge.verdict import more_days, verdict


def earned(mean=0.002, low=0.001, high=0.003, ahead=0.002, ahead_low=0.001, ahead_high=0.003, trades=100):
    return of(
        Money, trades, 0.0005, mean, (low, high), mean - ahead, ahead, (ahead_low, ahead_high), 0.01, -0.01, 0.525, 0.95
    )


LUCKY, SKILFUL = Bar(0.002, 0.002, 0.003, 0.4), Bar(0.002, 0.0, 0.001, 0.01)


@pytest.mark.parametrize(
    ("found", "luck", "tried", "word", "says"),
    [
        (earned(), None, 1, USE, "a trade earns 0.20 % after costs of 0.050 % (0.10 to 0.30 %), 0.20 % more than a ra"),
        (earned(), SKILFUL, 40, USE, "a trade earns"),
        (earned(), LUCKY, 1, USE, "a trade earns"),
        (earned(), LUCKY, 40, CANNOT_TELL, "it may be luck: .* the best of 40 without skill does so in 40 of 100"),
        (earned(), None, 40, CANNOT_TELL, "it may be luck: .* nobody knows how often"),
        (earned(-0.002, -0.003, -0.001), SKILFUL, 1, DO_NOT_USE, "it loses money: a trade earns -0.20 %"),
        (earned(ahead=-0.002, ahead_low=-0.003, ahead_high=-0.001), None, 1, DO_NOT_USE, "buying on any other day"),
        (earned(low=-0.001), None, 1, CANNOT_TELL, "it may as well lose money"),
        (earned(-0.001, -0.002, 0.001), None, 1, CANNOT_TELL, "it lost money, and that may be chance"),
        (earned(ahead_low=-0.001), None, 1, CANNOT_TELL, "it may be no better than random days"),
        (earned(trades=9), None, 1, CANNOT_TELL, "9 buys are too few to tell by, it takes 10"),
        (None, None, 1, CANNOT_TELL, "no trades: nothing was bought on 1,000 days"),
    ],
)
def test_money_decides(found, luck, tried, word, says):
    told = verdict(found, 1000, luck, tried)
    assert told.word == word and pd.Series([told.reason]).str.match(says.replace("(", r"\(").replace(")", r"\)")).all()
    assert told.status == {USE: 0, DO_NOT_USE: 1, CANNOT_TELL: 2}[word]
    assert told.more_days is None or word == CANNOT_TELL
    assert str(told) == f"{told.word}: {told.reason}"


def test_an_interval_that_reaches_twice_too_far_takes_four_times_the_days():
    assert more_days(earned(mean=0.001, low=-0.001), 1000) == 3000
    assert more_days(earned(ahead=0.001, ahead_low=-0.002), 1000) == 8000  # the slower of the two
    assert more_days(earned(mean=-0.001, low=-0.004, high=0.001), 1000) == 3000  # one below 0 is enough
    assert more_days(earned(trades=5), 1000) == 1000  # ten buys
    assert more_days(earned(mean=0.0, low=-0.001), 1000) is None


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


def told(kind, seed, days=2500, **asked):
    """The verdict on an outside model of a simulated market: one without skill, one of volatility, an oracle."""
    market = simulate(Design(days, Signal() if kind == "oracle" else None), seed)
    while market.bars["low"].min() < 1e-6:  # a few run away, since GARCH's moves are almost infinitely persistent
        seed += 1000
        market = simulate(Design(days, Signal() if kind == "oracle" else None), seed)
    if kind == "oracle":
        scores = pd.Series(touch_probability(market, 0.01, skill=True), market.bars.index[:-1])
    elif kind == "volatility":
        scores = (np.log(market.bars["close"]).diff() ** 2).ewm(alpha=0.06).mean().iloc[1:]
    else:
        scores = pd.Series(np.random.default_rng(seed).random(days), market.bars.index)
    return buysignal.judge(scores, market.bars, **asked).verdict.word


@pytest.mark.parametrize("kind", ["random", "volatility"])
def test_a_market_without_direction_is_not_used(kind):
    assert [told(kind, seed, 1200) for seed in range(100, 103)].count(USE) == 0


def test_a_planted_direction_is_used_by_who_knows_it():
    assert [told("oracle", seed) for seed in range(2)] == [USE] * 2


@pytest.mark.full
@pytest.mark.parametrize("kind", ["random", "volatility"])
def test_at_most_5_of_100_markets_without_direction_are_used(kind):
    assert [told(kind, seed) for seed in range(100)].count(USE) <= 5


@pytest.mark.full
def test_four_of_five_planted_markets_are_used():
    assert [told("oracle", seed) for seed in range(20)].count(USE) >= 16
