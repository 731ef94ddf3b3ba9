"""A stack as an addition to a known logit: it starts as that, and leaves it only for what ranks better."""

from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import torch

from buysignal.core.errors import UserError
from buysignal.core.workers.engine import Engine
from buysignal.models.dataset import TierData
from buysignal.models.metrics import auc
from buysignal.models.patchtst import store
from buysignal.models.patchtst.fit import fit, fit_stack, score
from buysignal.models.patchtst.full import Entry, refit, tier_file
from buysignal.models.patchtst.inference import predict
from buysignal.models.patchtst.job import Protocol
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.patchtst.training import train_stack
from buysignal.models.patchtst.windows import Windows
from tests.models.patchtst.test_training import N_FEATURES, SHAPE, member
from tests.small_tier import CONFIGURATION, TIER, TRAINING, job, same, tier_frame, write_tier
from tests.small_tier import SHAPE as TIER_SHAPE

TRAIN, STOP = np.arange(0, 700), np.arange(720, 1200)


def known(n=1200, seed=1):
    """A logit of each window that no window shows."""
    return np.random.default_rng(seed).normal(-0.5, 1.0, n).astype(np.float32)


def market(strength, n=1200):
    """Windows and labels drawn from the known logit plus ``strength`` times the last day's first feature."""
    rng = np.random.default_rng(3)
    values = rng.standard_normal((n + SHAPE.context - 1, N_FEATURES)).astype(np.float32)
    logit = known(n) + strength * values[SHAPE.context - 1 :, 0]
    return Windows.over(values, SHAPE), (rng.random(n) < 1 / (1 + np.exp(-logit))).astype(np.int8)


def train(members, strength=0.0, offset=None, epochs=6, patience=3, **options):
    windows, labels = market(strength)
    offset = known() if offset is None else offset
    protocol = Protocol(epochs, patience, 0.001, 64)
    return train_stack(windows, labels, TRAIN, STOP, SHAPE, N_FEATURES, members, protocol, offset=offset, **options)


def auc_of_offset(strength):
    return auc(market(strength)[1][STOP], torch.sigmoid(torch.as_tensor(known()[STOP])).numpy())


def test_before_training_the_score_is_the_sigmoid_of_the_offset_to_the_bit():
    windows, _ = market(0.0)
    model = StackedPatchTST(member(0).configuration, SHAPE, N_FEATURES)
    theta = model.init([torch.Generator().manual_seed(seed) for seed in (0, 1)])
    plain = predict(model, theta, windows, STOP)
    model.silence(theta)
    offset = known()[STOP]
    sigmoids = torch.sigmoid(torch.as_tensor(offset).expand(2, -1).contiguous()).numpy().astype(np.float64)
    assert predict(model, theta, windows, STOP, offset).tobytes() == sigmoids.tobytes()
    assert (predict(model, theta, windows, STOP) == 0.5).all() and (plain != 0.5).any()


def test_a_stack_without_a_signal_keeps_the_offset_alone():
    """No rate, no change: the untrained state is what is kept, and patience counts from it."""
    seen = []
    result = train([member(0, learning_rate=1e-9), member(1, learning_rate=1e-9)], on_epoch=lambda e: seen.append(e))
    assert result.best_epoch.tolist() == [0, 0] and result.epochs.tolist() == [3, 3]
    assert result.stop_auc.tolist() == [auc_of_offset(0.0)] * 2
    model = StackedPatchTST(member(0).configuration, SHAPE, N_FEATURES)
    weights = model.unpack(torch.as_tensor(result.theta))
    assert not weights["head.weight"].any() and not weights["head.bias"].any() and weights["embed.weight"].all()
    scores = seen[-1].predict(STOP)
    assert (scores == torch.sigmoid(torch.as_tensor(known()[STOP])[None]).numpy()).all()
    one = result.of(slice(0, 1))
    assert one.best_epoch.tolist() == [0] and one.auc_history.shape == (3, 1)


