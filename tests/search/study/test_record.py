"""A record loses nothing on its way through JSON; the table of a study and its best depend on its trials alone."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.record import FAILED, PRUNED, Outcome, TrialRecord, best, failures, table
from buysignal.search.study.told import so_far
from tests.search.study.toy import BOUGHT

CONFIGURATION = Configuration(8, 1, 2, 2, 0.1, 1e-4, 0.0)
SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=4).map(tuple)


def record(index: int = 0, **outcome) -> TrialRecord:
    return TrialRecord(index, 0, "random", "random", CONFIGURATION, 128, 100, 200, Outcome(**{"value": 0.5} | outcome))


@given(auc=SHARES, curve=SHARES, value=st.floats(0, 1), duration=st.floats(0, 1e6))
def test_a_record_survives_json_bit_for_bit(auc, curve, value, duration):
    many = dict(auc=auc, intermediate=curve, scores=curve, seeds=(1, 2**32 - 1), **BOUGHT)
    before = record(value=value, duration_s=duration, **many)
    assert TrialRecord.from_dict(json.loads(json.dumps(before.to_dict()))) == before


def test_a_record_with_an_unknown_or_a_missing_field_is_refused():
    plain = record().to_dict()
    for broken in (plain | {"extra": 1}, {k: v for k, v in plain.items() if k != "cap"}):
        with pytest.raises(TypeError):
            TrialRecord.from_dict(broken)
    with pytest.raises(KeyError):
        TrialRecord.from_dict(plain | {"outcome": {"state": "complete"}})


@pytest.mark.parametrize("outcome", [dict(), dict(value=float("nan")), dict(state="done", value=0.5)])
def test_a_trial_that_did_not_fail_has_a_finite_value_and_a_known_state(outcome):
    with pytest.raises(ValueError, match=r"finite number|must be one of"):
        Outcome(**outcome)


def test_mean_and_spread_are_over_the_seeds():
    r = record(auc=(0.5, 0.6, 0.7), precision=(0.4,))
    assert r.mean("auc") == pytest.approx(0.6)
    assert r.sd("auc") == pytest.approx(0.1)  # squares 0.01 + 0 + 0.01, over n - 1 = 2
    assert (r.mean("precision"), r.sd("precision")) == (0.4, None)
    assert record(state=FAILED, value=None).mean("auc") is None


def test_a_row_of_the_table_has_means_precision_first_and_how_many_trials_were_looked_at():
    trials = table([record(at, seeds=(1, 2), auc=(0.7, 0.8), **BOUGHT) for at in range(3)])
    columns = list(trials.columns)
    assert columns.index("precision") < columns.index("recall") < columns.index("auc")
    assert trials["configurations"].tolist() == [3, 3, 3]
    row = trials.loc[0, ["precision", "recall", "n_buys", "hits", "auc"]].tolist()
    assert row == pytest.approx([0.55, 0.15, 3.5, 1.5, 0.75])


def test_the_scores_of_every_day_stay_out_of_the_table():
    assert "scores" not in " ".join(table([record(scores=(0.1, 0.2))]).columns)


def test_the_table_is_sorted_and_free_of_wall_times():
    slow, quick = [record(1, duration_s=9.0), record(0, duration_s=7.0)], [record(0), record(1)]
    assert table(slow).to_csv() == table(quick).to_csv()
    assert "duration" not in " ".join(table(slow).columns)


def test_an_empty_study_has_a_table_with_all_columns():
    assert list(table([]).columns) == list(table([record()]).columns)


LOST = record(1, state=FAILED, value=None, error="FloatingPointError: epoch 2")
STUDY = [
    record(0, value=0.6),
    LOST,
    record(2, value=0.9, state=PRUNED),
    record(3, value=0.7, auc=(0.6, 0.8), **BOUGHT),
    record(4, value=0.7, collapsed=True),
]


def test_the_best_is_complete_and_the_earliest_of_equals():
    assert best(STUDY).index == best(STUDY[::-1]).index == 3
    assert best([LOST, record(2, value=0.9, state=PRUNED)]) is None and best([]) is None


def test_while_it_runs_the_best_is_told_with_the_hits_and_buys_of_the_mean_seed():
    told = record(3, value=0.7, precision=(0.5, 0.7), recall=(0.1, 0.2), n_buys=(10, 10), hits=(5, 7))
    assert so_far([LOST, told]) == "best so far: precision 0.600 (0.26 to 0.88, 10 buys)  recall 0.150"
    assert so_far([LOST]) == ""


def test_failures_are_counted_by_their_kind_the_commonest_first():
    errors = ("WorkerDied: twice", "FloatingPointError: epoch 2", "", "FloatingPointError: epoch 1")
    assert list(failures(errors).items()) == [("FloatingPointError", 2), ("WorkerDied", 1), ("unknown", 1)]
    assert failures([]) == {}
