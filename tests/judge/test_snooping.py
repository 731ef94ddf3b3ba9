"""The best of many is called better than a baseline only where luck and clusters cannot explain it."""

from __future__ import annotations

import json
import time
import warnings
from dataclasses import asdict, replace

import numpy as np
import pytest
from bench.snooping import BASE_RATE, fixed, market, null, power
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.files import stable
from buysignal.judge import snooping as module
from buysignal.judge.snooping import (
    allow_for_few_blocks,
    best_baseline,
    confidence_set,
    daily_utility,
    snooping,
    snooping_tests,
    superiority,
    testable,
)
from tests.judge.examples import RULES, scored, skilled

testable.__test__ = False  # not a test, whatever its name


@pytest.fixture(autouse=True)
def no_warning_reaches_the_user():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def tests_of(utilities, benchmark, horizon=1, seed=0, draws=200):
    names = [f"m{k}" for k in range(len(utilities))]
    return snooping_tests(names, np.array(utilities), "b", np.array(benchmark), horizon, seed, draws=draws)


tests_of.__test__ = False


def plain(found):
    """As JSON, which refuses NaN."""
    return json.dumps(stable(asdict(found)), allow_nan=False)


def noise(m, n=300, seed=0):
    return np.random.default_rng(seed).normal(0, 1, (m, n))


def test_utility_is_what_a_buy_brings_above_break_even():
    label, alert = np.array([1, 0, 1, 0]), np.array([True, True, False, False])
    assert daily_utility(label, alert, 0.25).tolist() == [0.75, -0.25, 0.0, 0.0]


def test_buying_always_is_worth_nothing_at_the_base_rate():
    label = np.array([1, 0, 0, 0])
    assert daily_utility(label, np.ones(4, bool), label.mean()).sum() == 0.0


def test_the_mean_is_pulled_by_the_two_factors_of_few_blocks_and_nothing_else_moves():
    series = noise(2) + 1.0
    pulled = allow_for_few_blocks(series, 30, 0.05)
    # ten blocks: sqrt(9 / 10) = .948683; the normal's 95 % quantile 1.644854 over Student's with 9 degrees, 1.833113
    factor = 0.948683 * 1.644854 / 1.833113
    np.testing.assert_allclose(pulled.mean(axis=1), factor * series.mean(axis=1), rtol=1e-6)
    centred = series - series.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(pulled - pulled.mean(axis=1, keepdims=True), centred, atol=1e-12)


def test_the_best_baseline_has_the_highest_mean_and_of_equals_the_first_name():
    utilities = np.array([[0.0, 1.0], [1.0, 0.0], [0.2, 0.2]])
    assert best_baseline(["z", "y", "a"], utilities) == 1
    assert best_baseline(["only"], utilities[:1]) == 0
    assert best_baseline(["b", "a"], np.zeros((2, 0))) == 1


def test_one_much_better_model_is_named_and_alone_in_the_confidence_set():
    utilities = noise(6)
    utilities[4] += 0.8
    found = tests_of(utilities[1:], utilities[0])
    assert found.superior == ("m3",) and found.best == "m3" and found.spa_pvalue == 1 / 200
    assert found.confidence_set == ("m3",) and found.benchmark_pvalue <= 0.05
    assert found.advantage == pytest.approx((utilities[4] - utilities[0]).mean())
    assert found.verdict == "1 of 5 models is shown to be better than b: SPA p = 0.005; m3"


def test_models_of_the_benchmarks_worth_are_not_called_better():
    utilities = noise(13, seed=1)
    found = tests_of(utilities[1:], utilities[0])
    assert found.superior == () and found.spa_pvalue > 0.05 and "b" in found.confidence_set
    assert found.verdict == (
        f"the best of 12 models, {found.best}, is not shown to be better than b: SPA p = {found.spa_pvalue:.3f}"
    )


def test_models_far_below_the_benchmark_have_a_p_value_of_one():
    found = tests_of(noise(5) - 5.0, noise(1, seed=3)[0])
    assert found.spa_pvalue == 1.0 and found.superior == () and found.confidence_set == ("b",)
    assert found.advantage < 0


