"""What a study comes down to: the best complete trial, and counts in which every trial is found once."""

from dataclasses import replace

import pytest

from buysignal.core.files import write_json
from buysignal.judge.evidence import missing
from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.record import FAILED, PRUNED, Outcome, TrialRecord
from buysignal.search.study.summary import best, headline, summary
from tests.search.study.toy import WORTH

CONFIGURATION = Configuration(8, 1, 2, 2, 0.1, 1e-4, 0.0)


def trial(index, value, **of_outcome):
    measured = dict(
        seeds=(1, 2),
        auc=(value - 0.1, value + 0.1),
        average_precision=(0.2, 0.4),
        precision=(0.5, 0.7),
        recall=(0.1, 0.3),
        n_buys=(10, 20),
        value=value,
    )
    configuration = replace(CONFIGURATION, dropout=index / 10)
    return TrialRecord(index, 0, "tpe", "tpe", configuration, 128, 700, 999, Outcome(**measured | of_outcome))


def failed(index, error="FloatingPointError: the loss is not finite"):
    return TrialRecord(index, 0, "extreme", "extreme", CONFIGURATION, 128, 700, 999, Outcome(FAILED, error=error))


STUDY = [trial(0, 0.6), failed(1), trial(2, 0.9, state=PRUNED), trial(3, 0.7), trial(4, 0.7, collapsed=True)]


def test_the_best_is_complete_and_the_earliest_of_equals():
    assert best(STUDY).index == best(STUDY[::-1]).index == 3
    assert best([failed(0), trial(1, 0.9, state=PRUNED)]) is None and best([]) is None


def test_the_progress_line_gets_precision_recall_and_auc_of_the_best():
    assert headline(STUDY) == pytest.approx((0.6, 0.2, 0.7))
    assert headline([failed(0)]) == (0.0, 0.0, 0.0)


def test_every_trial_is_counted_once_by_its_state():
    told = summary([*STUDY, failed(5, error="")])
    counts = {key: told[key] for key in ("trials", "complete", "pruned", "failed", "collapsed")}
    assert counts == {"trials": 6, "complete": 3, "pruned": 1, "failed": 2, "collapsed": 1}


def test_failures_are_counted_by_their_kind_the_commonest_first():
    errors = ("WorkerDied: twice", "FloatingPointError: epoch 2", "", "FloatingPointError: epoch 1")
    told = summary([trial(0, 0.6), *(failed(index, error) for index, error in enumerate(errors, start=1))])["failures"]
    assert list(told.items()) == [("FloatingPointError", 2), ("WorkerDied", 1), ("unknown", 1)]
    assert summary([trial(0, 0.6)])["failures"] == {}


def test_the_best_trial_is_told_by_hand(tmp_path):
    told = summary(STUDY)["best"]
    assert (told["trial"], told["origin"], told["parameters"], told["cap"]) == (3, "tpe", 700, 999)
    assert told["configuration"]["dropout"] == 0.3 and told["objective"] == 0.7
    means = ("precision", "recall", "n_buys", "auc", "average_precision")
    assert [told[key] for key in means] == pytest.approx([0.6, 0.2, 15, 0.7, 0.3])
    assert list(told).index("precision") < list(told).index("recall") < list(told).index("auc")
    write_json(tmp_path / "summary.json", summary(STUDY))


def test_the_best_says_what_its_precision_is_read_with_and_among_how_many_it_was_chosen():
    told = summary([trial(0, 0.6, **WORTH), trial(1, 0.7, **WORTH), failed(2)])
    assert missing(told) == []
    assert (told["best"]["configurations"], told["best"]["seeds"]) == (3, 2)
    assert told["best"]["precision_interval"] == pytest.approx([0.2, 0.85])


def test_a_study_without_a_complete_trial_has_no_best(tmp_path):
    told = summary([failed(0)])
    assert told["best"] is None and (told["complete"], told["failed"]) == (0, 1)
    write_json(tmp_path / "summary.json", told)
