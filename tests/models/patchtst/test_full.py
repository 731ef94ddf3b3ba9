"""Training in full: nothing is trained twice, whoever asks, and no day is handed on that must not judge."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from buysignal.core.code import closure_of
from buysignal.core.seeds import member_seeds
from buysignal.core.workers.engine import Engine
from buysignal.features.tiers import n_features
from buysignal.models.patchtst import architecture, full, store
from buysignal.models.patchtst.architecture import count_parameters
from buysignal.models.patchtst.full import Entry, full_job, refit, tier_file
from tests.small_tier import CONFIGURATION, SHAPE, TIER, TRAINING, handmade, same, tier_frame, write_tier

ENTRY = Entry("a20-2M-T3", TIER, "2M", "tpe", CONFIGURATION, 2_000_000)
OTHER = replace(ENTRY, name="a20-2M-T4", configuration=replace(CONFIGURATION, dropout=0.5))
TWIN = Entry("a20-20M-T1", TIER, "20M", "extreme", CONFIGURATION, 20_000_000)


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """A project with one tier; the list of jobs that were trained, not taken from the store."""
    monkeypatch.chdir(tmp_path)
    write_tier(tmp_path / tier_file(TIER), tier_frame())
    jobs, fit = [], store._trained

    def counted(job):
        jobs.append(job)
        return fit(job)

    monkeypatch.setattr(store, "_trained", counted)
    return jobs


def run(tmp_path, *entries, title="evaluate a20", seed=1, target="label"):
    return refit(title, entries, SHAPE, TRAINING, seed, tmp_path / ".scratch", Engine(), target)


def test_a_second_call_trains_nothing_and_gives_the_same_bytes(trained, tmp_path):
    first = run(tmp_path, ENTRY, OTHER)
    assert len(trained) == 4  # two seeds of each
    again = run(tmp_path, OTHER, ENTRY, title="train")
    assert len(trained) == 4  # two seeds of each
    for (model, fit), (other_model, other_fit) in zip(first, reversed(again)):
        assert model.card == other_model.card and same(fit, other_fit)
        assert model.scores.tobytes() == other_model.scores.tobytes()


def test_a_configuration_that_two_budgets_found_is_trained_once_for_both(trained, tmp_path, capsys):
    (one, fit), (other, _), (twin, twin_fit) = run(tmp_path, ENTRY, OTHER, TWIN)
    assert len(trained) == 4  # two seeds of each
    assert [one.card.name, other.card.name, twin.card.name] == ["a20-2M-T3", "a20-2M-T4", "a20-20M-T1"]
    assert (twin.card.budget, twin.card.cap, twin.card.origin) == ("20M", 20_000_000, "extreme")
    assert same(fit, twin_fit) and one.scores.tobytes() == twin.scores.tobytes()
    assert capsys.readouterr().err.splitlines()[-1].startswith("evaluate a20: 2/2")


def test_the_fits_of_the_two_labels_are_kept_apart(trained, tmp_path):
    [(rise, _)] = run(tmp_path, ENTRY)
    [(fall, _)] = run(tmp_path, ENTRY, target="fall")
    assert [job.target for job in trained] == ["label", "label", "fall", "fall"]
    assert fall.card.seeds == rise.card.seeds and fall.index.equals(rise.index)
    frame = tier_frame()
    assert rise.label.tolist() == frame.loc[rise.index, "label"].tolist()
    assert fall.label.tolist() == frame.loc[rise.index, "fall"].tolist() != rise.label.tolist()
    [(again, _)] = run(tmp_path, ENTRY, target="fall")
    [(rise_again, _)] = run(tmp_path, ENTRY)
    assert len(trained) == 4  # two seeds of each
    assert again.scores.tobytes() == fall.scores.tobytes() and rise_again.scores.tobytes() == rise.scores.tobytes()


def test_the_job_does_not_depend_on_who_asks():
    candidate = Entry("candidate", TIER, "", "hand", CONFIGURATION, 0)
    jobs = {full_job(entry, SHAPE, TRAINING, 1) for entry in (ENTRY, TWIN, candidate)}
    assert len(jobs) == 1
    [job] = jobs
    assert job.seeds == member_seeds(1, "full", 2)
    assert not set(job.seeds) & set(member_seeds(1, "search", 10))  # a lucky trial is judged with fresh luck
    assert (job.protocol.epochs, job.protocol.patience, job.protocol.batch_size) == (2, 2, 128)


@pytest.mark.parametrize(("width", "batch"), [(8, 128), (128, 64), (256, 32)])
def test_the_batch_is_that_of_the_width(width, batch):
    entry = replace(ENTRY, configuration=replace(CONFIGURATION, d_model=width))
    assert full_job(entry, SHAPE, TRAINING, 1).protocol.batch_size == batch


def test_only_days_that_may_judge_are_handed_on(trained, tmp_path):
    [(model, fit)] = run(tmp_path, ENTRY)
    assert set(model.role) == {"stop", "rank", "calibrate", "threshold"}
    assert "train" in fit.role and "test" not in fit.role
    frame = tier_frame()
    due = frame[frame["role"].isin(set(model.role))]
    assert model.index.equals(due.index) and model.label.tolist() == due["label"].tolist()
    assert model.scores.shape == (TRAINING.seeds, len(due))


def test_the_card_says_what_was_trained(trained, tmp_path):
    [(model, fit)] = run(tmp_path, ENTRY)
    card = model.card
    assert (card.name, card.tier, card.budget, card.origin) == ("a20-2M-T3", TIER, "2M", "tpe")
    assert card.family == "transformer" and card.searched
    assert card.configuration == CONFIGURATION and card.cap == 2_000_000
    assert card.parameters == fit.trained.theta.shape[1] == count_parameters(CONFIGURATION, SHAPE, n_features(TIER))
    assert card.seeds == member_seeds(1, "full", 2) and card.epochs == tuple(fit.trained.epochs)
    assert Entry.again(json.loads(json.dumps(card.to_dict()))) == ENTRY


def test_nothing_to_train_is_no_error(trained, tmp_path):
    assert run(tmp_path) == []


def test_progress_names_each_model_with_its_precision_and_recall_by_hand(trained, monkeypatch, tmp_path, capsys):
    """Means .6 .5 .4 .2 on the rank role: three of four days bought, both labelled 1 among them."""
    scores = [[0, 0, 0.7, 0.4, 0.5, 0.1], [0, 0, 0.5, 0.6, 0.3, 0.3]]
    good = handmade(["train"] * 2 + ["rank"] * 4, [1, 1, 1, 0, 1, 0], scores)
    monkeypatch.setattr(store, "joined", lambda fits: good)
    run(tmp_path, ENTRY)
    run(tmp_path, ENTRY, OTHER)
    lines = capsys.readouterr().err.splitlines()
    # 2 of 3: P(2 or more) is 0.025 at 0.094, P(2 or fewer) at 0.992
    bought = "precision 0.667 (0.09 to 0.99, 3 buys)  recall 1.000"
    assert [line.split("  (")[0] for line in lines] == [
        f"evaluate a20: 1/1  a20-2M-T3: {bought}",
        "evaluate a20: going on from 1 of 2 finished",
        f"evaluate a20: 2/2  a20-2M-T4: {bought}",
    ]


def test_a_stored_fit_is_forgotten_when_the_layout_of_its_weights_may_have_changed():
    assert architecture.__name__ in {name for root in store.CODE for name in closure_of(root)}


def test_a_fit_that_never_buys_says_so():
    assert full._bought(handmade(["rank"] * 3, [0, 0, 0], [[0.1, 0.2, 0.3]])) == "no buys"
