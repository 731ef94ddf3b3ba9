"""Bounds agree with the exact binomial where days are independent and widen where they are not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm
from scipy.stats import t as student

from buysignal.core.binomial import clopper_pearson_lower, clopper_pearson_upper
from buysignal.judge.intervals import (
    bandwidth,
    cosines,
    effective_count,
    long_run_variance,
    precision_interval,
    precision_lower,
    recall_interval,
    thinned_count,
    widened_variance,
)
from tests.judge.examples import persistent

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


def test_the_variance_of_a_sum_by_hand():
    # four days, cosines of type II: k = 1, 2, 3 at angles pi k (t + 1/2) / 4, each scaled by sqrt(2 / 4)
    u = np.array([3.0, 1.0, -1.0, 1.0])
    angles = np.pi * np.outer([1, 2, 3], np.arange(4) + 0.5) / 4
    projections = np.sqrt(2 / 4) * np.cos(angles) @ u
    widening = (student.ppf(0.975, 3) / norm.ppf(0.975)) ** 2  # three cosines: Student's t with three degrees
    assert widened_variance(u) == pytest.approx(widening * 4 * np.mean(projections**2))
    assert widened_variance(u + 7) == pytest.approx(widened_variance(u))  # the mean does not matter


def test_few_cosines_for_regimes_and_as_many_as_published():
    assert cosines(600) == (6, 28)  # 600 / 100; 0.4 * 600^(2/3) = 28.5
    assert cosines(2000) == (20, 63)
    assert cosines(100) == (4, 9)
    assert cosines(3) == (2, 2)
    assert cosines(2) == (1, 1)


def test_clusters_of_equal_outcomes_count_for_fewer():
    rng = np.random.default_rng(0)
    always = np.ones(600, bool)
    label = np.array([np.repeat(rng.integers(0, 2, 60), 10) for _ in range(200)])  # ten days share one outcome
    assert 30 < np.median(effective_count(always, label, 1)) < 60  # of the 60 draws there are, with caution
    shuffled = rng.permuted(label, axis=1)
    assert 350 < np.median(effective_count(always, shuffled, 1)) < 600


def test_alike_outcomes_of_one_cluster_are_one_event():
    alert = np.zeros(600, bool)
    alert[300:320] = True  # twenty days in a row; of labels that look ten days ahead two share no day
    label = np.ones(600, int)
    assert effective_count(alert, label, 10) == 2
    label[310] = 0  # one failure shows as little dependence as none: 9 shares of 20 / 2, one of at least 1
    assert effective_count(alert, label, 10) == pytest.approx(20 / ((9 * 10 + 1 * seen(alert, label)) / 10))
    assert effective_count(alert, label, 1) == pytest.approx(20 / max(1, seen(alert, label)))


def seen(alert, label):
    p = label[alert].mean()
    return widened_variance(alert * (label - p)) / (alert.sum() * p * (1 - p))


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


@given(DAYS, st.integers(1, 30))
def test_the_bounds_enclose_the_point(days, horizon):
    label, alert = np.array([d[0] for d in days]), np.array([d[1] for d in days])
    low, n_eff = precision_lower(label, alert, horizon, 0.95)
    two = precision_interval(label, alert, horizon, 0.95)
    assert 0 <= two.low <= low <= two.point + 1e-12
    assert two.point <= two.high + 1e-12 <= 1 + 2e-12
    assert two.n_eff == pytest.approx(float(n_eff))
    assert min(1, alert.sum()) <= n_eff <= alert.sum()
    assert low < two.point or low == two.point == 0


@given(DAYS, st.integers(1, 30), st.floats(0.5, 0.98))
def test_more_confidence_is_wider(days, horizon, confidence):
    label, alert = np.array([d[0] for d in days]), np.array([d[1] for d in days])
    for interval in (precision_interval, recall_interval):
        narrow, wide = (interval(label, alert, horizon, c) for c in (confidence, confidence + 0.01))
        assert wide.low <= narrow.low <= narrow.high <= wide.high
        assert narrow.n_eff == wide.n_eff  # one count for every level
    assert precision_lower(label, alert, horizon, 0.9)[0] <= precision_lower(label, alert, horizon, 0.8)[0]


@pytest.mark.parametrize("n", [1, 2, 3, 600])
@pytest.mark.parametrize(("label", "alert"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_days_that_are_all_alike_give_numbers(n, label, alert):
    labels, alerts = np.full(n, label), np.full(n, alert, bool)
    for found in (precision_interval(labels, alerts, 5, 0.95), recall_interval(labels, alerts, 5, 0.95)):
        assert np.isfinite([found.point, found.low, found.high, found.n_eff]).all()
        assert 0 <= found.low <= found.point <= found.high <= 1


@given(DAYS, st.integers(1, 6))
def test_recall_is_precision_with_the_roles_of_label_and_alert_exchanged(days, horizon):
    label, alert = np.array([d[0] for d in days]), np.array([d[1] for d in days])
    assert recall_interval(label, alert, horizon, 0.9) == precision_interval(alert.astype(int), label > 0, horizon, 0.9)


def test_without_an_alert_nothing_is_known():
    interval = precision_interval(np.array([0, 1]), np.array([False, False]), 1, 0.95)
    assert (interval.point, interval.low, interval.high, interval.n_eff) == (0.0, 0.0, 1.0, 0.0)


def regimes(rng, paths, n, horizon, persistence):
    """Label: does the largest of the next ``horizon`` shocks pass a level? Volatility and score share a regime."""
    state = persistent(rng, (paths, n + horizon), persistence)
    shock = rng.standard_normal((paths, n + horizon)) * np.exp(0.5 * state)
    label = np.lib.stride_tricks.sliding_window_view(shock[:, 1:], horizon, axis=1).max(axis=-1) >= 2
    return label.astype(int), 0.7 * state[:, :n] + 0.7 * rng.standard_normal((paths, n))


@pytest.mark.parametrize(("horizon", "persistence"), [(1, 0.8), (5, 0.8), (10, 0.8), (1, 0.97), (5, 0.97)])
@pytest.mark.parametrize("level", [0.85, 1.54])  # alerts on a fifth and on 6 % of the days
def test_intervals_cover_the_true_precision_under_dependence(horizon, persistence, level):
    rng = np.random.default_rng(7)
    label, score = regimes(rng, 1200, 600, horizon, persistence)  # a half-life of 3 or 23 days
    alert = score >= level
    truth = label[alert].mean()
    label, alert = label[:300], alert[:300]
    lower = [precision_lower(y, a, horizon, 0.95)[0] for y, a in zip(label, alert)]
    two = [precision_interval(y, a, horizon, 0.95) for y, a in zip(label, alert)]
    assert np.mean(np.array(lower) <= truth) >= 0.93
    assert np.mean([i.low <= truth <= i.high for i in two]) >= 0.93


@pytest.mark.parametrize("horizon", [1, 5, 10])
def test_intervals_cover_the_true_recall_under_dependence(horizon):
    rng = np.random.default_rng(8)
    label, score = regimes(rng, 1200, 600, horizon, 0.8)
    alert = score >= 0.85
    truth = alert[label > 0].mean()
    found = [recall_interval(y, a, horizon, 0.95) for y, a in zip(label[:300], alert[:300])]
    assert np.mean([i.low <= truth <= i.high for i in found]) >= 0.93


def test_caution_does_not_make_an_interval_useless():
    rng = np.random.default_rng(9)
    widths = []
    for _ in range(200):
        alert, label = np.zeros(600, bool), rng.integers(0, 2, 600)
        alert[rng.choice(600, 30, replace=False)] = True
        interval = precision_interval(label, alert, 1, 0.95)
        widths.append(interval.high - interval.low)
    assert 0.334 < np.median(widths) < 1.5 * 0.334  # Wilson's for 15 of 30 is .334


def test_ignoring_the_overlap_of_labels_would_cover_far_less():
    rng = np.random.default_rng(7)
    label, score = regimes(rng, 300, 600, 20, 0.5)
    alert = score >= 0.9
    truth, n, p = label[alert].mean(), alert.sum(axis=1), (alert * label).sum(axis=1) / alert.sum(axis=1)
    naive = (clopper_pearson_lower(p, n, 0.95) <= truth).mean()
    ours = np.mean([precision_lower(y, a, 20, 0.95)[0] <= truth for y, a in zip(label, alert)])
    assert ours > naive + 0.1


def test_a_label_of_bools_is_one_of_numbers():
    rng = np.random.default_rng(0)
    alert, label = rng.random(300) < 0.3, rng.random(300) < 0.4
    assert effective_count(alert, label, 1) == effective_count(alert, label.astype(np.int8), 1)
