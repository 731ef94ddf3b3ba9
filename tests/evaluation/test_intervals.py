"""Bounds agree with the exact binomial where days are independent and widen where they are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from buysignal.evaluation.intervals import (
    bandwidth,
    clopper_pearson_lower,
    clopper_pearson_upper,
    effective_count,
    long_run_variance,
    precision_interval,
    precision_lower,
    recall_interval,
    thinned_count,
)

DAYS = st.lists(st.tuples(st.integers(0, 1), st.booleans()), min_size=1, max_size=80)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (3, 10), (10, 10)])
def test_whole_counts_give_the_textbook_bounds(k, n):
    interval = binomtest(k, n).proportion_ci(0.9, "exact")  # two-sided 90 % is one-sided 95 % on each side
    assert clopper_pearson_lower(k / n, n, 0.95) == pytest.approx(interval.low)
    assert clopper_pearson_upper(k / n, n, 0.95) == pytest.approx(interval.high)


def test_long_run_variance_by_hand():
    # squares 4 + 1 + 1 = 6; lag 1: 2*1 + 1*(-1) = 1 at weight 2/3; lag 2: 2*(-1) = -2 at weight 1/3
    assert long_run_variance(np.array([2.0, 1.0, -1.0]), 2) == pytest.approx(6 + 2 * (2 / 3 * 1 + 1 / 3 * -2))


def test_bandwidth_covers_the_overlap_and_stays_below_the_days():
    assert bandwidth(600, 1) == 32  # 1.3 * sqrt(600) = 31.8
    assert bandwidth(600, 20) == 40
    assert bandwidth(5, 20) == 4
    assert bandwidth(1, 1) == 0


def test_thinning_takes_alerts_whose_labels_share_no_day():
    alert = np.array([1, 1, 1, 1, 0, 0, 1, 0, 1], bool)
    assert thinned_count(alert, 1) == 6
    assert thinned_count(alert, 3) == 3  # days 0, 3 and 6


def test_clusters_of_equal_outcomes_count_for_fewer():
    rng = np.random.default_rng(0)
    label = np.repeat(rng.integers(0, 2, 60), 10)  # every ten days share one outcome
    always = np.ones(600, bool)
    assert 40 < effective_count(always, label, 1) < 120  # about the 60 draws there are
    assert effective_count(always, rng.permutation(label), 1) > 300


def test_dependence_never_adds_information():
    assert effective_count(np.ones(200, bool), np.tile([1, 0], 100), 1) == 200


def test_a_two_sided_interval_leaves_half_the_doubt_on_each_side():
    interval = precision_interval(np.tile([1, 0, 0, 0], 50), np.ones(200, bool), 1, 0.95)  # n_eff is 200
    textbook = binomtest(50, 200).proportion_ci(0.95, "exact")
    assert (interval.low, interval.high) == (pytest.approx(textbook.low), pytest.approx(textbook.high))


@pytest.mark.parametrize("value", [0, 1])
def test_where_every_buy_is_alike_the_episodes_are_counted(value):
    alert = np.zeros(100, bool)
    alert[10:30] = True
    low, n_eff = precision_lower(np.full(100, value), alert, 5, 0.95)
    assert n_eff == 4
    assert low == pytest.approx(0.05**0.25 if value else 0.0)


def test_many_thresholds_at_once_equal_one_at_a_time():
    rng = np.random.default_rng(1)
    label, score = rng.integers(0, 2, 200), rng.random(200)
    thresholds = np.array([0.0, 0.5, 0.999, 2.0])
    low, n_eff = precision_lower(label, score >= thresholds[:, None], 3, 0.95)
    for i, threshold in enumerate(thresholds):
        one_low, one_n = precision_lower(label, score >= threshold, 3, 0.95)
        assert (low[i], n_eff[i]) == (pytest.approx(float(one_low)), pytest.approx(float(one_n)))
    assert (low[-1], n_eff[-1]) == (0.0, 0.0)


@given(DAYS, st.integers(1, 6))
def test_the_bounds_enclose_the_point(days, horizon):
    label, alert = np.array([d[0] for d in days]), np.array([d[1] for d in days])
    low, n_eff = precision_lower(label, alert, horizon, 0.95)
    two = precision_interval(label, alert, horizon, 0.95)
    assert 0 <= two.low <= low <= two.point + 1e-12
    assert two.point <= two.high + 1e-12 <= 1 + 2e-12
    assert min(1, alert.sum()) - 1e-9 <= n_eff <= alert.sum()
    assert low < two.point or low == two.point == 0


@given(DAYS, st.integers(1, 6))
def test_recall_is_precision_with_the_roles_of_label_and_alert_exchanged(days, horizon):
    label, alert = np.array([d[0] for d in days]), np.array([d[1] for d in days])
    assert recall_interval(label, alert, horizon, 0.9) == precision_interval(alert.astype(int), label > 0, horizon, 0.9)


def test_without_an_alert_nothing_is_known():
    interval = precision_interval(np.array([0, 1]), np.array([False, False]), 1, 0.95)
    assert (interval.point, interval.low, interval.high, interval.n_eff) == (0.0, 0.0, 1.0, 0.0)


def regimes(rng, paths, n, horizon, persistence):
    """Label: does the largest of the next ``horizon`` shocks pass a level? Volatility and score share a regime."""
    state = rng.standard_normal((paths, n + horizon))
    for t in range(1, n + horizon):
        state[:, t] = persistence * state[:, t - 1] + np.sqrt(1 - persistence**2) * state[:, t]
    shock = rng.standard_normal((paths, n + horizon)) * np.exp(0.5 * state)
    label = np.lib.stride_tricks.sliding_window_view(shock[:, 1:], horizon, axis=1).max(axis=-1) >= 2
    return label.astype(int), 0.7 * state[:, :n] + 0.7 * rng.standard_normal((paths, n))


@pytest.mark.parametrize(("horizon", "persistence", "least"), [(1, 0.5, 0.93), (5, 0.5, 0.92), (1, 0.95, 0.89)])
def test_the_lower_bound_covers_the_true_precision_under_dependence(horizon, persistence, least):
    rng = np.random.default_rng(7)
    label, score = regimes(rng, 300, 600, horizon, persistence)
    alert = score >= 0.9  # one threshold for all; about a fifth of the days
    truth = label[alert].mean()
    bounds = np.array([precision_lower(y, a, horizon, 0.95)[0] for y, a in zip(label, alert)])
    assert (bounds <= truth).mean() >= least


def test_ignoring_the_overlap_of_labels_would_cover_far_less():
    rng = np.random.default_rng(7)
    label, score = regimes(rng, 300, 600, 20, 0.5)
    alert = score >= 0.9
    truth, n, p = label[alert].mean(), alert.sum(axis=1), (alert * label).sum(axis=1) / alert.sum(axis=1)
    naive = (clopper_pearson_lower(p, n, 0.95) <= truth).mean()
    ours = np.mean([precision_lower(y, a, 20, 0.95)[0] <= truth for y, a in zip(label, alert)])
    assert ours > naive + 0.1
