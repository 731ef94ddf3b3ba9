"""The stacked model is the plain model, E times."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from buysignal.core.errors import UserError
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size, count_parameters
from buysignal.models.patchtst.dropout import Dropout
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.optimizer import StackedAdamW
from buysignal.models.patchtst.windows import Windows
from tests.models.patchtst.reference import PlainPatchTST

SHAPES = [Shape(80, 16, 8, True), Shape(21, 6, 4, False), Shape(20, 5, 5, True)]
CONFIGURATION = Configuration(16, 2, 4, 2, 0.3, 1e-3, 1e-2)
N_FEATURES = 7


def generators(*seeds):
    return [torch.Generator().manual_seed(s) for s in seeds]


def nothing_dropped(members):
    return Dropout([0.0] * members, range(members), torch.device("cpu"))


def shaken(theta):
    """Weights of which none is as it starts: a gain of 1 or a shift of 0 would hide what is not multiplied or added."""
    return theta + 0.1 * torch.randn(theta.shape, generator=torch.Generator().manual_seed(9))


def plain(shape, weights, member):
    model = PlainPatchTST(shape, N_FEATURES, 16, 2, 4, 2)
    model.load_stacked({name: tensor[member] for name, tensor in weights.items()})
    return model


@pytest.mark.parametrize("shape", SHAPES)
def test_forward_and_gradients_equal_a_plain_torch_nn_model_for_every_member(shape):
    values = np.random.default_rng(0).standard_normal((60 + shape.context, N_FEATURES)).astype(np.float32)
    windows = Windows.over(values, shape)
    model = StackedPatchTST(CONFIGURATION, shape, N_FEATURES)
    theta = shaken(model.init(generators(1, 2, 3)))
    index = torch.tensor([[0, 5, 9, 60], [7, 7, 1, 30], [60, 59, 58, 2]])
    labels = torch.tensor([[0.0, 1, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]])

    logits = model.forward(theta, windows.gather(index))
    losses, slope = model.learn(theta, windows.gather(index), labels, nothing_dropped(3))
    gradient = model.unpack(slope)

    for member in range(3):
        reference = plain(shape, model.unpack(theta), member)
        days = torch.stack([torch.as_tensor(values[i : i + shape.context]) for i in index[member].tolist()])
        expected = reference(days)
        torch.testing.assert_close(logits[member], expected, rtol=1e-5, atol=1e-6)
        loss = F.binary_cross_entropy_with_logits(expected, labels[member])
        torch.testing.assert_close(losses[member], loss.detach(), rtol=1e-5, atol=1e-6)
        loss.backward()
        for name, value in reference.gradients().items():
            torch.testing.assert_close(gradient[name][member], value, rtol=1e-5, atol=2e-6, msg=name)


def test_a_member_of_a_stack_computes_what_it_computes_alone():
    shape = SHAPES[0]
    windows = Windows.over(np.random.default_rng(1).standard_normal((120, N_FEATURES)), shape)
    model = StackedPatchTST(CONFIGURATION, shape, N_FEATURES)
    together = model.init(generators(1, 2, 3))
    alone = model.init(generators(2))
    assert torch.equal(together[1:2], alone)
    index, labels = torch.arange(8), torch.tensor([0.0, 1] * 4)
    rates = [0.1, 0.5, 0.0]
    drop_together = Dropout(rates, [11, 12, 13], torch.device("cpu"))
    drop_alone = Dropout([0.5], [12], torch.device("cpu"))
    for _ in range(2):  # two steps: masks of the second differ from those of the first
        found = model.learn(together, windows.gather(index.expand(3, 8)), labels.expand(3, 8), drop_together)
        one = model.learn(alone, windows.gather(index[None]), labels[None], drop_alone)
        for whole, part in zip(found, one, strict=True):
            torch.testing.assert_close(whole[1:2], part, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("d", "layers", "heads", "ratio"), [(8, 1, 2, 2), (32, 3, 4, 4), (48, 2, 8, 2)])
def test_the_parameter_count_is_that_of_the_plain_model(d, layers, heads, ratio):
    configuration = Configuration(d, layers, heads, ratio, 0.0, 1e-3, 0.0)
    reference = PlainPatchTST(SHAPES[0], N_FEATURES, d, layers, heads, ratio)
    expected = sum(p.numel() for p in reference.parameters())
    assert count_parameters(configuration, SHAPES[0], N_FEATURES) == expected
    assert StackedPatchTST(configuration, SHAPES[0], N_FEATURES).n_parameters == expected


def test_windows_are_views_and_the_newest_day_is_in_the_last_patch():
    shape = Shape(context=10, patch=4, stride=4, revin=False)  # 10 days hold 2 patches; the oldest 2 are cut
    values = np.arange(24, dtype=np.float32).reshape(12, 2)
    windows = Windows.over(values, shape)
    assert windows.patches.shape == (3, 2, 8)
    assert windows.patches.untyped_storage().nbytes() == values.nbytes
    first = windows.gather(torch.tensor([0]))[0]
    assert first[0].tolist() == values[2:6].ravel().tolist()
    assert first[1].tolist() == values[6:10].ravel().tolist()
    assert windows.gather(torch.tensor([2]))[0, 1].tolist() == values[8:12].ravel().tolist()


def test_revin_removes_the_level_and_the_scale_of_each_window():
    shape = Shape(20, 5, 5, True)
    values = np.random.default_rng(2).standard_normal((30, 3))
    plain_windows = Windows.over(values, shape).gather(torch.arange(5))
    moved = Windows.over(values * [2.0, 5.0, 100.0] + [3.0, -7.0, 50.0], shape).gather(torch.arange(5))
    torch.testing.assert_close(plain_windows, moved, rtol=1e-3, atol=1e-3)
    days = plain_windows.view(5, 20, 3)
    torch.testing.assert_close(days.mean(1), torch.zeros(5, 3), atol=1e-5, rtol=0)


def test_a_feature_that_does_not_move_in_a_window_becomes_zero():
    values = np.full((20, 1), 3.0)
    assert Windows.over(values, Shape(20, 5, 5, True)).gather(torch.tensor([0])).abs().max() < 1e-3


def test_the_optimiser_is_adamw_with_rates_per_member():
    theta = torch.randn(2, 30, generator=torch.Generator().manual_seed(0))
    plain_parameters = [torch.nn.Parameter(row.clone()) for row in theta]
    rates, decays = [1e-2, 3e-4], [0.1, 0.0]
    references = [torch.optim.AdamW([p], lr=lr, weight_decay=wd) for p, lr, wd in zip(plain_parameters, rates, decays)]
    optimizer = StackedAdamW(theta, rates, decays)
    for step in range(20):
        gradient = torch.randn(2, 30, generator=torch.Generator().manual_seed(step))
        optimizer.step(gradient)
        for parameter, reference, row in zip(plain_parameters, references, gradient):
            parameter.grad = row
            reference.step()
    for row, parameter in zip(optimizer.theta, plain_parameters):
        torch.testing.assert_close(row, parameter.detach(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("d_model", "expected"), [(32, 128), (127, 128), (128, 64), (255, 64), (256, 32), (384, 32)])
def test_batch_size_follows_the_width(d_model, expected):
    assert batch_size(d_model) == expected


def test_heads_that_do_not_divide_the_width_are_named():
    with pytest.raises(UserError, match="n_heads 5 does not divide d_model 16; heads that do: 1, 2, 4, 8, 16"):
        Configuration(16, 2, 5, 2, 0.3, 1e-3, 0.0).check("candidate")


def test_work_counts_the_multiplications_of_the_encoder():
    # one layer of width 8: q, k, v and output 4 x 64, up and down 2 x 4 x 64; two layers
    assert Configuration(8, 2, 2, 4, 0.0, 1e-3, 0.0).work == 2 * (4 * 64 + 8 * 64)
