"""One row per model: the same keys for every one, numbers by hand, and zeros with a reason instead of gaps."""

import json
from dataclasses import replace

import pytest

from buysignal.core.files import write_json
from buysignal.judge.params import Select
from buysignal.judge.row import NOTHING, SHORT, judge, rules_of, short
from tests.judge.examples import RULES, scored

ROLE = ["rank"] * 4 + ["calibrate"] * 5 + ["threshold"] * 20
LABEL = [1, 0, 1, 0] + [0] * 5 + [1] * 6 + [0] * 2 + [1, 0] + [1] * 2 + [0] * 8
A = [0.9, 0.1, 0.3, 0.4] + [0.75] * 5 + [0.8] * 8 + [0.8] * 2 + [0.2] * 10
B = [0.9, 0.1, 0.3, 0.4] + [0.75] * 5 + [0.8] * 8 + [0.6] * 2 + [0.2] * 10
# the calibrate role proposes one threshold, .75; the mean of the seeds buys the eight days at .8, six are right


def model(*scores, **of_card):
    return scored(LABEL, list(scores) or [A, B], ROLE, **of_card)


def test_precision_and_recall_of_the_average_by_hand():
    row = judge(model(), RULES)
    assert (row["threshold"], row["n_buys"], row["hits"], row["n"]) == (0.75, 8, 6, 20)
    assert row["precision"] == 0.75 and row["recall"] == pytest.approx(6 / 9)
    assert row["base_rate"] == 0.45 and row["lift"] == pytest.approx(0.75 / 0.45) and row["alert_rate"] == 0.4
    assert 0 < row["precision_low"] < 0.75 and 0 < row["n_eff"] <= 8
    assert (row["no_buys"], row["reason"], row["candidates"], row["qualified"]) == (False, "", 1, 1)
    assert row["auc_rank"] == 0.75  # on the rank role .9 beats .1 and .4, .3 beats .1 alone


def test_the_spread_over_seeds_is_at_the_averages_threshold_by_hand():
    row = judge(model(), RULES)
    # the first seed buys ten days and seven are right, the second is as the average
    assert row["precision_sd"] == pytest.approx(0.05 / 2**0.5)
    assert row["recall_sd"] == pytest.approx((1 / 9) / 2**0.5)
    assert row["auc_sd"] > 0
    alone = judge(model(A), RULES)
    assert (alone["precision_sd"], alone["recall_sd"], alone["auc_sd"]) == (0.0, 0.0, 0.0)


def test_the_row_says_who_the_model_is():
    row = judge(model(name="a50-2M-T8"), RULES)
    assert {key: row[key] for key in ("name", "tier", "family", "budget", "parameters", "cap", "seeds", "epochs")} == {
        "name": "a50-2M-T8",
        "tier": "a50",
        "family": "transformer",
        "budget": "2M",
        "parameters": 1000,
        "cap": 2_000_000,
        "seeds": 2,
        "epochs": [4, 4],
    }


@pytest.mark.parametrize(
    ("rules", "why"), [(replace(RULES, min_buys=9), "8 buys"), (replace(RULES, min_recall=0.7), "0.667")]
)
def test_without_an_operating_point_there_are_zeros_and_a_reason(rules, why, tmp_path):
    row = judge(model(), rules)
    assert row["no_buys"] and row["threshold"] is None
    assert row["reason"].startswith("no operating point: ") and why in row["reason"]
    counted = ("precision", "precision_low", "recall", "n_buys", "hits", "n_eff", "lift", "alert_rate", "qualified")
    assert [row[key] for key in counted] == [0] * len(counted)
    assert row["precision_sd"] == row["recall_sd"] == 0.0 and row["auc_sd"] > 0
    ranking = ("n", "base_rate", "auc", "average_precision", "auc_rank", "prediction_width", "collapsed")
    assert [row[key] for key in ranking] == [judge(model(), RULES)[key] for key in ranking]
    one, two = (write_json(tmp_path / f"{i}.json", judge(model(), rules)).read_bytes() for i in range(2))
    assert one == two and json.loads(one)["threshold"] is None


def test_every_row_has_the_same_keys():
    bought, none = judge(model(), RULES), judge(model(family="logistic"), replace(RULES, min_buys=9))
    assert set(bought) == set(none)


def test_the_columns_of_an_experiment_are_in_the_projects_order():
    row = judge(model(), RULES)
    assert list(short(row)) == list(SHORT) == ["precision", "recall", "precision_low", "n_buys", "auc"]
    assert short(row)["precision"] == 0.75
    assert short(NOTHING) == {"precision": 0.0, "precision_low": 0.0, "recall": 0.0, "n_buys": 0, "auc": 0.5}


def test_rules_come_from_the_params():
    rules = rules_of(Select(count=3, min_buys=20, min_recall=0.2, confidence=0.9, per_day=0), 5, 51)
    assert (rules.count, rules.min_buys, rules.min_recall, rules.confidence) == (3, 20, 0.2, 0.9)
    assert (rules.horizon, rules.points) == (5, 51)


def test_a_constant_score_is_judged_without_a_crash():
    row = judge(model([0.3] * 29), RULES)
    assert row["collapsed"] and row["auc"] == 0.5
    assert (row["n_buys"], row["precision"], row["recall"]) == (20, 0.45, 1.0)  # it buys always
