"""A trial's metrics are those of the rank role, seed by seed, and its failures are outcomes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, precision_score, recall_score, roc_auc_score

from buysignal.core.errors import UserError
from buysignal.core.workers.engine import Engine
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.fit import fit
from buysignal.models.patchtst.job import FitJob, Protocol
from buysignal.search.study.objective import ObjectiveSettings, evaluate
from buysignal.search.study.record import COMPLETE, FAILED, PRUNED, Trial

SHAPE = Shape(8, 4, 4, False)
CONFIGURATION = Configuration(8, 1, 2, 2, 0.1, 3e-3, 1e-4)
SETTINGS = ObjectiveSettings(
    seeds=(3, 4),
    epochs=3,
    patience=3,
    min_delta=0.0,
    objective="auc",
    threshold=0.5,
    recall_floor=0.2,
    prune=False,
)
ROLES = dict(train=150, stop=60, rank=80, calibrate=30, threshold=30, test=30)


@pytest.fixture(scope="module")
def tier(tmp_path_factory) -> str:
    """380 days of four random features; the first one tells the label, with noise."""
    rng = np.random.default_rng(0)
    n = sum(ROLES.values())
    values = rng.standard_normal((n, 4))
    days = pd.bdate_range("2001-01-01", periods=n + 1, name="date")
    frame = pd.DataFrame(values, columns=[f"f{i}" for i in range(4)], index=days[:-1])
    frame["label"] = (values[:, 0] + rng.standard_normal(n) > 0).astype(np.int8)
    frame["label_start"] = frame["label_end"] = days[1:]
    frame["role"] = np.repeat(list(ROLES), list(ROLES.values()))
    path = tmp_path_factory.mktemp("tier") / "tier.parquet"
    frame.to_parquet(path)
    return str(path)


@pytest.fixture(scope="module")
def fitted(tier):
    """Labels and scores of the rank role by a fit of its own; batch 128 because the width is below 128."""
    trained = fit(FitJob(tier, CONFIGURATION, SHAPE, Protocol(3, 3, 0.0, 128), (3, 4)), roles=("rank",))  # as a trial
    return trained, *trained.of("rank")


def same(outcome):
    """Without the wall time, the one thing that may differ."""
    return replace(outcome, duration_s=0.0)


def test_every_metric_is_that_of_the_rank_role_by_seed(tier, fitted):
    trained, label, scores = fitted
    threshold = float(np.quantile(scores, 0.7))
    found = evaluate(Trial(CONFIGURATION), tier, SHAPE, replace(SETTINGS, threshold=threshold))
    assert len(label) == ROLES["rank"] and len(scores) == 2
    assert found.state == COMPLETE and found.seeds == (3, 4)
    assert found.auc == pytest.approx([roc_auc_score(label, s) for s in scores])
    assert found.average_precision == pytest.approx([average_precision_score(label, s) for s in scores])
    assert found.precision == pytest.approx([precision_score(label, s >= threshold) for s in scores])
    assert found.recall == pytest.approx([recall_score(label, s >= threshold) for s in scores])
    assert found.n_buys == tuple(int((s >= threshold).sum()) for s in scores)
    assert found.hits == tuple(int(label[s >= threshold].sum()) for s in scores)
    assert found.precision_at_recall == pytest.approx([by_hand(label, s, 0.2) for s in scores])
    assert (found.prediction_min, found.prediction_max) == (scores.min(), scores.max())
    assert found.epochs == tuple(trained.trained.epochs)
    assert found.intermediate == pytest.approx(trained.trained.auc_history.mean(axis=1))  # of the stop role
    assert found.value == pytest.approx(np.mean(found.auc))
    assert found.duration_s > 0 and found.error == ""


def test_the_scores_kept_are_the_seed_averages_of_the_rank_role_to_six_decimals(tier, fitted):
    _, label, scores = fitted
    found = evaluate(Trial(CONFIGURATION), tier, SHAPE, SETTINGS)
    assert len(found.scores) == len(label)
    assert found.scores == pytest.approx((scores[0] + scores[1]) / 2, abs=5.1e-7)
    assert all(score == round(score, 6) for score in found.scores)


def by_hand(label: np.ndarray, score: np.ndarray, floor: float) -> float:
    """Lower the threshold score by score until the recall is reached."""
    for threshold in sorted(set(score), reverse=True):
        buys = score >= threshold
        if label[buys].sum() / label.sum() >= floor:
            return label[buys].mean()
    raise AssertionError("the lowest threshold has recall 1")


@pytest.mark.parametrize("objective", ["auc", "average_precision", "precision_at_recall"])
def test_the_value_is_the_mean_of_the_objective_over_the_seeds(tier, objective):
    found = evaluate(Trial(CONFIGURATION), tier, SHAPE, replace(SETTINGS, objective=objective))
    assert found.value == pytest.approx(np.mean(getattr(found, objective)))


def test_no_buys_is_a_precision_of_zero_and_no_nan(tier):
    found = evaluate(Trial(CONFIGURATION), tier, SHAPE, replace(SETTINGS, threshold=1.0))
    assert (found.n_buys, found.precision, found.recall) == ((0, 0), (0.0, 0.0), (0.0, 0.0))


def test_predictions_that_hardly_differ_are_called_collapsed(tier):
    still = replace(CONFIGURATION, learning_rate=1e-9)
    small = replace(SETTINGS, epochs=1)
    wide = evaluate(Trial(replace(CONFIGURATION, learning_rate=3e-2)), tier, SHAPE, replace(SETTINGS, epochs=8))
    flat = evaluate(Trial(replace(still, d_model=64)), tier, replace(SHAPE, revin=False), small)
    assert wide.prediction_max - wide.prediction_min > 0.2 and not wide.collapsed
    assert flat.collapsed == any(w < 0.05 for w in widths(tier, replace(still, d_model=64)))


def widths(tier: str, configuration: Configuration) -> list[float]:
    _, scores = fit(FitJob(tier, configuration, SHAPE, Protocol(1, 3, 0.0, 128), (3, 4))).of("rank")
    low, high = np.quantile(scores, [0.01, 0.99], axis=1)
    return list(high - low)


def test_a_loss_that_is_not_finite_is_a_failed_outcome_with_its_reason(tier):
    found = evaluate(Trial(replace(CONFIGURATION, learning_rate=1e30)), tier, SHAPE, SETTINGS)
    assert found.state == FAILED and found.value is None and found.seeds == (3, 4) and found.scores == ()
    assert found.error.startswith("FloatingPointError: ") and "not finite" in found.error


def test_a_tier_file_that_is_not_there_is_the_users_and_not_the_trials_failure(tmp_path):
    with pytest.raises(UserError, match=r"none\.parquet"):
        evaluate(Trial(CONFIGURATION), str(tmp_path / "none.parquet"), SHAPE, SETTINGS)


def test_the_outcome_is_the_same_here_and_in_a_worker(tier):
    job = partial(evaluate, tier_path=tier, shape=SHAPE, settings=SETTINGS)
    trials = [Trial(CONFIGURATION), Trial(replace(CONFIGURATION, dropout=0.5))]
    there = dict(Engine(2).run(job, trials))
    assert [same(there[i]) for i in range(2)] == [same(job(t)) for t in trials]


PRUNING = replace(SETTINGS, prune=True)


def test_without_earlier_trials_pruning_changes_no_metric_and_the_curve_is_the_objective(tier):
    plain, pruning = (evaluate(Trial(CONFIGURATION), tier, SHAPE, s) for s in (SETTINGS, PRUNING))
    assert replace(same(plain), intermediate=()) == replace(same(pruning), intermediate=())
    assert len(pruning.intermediate) == 3
    assert pruning.intermediate[-1] == pytest.approx(pruning.value)  # both of the best state so far


def test_a_trial_below_the_median_of_five_is_stopped_after_its_second_epoch(tier):
    found = evaluate(Trial(CONFIGURATION, ((0.98, 0.99, 0.99),) * 5), tier, SHAPE, PRUNING)
    assert (found.state, len(found.intermediate), found.epochs) == (PRUNED, 2, (2, 2))
    assert found.value == pytest.approx(found.intermediate[-1])
    assert len(found.precision) == 2 and len(found.scores) == ROLES["rank"]  # measured as it stands


def test_four_earlier_trials_are_too_few_to_be_pruned_by(tier):
    assert evaluate(Trial(CONFIGURATION, ((0.98, 0.99, 0.99),) * 4), tier, SHAPE, PRUNING).state == COMPLETE


def test_a_worker_that_prunes_is_silent(tier, capfd):
    """Optuna's median rule makes a study in memory at every look, and Optuna logs each."""
    job = partial(evaluate, tier_path=tier, shape=SHAPE, settings=PRUNING)
    found = dict(Engine(2).run(job, [Trial(CONFIGURATION, ((0.98, 0.99, 0.99),) * 5)] * 2))
    assert {outcome.state for outcome in found.values()} == {PRUNED}
    assert capfd.readouterr().err == ""
