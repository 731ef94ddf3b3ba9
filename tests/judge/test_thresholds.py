"""Curves are exact, ties are bought together, and a precision that does not rise is noticed."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve

from buysignal.judge.intervals import bandwidth, long_run_variance
from buysignal.judge.thresholds import curve_at, exact_curve, quantile_curve, rising
from buysignal.models.metrics import buys

DAYS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8).map(lambda k: k / 8)), min_size=1, max_size=60)


def split(days):
    return np.array([d[0] for d in days]), np.array([d[1] for d in days], float)


def test_a_curve_with_ties_by_hand():
    curve = exact_curve(np.array([0, 1, 0, 1, 1]), np.array([0.2, 0.4, 0.4, 0.9, 0.2]))
    assert curve.threshold.tolist() == [0.2, 0.4, 0.9]
    assert curve.n_buys.tolist() == [5, 3, 1]
    assert curve.hits.tolist() == [3, 2, 1]
    assert curve.precision.tolist() == [3 / 5, 2 / 3, 1.0]
    assert curve.recall.tolist() == [1.0, 2 / 3, 1 / 3]


@given(DAYS.filter(lambda days: any(label for label, _ in days)))
def test_the_exact_curve_is_scikit_learns(days):
    label, score = split(days)
    precision, recall, threshold = precision_recall_curve(label, score)
    curve = exact_curve(label, score)
    np.testing.assert_array_equal(curve.threshold, threshold)
    np.testing.assert_allclose(curve.precision, precision[:-1])
    np.testing.assert_allclose(curve.recall, recall[:-1])


@given(DAYS)
def test_recall_and_buys_never_rise_with_the_threshold(days):
    curve = exact_curve(*split(days))
    assert (np.diff(curve.threshold) > 0).all()
    assert (np.diff(curve.recall) <= 0).all()
    assert (np.diff(curve.n_buys) < 0).all()


@given(DAYS, st.integers(2, 20))
def test_quantile_points_lie_on_the_exact_curve(days, points):
    label, score = split(days)
    curve = quantile_curve(label, score, points)
    assert len(curve.threshold) <= points
    assert set(curve.threshold) <= set(score)
    for threshold, precision, recall in zip(curve.threshold, curve.precision, curve.recall):
        at = buys(label, score, threshold)
        assert (at.precision, at.recall) == (precision, recall)


def test_a_threshold_above_every_score_buys_nothing():
    curve = curve_at(np.array([0, 1]), np.array([0.1, 0.2]), np.array([0.2, 0.3]))
    assert curve.n_buys.tolist() == [1, 0]
    assert curve.precision.tolist() == [1.0, 0.0]
    assert curve.to_frame().columns.tolist() == ["threshold", "precision", "recall", "n_buys", "hits"]


def noisy(skill, seed, n=600):
    rng = np.random.default_rng(seed)
    score = rng.random(n)
    return (rng.random(n) < 0.2 + skill * (score - 0.5)).astype(np.int8), score


def test_precision_that_rises_and_precision_that_falls_are_told_apart():
    assert rising(*noisy(0.4, 0), horizon=1).verdict == "rises"
    assert rising(*noisy(-0.4, 0), horizon=1).verdict == "falls"


def test_many_small_falls_make_a_downward_trend():
    score = np.linspace(0, 1, 600)[np.random.default_rng(3).permutation(600)]
    label = (np.random.default_rng(4).random(600) < 0.3 - 0.2 * score).astype(np.int8)
    found = rising(label, score, horizon=1)
    assert found.falls == () and found.trend_z < -1.645
    assert found.verdict == "falls"


def test_a_fall_at_the_top_is_found_and_located():
    label, score = noisy(0.0, 1)
    label = ((score > 0.7) & (score < 0.9)).astype(np.int8)  # the most certain tenth is never right
    found = rising(label, score, horizon=1)
    assert found.verdict == "falls"
    top = found.falls[-1]
    assert top.precision_end < top.precision_start
    assert 0.75 < top.start < 0.85 and 0.88 < top.end < 0.92


def test_the_size_of_a_fall_by_hand():
    # three scores of sixty days each: none of the lowest, forty of the middle and twenty of the highest labelled 1
    score = np.tile([0.0, 0.0, 0.0, 0.1, 0.1, 0.1, 0.9, 0.9, 0.9], 20)
    label = np.tile([0, 0, 0, 1, 1, 0, 1, 0, 0], 20)
    fall = rising(label, score, horizon=1).falls[0]
    u = np.tile([0, 0, 0, 1, 1, 1, -1, -1, -1], 20) / 60 * (label - 0.5)  # half of the 120 days that take part
    assert fall.z == pytest.approx((40 / 60 - 20 / 60) / np.sqrt(long_run_variance(u, bandwidth(180, 1))))
    assert (fall.start, fall.end) == (0.1, 0.9)
    assert (fall.precision_start, fall.precision_end) == (0.5, pytest.approx(1 / 3))


def test_scores_without_skill_rarely_pass_for_rising_or_falling():
    verdicts = [rising(*noisy(0.0, seed), horizon=1).verdict for seed in range(200)]
    assert verdicts.count("rises") <= 20  # nominal 10
    assert verdicts.count("falls") <= 36  # nominal 10 for the trend, at most 10 for all steps


def test_skilled_scores_are_rarely_accused_of_falling():
    verdicts = [rising(*noisy(0.3, seed), horizon=1).verdict for seed in range(100)]
    assert verdicts.count("falls") <= 5


@pytest.mark.parametrize(
    ("label", "score"),
    [
        (np.zeros(100), np.linspace(0, 1, 100)),
        (np.ones(100), np.linspace(0, 1, 100)),
        (np.arange(100) % 2, np.full(100, 0.3)),
        (np.array([1]), np.array([0.5])),
    ],
)
def test_one_class_or_one_score_is_flat(label, score):
    found = rising(label, score, horizon=1)
    assert (found.verdict, found.trend_z, found.spearman, found.falls) == ("flat", 0.0, 0.0, ())


@given(DAYS, st.integers(1, 5))
@settings(deadline=None)
def test_the_check_is_finite_on_any_days(days, horizon):
    found = rising(*split(days), horizon=horizon)
    assert np.isfinite([found.trend_z, found.spearman, *(fall.z for fall in found.falls)]).all()


def test_a_hundred_models_sweep_in_well_under_two_seconds():
    models = [noisy(0.2, seed) for seed in range(100)]
    start = time.perf_counter()
    for label, score in models:
        exact_curve(label, score)
    assert time.perf_counter() - start < 1
