"""The computing of a stack, forth and back, over weights into which norms and positions are folded.

The way back is written out. torch's own would keep more, copy more and ask Python more often: a step of a small
model took a third longer with it (bench/speed). Tests hold every gradient against torch.nn.

Letters in shapes: E members, B windows, N patches, R = B * N rows, d = d_model, H heads, L layers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor

from buysignal.models.patchtst.dropout import drop_

EPSILON = 1e-5  # of layer norms, torch's default
LINEAR = ("qkv", "out", "up", "down")  # of a block, in the order they are computed

back_of = torch.ops.aten  # what torch's own way back is made of


@dataclass(frozen=True)
class Folded:
    """Weights of products, or gradients of them, all in the number format of a step.

    Attributes
    ----------
    embed : (E, patch * n_features, d)
    position : (E, 1, N, d) positions and the bias of ``embed``
    layers : weight (L, E, in, out) and bias (L, E, 1, out) by the names of `LINEAR`
    gain, shift : (E, 1, d) of the last norm, between which and the head numbers are dropped
    head : (E, N * d, 1)
    bias : (E, 1) of the head
    """

    embed: Tensor
    position: Tensor
    layers: dict[str, tuple[Tensor, Tensor]]
    gain: Tensor
    shift: Tensor
    head: Tensor
    bias: Tensor

    @property
    def depth(self) -> int:
        return len(self.layers["qkv"][0])


@dataclass
class Tape:
    """What the way forth leaves for the way back: of each block the tensors named in `forth`, in order."""

    blocks: list[tuple] = field(default_factory=list)
    last: tuple = ()


def sizes(windows: int, weights: Folded) -> list[int]:
    """Numbers to be dropped from, per member: of the embedding, thrice of each block, before the head."""
    rows = windows * weights.position.shape[2]
    width, wide = weights.embed.shape[2], weights.layers["up"][0].shape[3]
    return [rows * width, *[rows * width, rows * wide, rows * width] * weights.depth, rows * width]


def forth(
    weights: Folded, patches: Tensor, n_heads: int, masks: Sequence[Tensor | None] = (), tape: Tape | None = None
) -> Tensor:
    """Logits (E, B) of patches (E, B, N, patch * n_features); ``masks`` are one for each of `sizes`, or none."""
    members, windows, n_patches, _ = patches.shape
    mask = iter(masks)
    x = torch.bmm(patches.reshape(members, windows * n_patches, -1), weights.embed)  # (E, R, d)
    x.view(members, windows, n_patches, -1).add_(weights.position)
    drop_(x, next(mask, None))
    for layer in range(weights.depth):
        qkv, out, up, down = ((weight[layer], bias[layer]) for weight, bias in weights.layers.values())
        normed = torch.native_layer_norm(x, x.shape[-1:], None, None, EPSILON)
        parts = split_heads(torch.bmm(normed[0], qkv[0]).add_(qkv[1]), 3, n_patches, n_heads)
        mixed, shares = attention(*parts.unbind(0))
        mixed = merge_heads(mixed, x, n_heads)
        kept_mixed, kept_hidden, kept_down = next(mask, None), next(mask, None), next(mask, None)
        between = x + drop_(torch.bmm(mixed, out[0]).add_(out[1]), kept_mixed)
        again = torch.native_layer_norm(between, x.shape[-1:], None, None, EPSILON)
        risen = torch.bmm(again[0], up[0]).add_(up[1])
        hidden = drop_(F.gelu(risen), kept_hidden)
        if tape is not None:
            forgotten = (kept_mixed, kept_hidden, kept_down)
            tape.blocks.append((x, normed, parts, shares, mixed, between, again, risen, hidden, forgotten))
        x = between + drop_(torch.bmm(hidden, down[0]).add_(down[1]), kept_down)
    normed = torch.native_layer_norm(x, x.shape[-1:], None, None, EPSILON)
    kept = next(mask, None)
    flat = torch.addcmul(weights.shift, normed[0], weights.gain)
    flat = drop_(flat, kept).view(members, windows, -1)  # (E, B, N*d)
    if tape is not None:
        tape.last = (x, normed, flat, kept)
    return torch.bmm(flat, weights.head).squeeze(-1) + weights.bias


def back(weights: Folded, patches: Tensor, n_heads: int, first: Tensor | None, tape: Tape, grad: Tensor) -> Folded:
    """Gradients of the weights, that of the logits being ``grad`` (E, B); ``first`` is the mask of the embedding."""
    members, windows, n_patches, _ = patches.shape
    x, normed, flat, kept = tape.last
    grad = grad.to(flat.dtype).unsqueeze(-1)
    head, bias = torch.bmm(flat.transpose(1, 2), grad), grad.sum(1)
    grad = drop_((grad * weights.head.transpose(1, 2)).view(x.shape), kept)
    gain, shift = (grad * normed[0]).sum(1, keepdim=True), grad.sum(1, keepdim=True)
    grad = un_normed(grad * weights.gain, x, normed[1:])
    found = {
        name: (torch.empty_like(weight), torch.empty_like(bias)) for name, (weight, bias) in weights.layers.items()
    }
    for layer in reversed(range(weights.depth)):
        x, normed, parts, shares, mixed, between, again, risen, hidden, masks = tape.blocks[layer]
        kept_mixed, kept_hidden, kept_down = masks
        by = {name: (weight[layer], found[name]) for name, (weight, _) in weights.layers.items()}
        branch = drop_(back_linear(*by["down"], layer, hidden, dropped(grad, kept_down)), kept_hidden)
        branch = back_linear(*by["up"], layer, again[0], back_of.gelu_backward(branch, risen))
        grad.add_(un_normed(branch, between, again[1:]))
        branch = back_linear(*by["out"], layer, mixed, dropped(grad, kept_mixed))
        branch = back_attention(split_heads(branch, 1, n_patches, n_heads)[0], *parts.unbind(0), shares)
        branch = back_linear(*by["qkv"], layer, normed[0], merge_heads(branch, x, n_heads))
        grad.add_(un_normed(branch, x, normed[1:]))
    drop_(grad, first)
    embed = torch.bmm(patches.reshape(members, windows * n_patches, -1).transpose(1, 2), grad)
    position = grad.view(members, windows, n_patches, -1).sum(1, keepdim=True)
    return Folded(embed, position, found, gain, shift, head, bias)


def back_linear(weight: Tensor, found: tuple[Tensor, Tensor], layer: int, x: Tensor, grad: Tensor) -> Tensor:
    """Write the gradients of a linear map of x (E, R, in) into ``found`` and return that of x."""
    torch.bmm(x.transpose(1, 2), grad, out=found[0][layer])
    torch.sum(grad, 1, keepdim=True, out=found[1][layer])
    return torch.bmm(grad, weight.transpose(1, 2))


def un_normed(grad: Tensor, x: Tensor, moments: tuple[Tensor, Tensor]) -> Tensor:
    """Gradient of x behind a layer norm without gain and shift; ``moments`` are its mean and 1 / deviation."""
    wanted = [True, False, False]
    return back_of.native_layer_norm_backward(grad, x, x.shape[-1:], *moments, None, None, wanted)[0]


def dropped(x: Tensor, kept: Tensor | None) -> Tensor:
    """`drop_` of a copy, where there is a mask."""
    return x if kept is None else x.view(kept.dtype).bitwise_and(kept.view(x.shape)).view(x.dtype)


def split_heads(x: Tensor, parts: int, n_patches: int, n_heads: int) -> Tensor:
    """x (E, R, parts * d) by heads: (parts, E*B*H, N, d/H)."""
    members, rows, width = x.shape
    cut = (members, rows // n_patches, n_patches, parts, n_heads, width // parts // n_heads)
    return x.view(cut).permute(3, 0, 1, 4, 2, 5).reshape(parts, -1, n_patches, cut[-1])


def merge_heads(x: Tensor, like: Tensor, n_heads: int) -> Tensor:
    """Inverse of `split_heads` for rows like those of ``like`` (E, R, d): (E, R, parts * d)."""
    members, rows, width = like.shape
    n_patches = x.shape[-2]
    seen = x.view(-1, members, rows // n_patches, n_heads, n_patches, width // n_heads)
    return seen.permute(1, 2, 4, 0, 3, 5).reshape(members, rows, -1)


def attention(query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Dot-product attention of scaled queries; arguments and result (windows * H, N, d/H), and the shares of `softmax`.

    torch's own kernel is made for long sequences. With the few patches of a window two batched products are
    twice as fast on a processor.
    """
    shares = softmax(torch.bmm(query, key.transpose(1, 2)))
    return torch.bmm(_plain(shares), value), shares


