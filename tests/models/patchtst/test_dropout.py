"""Masks are a function of the member's seed, the step and the position, and gradients are those of what was dropped."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from buysignal.models.patchtst import encoder
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.dropout import LEVELS, Dropout, drop_, hashed
from buysignal.models.patchtst.network import StackedPatchTST

CPU = torch.device("cpu")
BOTH = pytest.mark.parametrize("counted", [False, True], ids=["numpy", "hash"])


def dropped(dropout: Dropout, dtype: torch.dtype, size: int) -> torch.Tensor:
    """Ones, dropped, and what is kept multiplied by the factor."""
    (mask,) = dropout.masks([size], dtype)
    return drop_(torch.ones(len(dropout.seeds), size, dtype=dtype), mask).float() * dropout.scale[:, None]


@BOTH
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("rate", [0.1, 0.45, 0.7])
def test_dropout_keeps_its_rate_and_its_mean(rate, dtype, counted):
    found = dropped(Dropout([rate, 0.0], [0, 1], CPU, counted=counted), dtype, 100_001)
    assert abs((found[0] == 0).float().mean().item() - rate) < 0.01
    assert abs(found[0].mean().item() - 1) < 0.02
    assert found[0].max().item() == pytest.approx(LEVELS / (LEVELS - round(rate * LEVELS)))
    assert (found[1] == 1).all()


@BOTH
def test_masks_are_those_of_the_member_and_the_step_whatever_the_stack(counted):
    """A stack that was cut down to its second member at step 2 goes on with the masks it would have had."""
    whole = Dropout([0.2, 0.5, 0.3], [7, 8, 9], CPU, counted=counted)
    three = [whole.masks([40, 24], torch.float32) for _ in range(3)]
    later = Dropout([0.5], [8], CPU, steps=2, counted=counted).masks([40, 24], torch.float32)
    for part, expected in zip(later, three[2], strict=True):
        assert torch.equal(part[0], expected[1])
    assert not torch.equal(three[0][0], three[1][0])  # another step
    assert not torch.equal(three[0][0][0], three[0][0][1])  # another member


def test_nothing_is_drawn_where_nothing_is_dropped():
    dropout = Dropout([0.0, 0.0], [1, 2], CPU)
    assert dropout.masks([3, 4], torch.float32) == [None, None] and dropout.scale is None


def lowbias32(x: np.ndarray) -> np.ndarray:
    """Wellons' function in unsigned numbers, as he writes it."""
    x = x.astype(np.uint32)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return x


def test_the_hash_is_wellons_own_in_signed_numbers():
    keys, count = np.array([0, 1, 0xFFFFFFFF, 0x80000000], np.uint32), 1000
    for step in (1, 2, 2**31 - 1):
        found = hashed(torch.from_numpy(keys.view(np.int32)), torch.tensor(step, dtype=torch.int32), count)
        stream = lowbias32(lowbias32(keys) + np.uint32(step))
        places = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B1)
        expected = lowbias32(places[None] ^ stream[:, None])
        assert np.array_equal(found.numpy().view(np.uint32), expected)


def test_the_bits_of_the_hash_are_even_and_steps_are_not_alike():
    """Each bit is set in half of 65,536 numbers, within five deviations, and so is its XOR with the next step's."""
    key = torch.tensor([12345], dtype=torch.int32)
    one, two = (hashed(key, torch.tensor(t, dtype=torch.int32), 1 << 16)[0].numpy().view(np.uint32) for t in (1, 2))
    for numbers in (one, one ^ two, one[1:] ^ one[:-1]):
        share = np.unpackbits(numbers.view(np.uint8).reshape(-1, 4), axis=1).mean(axis=0)
        assert np.abs(share - 0.5).max() < 5 * 0.5 / np.sqrt(len(numbers))


def plainly(model, theta, patches, masks, scale):
    """The forward pass of the same network with the same masks by autograd, nothing folded."""
    weights, at = model.unpack(theta), iter(masks)

    def drop(x):
        return x * (next(at) != 0).float().view(x.shape) * scale.view(-1, 1, 1)

    def norm(x, name):
        return weights[f"{name}.bias"].unsqueeze(1) + F.layer_norm(x, x.shape[-1:]) * weights[
            f"{name}.weight"
        ].unsqueeze(1)

    def linear(x, name):
        return torch.bmm(x, weights[f"{name}.weight"]) + weights[f"{name}.bias"].unsqueeze(1)

    members, windows, n, _ = patches.shape
    x = linear(patches.reshape(members, windows * n, -1), "embed")
    x = drop((x.view(members, windows, n, -1) + weights["position"].unsqueeze(1)).view(x.shape))
    for layer in range(model.n_layers):
        block = f"blocks.{layer}"
        parts = linear(norm(x, f"{block}.norm1"), f"{block}.qkv").view(members, windows, n, 3, model.n_heads, -1)
        mixed = F.scaled_dot_product_attention(*parts.permute(3, 0, 1, 4, 2, 5).unbind(0)).transpose(2, 3)
        x = x + drop(linear(mixed.reshape(x.shape), f"{block}.out"))
        hidden = drop(F.gelu(linear(norm(x, f"{block}.norm2"), f"{block}.up")))
        x = x + drop(linear(hidden, f"{block}.down"))
    return linear(drop(norm(x, "norm").view(members, windows, -1)), "head").squeeze(-1)


def test_loss_and_gradient_of_a_step_are_those_of_autograd_with_the_same_masks():
    """Three members, each with a rate of its own, two blocks, every weight shaken; nothing is shared with `encoder`."""
    shape, members, windows, features = Shape(20, 5, 5, True), 3, 6, 4
    model = StackedPatchTST(Configuration(16, 2, 4, 2, 0.3, 1e-3, 0.0), shape, features)
    generator = torch.Generator().manual_seed(3)
    theta = model.init([torch.Generator().manual_seed(s) for s in range(members)])
    theta += 0.1 * torch.randn(theta.shape, generator=generator)
    patches = torch.randn(members, windows, shape.n_patches, shape.patch * features, generator=generator)
    labels = (torch.rand(members, windows, generator=generator) < 0.5).float()
    offset = torch.randn(members, windows, generator=generator)
    rates = ([0.1, 0.5, 0.0], [1, 2, 3], CPU)
    losses, gradient = model.learn(theta, patches, labels, Dropout(*rates), offset)

    dropout, leaf = Dropout(*rates), theta.clone().requires_grad_()
    masks = dropout.masks(encoder.sizes(windows, model.folded(theta, torch.float32)), torch.float32)
    logits = plainly(model, leaf, patches, masks, dropout.scale) + offset
    expected = F.binary_cross_entropy_with_logits(logits, labels, reduction="none").mean(1)
    expected.sum().backward()
    torch.testing.assert_close(losses, expected.detach(), rtol=1e-5, atol=1e-6)
    for name, value in model.unpack(leaf.grad).items():
        torch.testing.assert_close(model.unpack(gradient)[name], value, rtol=1e-4, atol=2e-6, msg=name)