def test_every_model_can_be_superior_also_in_several_steps():
    """arch's StepM alone fails here: after the last step no model is left to take a maximum of."""
    lead = np.array([[3.0], [0.6], [0.25]])
    u = noise(1, seed=5) * np.array([[3.0], [0.6], [0.25]]) * 3 + lead + noise(3, seed=6) * 0.05
    p, superior = superiority(u, 10, 0.05, 500, 0)
    assert superior == [0, 1, 2] and p <= 0.05
    with pytest.raises(ValueError, match="zero-size"):
        losses = -allow_for_few_blocks(u, 10, 0.05).T
        test = module.StepM(np.zeros(300), losses, size=0.05, block_size=10, reps=500, seed=0)
        test.compute()


def test_models_that_buy_like_the_benchmark_are_not_better():
    """arch's SPA alone says p = 0 of a model that equals the benchmark."""
    utility = noise(1)[0]
    found = tests_of([utility, utility.copy()], utility)
    assert found.tested == 0 and found.spa_pvalue == 1.0 and found.superior == ()
    assert "none can be tested" in found.verdict
    assert plain(found)


def test_equal_models_stand_and_fall_together():
    utilities = noise(3)
    utilities[2] += 0.8
    found = tests_of([utilities[1], utilities[2], utilities[2]], utilities[0])
    assert found.superior == ("m1", "m2") == found.confidence_set


def test_a_confidence_set_of_equal_series_holds_them_all():
    utility = noise(1)[0]
    assert confidence_set(np.array([utility, utility]), 10, 0.05, 100, 0) == ([0, 1], 1.0)
    assert confidence_set(np.array([utility, utility + 0.3]), 10, 0.05, 100, 0) == ([0, 1], 1.0)


def test_a_series_that_is_the_mean_of_the_others_excludes_nobody_and_ends():
    a, b = np.round(noise(2) * 8)
    kept, pvalue = confidence_set(np.array([a, b, (a + b) / 2]), 10, 0.05, 100, 0)
    assert kept == [0, 1, 2] and 0 <= pvalue <= 1


@pytest.mark.parametrize(
    ("utilities", "benchmark", "words"),
    [
        (np.zeros((0, 300)), np.zeros(300), "there is no model to compare with b"),
        (np.zeros((1, 300)), np.zeros(300), "none of 1 model is shown to be better than b, because none can be tested"),
        (np.zeros((3, 300)), np.zeros(300), "none of 3 models"),
        (np.ones((2, 300)), np.zeros(300), "it takes 10 buys, and 10 days on which the two differ"),
        (np.eye(2, 300), np.zeros(300), "it takes 10 buys"),
        (np.zeros((2, 300)), np.full(300, -0.2), "none can be tested"),
        (np.ones((2, 0)), np.zeros(0), "0 days hold fewer than 5 blocks of 10"),
        (noise(2, 1), np.zeros(1), "1 days hold fewer"),
        (noise(2, 49), np.zeros(49), "49 days hold fewer than 5 blocks of 10"),
    ],
)
def test_nothing_to_test_is_a_verdict(utilities, benchmark, words):
    found = tests_of(utilities, benchmark)
    assert words in found.verdict
    assert (found.tested, found.spa_pvalue, found.superior) == (0, 1.0, ())
    assert plain(found)


def test_ten_buys_are_tested_and_nine_are_not():
    benchmark = np.zeros(300)
    for buys, tested in ((9, 0), (10, 1)):
        utility = np.zeros(300)
        utility[::30][:buys] = 0.5
        assert tests_of([utility], benchmark).tested == tested
        assert testable(utility, benchmark) == bool(tested)


def test_one_model_is_told_of_in_its_own_words():
    found = tests_of(noise(1), noise(1, seed=1)[0])
    assert found.verdict.startswith("the one model, m0, is not shown to be better than b: SPA p = ")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(0, 120), st.sampled_from([0.0, 0.05, 0.5, 1.0]))
def test_any_alerts_give_a_verdict(seed, m, n, rate):
    rng = np.random.default_rng(seed)
    label = rng.random(n) < rng.choice([0.0, 0.3, 1.0])
    alerts = rng.random((m + 1, n)) < rate
    alerts[rng.integers(m + 1)] = alerts[0]  # two that are equal
    u = np.array([daily_utility(label, alert, float(rng.choice([0.2, 0.5]))) for alert in alerts])
    found = tests_of(u[1:], u[0], draws=50)
    assert found.verdict and plain(found)
    assert 1 / 50 <= found.spa_pvalue <= 1 and 0 <= found.benchmark_pvalue <= 1
    assert set(found.superior) <= {f"m{k}" for k in range(m)}
    assert (found.tested == 0) == (found.confidence_set == ())


