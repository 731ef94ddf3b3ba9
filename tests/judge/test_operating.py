"""The operating point: thresholds from one role, judged on another, the surest precision first."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from scipy.stats import beta

from buysignal.core.files import read_json, write_json
from buysignal.judge.intervals import precision_lower
from buysignal.judge.operating import Operating, candidate_thresholds, operating_point
from tests.judge.examples import RULES, scored, skilled


def point_of(model, **rules):
    return operating_point(model, replace(RULES, **rules)).point


def by_hand():
    """Calibrate proposes .2 .5 .8; on the threshold role they buy 20, 12 and 6 days with 9, 9 and 5 hits.

    With independent days the bounds are those of 9/20, 9/12 and 5/6: .26, .47 and .42.
    """
    score = [0.2, 0.5, 0.8] + [0.2] * 8 + [0.5] * 6 + [0.8] * 6
    label = [0, 0, 1] + [0] * 8 + [1, 0, 1, 1, 0, 1] + [1, 1, 0, 1, 1, 1]
    return scored(label, score, ["calibrate"] * 3 + ["threshold"] * 20)


def test_the_surest_threshold_by_hand():
    point = point_of(by_hand())
    assert (point.threshold, point.n_buys, point.hits) == (0.5, 12, 9)
    assert (point.precision, point.recall, point.base_rate) == (9 / 12, 1.0, 0.45)
    assert (point.lift, point.alert_rate) == (pytest.approx(0.75 / 0.45), 0.6)
    assert (point.n_eff, point.precision_low) == (12, pytest.approx(beta.ppf(0.05, 9, 4)))
    assert (point.candidates, point.qualified) == (3, 3)


def test_the_bound_is_the_highest_among_the_qualified():
    model = skilled("m", 2.0)
    label, score, _ = model.of("threshold")
    candidates = candidate_thresholds(model.of("calibrate")[1], RULES.points)
    bounds = []
    for threshold in candidates:
        alert = score >= threshold
        if alert.sum() >= RULES.min_buys and label[alert].sum() >= RULES.min_recall * label.sum():
            bounds.append(float(precision_lower(label, alert, 1, 0.95)[0]))
    point = point_of(model)
    assert point.precision_low == pytest.approx(max(bounds))
    assert point.qualified == len(bounds)
    assert point.precision_low < point.precision


def test_floors_on_buys_and_recall_are_kept():
    model = skilled("m", 2.0)
    assert point_of(model, min_recall=0.6).recall >= 0.6
    assert point_of(model, min_buys=200).n_buys >= 200


def test_equal_bounds_go_to_the_lower_threshold():
    score = [0.2, 0.3, 0.4] + [0.5] * 10  # all three buy the same ten days
    point = point_of(scored([0] * 3 + [1, 0] * 5, score, ["calibrate"] * 3 + ["threshold"] * 10))
    assert point.threshold == 0.2


def test_too_few_buys_is_an_answer_with_a_reason():
    found = operating_point(by_hand(), replace(RULES, min_buys=21))
    assert found == Operating(None, "no operating point: at most 20 buys at any of 3 thresholds, 21 are needed")


def test_too_little_recall_is_an_answer_with_a_reason():
    score = [0.8, 0.9] + [0.8] * 6 + [0.1] * 14
    label = [0, 1] + [1, 0] * 3 + [1] * 7 + [0] * 7
    model = scored(label, score, ["calibrate"] * 2 + ["threshold"] * 20)
    found = operating_point(model, replace(RULES, min_recall=0.5))
    assert found.point is None
    assert found.reason == (
        "no operating point: the best recall with 5 or more buys is 0.300 over 2 thresholds, 0.500 is needed"
    )


@pytest.mark.parametrize(("only", "missing"), [("threshold", "calibrate"), ("calibrate", "threshold")])
def test_a_missing_role_is_an_answer_with_a_reason(only, missing):
    found = operating_point(scored([0, 1], [0.1, 0.9], [only] * 2), RULES)
    assert found.point is None and f"no day of role {missing}" in found.reason


def test_labels_of_the_proposing_role_do_not_matter():
    model = skilled("m", 2.0)
    flipped = np.where(model.role == "calibrate", 1 - model.label, model.label)
    assert operating_point(replace(model, label=flipped), RULES) == operating_point(model, RULES)


def test_the_threshold_survives_json_and_keeps_the_day_that_set_it(tmp_path):
    proposed = np.array([0.123456789, 0.7777777777])
    assert candidate_thresholds(proposed, 11).tolist() == [0.123456, 0.777777]
    point = point_of(skilled("m", 2.0))
    write_json(tmp_path / "point.json", asdict(point))
    assert read_json(tmp_path / "point.json")["threshold"] == point.threshold


def test_the_judged_score_is_the_mean_over_seeds():
    model = by_hand()
    spread = np.full(model.scores.shape[1], 0.1)
    pair = scored(model.label, [model.scores[0] - spread, model.scores[0] + spread], model.role)
    assert point_of(pair).n_buys == point_of(model).n_buys
