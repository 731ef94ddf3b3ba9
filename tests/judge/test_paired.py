"""Paired differences: nothing found where nothing is, a clear difference found, ties shared out by hand."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from buysignal.judge.intervals import block_length
from buysignal.judge.paired import (
    auc_difference,
    auc_interval,
    counted_auc,
    highest,
    precision_at_buys,
    precision_difference,
)
from buysignal.models.metrics import auc


def market(skills, seed=0, n=400):
    """Labels (n,) and one score per skill."""
    rng = np.random.default_rng(seed)
    label = (rng.random(n) < 0.3).astype(np.int8)
    return label, *(skill * label + rng.standard_normal(n) for skill in skills)


def difference(label, model, baseline, **changes):
    return auc_difference(label, model, baseline, **{"horizon": 1, "confidence": 0.95, "seed": 1} | changes)


def test_a_score_and_the_same_order_on_another_scale_differ_by_nothing():
    label, score = market([1.0])
    for same in (score, np.exp(score) / 7):
        found = difference(label, score, same)
        assert (found.difference, found.low, found.high, found.verdict) == (0.0, 0.0, 0.0, "cannot tell")


def test_a_clearly_better_score_is_better_and_the_other_way_round_is_worse():
    label, good, bad = market([3.0, 0.2])
    better, worse = difference(label, good, bad), difference(label, bad, good)
    assert better.verdict == "better" and 0 < better.low < better.difference < better.high
    assert worse.verdict == "worse" and worse.high < 0
    assert (worse.low, worse.high) == pytest.approx((-better.high, -better.low))
    assert better.difference == pytest.approx(auc(label, good) - auc(label, bad))


def test_equal_skill_is_seldom_called_a_difference():
    verdicts = [difference(*market([1.0, 1.0], seed=seed), seed=seed).verdict for seed in range(20)]
    assert verdicts.count("cannot tell") >= 15  # of 20 at 5 % each: fewer than this once in 3,000


def test_the_seed_alone_decides_the_draws():
    label, one, other = market([1.0, 0.8])
    assert difference(label, one, other) == difference(label, one, other)
    assert difference(label, one, other).low != difference(label, one, other, seed=2).low
    assert difference(label, one, other).difference == difference(label, one, other, seed=2).difference


def test_more_confidence_and_longer_blocks_of_clustered_days_are_wider():
    label, one, other = market([1.0, 0.8])
    narrow, wide = difference(label, one, other, confidence=0.8), difference(label, one, other, confidence=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high
    label, one, other = (np.repeat(values, 40) for values in (label[:40], one[:40], other[:40]))
    short, long = difference(label, one, other, horizon=1), difference(label, one, other, horizon=60)
    assert long.high - long.low > 1.1 * (short.high - short.low)


def test_labels_of_one_class_say_nothing():
    _, one, other = market([1.0, 0.8])
    found = difference(np.zeros(400, np.int8), one, other)
    assert (found.difference, found.low, found.high, found.verdict) == (0.0, 0.0, 0.0, "cannot tell")


few = st.integers(0, 5)


@given(st.lists(st.tuples(st.booleans(), few), min_size=1, max_size=40))
@settings(deadline=None)
def test_counting_gives_the_area_with_ties(days):
    positive, score = np.array([d[0] for d in days]), np.array([d[1] for d in days], float)
    place = np.unique(score, return_inverse=True)[1]
    assert counted_auc(positive, place) == pytest.approx(auc(positive.astype(np.int8), score))


def test_ties_at_the_edge_are_shared_out_by_hand():
    label, score = np.array([1, 0, 1, 1, 0], np.int8), np.array([0.9, 0.5, 0.5, 0.5, 0.1])
    assert precision_at_buys(label, score, 1) == 1.0
    assert precision_at_buys(label, score, 2) == pytest.approx((1 + 2 / 3) / 2)  # one of three days, two are right
    assert precision_at_buys(label, score, 3) == pytest.approx((1 + 4 / 3) / 3)
    assert precision_at_buys(label, score, 4) == pytest.approx(3 / 4)
    assert precision_at_buys(label, score, 5) == pytest.approx(3 / 5)
    assert precision_at_buys(label, score, 0) == 0.0


@given(st.lists(st.tuples(st.booleans(), few), min_size=1, max_size=30), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_days_never_decides(days, random):
    n_buys = random.randint(1, len(days))
    values = []
    for _ in range(2):
        label, score = np.array([d[0] for d in days], np.int8), np.array([d[1] for d in days], float)
        values.append(precision_at_buys(label, score, n_buys))
        random.shuffle(days)
    assert values[0] == pytest.approx(values[1]) and 0 <= values[0] <= 1


@given(st.lists(st.tuples(st.booleans(), few), min_size=1, max_size=30), few)
@settings(deadline=None)
def test_at_a_thresholds_own_number_of_buys_it_is_the_thresholds_precision(days, threshold):
    label, score = np.array([d[0] for d in days], np.int8), np.array([d[1] for d in days], float)
    alert = score >= threshold
    assume(alert.any())
    assert precision_at_buys(label, score, int(alert.sum())) == pytest.approx(label[alert].mean())


def precision(label, alert, baseline, **changes):
    return precision_difference(label, alert, baseline, **{"horizon": 1, "confidence": 0.95, "seed": 1} | changes)


def test_precision_is_compared_at_as_many_buys_by_hand():
    label = np.array([1, 0, 1, 0, 1, 0])
    alert = np.array([1, 1, 0, 0, 0, 0], bool)  # precision 1/2
    baseline = np.array([0.9, 0.1, 0.8, 0.2, 0.3, 0.1])  # its two highest: days 0 and 2, both right
    found = precision(label, alert, baseline)
    assert found.difference == pytest.approx(0.5 - 1.0)
    assert -1 <= found.low <= found.high <= 1


def test_the_last_alerts_are_shared_by_the_days_that_tie():
    assert highest(np.array([0.9, 0.5, 0.5, 0.5, 0.1]), 2).tolist() == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3, 0])
    assert highest(np.array([0.2, 0.2]), 2).tolist() == [1, 1]


def test_the_same_alerts_differ_by_nothing_and_clearly_better_ones_are_better():
    label, good, bad = market([4.0, 0.0], n=600)
    alert = good >= np.sort(good)[-60]
    same = precision(label, alert, good)
    assert (same.difference, same.low, same.high, same.verdict) == (0.0, 0.0, 0.0, "cannot tell")
    assert precision(label, alert, bad).verdict == "better"
    assert precision(label, bad >= np.sort(bad)[-60], good).verdict == "worse"


def test_without_an_alert_no_precision_is_compared():
    with pytest.raises(ValueError, match="no precision to compare"):
        precision(np.array([0, 1]), np.zeros(2, bool), np.array([0.1, 0.2]))


def test_a_few_lucky_buys_prove_nothing():
    label, baseline = np.tile([1, 0, 0], 100), np.tile([0.1, 0.9, 0.5], 100)  # the baseline is always wrong
    alert = np.zeros(300, bool)
    alert[[0, 3, 6]] = True
    found = precision(label, alert, baseline)
    assert found.difference == 1.0 and found.verdict == "cannot tell"
    alert[: 3 * 12 : 3] = True  # twelve, but within 36 days
    assert precision(label, alert, baseline).verdict == "cannot tell"
    alert[::24] = True  # and all over the year
    assert precision(label, alert, baseline).verdict == "better"


def test_blocks_are_as_long_as_the_dependence_they_must_keep():
    assert block_length(600, 1) == 32  # 1.3 sqrt(600)
    assert block_length(600, 20) == 40  # twice the horizon
    assert block_length(30, 1) == 10  # never below ten days


def smooth(values, days):
    """Average of the last ``days`` values, back at unit variance: what lasts."""
    return np.convolve(values, np.ones(days) / np.sqrt(days), "valid")


@pytest.mark.parametrize("days", [1, 30])
def test_equal_skill_is_seldom_called_a_difference_however_long_errors_last(days):
    wrong = {"auc": 0, "precision": 0}
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x, e, f = (smooth(rng.standard_normal(600 + d - 1), d) for d in (30, days, days))
        label, model, baseline = (x + rng.standard_normal(600) > 1).astype(np.int8), x + e, x + f
        alert = model >= 1.4
        wrong["auc"] += auc_difference(label, model, baseline, 1, 0.95, seed, 200).verdict != "cannot tell"
        if alert.any():
            found = precision_difference(label, alert, baseline, 1, 0.95, seed, 200)
            wrong["precision"] += found.verdict != "cannot tell"
    assert max(wrong.values()) <= 11, wrong  # of 100 at 5 %: more than 11 once in 230


def area(label, score, **changes):
    return auc_interval(label, score, **{"horizon": 1, "confidence": 0.95, "seed": 1} | changes)


@pytest.mark.parametrize("value", [0, 1])
def test_days_of_one_class_rank_nothing(value):
    found = area(np.full(50, value), np.random.default_rng(0).random(50))
    assert (found.point, found.low, found.high) == (0.5, 0.0, 1.0)
    assert asdict(found) == {"point": 0.5, "low": 0.0, "high": 1.0}


def test_a_perfect_order_of_few_days_is_not_certain():
    label = np.zeros(100, int)
    label[[10, 11, 50, 90]] = 1
    found = area(label, label.astype(float))
    assert (found.point, found.low, found.high) == (1.0, pytest.approx(0.025 ** (1 / 4)), 1.0)  # four tosses, all won
    assert area(label, label.astype(float), horizon=5).low == pytest.approx(0.025 ** (1 / 3))  # 10 and 11 are one
    wrong = area(label, -label.astype(float))
    assert (wrong.point, wrong.low, wrong.high) == (0.0, 0.0, pytest.approx(1 - 0.025 ** (1 / 4)))


def test_the_interval_of_the_area_surrounds_it_and_widens_with_confidence():
    label, score = market([1.0])
    narrow, wide = area(label, score, confidence=0.8), area(label, score, confidence=0.99)
    assert narrow.point == wide.point == auc(label, score)
    assert 0.5 < wide.low < narrow.low < narrow.point < narrow.high < wide.high < 1
    assert area(label, score) == area(label, score) and area(label, score).low != area(label, score, seed=2).low


def test_a_constant_score_has_half_the_area_for_sure():
    label, _ = market([1.0])
    found = area(label, np.zeros(400))
    assert (found.point, found.low, found.high) == (0.5, 0.5, 0.5)


TRUE_AREA = 0.7428  # of two million independent days of the same law


def test_the_interval_of_the_area_holds_the_true_one_on_clustered_days():
    held = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        x = smooth(rng.standard_normal(605), 6)
        label, score = (x + rng.standard_normal(600) > 1).astype(np.int8), x + rng.standard_normal(600)
        found = auc_interval(label, score, 1, 0.95, seed, 200)
        held += found.low <= TRUE_AREA <= found.high
    assert held >= 90


@given(st.lists(st.tuples(st.integers(0, 1), few), min_size=1, max_size=40), st.integers(1, 30))
@settings(deadline=None, max_examples=50)
def test_no_days_make_an_interval_of_the_area_that_is_none(days, horizon):
    label, score = np.array([d[0] for d in days]), np.array([d[1] for d in days], float)
    found = auc_interval(label, score, horizon, 0.95, 1, 50)
    assert 0 <= found.low <= found.point <= found.high <= 1


@given(st.lists(st.tuples(st.integers(0, 1), few, few), min_size=1, max_size=40), st.integers(1, 30))
@settings(deadline=None, max_examples=50)
def test_no_days_make_a_difference_that_is_none(days, horizon):
    label, model, baseline = (np.array([d[i] for d in days]) for i in range(3))
    for found in (
        auc_difference(label, model, baseline, horizon, 0.95, 1, 50),
        precision_difference(label, model >= model.max(), baseline, horizon, 0.95, 1, 50),
    ):
        assert -1 <= found.low <= found.difference <= found.high <= 1
