"""All trials in one table, and coverage by hand: what was tested, what was tried twice, what failed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from buysignal.core.errors import UserError
from buysignal.core.files import read_parquet, write_parquet
from buysignal.models.patchtst.architecture import Configuration, configuration_of
from buysignal.search.study.record import FAILED, PRUNED, Outcome, TrialRecord, table
from buysignal.search.study.tables import (
    coverage,
    long_table,
    rank_scores,
    read_rank_scores,
    top,
)
from tests.search.study.toy import small_space

BASE = Configuration(8, 1, 2, 2, 0.1, 1e-4, 0.0)
METRICS = ("precision", "recall", "n_buys", "hits", "auc", "average_precision", "precision_at_recall")


def trial(index, value=None, state="complete", collapsed=False, **of_configuration):
    configuration = Configuration(**vars(BASE) | of_configuration)
    outcome = Outcome(FAILED, error="x")
    if value is not None:
        measured = {metric: (value,) for metric in METRICS}
        said = (value, round(value / 3, 6))
        outcome = Outcome(state, seeds=(1,), epochs=(2,), scores=said, value=value, collapsed=collapsed, **measured)
    return TrialRecord(index, index // 2, "tpe", "tpe", configuration, 128, 10, 99, outcome)


RECORDS = [
    trial(0, 0.6),
    trial(1, 0.7, d_model=16),
    trial(2, 0.8, dropout=0.3),
    trial(3, 0.7, d_model=16),  # as trial 1
    trial(4),  # as trial 0, and it failed
    trial(5, 0.9, state=PRUNED, n_layers=2),
    trial(6, 0.7, collapsed=True, n_layers=2, learning_rate=5e-4),
]
STUDY = table(RECORDS)


def test_coverage_by_hand():
    # the space has 2 x 2 architectures; 8-1, 16-1 and 8-2 were tested in seven trials
    assert coverage(STUDY, small_space()) == {
        "trials": 7,
        "complete": 5,
        "pruned": 1,
        "failed": 1,
        "failures": {"x": 1},
        "collapsed": 1,
        "wasted": 2,
        "variants": 0,
        "architectures_tested": 3,
        "architectures_possible": 4,
        "coverage_of_reachable": 0.75,
    }


def test_fewer_trials_than_architectures_are_measured_by_what_they_could_reach():
    two = STUDY[STUDY["index"].isin([0, 1])]
    assert coverage(two, small_space())["coverage_of_reachable"] == 1.0
    repeated = STUDY[STUDY["index"].isin([1, 3])]
    told = coverage(repeated, small_space())
    assert (told["coverage_of_reachable"], told["wasted"]) == (0.5, 1)


def test_a_variant_is_counted_apart_and_is_no_waste():
    """Two architectures in six trials: four are variants, so that two could be reached; one repeats a configuration."""
    found = [trial(0, 0.6), trial(1, 0.7, dropout=0.3), trial(2, 0.6, learning_rate=5e-4), trial(3, 0.7, d_model=16)]
    found += [trial(4, 0.8, d_model=16, dropout=0.3), trial(5, 0.8, d_model=16, dropout=0.5)]
    found = [replace(r, origin="variant") if r.index in (1, 2, 4, 5) else r for r in found]
    told = coverage(table(found), small_space())
    assert (told["wasted"], told["variants"], told["architectures_tested"]) == (0, 4, 2)
    assert told["coverage_of_reachable"] == 1.0
    again = coverage(table([*found, replace(found[1], index=6)]), small_space())
    assert (again["wasted"], again["variants"]) == (1, 5)


def test_a_study_without_trials_covers_nothing():
    told = coverage(table([]), small_space())
    assert (told["trials"], told["wasted"], told["coverage_of_reachable"]) == (0, 0, 0.0)


def test_the_top_is_complete_and_ties_go_to_the_earlier_trial():
    assert top(STUDY, 4)["index"].tolist() == [2, 1, 3, 6]  # .8, then .7 three times; .9 was pruned
    assert top(STUDY.iloc[::-1], 2)["index"].tolist() == [2, 1]
    assert top(STUDY, 99)["index"].tolist() == [2, 1, 3, 6, 0]


def test_the_long_table_names_the_study_first_and_keeps_every_column_and_trial():
    long = long_table({("a50", "2M"): STUDY, ("a100", "20M"): STUDY.iloc[:2]})
    assert list(long.columns) == ["tier", "budget", *STUDY.columns]
    assert list(zip(long["tier"], long["budget"], long["index"])) == [
        *(("a50", "2M", at) for at in range(7)),
        ("a100", "20M", 0),
        ("a100", "20M", 1),
    ]
    pd.testing.assert_frame_equal(long[STUDY.columns].iloc[:7], STUDY)


@pytest.mark.parametrize("at", [0, 1, 6])
def test_a_row_gives_its_configuration_back_in_every_bit(at, tmp_path):
    again = read_parquet(write_parquet(tmp_path / "trials.parquet", STUDY))
    row = again.to_dict("records")[at]
    found = configuration_of(row)
    assert found == Configuration(**{name: row[name] for name in vars(BASE)})
    assert [type(value) for value in vars(found).values()] == [int] * 4 + [float] * 3


DAYS, LABEL = pd.bdate_range("2010-01-04", periods=2, name="date"), np.array([1, 0], np.int8)
NAMES = [f"a50-2M-T{index}" for index in range(7)]


def test_every_measured_trial_has_a_column_of_scores_and_a_failed_one_has_none():
    said = rank_scores(DAYS, LABEL, NAMES, RECORDS)
    assert list(said.columns) == ["date", "label", *(NAMES[at] for at in (0, 1, 2, 3, 5, 6))]
    assert said["date"].tolist() == list(DAYS) and said["label"].tolist() == [1, 0]
    assert said["a50-2M-T5"].tolist() == [0.9, 0.3]  # pruned, and measured as it stood


def test_scores_of_a_tier_are_read_from_all_its_files_in_order(tmp_path):
    one = write_parquet(tmp_path / "2M.parquet", rank_scores(DAYS, LABEL, NAMES[:2], RECORDS[:2]))
    two = write_parquet(tmp_path / "20M.parquet", rank_scores(DAYS, LABEL, ["a50-20M-T0", "a50-20M-T1"], RECORDS[4:6]))
    none = write_parquet(tmp_path / "supplement.parquet", rank_scores(DAYS, LABEL, [], []))
    label, scores, names, index = read_rank_scores([one, two, none])
    assert names == ("a50-2M-T0", "a50-2M-T1", "a50-20M-T1") and label.tolist() == [1, 0]
    assert index.equals(DAYS)
    assert scores.tolist() == [[0.6, 0.2], [0.7, 0.233333], [0.9, 0.3]]
    assert read_rank_scores([none])[1].shape == (0, 2)


def test_scores_of_many_symbols_are_handed_on_in_order_of_date_and_symbol(tmp_path):
    """A table has the days of a symbol together: A on both days, B on the second and C on both."""
    rows = pd.MultiIndex.from_tuples(
        [("A", DAYS[0]), ("A", DAYS[1]), ("B", DAYS[1]), ("C", DAYS[0]), ("C", DAYS[1])], names=["symbol", "date"]
    )
    record = replace(RECORDS[0], outcome=replace(RECORDS[0].outcome, scores=(0.1, 0.2, 0.3, 0.4, 0.5)))
    said = rank_scores(rows, np.array([1, 0, 0, 1, 1]), ["a50-2M-T0"], [record])
    label, scores, _, index = read_rank_scores([write_parquet(tmp_path / "2M.parquet", said)])
    assert index.tolist() == [rows[at] for at in (0, 3, 1, 2, 4)]
    assert label.tolist() == [1, 1, 0, 0, 1] and scores.tolist() == [[0.1, 0.4, 0.2, 0.3, 0.5]]


@pytest.mark.parametrize("other", [rank_scores(DAYS, 1 - LABEL, [], []), rank_scores(DAYS[:1], LABEL[:1], [], [])])
def test_scores_of_other_days_are_not_mixed_in(tmp_path, other):
    one = write_parquet(tmp_path / "one.parquet", rank_scores(DAYS, LABEL, NAMES, RECORDS))
    two = write_parquet(tmp_path / "two.parquet", other)
    with pytest.raises(UserError, match=r"two\.parquet and .*one\.parquet have different days"):
        read_rank_scores([one, two])
