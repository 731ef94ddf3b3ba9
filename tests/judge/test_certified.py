"""A certified threshold keeps its promise under dependence, and "none" is an answer with a reason."""

from dataclasses import replace

import numpy as np
import pytest
from bench.certified import Market, Truth
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from buysignal.core.binomial import clopper_pearson_lower
from buysignal.core.files import stable
from buysignal.judge.certified import Precision, certify, p_values, reject
from buysignal.judge.evidence import missing
from buysignal.judge.intervals import effective_count
from tests.judge.examples import RULES, scored, skilled

ROLES = ["calibrate", "threshold"]


def by_hand(hits=(8, 9, 9), days=(10, 10, 10)):
    """Calibrate proposes .2 .5 .8; the threshold role has so many days of each score, with so many hits.

    Hits are spread over each block, so that days are as good as independent.
    """
    label, score = [0, 0, 1], [0.2, 0.5, 0.8]
    for value, n, k in zip((0.2, 0.5, 0.8), days, hits):
        label += [int((i + 1) * k // n > i * k // n) for i in range(n)]
        score += [value] * n
    return scored(label, score, ["calibrate"] * 3 + ["threshold"] * sum(days))


def test_the_p_value_of_independent_days_is_the_binomial_tail():
    label, alert = np.tile([1, 0, 1, 1], 25), np.ones((1, 100), bool)
    assert effective_count(alert, label, 1)[0] == pytest.approx(100)
    assert p_values(label, alert, 1, 0.6)[0] == pytest.approx(binom.sf(74, 100, 0.6))


def test_the_p_value_is_where_the_lower_bound_meets_the_target():
    label, score, _ = skilled("m", 2.0).of("threshold")
    alert = score >= np.array([0.3, 0.5, 0.7])[:, None]
    p = p_values(label, alert, 3, 0.4)
    share = (alert * label).sum(axis=1) / alert.sum(axis=1)
    bound = clopper_pearson_lower(share, effective_count(alert, label, 3), 1 - p)
    assert bound == pytest.approx(np.full(3, 0.4))


def test_without_a_hit_nothing_speaks_for_the_threshold():
    assert p_values(np.zeros(9, int), np.ones((1, 9), bool), 1, 0.1).tolist() == [1.0]


def test_tests_go_down_from_the_highest_and_stop_at_the_first_that_fails():
    assert reject(np.array([0.01, 0.01, 0.5, 0.04, 0.1]), 0.1).tolist() == [3, 4]
    assert reject(np.array([0.01, 0.01, 0.01, 0.11]), 0.1).tolist() == []
    assert reject(np.array([0.05]), 0.1).tolist() == [0]


def test_of_the_certified_the_one_of_highest_recall_is_taken():
    days = (40, 40, 40)
    found = certify(by_hand((32, 32, 36), days), Precision(0.5), 0.1, RULES)
    assert (found.threshold, found.tested, found.evidence.n_buys, found.evidence.hits) == (0.2, 3, 120, 100)
    assert found.evidence.recall == 1.0 and found.p_value <= 0.1
    assert found.reason.startswith("3 of 3 thresholds are certified at target 0.5 (delta 0.1)")
    higher = certify(by_hand((0, 32, 36), days), Precision(0.75), 0.1, RULES)
    assert (higher.threshold, higher.evidence.precision, higher.evidence.recall) == (0.5, 68 / 80, 1.0)


def test_thresholds_with_too_few_buys_are_not_tested():
    found = certify(by_hand(), Precision(0.5), 0.1, replace(RULES, min_buys=15))
    assert found.tested == 2


def test_a_certified_threshold_keeps_the_recall_floor():
    model = by_hand(hits=(2, 2, 9), days=(40, 40, 10))
    assert certify(model, Precision(0.5), 0.1, RULES).threshold == 0.8
    found = certify(model, Precision(0.5), 0.1, replace(RULES, min_recall=0.9))
    assert found.threshold is None and found.evidence.n_buys == 0
    assert found.reason == (
        "no threshold is certified: recall is at most 0.692 where precision reaches target 0.5 (delta 0.1), "
        "0.900 is needed"
    )


def test_labels_of_the_calibrate_role_do_not_matter():
    model, claim = skilled("m", 2.0), Precision(0.4)
    label = model.label.copy()
    label[model.role == "calibrate"] = 0
    assert certify(scored(label, model.ensemble, model.role), claim, 0.1, RULES) == certify(model, claim, 0.1, RULES)


NONE = {
    "no calibrate day": (scored([1, 0] * 20, np.linspace(0, 1, 40)), "no day of role calibrate is scored"),
    "no threshold day": (
        scored([1, 0] * 20, np.linspace(0, 1, 40), ["calibrate"] * 40),
        "no day of role threshold is scored",
    ),
    "no buys": (scored([1, 0] * 20, [0.9] * 20 + [0.1] * 20, np.repeat(ROLES, 20)), "at most 0 buys at any of 1"),
    "no positives": (scored([0] * 40, np.tile(np.linspace(0, 1, 20), 2), np.repeat(ROLES, 20)), "has p = 1.000"),
    "constant scores": (scored([1, 0] * 20, [0.4] * 40, np.repeat(ROLES, 20)), "the best of 1 has p = 0.5"),
}


@pytest.mark.parametrize("case", NONE)
def test_none_is_an_answer_with_its_reason(case):
    model, words = NONE[case]
    found = certify(model, Precision(0.5), 0.1, RULES)
    assert found.threshold is None and found.reason.startswith("no threshold is certified: ") and words in found.reason
    assert (found.evidence.n_buys, found.evidence.precision) == (0, 0.0) and 0 < found.p_value <= 1
    assert missing(stable(found.to_dict())) == []


def test_a_role_where_every_day_hits_certifies_only_what_its_days_can_show():
    model = scored([1] * 80, np.tile(np.linspace(0, 1, 40), 2), np.repeat(ROLES, 40))
    assert certify(model, Precision(0.5), 0.1, RULES).threshold == 0.0
    assert certify(model, Precision(0.99), 0.1, RULES).threshold is None  # 0.99^40 = .67


DAYS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 100)), min_size=1, max_size=60)