def back_attention(grad: Tensor, query: Tensor, key: Tensor, value: Tensor, shares: Tensor) -> Tensor:
    """Gradients of query, key and value (3, windows * H, N, d/H), where that of the result is ``grad``."""
    found = torch.empty((3, *grad.shape), dtype=grad.dtype, device=grad.device)
    grad_scores = _laid(torch.bmm(grad, value.transpose(1, 2)))
    grad_scores = _plain(back_of._softmax_backward_data(grad_scores, shares, _axis(shares), shares.dtype))
    torch.bmm(grad_scores, key, out=found[0])
    torch.bmm(grad_scores.transpose(1, 2), query, out=found[1])
    torch.bmm(_plain(shares).transpose(1, 2), grad, out=found[2])
    return found


def softmax(scores: Tensor) -> Tensor:
    """Softmax over the last axis of scores (windows * H, N, N), laid out as is quickest on the device.

    On a processor over the first axis of a transposed copy: over rows of nine it alone takes longer than all of
    the attention.
    """
    return torch.softmax(_laid(scores), dim=_axis(scores))


def _axis(scores: Tensor) -> int:
    return 0 if scores.device.type == "cpu" else -1


def _laid(scores: Tensor) -> Tensor:
    return scores.permute(2, 0, 1) if scores.device.type == "cpu" else scores


def _plain(shares: Tensor) -> Tensor:
    return shares.permute(1, 2, 0) if shares.device.type == "cpu" else shares
