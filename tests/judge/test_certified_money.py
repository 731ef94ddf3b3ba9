"""A threshold certified to earn more than its costs does, where returns are skewed, fat-tailed and dependent, too."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from bench.certified_money import CASES, Market, certified, markets, plain, promises
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from buysignal.core.errors import UserError
from buysignal.core.files import stable
from buysignal.core.settings import section
from buysignal.judge.certified import Precision, certify
from buysignal.judge.certified_money import Profit, p_value, p_values, resampled
from buysignal.judge.evidence import missing
from buysignal.judge.leaderboard import claim_of
from buysignal.judge.money import Trades
from buysignal.judge.params import Certify
from tests.judge.examples import RULES, scored

ROLES = ["calibrate", "threshold"]
HIGH = st.floats(-0.1, 0.1).map(lambda x: round(x, 4))


def trades(net, dates, cost=0.0):
    return Trades(pd.Series(np.asarray(net, float) + cost, dates), cost)


def model_of(score, threshold_days):
    """A model whose calibrate role proposes .2 .5 .8, and which scores the days of the threshold role so."""
    role = ["calibrate"] * 3 + ["threshold"] * threshold_days
    return scored([0, 1, 1] + [0, 1] * (threshold_days // 2), [0.2, 0.5, 0.8, *score], role)


def certified_of(model, net, delta=0.1, rules=RULES, cost=0.0):
    earned = trades([0.0] * 3 + list(net), model.dates)
    return certify(model, Profit(replace(earned, cost=cost), 1), delta, rules)


# ---- the p-value


def test_a_dozen_days_by_hand():
    """One draw: the first three days twice, then the first six."""
    net = np.array([0.02, -0.01, 0.01, 0.03, -0.02, 0.01] * 2)
    alert = np.array([1, 0, 1, 1, 0, 1] * 2, bool)  # .02 .01 .03 .01 twice: mean .0175
    blocks = np.array([[0, 0, 0, 6]]), np.array([[3, 3, 6, 6]])  # and none: 12 days in all
    bought = np.array([0.03, 0.03, 0.07])  # in the draw, of 2, 2 and 4 buys: mean .01625
    drawn = (0.13 - 8 * 0.0175) / np.sqrt(((bought - 0.01625 * np.array([2, 2, 4])) ** 2).sum())
    alone = 2 * (0.0025**2 + 0.0075**2 + 0.0125**2 + 0.0075**2)  # the covariances are negative: it is the larger
    seen = (8 * 0.0175 - 0.02) / np.sqrt(alone / (1 - 2 / 3))  # three blocks are the fewest
    assert drawn == pytest.approx(-1.633, abs=0.001) and seen == pytest.approx(2.954, abs=0.001)
    assert p_value(net, alert, 1, -0.02, blocks) == 1 / 2  # no draw of one says as much: (1 + 0) / (1 + 1)
    assert p_value(net - 0.0174, alert, 1, -0.2, blocks) == 1.0  # the added loss outweighs eight buys of .0001


def slowly(net, alert, begin, end):
    """The statistic of every draw, day by day."""
    n, found = len(net), []
    mean = net[alert].mean()
    for first, last in zip(begin, end):
        runs = [np.arange(a, b) % n for a, b in zip(first, last)]
        rows = np.concatenate(runs)
        own = net[rows][alert[rows]].mean() if alert[rows].any() else 0.0
        spread = sum(((net[run] - own) * alert[run]).sum() ** 2 for run in runs)
        total = ((net[rows] - mean) * alert[rows]).sum()
        found.append(total / np.sqrt(spread))
    return np.array(found)


def test_every_draw_is_what_a_slow_count_of_its_days_gives():
    rng = np.random.default_rng(2)
    net, alert = 0.01 * rng.standard_t(4, 90) + 0.001, rng.random(90) < 0.4
    begin, end = resampled(90, 13, 5, 60)
    drawn, mean = slowly(net, alert, begin, end), net[alert].mean()
    u = (net - mean) * alert
    lags = 13  # ceil(1.3 sqrt(90)), also the mean block
    weights = np.maximum(0, 1 - np.abs(np.subtract.outer(np.arange(90), np.arange(90))) / (lags + 1))
    variance = max(u @ weights @ u, u @ u) / (1 - 2 / (90 / lags))
    seen = (alert.sum() * mean + net.min()) / np.sqrt(variance)
    assert p_value(net, alert, 1, net.min(), (begin, end)) == pytest.approx((1 + (drawn >= seen).sum()) / 61)


@given(st.integers(1, 200), st.floats(1, 50), st.integers(0, 99))
@settings(deadline=None, max_examples=40)
def test_every_draw_has_as_many_days_as_there_are(n, length, seed):
    begin, end = resampled(n, length, seed, 20)
    assert ((end - begin).sum(axis=1) == n).all() and (end >= begin).all() and (end - begin <= n).all()
    assert (begin >= 0).all() and (begin < n).all()


def test_days_are_drawn_alike_often_in_blocks_of_the_mean_length():
    begin, end = resampled(300, 30, 7, 2000)
    days = np.concatenate([np.arange(a, b) % 300 for a, b in zip(begin.ravel(), end.ravel())])
    assert np.bincount(days, minlength=300) == pytest.approx(np.full(300, 2000), rel=0.15)
    assert 300 * 2000 / ((end - begin) > 0).sum() == pytest.approx(30, rel=0.1)  # the last is cut off


def test_buys_that_all_earn_the_same_are_judged_by_the_worst_day():
    """Ten gains of 1 %, and a day of -3 % nobody bought: break-even at .75, and .75^10 = .056 by luck alone."""
    net = np.array([0.01, -0.03] * 10)
    alert = net > 0
    assert p_values(net, alert[None], 1, 0)[0] == pytest.approx(0.75**10)
    assert p_values(net, alert[None], 5, 0)[0] == pytest.approx(0.75**4)  # days 0, 6, 12, 18 stand five apart
    assert p_values(np.abs(net), (net > 0)[None], 1, 0, draws=99)[0] == 1 / 100  # no loss at all


def test_nothing_speaks_for_no_buy_and_for_no_gain():
    net = np.array([0.01, -0.02, 0.01, 0.0])
    sets = np.array([[0, 0, 0, 0], [1, 1, 1, 0], [0, 0, 0, 1]], bool)
    assert p_values(net, sets, 1, 0).tolist() == [1.0, 1.0, 1.0]


DAYS = st.lists(st.tuples(HIGH, st.booleans()), min_size=1, max_size=60)


@given(DAYS, st.integers(1, 5), st.floats(0, 0.05))
@settings(deadline=None, max_examples=80)
def test_a_return_that_is_shifted_up_lowers_the_p_value_or_leaves_it(days, horizon, up):
    net, alert = np.array([d[0] for d in days]), np.array([[d[1] for d in days]])
    before, after = (p_values(net + x, alert, horizon, 3, draws=99)[0] for x in (0.0, up))
    assert 0 < after <= before + 1e-9 <= 1 + 1e-9


# ---- the certificate


def paying(days=120, seed=3):
    """Scores and net returns: the highest 40 earn .5 %, the next 40 about .3 %, the others lose."""
    rng = np.random.default_rng(seed)
    score = np.tile([0.8, 0.5, 0.2], days // 3)
    mean = np.where(score == 0.8, 0.005, np.where(score == 0.5, 0.003, -0.02))
    return score, mean + 0.002 * rng.standard_t(4, days)


def test_the_lowest_threshold_that_truly_pays_is_certified_and_tells_its_kind():
    score, net = paying()
    found = certified_of(model_of(score, 120), net)
    assert (found.threshold, found.kind, found.target, found.tested, found.evidence.n_buys) == (
        0.5,
        "expectancy",
        0.0,
        3,
        80,
    )
    assert found.p_value <= 0.1
    assert found.reason.startswith("2 of 3 thresholds are certified at a mean return after costs above 0 (delta 0.1); ")
    told = stable(found.to_dict())
    assert told["kind"] == "expectancy" and missing(told) == []


def test_none_is_an_answer_in_plain_words():
    score, net = paying()
    found = certified_of(model_of(score, 120), net, cost=0.01)
    assert found.threshold is None and found.p_value == 1.0 and found.evidence.n_buys == 0
    assert found.reason == (
        "no threshold is certified: at the highest of 3 thresholds, where the tests begin, luck alone would look as "
        "good in 100 % of markets without profit (100 % at the best one), and 10 % are the most at which it is said "
        "that a trade earns more than its costs"
    )


def test_too_few_buys_and_too_little_recall_are_said_as_of_a_precision():
    score, net = paying()
    few = certified_of(model_of(score, 120), net, rules=replace(RULES, min_buys=200))
    assert few.reason == "no threshold is certified: at most 120 buys at any of 3, 200 are needed"
    low = certified_of(model_of(score, 120), net, rules=replace(RULES, min_recall=0.9))
    assert (
        low.threshold is None and "where a trade earns more than its costs (delta 0.1), 0.900 is needed" in low.reason
    )


def test_a_certified_precision_says_nothing_of_a_kind():
    score, _ = paying()
    assert "kind" not in certify(model_of(score, 120), Precision(0.2), 0.1, RULES).to_dict()


@given(st.integers(0, 50), st.floats(0, 0.01), st.floats(0, 0.01))
@settings(deadline=None, max_examples=25)
def test_a_higher_cost_never_certifies_more(seed, cost, more):
    score, net = paying(90, seed)
    model = model_of(score, 90)
    cheap, dear = (certified_of(model, net, cost=x).threshold for x in (cost, cost + more))
    assert dear is None or cheap <= dear


def test_without_buys_none_is_certified():
    model = scored([1, 0] * 20, [0.9] * 20 + [0.1] * 20, np.repeat(ROLES, 20))
    found = certify(model, Profit(trades([0.01] * 40, model.dates), 1), 0.1, RULES)
    assert found.threshold is None and "at most 0 buys" in found.reason


def test_params_name_the_claim_and_another_word_is_refused():
    earned, content = trades([0.01], pd.bdate_range("2014", periods=1)), {"precision": 0.4, "delta": 0.1}
    of = {word: {"certify": content | {"target": word}} for word in ("precision", "expectancy", "money")}
    assert claim_of(section(Certify, of["precision"]), earned, 1) == Precision(0.4)
    assert claim_of(section(Certify, of["expectancy"]), earned, 1).kind == "expectancy"
    with pytest.raises(UserError, match="target is 'money'; it must be one of precision, expectancy"):
        section(Certify, of["money"])


# ---- the promise, by simulation; the whole study is bench/certified_money.py


def test_the_study_tests_as_certifying_does():
    market = Market("touch", 3, 1)
    net, rank = market.draw(np.random.default_rng(4), 3, 1011)
    net, score = net + 0.004, expit(rank)
    rules = replace(RULES, min_buys=30, min_recall=0.0)
    for path in range(3):
        model = scored(np.arange(1011) % 2, score[path], np.repeat(["calibrate", "rank", "threshold"], [402, 5, 604]))
        net_p = p_values(net[path, -604:], score[path, -604:] >= np.quantile(score[path], [[0.5], [0.9]]), 1, path, 499)
        assert (net_p < 1).all()
        threshold = certify(model, Profit(trades(net[path], model.dates), path), 0.1, rules).threshold
        low = certified(net[path, -604:], score[path], 1, path)[0.1]
        assert (threshold is None) == (low is None)
        assert threshold is None or abs((score[path] >= threshold).mean() - (score[path] >= low).mean()) < 0.05


def test_the_promise_is_kept_and_students_t_would_break_it():
    net, rank = Market("crash", 21, 5).draw(np.random.default_rng(5), 250, 604)
    assert abs(net.mean()) < 0.002  # a martingale
    alerts = rank >= 0.84  # the highest fifth
    naive = [plain(one, a, 5, ()) <= 0.1 for one, a in zip(net, alerts) if a.sum() >= 30]
    ours = [p_values(one, a[None], 5, 1, 299)[0] <= 0.1 for one, a in zip(net, alerts) if a.sum() >= 30]
    assert np.mean(naive) > 0.2
    assert np.mean(ours) <= 0.13  # delta and two errors of 250 paths


def test_a_signal_that_pays_is_found():
    market = Market("touch", 3, 1)
    net, rank = market.draw(np.random.default_rng(6), 12, 1011)
    score = expit(rank)
    found = [certified(one + 0.015, s, 1, 1)[0.1] for one, s in zip(net[:, -604:], score)]
    assert sum(low is not None for low in found) >= 8


@pytest.mark.full
@pytest.mark.parametrize("market", markets(), ids=str)
def test_no_more_promises_are_broken_than_delta_allows(market):
    paths = 400
    net, rank = market.draw(np.random.default_rng(7), paths, 1011)
    for row in promises(market, net, rank):
        assert row["broken"] <= row["delta"] + 3 * np.sqrt(row["delta"] * (1 - row["delta"]) / row["paths"]), row
    assert {row["case"] for row in promises(market, net[:5], rank[:5])} == {case.name for case in CASES}
