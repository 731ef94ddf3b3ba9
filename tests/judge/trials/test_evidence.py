"""What a trial's precision is read with comes from the scores that the trial kept, and from nothing else."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, precision_score, recall_score, roc_auc_score

from buysignal.judge.evidence import EVIDENCE, evidence, missing
from buysignal.judge.trials.again import again
from buysignal.judge.trials.evidence import COLUMNS, INTERVALS, history, mean_evidence, seed_means, with_evidence
from buysignal.models.metrics import precision_at_recall
from tests.judge.examples import scored
from tests.search.study.tables import trial_table

RNG = np.random.default_rng(3)
LABEL = (RNG.random(80) < 0.4).astype(np.int8)
SCORES = np.clip(0.3 * LABEL + 0.6 * RNG.random((3, 80)), 0, 1)
THRESHOLD, HORIZON = 0.5, 2


def alone(score, label=LABEL):
    """One score judged by itself, at 95 %."""
    return evidence(label, score >= THRESHOLD, HORIZON, 0.95, 1, 1)


def test_each_seed_is_judged_alone_and_then_each_number_is_averaged():
    found = seed_means(LABEL, SCORES[:2], THRESHOLD, HORIZON)
    assert set(found) == set(EVIDENCE) and missing(found) == [] and (found["seeds"], found["configurations"]) == (2, 1)
    one, other = (alone(score) for score in SCORES[:2])
    for name in set(EVIDENCE) - {"seeds", "configurations", *INTERVALS}:
        assert found[name] == pytest.approx((getattr(one, name) + getattr(other, name)) / 2), name
    for name in INTERVALS:
        assert found[name] == pytest.approx(np.mean([getattr(one, name), getattr(other, name)], axis=0)), name


def test_a_trial_has_the_evidence_of_its_kept_scores_and_one_without_scores_has_none():
    trials = trial_table([0.6, 0.7, 0.8], name=["failed", "a100-T0", "a50-T0"]).drop(columns=[*COLUMNS])
    said = [(LABEL, SCORES[:1], ("a50-T0",), None), (1 - LABEL, SCORES[1:2], ("a100-T0",), None)]  # a tier each
    found = with_evidence(trials, said, THRESHOLD, HORIZON).set_index("name")
    assert found.loc["failed", list(COLUMNS)].isna().all() and found["value"].tolist() == [0.6, 0.7, 0.8]
    for name, judged in (("a50-T0", alone(SCORES[0])), ("a100-T0", alone(SCORES[1], 1 - LABEL))):
        ends = [found.loc[name, [f"{which}_low", f"{which}_high"]].tolist() for which in INTERVALS]
        assert ends == [list(getattr(judged, which)) for which in INTERVALS]
        plain = [column for column in COLUMNS if hasattr(judged, column)]
        assert found.loc[name, plain].tolist() == [getattr(judged, column) for column in plain]


def test_of_one_seed_the_table_and_a_refit_say_the_same():
    row = with_evidence(trial_table([0.7], name="T0"), [(LABEL, SCORES[:1], ("T0",), None)], THRESHOLD, HORIZON)
    assert mean_evidence(row.assign(seeds="[1]"), 1) == seed_means(LABEL, SCORES[:1], THRESHOLD, HORIZON)


def test_the_mean_evidence_of_rows_by_hand():
    rows = trial_table([0.6, 0.8], precision=[0.6, 0.8], precision_interval_low=[0.1, 0.3], seeds="[1]")
    found = mean_evidence(rows, 7)
    assert missing(found) == [] and (found["seeds"], found["configurations"]) == (1, 7)
    assert found["precision"] == pytest.approx(0.7) and found["precision_interval"] == pytest.approx([0.2, 0.65])


def test_the_history_holds_measured_trials_precision_before_recall():
    shown = history(trial_table([0.6, np.nan, 0.8], budget="2M", seeds="[1]"))
    assert list(shown.columns)[:5] == ["trial", "study", "precision", "recall", "auc"]
    assert set(shown.columns) == {"trial", "study", "auc", "seeds", "configurations", *COLUMNS}
    assert set(shown["seeds"]) == {1} and set(shown["configurations"]) == {3} and set(shown["study"]) == {"a50-2M"}
    assert shown["trial"].tolist() == [0, 2] and shown["auc"].tolist() == [0.6, 0.8]


def test_a_refit_is_measured_seed_by_seed_on_the_rank_role_alone():
    role = np.repeat(["rank", "threshold"], 40)
    found = again(scored(LABEL, SCORES, role), THRESHOLD, 0.2, HORIZON, 3)
    label, scores = LABEL[:40], SCORES[:, :40]
    by_hand = {
        "auc": [roc_auc_score(label, score) for score in scores],
        "average_precision": [average_precision_score(label, score) for score in scores],
        "precision": [precision_score(label, score >= THRESHOLD) for score in scores],
        "recall": [recall_score(label, score >= THRESHOLD) for score in scores],
        "n_buys": [(score >= THRESHOLD).sum() for score in scores],
        "precision_at_recall": [precision_at_recall(label, score, 0.2) for score in scores],
    }
    assert found.per_seed == {name: pytest.approx(values) for name, values in by_hand.items()}
    assert found.evidence == seed_means(label, scores, THRESHOLD, HORIZON) and not found.collapsed
    row = found.row(30)
    assert missing(row) == [] and (row["configurations"], row["seeds"], row["parameters"]) == (30, 3, 1000)
    assert row["auc"] == pytest.approx(np.mean(by_hand["auc"])) and row["auc_per_seed"] == list(found.per_seed["auc"])
    assert list(row).index("precision") < list(row).index("recall") < list(row).index("auc")


def test_one_seed_whose_scores_hardly_differ_makes_a_refit_collapsed():
    flat = np.concatenate([SCORES, [0.5 + 0.01 * SCORES[0]]])
    assert again(scored(LABEL, flat, np.full(80, "rank")), THRESHOLD, 0.2, HORIZON, 3).collapsed
