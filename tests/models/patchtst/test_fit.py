"""One fit: a pure function of its job and of the tier file, and blind to the test role."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from buysignal.days.columns import LABEL_COLUMNS
from buysignal.models.dataset import TierData
from buysignal.models.patchtst.fit import fit, score
from buysignal.models.patchtst.windows import Windows
from tests.small_tier import SHAPE, job, same, tier_frame, write_tier


@pytest.fixture(scope="module")
def frame():
    return tier_frame()


@pytest.fixture(scope="module")
def path(frame, tmp_path_factory):
    return write_tier(tmp_path_factory.mktemp("tier") / "a20.parquet", frame)


@pytest.fixture(scope="module")
def fitted(path):
    return fit(job(path))


def digest(found) -> str:
    return hashlib.sha256(found.trained.theta.tobytes() + found.scores.tobytes()).hexdigest()


def test_the_same_job_gives_the_same_bytes_whatever_ran_before(path, fitted):
    torch.manual_seed(5)
    np.random.default_rng(5).random(10)
    assert same(fit(job(path)), fitted)


def test_another_seed_rate_or_dropout_is_another_fit(path, fitted):
    assert digest(fit(job(path, seeds=(11, 13)))) != digest(fitted)
    for change in ({"learning_rate": 2e-3}, {"dropout": 0.2}, {"weight_decay": 0.1}):
        configuration = replace(job(path).configuration, **change)
        assert digest(fit(job(path, configuration=configuration))) != digest(fitted)


def test_every_day_with_a_role_and_a_whole_window_is_scored_but_none_of_the_test_role(frame, fitted):
    due = frame.iloc[SHAPE.context - 1 :]
    due = due[~due["role"].isin(["purged", "test"])]
    assert fitted.index.equals(due.index)
    assert fitted.role.tolist() == due["role"].tolist() and fitted.label.tolist() == due["label"].tolist()
    assert fitted.scores.shape == (2, len(due)) and fitted.scores.dtype == np.float64
    assert ((fitted.scores > 0) & (fitted.scores < 1)).all()
    label, scores = fitted.of("rank")
    assert label.tolist() == frame.loc[frame["role"] == "rank", "label"].tolist() and scores.shape == (2, len(label))


def test_the_test_role_changes_nothing(frame, fitted, tmp_path):
    poisoned = frame.copy()
    at = (poisoned["role"] == "test").to_numpy()
    features = poisoned.columns.drop(list(LABEL_COLUMNS))
    poisoned.loc[at, features] = np.nan
    poisoned.loc[at, "label"] = 1 - poisoned.loc[at, "label"]
    assert same(fit(job(write_tier(tmp_path / "poisoned.parquet", poisoned))), fitted)
    cut = frame[~at]
    assert same(fit(job(write_tier(tmp_path / "cut.parquet", cut))), fitted)


@pytest.mark.parametrize("role", ["rank", "calibrate", "threshold"])
def test_no_weight_depends_on_a_role_that_judges(frame, fitted, tmp_path, role):
    spoiled = frame.copy()
    at = (spoiled["role"] == role).to_numpy()
    spoiled.loc[at, "label"] = 1 - spoiled.loc[at, "label"]
    spoiled.loc[at, spoiled.columns.drop(list(LABEL_COLUMNS))] *= 1.5
    other = fit(job(write_tier(tmp_path / "spoiled.parquet", spoiled)))
    assert other.trained.theta.tobytes() == fitted.trained.theta.tobytes()
    assert other.of("train")[1].tobytes() == fitted.of("train")[1].tobytes()
    assert other.of(role)[0].tolist() == (1 - fitted.of(role)[0]).tolist()


def test_the_target_is_what_is_learned_and_handed_on_and_nothing_else_matters(frame, path, fitted, tmp_path):
    fall = fit(job(path, target="fall"))
    assert digest(fall) != digest(fitted)
    assert fall.index.equals(fitted.index) and fall.label.tolist() == frame.loc[fall.index, "fall"].tolist()
    renamed = write_tier(tmp_path / "renamed.parquet", frame.assign(label=frame["fall"], fall=np.int8(0)))
    assert same(fit(job(renamed)), fall)
    mirrored = write_tier(tmp_path / "mirrored.parquet", frame.assign(fall=1 - frame["fall"]))
    assert same(fit(job(mirrored)), fitted)


@pytest.mark.parametrize("role", ["train", "stop"])
def test_what_must_change_the_fit_does(frame, fitted, tmp_path, role):
    spoiled = frame.copy()
    at = (spoiled["role"] == role).to_numpy()
    spoiled.loc[at, "label"] = 1 - spoiled.loc[at, "label"]
    other = fit(job(write_tier(tmp_path / "spoiled.parquet", spoiled)))
    assert other.trained.auc_history.tobytes() != fitted.trained.auc_history.tobytes()


def test_a_tier_file_that_is_written_again_is_read_again(frame, tmp_path):
    path = tmp_path / "a20.parquet"
    first = fit(job(write_tier(path, frame)))
    changed = frame.copy()
    changed.iloc[:, 0] = np.random.default_rng(0).random(len(frame))
    write_tier(path, changed)
    os.utime(path, ns=(1, 1))  # a checkout may also bring an older time
    again = fit(job(str(path)))
    assert not same(first, again)
    assert same(again, fit(job(write_tier(tmp_path / "elsewhere.parquet", changed))))


def test_a_day_is_scored_alike_alone_among_others_and_from_the_opened_tier(path, fitted):
    opened = TierData.load(path, open_test=True)
    windows = Windows.over(opened.values, SHAPE)
    rows = np.flatnonzero((opened.role != "purged") & (opened.role != "test"))
    rows = rows[rows >= SHAPE.context - 1]
    arguments = (fitted.trained.theta, job(path).configuration, SHAPE, opened, windows)
    np.testing.assert_array_equal(score(*arguments, rows), fitted.scores)
    np.testing.assert_allclose(score(*arguments, rows[40:41]), fitted.scores[:, 40:41], atol=1e-6)


def test_whoever_watches_the_epochs_may_end_them(path):
    seen = []

    def on_epoch(epoch, data):
        seen.append((epoch.number, "test" in data.role))
        return True

    found = fit(job(path), on_epoch)
    assert seen == [(1, False)]
    assert len(found.trained.loss_history) == 1


@pytest.mark.parametrize("roles", [("rank",), ("stop", "threshold")])
def test_scoring_some_roles_gives_what_scoring_all_gives(tmp_path, roles):
    """On enough days for several passes, so that the roles begin and end inside of some."""
    path = write_tier(tmp_path / "a20.parquet", tier_frame(2500))
    everything, some = fit(job(path)), fit(job(path), roles=roles)
    assert set(some.role) == set(roles) and some.trained.theta.tobytes() == everything.trained.theta.tobytes()
    assert some.index.equals(everything.index[np.isin(everything.role, roles)])
    for role in roles:
        (label, scores), (all_labels, all_scores) = some.of(role), everything.of(role)
        np.testing.assert_array_equal(label, all_labels)
        np.testing.assert_allclose(scores, all_scores, rtol=0, atol=1e-6)
