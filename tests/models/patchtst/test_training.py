"""The trainer learns, stops each member on its own, and equals plain torch training."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from buysignal.models.metrics import auc
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.inference import auc as auc_on_device
from buysignal.models.patchtst.inference import predict
from buysignal.models.patchtst.job import Protocol
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.training import Member, train_stack
from buysignal.models.patchtst.windows import Chosen, Windows
from tests.models.patchtst.reference import PlainPatchTST

SHAPE = Shape(12, 4, 4, False)
N_FEATURES = 3


def market(n=500, seed=0):
    """Windows whose label is the sign of the last day's first feature, with noise."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((n + SHAPE.context - 1, N_FEATURES)).astype(np.float32)
    labels = (values[SHAPE.context - 1 :, 0] + 0.5 * rng.standard_normal(n) > 0).astype(np.int8)
    return Windows.over(values, SHAPE), labels, np.arange(0, 350), np.arange(360, 500)


def member(seed, dropout=0.0, learning_rate=3e-3, weight_decay=0.01):
    return Member(Configuration(16, 1, 2, 2, dropout, learning_rate, weight_decay), seed)


def train(members, epochs=4, patience=10, **options):
    windows, labels, train_rows, stop = market()
    protocol = Protocol(epochs, patience, 0.001, 64)
    return train_stack(windows, labels, train_rows, stop, SHAPE, N_FEATURES, members, protocol, **options)


def test_a_known_signal_is_learned():
    result = train([member(0), member(1)], epochs=8)
    assert (result.stop_auc > 0.85).all()
    assert result.loss_history[-1].max() < result.loss_history[0].min()


def test_training_equals_plain_torch_training_on_the_same_batches():
    windows, labels, train_rows, _ = market()
    result = train([member(7)], epochs=1)

    generator = torch.Generator().manual_seed(7)
    model = StackedPatchTST(member(7).configuration, SHAPE, N_FEATURES)
    start = model.init([generator])
    plain = PlainPatchTST(SHAPE, N_FEATURES, 16, 1, 2, 2)
    plain.load_stacked({name: t[0] for name, t in model.unpack(start).items()})
    optimizer = torch.optim.AdamW(plain.parameters(), lr=3e-3, weight_decay=0.01)
    order = torch.as_tensor(train_rows)[torch.randperm(len(train_rows), generator=generator)]
    target = torch.as_tensor(labels, dtype=torch.float32)
    values = windows.patches[:, :, :].reshape(len(labels), 3, 4 * N_FEATURES)
    for rows in order.split(64):
        days = values[rows].reshape(len(rows), 12, N_FEATURES)
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(plain(days), target[rows]).backward()
        optimizer.step()

    rows = np.arange(400, 450)
    ours = predict(model, torch.as_tensor(result.theta), windows, rows)[0]
    with torch.no_grad():
        theirs = torch.sigmoid(plain(values[rows].reshape(50, 12, N_FEATURES))).numpy()
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_a_member_trains_the_same_alone_and_among_others():
    members = [member(1, 0.1, 1e-3), member(2, 0.5, 5e-3, 0.1), member(3, 0.3, 1e-4)]
    together = train(members)
    windows, _, _, stop = market()
    model = StackedPatchTST(members[0].configuration, SHAPE, N_FEATURES)
    for position, one in enumerate(members):
        alone = train([one])
        scores = [
            predict(model, torch.as_tensor(theta), windows, stop)[0]
            for theta in (together.theta[position : position + 1], alone.theta)
        ]
        np.testing.assert_allclose(*scores, rtol=1e-3)  # float order differs; Adam amplifies it step by step
        assert together.stop_auc[position] == pytest.approx(alone.stop_auc[0], abs=1e-3)
        assert together.best_epoch[position] == alone.best_epoch[0]


def test_each_member_stops_on_its_own_and_keeps_its_best_state():
    frozen, learning = member(1, learning_rate=1e-9), member(2, learning_rate=3e-3)
    seen = []
    result = train([frozen, learning], epochs=6, patience=2, on_epoch=lambda e: seen.append(e.number) is not None)
    assert result.best_epoch[0] == 1 and result.epochs[0] == 3  # nothing improves after the first epoch
    assert result.best_epoch[1] > 1
    assert result.auc_history.shape == (len(seen), 2)
    assert (result.auc_history[3:, 0] == result.auc_history[2, 0]).all()  # a stopped member is not trained on
    windows, labels, _, stop = market()
    model = StackedPatchTST(frozen.configuration, SHAPE, N_FEATURES)
    scores = predict(model, torch.as_tensor(result.theta), windows, stop)
    for position in range(2):
        assert auc(labels[stop], scores[position]) == pytest.approx(result.stop_auc[position], abs=1e-9)
        assert result.auc_history[:, position].max() <= result.stop_auc[position] + 0.001


