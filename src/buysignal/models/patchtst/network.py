"""PatchTST for classification, written as a stack: E models of one shape computed as one.

Every weight has a leading member axis E and lives in one flat buffer theta of shape (E, P), so a
matrix product is one batched call for all members and the optimiser is a handful of elementwise
operations. A stack of one is the plain model (tests compare it with a torch.nn implementation).

Letters in shapes: E members, B windows, N patches, R = B * N rows, d = d_model, H heads, L layers, P parameters.

References
----------
Nie, Nguyen, Sinthong, Kalagnanam: "A Time Series is Worth 64 Words", ICLR 2023 (PatchTST).
Kim et al.: "Reversible Instance Normalization", ICLR 2022 (RevIN, here without affine weights).
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from buysignal.models.patchtst import encoder
from buysignal.models.patchtst.architecture import Configuration, Shape, parameter_shapes
from buysignal.models.patchtst.dropout import Dropout
from buysignal.models.patchtst.encoder import LINEAR, Folded

NORMED = {"qkv": "norm1", "up": "norm2"}  # linear maps of a block that follow a norm
DROPPED = {"out": 1, "down": 2}  # those beside which dropout stands: behind the one, before and behind the other


class StackedPatchTST:
    """E PatchTST classifiers of one architecture.

    Parameters
    ----------
    configuration : gives d_model, n_layers, n_heads and d_ff_ratio; its training values are not used
    shape : window geometry
    n_features : features per day
    device : where its weights will lie
    """

    def __init__(self, configuration: Configuration, shape: Shape, n_features: int, device: str | torch.device = "cpu"):
        self.shapes = parameter_shapes(configuration.check("model"), shape, n_features)
        self.sizes = [math.prod(dimensions) for dimensions in self.shapes.values()]
        self.n_parameters = sum(self.sizes)
        self.n_layers, self.n_heads = configuration.n_layers, configuration.n_heads
        self.n_patches, d_model = shape.n_patches, configuration.d_model
        self.query_scale = torch.ones(3 * d_model, device=device)  # of queries, keys and values
        self.query_scale[:d_model] = (d_model // self.n_heads) ** -0.5
        self.starts = dict(zip(self.shapes, np.cumsum([0, *self.sizes]).tolist()))
        self.block = sum(size for name, size in zip(self.shapes, self.sizes) if name.startswith("blocks.0."))

    def init(self, generators: Sequence[torch.Generator]) -> Tensor:
        """Fresh weights (E, P), each member drawn from its own generator.

        Linear layers use torch.nn.Linear's U(+-1/sqrt(fan_in)), positions N(0, 0.02), norms 1 and 0.
        """
        theta = torch.empty(len(generators), self.n_parameters, device=generators[0].device)
        for row, generator in zip(theta, generators):
            for (name, dimensions), part in zip(self.shapes.items(), row.split(self.sizes)):
                if "norm" in name:
                    part.fill_(1.0 if name.endswith("weight") else 0.0)
                elif name == "position":
                    part.normal_(0.0, 0.02, generator=generator)
                else:
                    weight = dimensions if name.endswith("weight") else self.shapes[f"{name[:-4]}weight"]
                    bound = 1.0 / math.sqrt(weight[0])
                    part.uniform_(-bound, bound, generator=generator)
        return theta

    def silence(self, theta: Tensor) -> None:
        """Set the heads of theta (E, P) to zero: every logit is then 0."""
        weights = self.unpack(theta)
        for name in ("head.weight", "head.bias"):
            weights[name].zero_()

    def unpack(self, theta: Tensor) -> dict[str, Tensor]:
        """Views of theta (E, P) as named tensors (E, *shape)."""
        parts = theta.split(self.sizes, dim=1)
        return {n: p.view(-1, *s) for (n, s), p in zip(self.shapes.items(), parts)}

    def layered(self, theta: Tensor, name: str) -> Tensor:
        """View of a tensor of every block, such as ``qkv.weight``, of theta (E, P): (L, E, *shape)."""
        first = f"blocks.0.{name}"
        shape = self.shapes[first]
        strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
        size, start = (self.n_layers, len(theta), *shape), theta.storage_offset() + self.starts[first]
        return theta.as_strided(size, (self.block, theta.stride(0), *strides), start)

    def folded(self, theta: Tensor, dtype: torch.dtype, scale: Tensor | None = None) -> Folded:
        """The weights of products, with what stands between two of them: gains and shifts of norms, dropout's factor.

        (n * gain + shift) @ W + b = n @ (gain * W) + (shift @ W + b): a product with few weights takes the place of
        two operations on every row. Computed in float32.

        Parameters
        ----------
        scale : (E,) factor of what dropout keeps; None where nothing is dropped
        """
        whole, layers, once = self.unpack(theta), {}, _factor(scale)
        for name in LINEAR:
            weight, bias = self.layered(theta, f"{name}.weight"), self.layered(theta, f"{name}.bias").unsqueeze(2)
            if name in NORMED:
                gain, shift = self._norm(theta, name)
                weight, bias = weight * gain, bias + torch.matmul(shift, weight)
            factors = self._factors(name, once)
            layers[name] = (weight * factors[0]).to(dtype), (bias * factors[1]).to(dtype)
        return Folded(
            embed=(whole["embed.weight"] * once).to(dtype),
            position=((whole["position"] + whole["embed.bias"].unsqueeze(1)) * once).unsqueeze(1).to(dtype),
            layers=layers,
            gain=whole["norm.weight"].unsqueeze(1).to(dtype),
            shift=whole["norm.bias"].unsqueeze(1).to(dtype),
            head=(whole["head.weight"] * once).to(dtype),
            bias=whole["head.bias"].to(dtype),
        )

    def unfolded(self, theta: Tensor, found: Folded, scale: Tensor | None = None) -> Tensor:
        """The gradient (E, P) of theta, float32, from those of the weights that `folded` made of it."""
        gradient, once = torch.empty_like(theta), _factor(scale)
        whole = self.unpack(gradient)
        for name in LINEAR:
            grad, bias = self.layered(gradient, f"{name}.weight"), self.layered(gradient, f"{name}.bias").unsqueeze(2)
            for target, part, by in zip((grad, bias), found.layers[name], self._factors(name, once)):
                torch.mul(part, by, out=target)
            if name in NORMED:
                weight, (gain, shift) = self.layered(theta, f"{name}.weight"), self._norm(theta, name)
                self.layered(gradient, f"{NORMED[name]}.weight").copy_((grad * weight).sum(3))
                self.layered(gradient, f"{NORMED[name]}.bias").copy_((weight * bias).sum(3))
                grad.mul_(gain).addcmul_(shift.transpose(2, 3), bias)
        torch.mul(found.position.squeeze(1), once, out=whole["position"])
        whole["embed.bias"].copy_(whole["position"].sum(1))
        torch.mul(found.embed, once, out=whole["embed.weight"])
        torch.mul(found.head, once, out=whole["head.weight"])
        for name, part in (("norm.weight", found.gain), ("norm.bias", found.shift), ("head.bias", found.bias)):
            whole[name].copy_(part.view(whole[name].shape))
        return gradient

    def _norm(self, theta: Tensor, name: str) -> tuple[Tensor, Tensor]:
        """Gain (L, E, d, 1) and shift (L, E, 1, d) of the norm before a linear map."""
        gain, shift = (self.layered(theta, f"{NORMED[name]}.{part}") for part in ("weight", "bias"))
        return gain.unsqueeze(3), shift.unsqueeze(2)

    def _factors(self, name: str, once: Tensor | float) -> tuple[Tensor | float, Tensor | float]:
        """What weight and bias of a linear map are multiplied by: attention's 1 / root of d/H, or dropout's factor."""
        if name == "qkv":
            return self.query_scale, self.query_scale
        return (once ** DROPPED[name], once) if name in DROPPED else (1.0, 1.0)

    def forward(self, theta: Tensor, patches: Tensor) -> Tensor:
        """Logits (E, B), float32, of every member for every window, nothing dropped.

        Parameters
        ----------
        theta : (E, P) weights
        patches : (E, B, N, patch * n_features) normalised patches, the newest last
        """
        return encoder.forth(self.folded(theta, patches.dtype), patches, self.n_heads).float()

    def learn(
        self, theta: Tensor, patches: Tensor, labels: Tensor, dropout: Dropout, offset: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Mean binary cross-entropy (E,) of each member over its windows, and its gradient (E, P), both float32.

        Parameters
        ----------
        theta : (E, P) weights
        patches : as `forward`; their number format is that of the products
        labels : (E, B) 0 or 1
        offset : (E, B) logits that every member adds to
        """
        weights, tape = self.folded(theta, patches.dtype, dropout.scale), encoder.Tape()
        masks = dropout.masks(encoder.sizes(patches.shape[1], weights), patches.dtype)
        logits = encoder.forth(weights, patches, self.n_heads, masks, tape).float()
        if offset is not None:
            logits = logits + offset
        losses = F.binary_cross_entropy_with_logits(logits, labels, reduction="none").mean(1)
        grad = (torch.sigmoid(logits) - labels) / labels.shape[1]
        found = encoder.back(weights, patches, self.n_heads, masks[0], tape, grad)
        return losses, self.unfolded(theta, found, dropout.scale)


def _factor(scale: Tensor | None) -> Tensor | float:
    """Dropout's factor beside weights (E, in, out)."""
    return 1.0 if scale is None else scale.view(-1, 1, 1)