def test_on_noise_no_member_falls_below_the_offset_and_one_that_is_kept_for_it_scores_as_it():
    """Every label is drawn from the offset alone, so that what a member adds can only be noise."""
    result = train([member(seed, 0.3, 1e-2) for seed in range(6)], epochs=4, patience=2)
    alone = auc_of_offset(0.0)
    assert (result.stop_auc >= alone).all()
    kept = result.best_epoch == 0
    assert kept.any() and (result.stop_auc[kept] == alone).all()
    assert (result.stop_auc[~kept] > alone + 0.001).all()
    assert (result.auc_history[:, kept] <= alone + 0.001).all()


def test_a_signal_beside_the_offset_is_found():
    result = train([member(0), member(1)], strength=1.5, epochs=10, patience=4)
    assert (result.best_epoch > 0).all()
    assert (result.stop_auc > auc_of_offset(1.5) + 0.05).all()
    windows, labels = market(1.5)
    model = StackedPatchTST(member(0).configuration, SHAPE, N_FEATURES)
    scores = predict(model, torch.as_tensor(result.theta), windows, STOP, known()[STOP])
    assert [auc(labels[STOP], s) for s in scores] == pytest.approx(result.stop_auc.tolist(), abs=1e-9)


def test_a_member_is_added_the_same_alone_and_among_others():
    members = [member(1, 0.1, 1e-3), member(2, 0.5, 5e-3, 0.1), member(3, 0.0, 1e-9)]
    together = train(members, strength=1.5)
    windows, _ = market(1.5)
    model = StackedPatchTST(members[0].configuration, SHAPE, N_FEATURES)
    for position, one in enumerate(members):
        alone, own = train([one], strength=1.5), together.of(slice(position, position + 1))
        pair = [predict(model, torch.as_tensor(t.theta), windows, STOP, known()[STOP]) for t in (own, alone)]
        np.testing.assert_allclose(*pair, rtol=2e-3)
        assert own.best_epoch.tolist() == alone.best_epoch.tolist() and own.epochs.tolist() == alone.epochs.tolist()
        np.testing.assert_allclose(own.auc_history, alone.auc_history, atol=1e-3)
    assert together.best_epoch[2] == 0


# --- jobs -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def frame():
    return tier_frame()


@pytest.fixture(scope="module")
def tier(frame, tmp_path_factory):
    return write_tier(tmp_path_factory.mktemp("tier") / "a20.parquet", frame)


def logits_of(dates, seed=4):
    return pd.Series(np.random.default_rng(seed).normal(-1.0, 1.0, len(dates)), index=dates)


def written(path, frame, due="train stop rank calibrate threshold", seed=4):
    """Random logits on the days of these roles."""
    logits = logits_of(frame.index, seed)[frame["role"].isin(due.split()).to_numpy()]
    return str(write_offset(path, logits.index, logits.to_numpy()))


@pytest.fixture
def offset(frame, tmp_path):
    return written(tmp_path / "offset.parquet", frame)


def test_a_fit_starts_from_the_offset_of_its_own_days(frame, tier, offset):
    still = replace(CONFIGURATION, learning_rate=1e-12)
    found = fit(job(tier, configuration=still, offset=offset))
    assert found.trained.best_epoch.tolist() == [0, 0]
    expected = 1 / (1 + np.exp(-logits_of(frame.index)[found.index].to_numpy()))
    np.testing.assert_allclose(found.scores, np.tile(expected, (2, 1)), rtol=1e-6)
    assert "test" not in found.role and "purged" not in found.role


def test_scores_are_those_of_the_kept_weights_and_the_offset(frame, tier, offset):
    found = fit(job(tier, offset=offset, configuration=replace(CONFIGURATION, learning_rate=1e-2)))
    data = TierData.load(tier)
    rows = data.index.get_indexer(found.index)
    known = logits_of(frame.index)[found.index].to_numpy(np.float32)
    arguments = (found.trained.theta, CONFIGURATION, TIER_SHAPE, data, Windows.over(data.values, TIER_SHAPE), rows)
    assert score(*arguments, known).tobytes() == found.scores.tobytes()
    assert score(*arguments).tobytes() != found.scores.tobytes()
    some = fit(job(tier, offset=offset, configuration=replace(CONFIGURATION, learning_rate=1e-2)), roles=("rank",))
    np.testing.assert_allclose(some.scores, found.of("rank")[1], rtol=0, atol=1e-6)
    one, two = job(tier, offset=offset, seeds=(11,)), job(tier, offset=offset, seeds=(12,))
    both = fit_stack([one, two])
    for own, alone in zip(both, (fit(one), fit(two))):
        np.testing.assert_allclose(own.scores, alone.scores, rtol=1e-3)