@given(DAYS, st.integers(1, 5), st.floats(0.05, 0.95), st.floats(0.01, 0.4))
@settings(deadline=None, max_examples=60)
def test_what_is_certified_is_above_the_target_has_the_buys_and_is_told_in_full(days, horizon, target, delta):
    label, score = np.array([d[0] for d in days]), np.array([d[1] for d in days]) / 100
    model = scored(np.tile(label, 2), np.tile(score, 2), np.repeat(ROLES, len(days)))
    found = certify(model, Precision(target), delta, replace(RULES, horizon=horizon))
    assert missing(stable(found.to_dict())) == []
    if found.threshold is not None:
        assert found.p_value <= delta and found.evidence.n_buys >= RULES.min_buys
        assert found.evidence.precision > target or delta > 0.3
        stricter = certify(model, Precision(target), delta / 2, replace(RULES, horizon=horizon))
        assert stricter.threshold is None or stricter.threshold >= found.threshold


def study(market, quantile, delta, paths):
    """(share of paths with a broken promise, share certified) over simulated calibrations."""
    rng = np.random.default_rng(5)
    truth = Truth(market, rng, 300_000)
    label, score = market.draw(rng, paths, 1010)
    role = np.repeat(["calibrate", "rank", "threshold"], [402, 4, 604])
    rules = replace(RULES, min_buys=30, min_recall=0.0, horizon=market.horizon, points=21)
    target = truth.target(quantile)
    found = [certify(scored(y, s, role), Precision(target), delta, rules).threshold for y, s in zip(label, score)]
    certified = np.array([threshold for threshold in found if threshold is not None])
    return (truth.at(certified) < target).sum() / paths, len(certified) / paths


@pytest.mark.parametrize(("half_life", "horizon", "level"), [(3, 1, 1.5), (21, 5, 2.5)])
def test_the_promise_is_kept_under_dependence_and_not_by_certifying_nothing(half_life, horizon, level):
    market = Market(half_life, horizon, level, 0.8, 0.9)
    broken, _ = study(market, 0.8, 0.1, 150)
    assert broken <= 0.1
    _, certified = study(market, 0.0, 0.1, 100)
    assert certified >= 0.5


def test_ignoring_dependence_would_break_the_promise():
    """The binomial tail with every buy counted in full, at a true precision equal to the target."""
    market = Market(21, 5, 2.5, 0.8, 0.9)
    rng = np.random.default_rng(5)
    truth = Truth(market, rng, 300_000)
    threshold = 0.6
    target = float(truth.at(np.array([threshold]))[0])
    label, score = market.draw(rng, 300, 604)
    alert = score >= threshold
    naive = binom.sf((alert * label).sum(axis=1) - 1, alert.sum(axis=1), target)
    ours = np.array([p_values(y, a[None], market.horizon, target)[0] for y, a in zip(label, alert)])
    assert (naive <= 0.1).mean() > 0.2
    assert (ours <= 0.1).mean() <= 0.1
