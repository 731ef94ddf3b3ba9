"""No precision and no recall stands alone: what they are read with, by hand, and who forgets it is found."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from buysignal.core.files import stable
from buysignal.judge.evidence import EVIDENCE, evidence, missing
from buysignal.judge.intervals import precision_interval, precision_lower, recall_interval

LABEL = np.array([1, 0, 0, 1, 0, 0, 1, 0, 0, 1])
ALERT = np.array([1, 1, 0, 0, 0, 0, 1, 0, 0, 0], bool)


def test_shares_and_counts_by_hand():
    """Three buys, two of them among the four positive days of ten."""
    found = evidence(LABEL, ALERT, 1, 0.95, 3, 20)
    assert (found.n_buys, found.hits, found.seeds, found.configurations) == (3, 2, 3, 20)
    assert (found.precision, found.recall, found.base_rate) == pytest.approx((2 / 3, 2 / 4, 4 / 10))
    assert (found.lift, found.alert_rate) == pytest.approx(((2 / 3) / 0.4, 0.3))


def test_bounds_are_those_of_the_intervals():
    found = evidence(LABEL, ALERT, 2, 0.9, 1, 1)
    precision, recall = (f(LABEL, ALERT, 2, 0.9) for f in (precision_interval, recall_interval))
    assert found.precision_interval == (precision.low, precision.high) and found.n_eff == precision.n_eff
    assert found.recall_interval == (recall.low, recall.high)
    assert found.precision_low == precision_lower(LABEL, ALERT, 2, 0.9)[0]


def test_one_buy_that_hits_proves_little():
    """The exact lower end of 1 of 1 at 95 %, two-sided, is 0.025."""
    label, alert = np.array([0, 1, 0]), np.array([False, True, False])
    found = evidence(label, alert, 1, 0.95, 1, 1)
    assert found.n_eff == 1 and found.precision == 1.0
    assert found.precision_interval[0] <= beta.ppf(0.025, 1, 1) + 1e-12 and found.precision_interval[1] == 1.0


@pytest.mark.parametrize(
    ("label", "alert"),
    [([], []), ([0, 0, 0], [0, 0, 0]), ([1, 1, 1], [0, 0, 0]), ([0, 0, 0], [1, 1, 1]), ([1, 1, 1], [1, 1, 1])],
)
def test_no_day_no_buy_or_one_class_is_told_in_finite_numbers(label, alert):
    found = evidence(np.array(label, int), np.array(alert, bool), 5, 0.95, 1, 1)
    assert missing(stable(found.to_dict())) == []
    if not found.n_buys:
        assert (found.precision, found.precision_low, found.precision_interval) == (0.0, 0.0, (0.0, 1.0))
    if not sum(label):
        assert (found.recall, found.recall_interval, found.lift) == (0.0, (0.0, 1.0), 0.0)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40), st.integers(1, 10))
def test_a_share_lies_in_its_interval_and_lift_times_base_rate_is_precision(days, horizon):
    label, alert = np.array([d[0] for d in days], int), np.array([d[1] for d in days], bool)
    found = evidence(label, alert, horizon, 0.95, 1, 1)
    if found.n_buys:
        assert found.precision_interval[0] - 1e-9 <= found.precision <= found.precision_interval[1] + 1e-9
        assert 0 < found.n_eff <= found.n_buys + 1e-9
    if label.any():
        assert found.recall_interval[0] - 1e-9 <= found.recall <= found.recall_interval[1] + 1e-9
        assert found.lift * found.base_rate == pytest.approx(found.precision)
    assert found.hits <= found.n_buys <= len(days)


def test_labels_and_alerts_of_different_days_are_refused():
    with pytest.raises(ValueError, match=r"\(10,\) and \(9,\)"):
        evidence(LABEL, ALERT[:9], 1, 0.95, 1, 1)


WHOLE = json.loads(json.dumps(evidence(LABEL, ALERT, 1, 0.95, 1, 1).to_dict()))


def test_whole_evidence_passes_wherever_it_stands():
    assert tuple(WHOLE) == EVIDENCE
    assert missing({"models": [WHOLE | {"name": "a"}], "deep": {"er": [[WHOLE]]}}) == []


@pytest.mark.parametrize("key", [key for key in EVIDENCE if key not in ("precision", "recall")])
@pytest.mark.parametrize("shown", ["precision", "recall"])
def test_each_forgotten_key_is_named_with_its_place(key, shown):
    forgetful = {k: v for k, v in WHOLE.items() if k != key and (k == shown or k not in ("precision", "recall"))}
    other = "recall" if shown == "precision" else "precision"
    (told,) = missing({"models": [WHOLE, forgetful]})
    place, lacks = told.split(" lacks ")
    assert place == "$.models[1]" and set(lacks.split(", ")) == {key, other}


def test_a_value_of_none_is_no_evidence():
    assert missing(WHOLE | {"n_eff": None}) == ["$ lacks n_eff"]


@pytest.mark.parametrize(
    "exempt",
    [
        {"precision": {"mean": 0.1, "low": 0.0, "high": 0.2}},
        {"recall": [0.1, 0.2]},
        {"precision": None},
        {"precision_at_buys": 0.5},
        {"rules": {"precision": True}},
        "precision",
        0.5,
        None,
    ],
)
def test_what_is_no_share_owes_nothing(exempt):
    assert missing(exempt) == []