def test_a_seed_decides_everything_and_the_order_of_the_models_nothing_of_the_claims():
    u = fixed(np.random.default_rng(3), 1, 5, 0.2, np.linspace(0.5, 0.7, 9))
    one, again, other = (tests_of(u[1:], u[0], seed=seed, draws=500) for seed in (1, 1, 2))
    assert plain(one) == plain(again)
    assert plain(one) != plain(other)
    names = [f"m{k}" for k in range(8)]
    turned = snooping_tests(names[::-1], u[:0:-1], "b", u[0], 1, 1, draws=500)
    assert (turned.superior, turned.spa_pvalue, turned.best) == (one.superior, one.spa_pvalue, one.best)


def test_twelve_models_of_six_hundred_days_take_a_moment():
    u = fixed(np.random.default_rng(0), 1, 5, 0.2, np.full(13, 0.5))
    start = time.process_time()
    tests_of(u[1:], u[0], draws=1000)
    assert time.process_time() - start < 2


def models_and_baselines():
    baselines = [skilled("a50-volatility", 2.0, family="logistic"), skilled("a50-touch", 0.1, family="logistic")]
    return [skilled("good", 4.0), skilled("poor", 0.2)], baselines


def test_models_are_judged_at_their_operating_points_against_the_best_baseline():
    models, baselines = models_and_baselines()
    found = snooping(models, baselines, RULES, 0)
    assert found.benchmark == "a50-volatility" and found.superior == ("good",) and found.days == 400
    assert snooping(models[1:], baselines, RULES, 0).superior == ()


def test_a_model_without_an_operating_point_never_buys_and_is_not_tested():
    models, baselines = models_and_baselines()
    silent = replace(models[0], scores=np.zeros_like(models[0].scores))
    found = snooping([silent], baselines, replace(RULES, min_buys=401), 0)
    assert found.tested == 0 and "none can be tested" in found.verdict


@pytest.mark.parametrize("one", [0, 1])
def test_a_role_of_one_class_shows_nothing(one):
    def model(name):
        return scored(
            np.full(400, one), np.random.default_rng(5).random(400), ["calibrate", "threshold"] * 200, name=name
        )

    found = snooping([model("m")], [model("b")], RULES, 0)
    assert found.tested == 0 and plain(found)


def test_other_days_and_no_baseline_are_bugs():
    models, baselines = models_and_baselines()
    short = skilled("short", 1.0, n=300)
    with pytest.raises(ValueError, match="not judged on the same days"):
        snooping([short], baselines, RULES, 0)
    with pytest.raises(ValueError, match="without a baseline"):
        snooping(models, [], RULES, 0)


def test_the_simulated_market_has_the_rates_it_claims():
    label, scores = market(np.random.default_rng(0), 100_000, 5, 5, np.array([0.0, 0.7]))
    assert label.mean() == pytest.approx(BASE_RATE, abs=0.01)
    alert = scores > 1.2816
    assert alert.mean(axis=1) == pytest.approx([0.1, 0.1], abs=0.01)
    assert label[alert[0]].mean() == pytest.approx(BASE_RATE, abs=0.03)
    assert label[alert[1]].mean() > BASE_RATE + 0.15


def test_blocks_keep_the_size_that_single_days_lose():
    cell = null(60, 0.7, 5, 22, 0.2)
    assert cell["rule"]["share"] <= 0.1
    assert cell["block_1"]["share"] >= 0.25


@pytest.mark.full
@pytest.mark.parametrize("skill", [0.0, 0.7])
@pytest.mark.parametrize("horizon", [1, 5])
def test_the_size_holds_in_two_hundred_null_runs(skill, horizon):
    assert null(200, skill, horizon, 5, 0.06)["rule"]["share"] <= 0.08


@pytest.mark.full
def test_a_better_model_among_thirty_is_found():
    assert power(50, 1, 5, 0.2, 0.9, 0.0)["found"]["share"] >= 0.5