def test_a_caller_may_end_training_early():
    result = train([member(0)], epochs=6, on_epoch=lambda epoch: epoch.number == 2)
    assert len(result.loss_history) == 2 and result.epochs[0] == 2


def test_a_caller_may_end_some_members_and_the_others_go_on_as_if_alone():
    first, second = member(1, 0.2), member(2, 0.2)
    seen = []

    def on_epoch(epoch):
        seen.append(epoch.trained.tolist())
        return [epoch.number == 2, False]

    both = train([first, second], epochs=4, on_epoch=on_epoch)
    assert seen == [[True, True], [True, True], [False, True], [False, True]]
    assert both.epochs.tolist() == [2, 4] and both.auc_history.shape == (4, 2)
    for position, (one, epochs) in enumerate([(first, 2), (second, 4)]):
        alone, own = train([one], epochs=epochs), both.of(slice(position, position + 1))
        assert own.epochs.tolist() == [epochs] and own.best_epoch[0] == alone.best_epoch[0]
        assert own.loss_history.shape == alone.loss_history.shape == (epochs, 1)
        np.testing.assert_allclose(own.loss_history, alone.loss_history, rtol=1e-4)
        np.testing.assert_allclose(own.auc_history, alone.auc_history, atol=1e-6)
        np.testing.assert_allclose(own.theta, alone.theta, atol=1e-3)


def test_prediction_keeps_every_row_whatever_the_batch():
    windows, _, _, _ = market(n=1100)
    model = StackedPatchTST(member(0).configuration, SHAPE, N_FEATURES)
    theta = model.init([torch.Generator().manual_seed(0)])
    everything = predict(model, theta, windows, np.arange(1100))
    assert everything.shape == (1, 1100)
    one_by_one = [predict(model, theta, windows, np.array([i]))[0, 0] for i in (0, 511, 512, 1099)]
    np.testing.assert_allclose(everything[0, [0, 511, 512, 1099]], one_by_one, rtol=1e-5)


def test_a_loss_that_explodes_is_named():
    windows, labels, train_rows, stop = market()
    windows.patches.untyped_storage()  # the view shares the feature array: spoil one day of it
    windows.patches[10, 0, 0] = float("inf")
    with pytest.raises(FloatingPointError, match="seed 5 is not finite in epoch 1"):
        train_stack(windows, labels, train_rows, stop, SHAPE, N_FEATURES, [member(5)], Protocol(2, 2, 0.001, 64))


def test_a_stack_of_two_architectures_is_refused():
    other = Member(Configuration(8, 1, 2, 2, 0.0, 1e-3, 0.0), 0)
    with pytest.raises(ValueError, match="share one architecture"):
        train([member(0), other])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_windows_that_are_kept_and_windows_that_are_made_anew_have_the_same_bits(dtype):
    windows, _, train_rows, _ = market()
    rows, places = torch.as_tensor(train_rows[::3]), torch.tensor([[5, 0], [99, 5]])
    kept, anew = Chosen(windows, rows, dtype), Chosen(windows, rows, dtype, most=0)
    assert kept.kept is not None and anew.kept is None
    assert kept.gather(places).dtype == dtype and kept.gather(places).shape == (2, 2, 3, 4 * N_FEATURES)
    assert torch.equal(kept.gather(places), anew.gather(places))
    assert torch.equal(anew.gather(places), windows.gather(rows[places]).to(dtype))


def test_the_auc_of_a_stack_is_that_of_each_member_to_the_bit():
    rng = np.random.default_rng(2)
    found, label = rng.integers(0, 9, (3, 200)).astype(np.float32) / 8, rng.integers(0, 2, 200)  # with many ties
    expected = [auc(label, scores.astype(float)) for scores in found]
    right, wrong = (torch.from_numpy(np.flatnonzero(label == value)) for value in (1, 0))
    assert auc_on_device(torch.from_numpy(found), right, wrong).tolist() == expected
    assert auc_on_device(torch.from_numpy(found), right, wrong[:0]).tolist() == [0.5] * 3
