"""Metrics at a threshold agree with counting on one's fingers, also where nothing is bought."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.core.files import stable
from buysignal.models.metrics import COLLAPSE_WIDTH, auc, buys, precision_at_recall, ranking

LABEL = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0, 0])
SCORE = np.array([0.9, 0.8, 0.7, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0])


def test_counts_by_hand():
    at = buys(LABEL, SCORE, 0.7)  # buys rows 0-3: 2 of them right, 3 days labelled 1 in all
    assert (at.n, at.n_buys, at.hits, at.no_buys) == (10, 4, 2, False)
    assert at.precision == 0.5
    assert at.recall == 2 / 3
    assert at.base_rate == 0.3
    assert at.lift == pytest.approx(0.5 / 0.3)
    assert at.alert_rate == 0.4


def test_reaching_the_threshold_is_a_buy():
    assert buys(LABEL, SCORE, 0.9).n_buys == 1
    assert buys(LABEL, SCORE, np.nextafter(0.9, 1)).n_buys == 0


def test_without_a_buy_precision_is_zero_and_flagged():
    at = buys(LABEL, SCORE, 0.95)
    assert (at.precision, at.recall, at.lift, at.n_buys, at.no_buys) == (0.0, 0.0, 0.0, 0, True)


@pytest.mark.parametrize("value", [0, 1])
def test_one_class_gives_finite_metrics(value):
    label = np.full(10, value)
    at, order = buys(label, SCORE, 0.7), ranking(label, SCORE)
    assert at.precision == at.base_rate == value
    assert at.recall == (0.4 if value else 0.0)
    assert order.auc == 0.5 and order.average_precision == value


def test_auc_is_the_share_of_pairs_in_the_right_order():
    # rows labelled 1 score .9 .7 .4; pairs won against the other seven: 7, 5.5 (one tie), 4
    assert auc(LABEL, SCORE) == pytest.approx((7 + 5.5 + 4) / 21)


def test_a_narrow_range_is_a_collapse_and_one_odd_day_does_not_hide_it():
    score = np.full(1000, 0.2)
    score[0] = 0.9
    assert ranking(np.zeros(1000), score).collapsed
    assert ranking(np.zeros(1000), np.linspace(0.2, 0.2 + 0.9 * COLLAPSE_WIDTH, 1000)).collapsed
    assert not ranking(np.zeros(1000), np.linspace(0.2, 0.2 + 1.1 * COLLAPSE_WIDTH, 1000)).collapsed
    assert ranking(LABEL, SCORE).prediction_max == 0.9


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=40), st.floats(-0.1, 1.1))
def test_metrics_are_finite_shares(days, threshold):
    label, score = np.array([d[0] for d in days]), np.array([d[1] for d in days])
    at, order = buys(label, score, threshold), ranking(label, score)
    stable(asdict(at)), stable(asdict(order))  # raises on NaN
    for value in (at.precision, at.recall, at.base_rate, at.alert_rate, order.auc, order.average_precision):
        assert 0 <= value <= 1 + 1e-12
    assert at.no_buys == (at.n_buys == 0)


def test_no_day_is_refused():
    with pytest.raises(ValueError, match="n >= 1"):
        buys(np.array([]), np.array([]), 0.5)


def test_precision_at_recall_by_hand():
    label, score = np.array([1, 0, 1, 0, 1, 0]), np.array([0.9, 0.8, 0.8, 0.5, 0.4, 0.1])
    assert precision_at_recall(label, score, 1 / 3) == 1.0  # one buy, one hit
    assert precision_at_recall(label, score, 0.5) == pytest.approx(2 / 3)  # the two at 0.8 come together
    assert precision_at_recall(label, score, 1.0) == pytest.approx(3 / 5)
    assert precision_at_recall(np.zeros(6, int), score, 0.1) == 0.0
