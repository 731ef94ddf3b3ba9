"""Shrunken precision: the luck of the first place is taken off, real differences are not all lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom

from buysignal.core.files import stable
from buysignal.judge.intervals import effective_count, precision_lower
from buysignal.judge.shrinkage import STRONGEST, shift_count, shrink, shrink_leaderboard
from tests.judge.examples import persistent


def test_the_posterior_mean_by_hand():
    found = shrink(np.array([0.8, 0.2, 0.5]), np.array([10.0, 20.0, 5.0]))
    m, strength = found.prior_mean, found.prior_strength
    by_hand = [(8 + strength * m) / (10 + strength), (4 + strength * m) / (20 + strength)]
    assert found.precision[:2] == pytest.approx(by_hand)
    assert 0.2 < found.precision[1] < found.precision[2] < found.precision[0] < 0.8


def test_the_prior_has_the_highest_likelihood():
    hits, n = np.array([3, 9, 14, 5, 20, 2]), np.array([20, 30, 25, 30, 28, 15])
    found = shrink(hits / n, n)

    def likelihood(mean, strength):
        return betabinom.logpmf(hits, n, mean * strength, (1 - mean) * strength).sum()

    grid = max(likelihood(m, s) for m in np.linspace(0.05, 0.95, 91) for s in np.geomspace(1, 1000, 91))
    assert likelihood(found.prior_mean, found.prior_strength) >= grid
    assert found.verdict == "differences beyond luck"


def test_equal_models_are_left_where_they_are():
    found = shrink(np.full(5, 0.3), np.full(5, 40.0))
    assert found.precision == pytest.approx(np.full(5, 0.3))
    assert found.prior_strength == pytest.approx(STRONGEST)
    assert found.verdict == "no difference beyond luck"


def test_differences_that_luck_explains_vanish():
    rng = np.random.default_rng(1)
    found = shrink(rng.binomial(30, 0.3, 200) / 30, np.full(200, 30.0))
    assert found.verdict == "no difference beyond luck"
    assert found.precision.max() - found.precision.min() < 0.15 < 0.4  # raw: .07 to .60


def test_the_strength_of_a_known_prior_is_recovered():
    rng = np.random.default_rng(2)
    hits = rng.binomial(50, rng.beta(6.0, 14.0, 3000))  # mean .3, strength 20
    found = shrink(hits / 50, np.full(3000, 50.0))
    assert found.prior_mean == pytest.approx(0.3, abs=0.01)
    assert found.prior_strength == pytest.approx(20, rel=0.15)


def test_one_model_is_left_as_it_is_and_said_to_be():
    found = shrink(np.array([0.7]), np.array([20.0]))
    assert found.precision.tolist() == [0.7] and found.verdict == "unshrunken"
    assert found.reason == "unshrunken: 1 of 1 models buy: nothing to pool"


@pytest.mark.parametrize(
    ("precision", "n_eff"),
    [([], []), ([0.0, 0.0], [0, 0]), ([0.0, 0.6], [0, 9]), ([0, 0, 0], [9, 8, 7]), ([1, 1], [5, 5])],
)
def test_no_buys_no_hits_and_no_misses_stay_finite(precision, n_eff):
    found = shrink(np.array(precision, float), np.array(n_eff, float))
    assert stable(found.to_dict())["reason"]
    assert found.precision == pytest.approx(np.full(len(precision), max([0, *precision])), abs=1e-3)


def test_a_model_without_buys_is_expected_at_the_common_mean():
    found = shrink(np.array([0.0, 0.4, 0.3, 0.5]), np.array([0.0, 30, 30, 30]))
    assert found.precision[0] == pytest.approx(found.prior_mean)


MODELS = st.lists(st.tuples(st.floats(0, 1), st.floats(1, 200)), min_size=2, max_size=12)


@given(MODELS)
@settings(max_examples=60, deadline=None)
def test_each_model_moves_towards_the_common_mean_and_never_past_it(models):
    precision, n_eff = np.array(models).T
    found = shrink(precision, n_eff)
    low, high = np.minimum(precision, found.prior_mean), np.maximum(precision, found.prior_mean)
    assert (found.precision >= low - 1e-9).all() and (found.precision <= high + 1e-9).all()
    assert np.isfinite(found.precision).all() and 1 <= found.prior_strength <= STRONGEST * 1.001


@given(st.lists(st.floats(0, 1), min_size=2, max_size=12))
@settings(max_examples=40, deadline=None)
def test_with_equal_counts_the_order_stays(precision):
    found = shrink(np.array(precision), np.full(len(precision), 25.0)).precision
    assert (np.diff(found[np.argsort(precision)]) >= -1e-9).all()


def test_the_count_from_shifts_by_hand():
    half, turns = np.repeat([1, 0], 50), np.tile([1, 0], 50)
    alert = np.zeros((3, 100), bool)
    alert[0, 7] = True  # one day: right or wrong, variance base (1 - base)
    alert[1, 10:12] = True
    assert shift_count(half, alert, 1).tolist()[0] == pytest.approx(1.0)
    assert 1.0 <= shift_count(half, alert, 1)[1] < 1.1  # two neighbours in long spells are one
    assert shift_count(turns, alert, 1).tolist() == [1.0, 2.0, 0.0]  # two neighbours always have one hit


def test_the_count_from_shifts_falls_back_to_the_buys():
    alert = np.ones((1, 100), bool)
    assert shift_count(np.zeros(100), alert, 1).tolist() == [100.0]
    assert shift_count(np.tile([1, 0], 5), alert[:, :10], 1).tolist() == [10.0]
    assert shift_count(np.zeros(0), alert[:, :0], 1).tolist() == [0.0]


def headline(seed, weight, models=300):
    """Best of no-skill models with 30 buys, by lower bound: naive, shrunken, shrunken with both counts; minus .5."""
    rng = np.random.default_rng(seed)
    label = persistent(rng, (600,), weight) > 0
    score = persistent(rng, (models, 600), weight)
    alert = score >= np.sort(score, axis=1)[:, [-30]]
    low, n_eff = precision_lower(label.astype(int), alert, 1, 0.95)
    first, precision = low.argmax(), (alert & label).sum(axis=1) / 30
    both = shrink_leaderboard(label, alert, n_eff, np.zeros(models), 1)
    return np.array([precision[first], shrink(precision, n_eff).precision[first], both.precision[first]]) - 0.5


def test_the_best_of_300_without_skill_keeps_nothing_of_its_luck():
    naive, _, shrunken = np.mean([headline(seed, 0.0) for seed in range(20)], axis=0)
    assert naive > 0.2
    assert abs(shrunken) <= 0.02


def test_persistent_scores_need_the_count_from_shifts():
    naive, hac, both = np.mean([headline(seed, 0.9, models=100) for seed in range(20)], axis=0)
    assert naive > 0.3 and both < hac / 3


def test_real_differences_survive():
    rng = np.random.default_rng(3)
    truth = np.where(np.arange(13) < 3, 0.6, 0.3)
    found = np.mean([shrink(rng.binomial(30, truth) / 30, np.full(13, 30.0)).precision for _ in range(100)], axis=0)
    assert found[:3].min() > 0.45 and found[3:].max() < 0.36


def test_the_optimism_of_the_threshold_is_taken_off():
    rng = np.random.default_rng(4)
    label = rng.random(400) < 0.4
    alert = rng.random((6, 400)) < 0.2
    n_eff = effective_count(alert, label.astype(int), 1)
    plain = shrink_leaderboard(label, alert, n_eff, np.zeros(6), 1)
    less = shrink_leaderboard(label, alert, n_eff, np.full(6, 0.1), 1)
    assert plain.prior_mean - less.prior_mean == pytest.approx(0.1, abs=0.01)
