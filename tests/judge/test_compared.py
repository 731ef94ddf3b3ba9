"""A variant beside the registered candidate: the same days, as many buys, and nothing where nothing can be compared."""

from dataclasses import replace

import pandas as pd

from buysignal.judge.compared import compared, lead
from buysignal.judge.operating import JUDGE, operating_point
from buysignal.judge.paired import precision_at_buys
from tests.judge.examples import RULES, skilled


def kept(model):
    """What `register` keeps of a candidate."""
    label, score, _ = model.of(JUDGE)
    days = model.dates[model.role == JUDGE]
    return pd.DataFrame({"label": label, "score": score}, index=days)


def test_the_registered_candidate_has_no_lead_over_itself():
    model = skilled("candidate", 2.0)
    found = compared(model, kept(model), RULES, 7)
    assert lead(found) == {"lead": 0.0, "lead_low": 0.0, "lead_high": 0.0}
    assert found["auc"]["verdict"] == found["precision"]["verdict"] == "cannot tell"


def test_the_lead_is_that_over_as_many_buys_of_the_same_days():
    better, worse = skilled("candidate", 3.0), skilled("candidate", 0.2)
    found = compared(better, kept(worse), RULES, 7)
    label, score, _ = better.of(JUDGE)
    alert = score >= operating_point(better, RULES).point.threshold
    theirs = precision_at_buys(label, worse.of(JUDGE)[1], int(alert.sum()))
    assert found["precision"]["difference"] == label[alert].mean() - theirs > 0
    assert found["days"] == len(label) and found["precision"]["low"] <= lead(found)["lead"]
    assert compared(better, kept(worse), RULES, 7) == found  # the same seed draws the same days


def test_other_days_or_another_label_are_not_compared():
    model = skilled("candidate", 2.0)
    for spoiled, why in (
        (kept(model).iloc[1:], "other days"),
        (kept(model).set_index(kept(model).index + pd.Timedelta(days=1)), "other days"),
        (kept(model).assign(label=1 - kept(model)["label"]), "the label is another"),
    ):
        found = compared(model, spoiled, RULES, 7)
        assert why in found["reason"] and lead(found) == {} and found["days"] == 0


def test_a_variant_that_never_buys_has_an_area_and_no_lead():
    model = skilled("candidate", 2.0)
    found = compared(model, kept(model), replace(RULES, min_buys=10**6), 7)
    assert lead(found) == {} and found["auc"]["difference"] == 0 and "no threshold" in found["reason"]