@pytest.mark.parametrize("role", ["train", "stop", "rank", "threshold"])
def test_a_day_that_the_offset_lacks_is_one_line(frame, tier, tmp_path, role):
    whole = pd.read_parquet(written(tmp_path / "offset.parquet", frame))
    days = frame.index[(frame["role"] == role).to_numpy()]
    day = days[len(days) // 2]
    path = tmp_path / "lacking.parquet"
    for spoiled in (whole.drop(day), whole.assign(offset=whole["offset"].where(whole.index != day))):
        spoiled.to_parquet(path)
        with pytest.raises(UserError) as told:
            fit(job(tier, offset=str(path)))
        assert str(told.value).startswith(f"{path} has no finite offset of {day.date()}, ")
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.rename(columns={"offset": "logit"}),
        lambda table: table.astype(str),
        lambda table: pd.concat([table, table]),
    ],
)
def test_a_table_of_something_else_is_one_line(frame, tier, tmp_path, spoil):
    path = tmp_path / "offset.parquet"
    spoil(pd.read_parquet(written(path, frame))).to_parquet(path)
    with pytest.raises(UserError, match=r"offset\.parquet is not a table of one number `offset` for each `date`: del"):
        fit(job(tier, offset=str(path)))


def test_a_missing_offset_is_one_line_before_anything_is_trained(tier, tmp_path):
    with pytest.raises(UserError, match=r"gone\.parquet is missing: run `dvc repro`"):
        store.fit_all([job(tier, offset=str(tmp_path / "gone.parquet"))], tmp_path / "fits", Engine(1))


def test_no_score_of_a_day_without_a_role_is_needed_and_none_of_the_test_role_matters(frame, tier, tmp_path):
    lean = fit(job(tier, offset=written(tmp_path / "lean.parquet", frame)))
    everything = " ".join(frame["role"].unique())
    assert same(lean, fit(job(tier, offset=written(tmp_path / "fat.parquet", frame, everything))))


# --- the store and full training --------------------------------------------------------------------------------


def test_the_name_of_a_fit_holds_the_content_of_its_offset_and_nothing_of_one_that_is_not_there(
    frame, tier, tmp_path, monkeypatch
):
    told = []
    monkeypatch.setattr(store, "fingerprint", lambda **parts: told.append(parts) or "name")
    one, moved, other = (written(tmp_path / f"{n}.parquet", frame, seed=s) for n, s in (("1", 4), ("2", 4), ("3", 5)))
    for path in ("", one, moved, other):
        plain = job(tier, offset=path)
        store._name(plain, store._hash(tier), store._hash(path) if path else "")
    without, first, same_content, changed = told
    wanted = asdict(replace(plain, tier_path=""))
    del wanted["offset"]
    assert without["job"] == wanted and set(without) == {"code", "packages", "job", "data", "arithmetic"}
    assert first == same_content == {**without, "offset": first["offset"]}
    assert changed["offset"] != first["offset"]


def test_an_added_configuration_is_trained_apart_from_itself(frame, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_tier(tmp_path / tier_file(TIER), frame)
    offset = written(tmp_path / "data/baseline/a20/offset.parquet", frame)
    entry = Entry("a20-2M-T3", TIER, "2M", "tpe", CONFIGURATION, 2_000_000)
    run = lambda *entries: refit("evaluate a20", entries, TIER_SHAPE, TRAINING, 1, tmp_path, Engine())  # noqa: E731
    (plain, _), (added, fitted) = run(entry, entry.added(offset, f"{TIER}-added"))
    card = added.card
    assert (card.name, card.origin, card.tier, card.budget) == ("a20-added", "built", TIER, "2M")
    assert card.configuration == CONFIGURATION and card.seeds == plain.card.seeds
    assert added.index.equals(plain.index) and added.scores.tobytes() != plain.scores.tobytes()
    [(again, other)] = run(entry.added(offset, f"{TIER}-added"))
    assert same(fitted, other) and again.scores.tobytes() == added.scores.tobytes()
    [(alone, _)] = run(entry)
    assert alone.scores.tobytes() == plain.scores.tobytes()
