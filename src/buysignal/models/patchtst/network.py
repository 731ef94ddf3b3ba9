"""PatchTST for classification, written as a stack: E models of one shape computed as one.

Every weight has a leading member axis E and lives in one flat buffer theta of shape (E, P), so a
matrix product is one batched call for all members and the optimiser is a handful of elementwise
operations. A stack of one is the plain model (tests compare it with a torch.nn implementation).

References
----------
Nie, Nguyen, Sinthong, Kalagnanam: "A Time Series is Worth 64 Words", ICLR 2023 (PatchTST).
Kim et al.: "Reversible Instance Normalization", ICLR 2022 (RevIN, here without affine weights).
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from buysignal.models.patchtst.architecture import Configuration, Shape, parameter_shapes

LEVELS = 65536  # dropout draws 16-bit integers: the rate is exact to 1/65536 and four masks cost one draw


class Dropout:
    """Inverted dropout whose rate and random stream belong to the member, not to the stack.

    A member therefore sees the same masks alone and among others.

    Parameters
    ----------
    rates : (E,) dropout probabilities
    generators : E random generators, one per member, on ``device``
    """

    def __init__(self, rates: Sequence[float], generators: Sequence[torch.Generator], device: torch.device):
        cut = torch.tensor([round(rate * LEVELS) for rate in rates], device=device)
        self.generators = generators
        self.active = bool((cut > 0).any())
        self.cut = (cut - LEVELS // 2).to(torch.int16)  # (E,) drop where the signed draw lies below
        self.scale = LEVELS / (LEVELS - cut).to(torch.float32)  # (E,) 1 / kept share

    def __call__(self, x: Tensor) -> Tensor:
        """Drop entries of x (E, ...) member by member."""
        if not self.active:
            return x
        size = x[0].numel()
        draws = torch.empty(len(self.generators), -(-size // 4), dtype=torch.int64, device=x.device)
        for row, generator in zip(draws, self.generators):
            row.random_(-(2**63), None, generator=generator)
        bits = draws.view(torch.int16)[:, :size].view(x.shape)
        ones = (1,) * (x.dim() - 1)
        # Compared straight into floats: a mask of bool, or of bool turned to float, is not vectorised.
        kept = torch.ge(bits, self.cut.view(-1, *ones), out=torch.empty_like(x))
        return x * kept.mul_(self.scale.view(-1, *ones).to(x.dtype))


class StackedPatchTST:
    """E PatchTST classifiers of one architecture.

    Parameters
    ----------
    configuration : gives d_model, n_layers, n_heads and d_ff_ratio; its training values are not used
    shape : window geometry
    n_features : features per day
    """

    def __init__(self, configuration: Configuration, shape: Shape, n_features: int):
        self.shapes = parameter_shapes(configuration.check("model"), shape, n_features)
        self.sizes = [math.prod(dimensions) for dimensions in self.shapes.values()]
        self.n_parameters = sum(self.sizes)
        self.n_layers, self.n_heads = configuration.n_layers, configuration.n_heads

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

    def forward(self, theta: Tensor, patches: Tensor, dropout: Dropout | None = None) -> Tensor:
        """Logits of every member for every window.

        Parameters
        ----------
        theta : (E, P) weights
        patches : (E, B, N, patch * n_features) normalised patches, the newest last
        dropout : None to predict

        Returns
        -------
        (E, B) logits
        """
        weights = self.unpack(theta)
        drop = dropout or (lambda x: x)
        members, batch, n_patches, _ = patches.shape
        x = linear(patches.reshape(members, batch * n_patches, -1), weights, "embed")  # (E, B*N, d)
        x = x.view(members, batch, n_patches, -1) + weights["position"].unsqueeze(1)  # (E, B, N, d)
        x = drop(x).view(members, batch * n_patches, -1)
        for layer in range(self.n_layers):
            block = f"blocks.{layer}"
            attended = self.attend(layer_norm(x, weights, f"{block}.norm1"), weights, block, batch)
            x = x + drop(attended)
            hidden = F.gelu(linear(layer_norm(x, weights, f"{block}.norm2"), weights, f"{block}.up"))
            x = x + drop(linear(drop(hidden), weights, f"{block}.down"))
        x = layer_norm(x, weights, "norm").view(members, batch, -1)  # (E, B, N*d)
        return linear(drop(x), weights, "head").squeeze(-1)

    def attend(self, x: Tensor, weights: dict[str, Tensor], block: str, batch: int) -> Tensor:
        """Multi-head self-attention over the N patches of each window; x and result (E, B*N, d)."""
        members, rows, d_model = x.shape
        n_patches, d_head = rows // batch, d_model // self.n_heads
        qkv = linear(x, weights, f"{block}.qkv")  # (E, B*N, 3d)
        qkv = qkv.view(members * batch, n_patches, 3, self.n_heads, d_head).permute(2, 0, 3, 1, 4)
        mixed = attention(*qkv.unbind(0))  # (E*B, H, N, d_head)
        mixed = mixed.transpose(1, 2).reshape(members, rows, d_model)
        return linear(mixed, weights, f"{block}.out")


def attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Scaled dot-product attention; arguments and result (windows, H, N, d_head).

    torch's own kernel is made for long sequences. On a processor, with the few patches of a window,
    two batched products are twice as fast, if the softmax runs over the first axis: over rows
    of nine it alone takes longer than all of this.
    """
    if query.is_cuda:
        return F.scaled_dot_product_attention(query, key, value)
    q, k, v = (part.flatten(0, 1) for part in (query, key, value))  # (windows*H, N, d_head)
    scores = torch.bmm(q, k.transpose(1, 2)) / math.sqrt(q.shape[-1])  # (windows*H, N queries, N keys)
    shares = torch.softmax(scores.permute(2, 0, 1), dim=0).permute(1, 2, 0)
    return torch.bmm(shares, v).view(query.shape)


def linear(x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    """x (E, rows, in) times weight (E, in, out) plus bias (E, out)."""
    product = torch.bmm(x, weights[f"{name}.weight"])
    return product.add_(weights[f"{name}.bias"].unsqueeze(1))  # quicker than baddbmm, which fills in the bias first


def layer_norm(x: Tensor, weights: dict[str, Tensor], name: str) -> Tensor:
    """Layer norm over the last axis with a gain and a shift per member; x (E, rows, d)."""
    normed = F.layer_norm(x, x.shape[-1:])
    return torch.addcmul(weights[f"{name}.bias"].unsqueeze(1), normed, weights[f"{name}.weight"].unsqueeze(1))
