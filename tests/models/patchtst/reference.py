"""PatchTST as one would write it with torch.nn alone, for comparison; nothing is shared with src."""

import torch
from torch import nn


class PlainPatchTST(nn.Module):
    """One model; input (B, context, F) standardised days."""

    def __init__(self, shape, n_features, d_model, n_layers, n_heads, d_ff_ratio):
        super().__init__()
        self.shape = shape
        n = (shape.context - shape.patch) // shape.stride + 1
        self.embed = nn.Linear(shape.patch * n_features, d_model)
        self.position = nn.Parameter(torch.zeros(n, d_model))
        layer = nn.TransformerEncoderLayer(
            d_model, n_heads, d_model * d_ff_ratio, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(layer, n_layers, nn.LayerNorm(d_model), enable_nested_tensor=False)
        self.head = nn.Linear(n * d_model, 1)

    def forward(self, days):
        if self.shape.revin:
            mean = days.mean(dim=1, keepdim=True)
            std = torch.sqrt(days.var(dim=1, keepdim=True, unbiased=False) + 1e-5)
            days = (days - mean) / std
        starts = range(days.shape[1] - self.shape.patch, -1, -self.shape.stride)  # from the newest patch back
        patches = [days[:, s : s + self.shape.patch].flatten(1) for s in sorted(starts)]
        x = self.embed(torch.stack(patches, dim=1)) + self.position
        return self.head(self.encoder(x).flatten(1)).squeeze(-1)

    def load_stacked(self, weights):
        """Copy one member's named tensors (without the member axis) into the torch.nn layout."""
        with torch.no_grad():
            for linear, name in [(self.embed, "embed"), (self.head, "head")]:
                linear.weight.copy_(weights[f"{name}.weight"].T)
                linear.bias.copy_(weights[f"{name}.bias"])
            self.position.copy_(weights["position"])
            for i, layer in enumerate(self.encoder.layers):
                for linear, name in self._block(layer):
                    linear.weight.copy_(weights[f"blocks.{i}.{name}.weight"].T)
                    linear.bias.copy_(weights[f"blocks.{i}.{name}.bias"])
                layer.self_attn.in_proj_weight.copy_(weights[f"blocks.{i}.qkv.weight"].T)
                layer.self_attn.in_proj_bias.copy_(weights[f"blocks.{i}.qkv.bias"])
                for norm, name in [(layer.norm1, "norm1"), (layer.norm2, "norm2")]:
                    norm.weight.copy_(weights[f"blocks.{i}.{name}.weight"])
                    norm.bias.copy_(weights[f"blocks.{i}.{name}.bias"])
            self.encoder.norm.weight.copy_(weights["norm.weight"])
            self.encoder.norm.bias.copy_(weights["norm.bias"])

    @staticmethod
    def _block(layer):
        return [(layer.self_attn.out_proj, "out"), (layer.linear1, "up"), (layer.linear2, "down")]

    def gradients(self):
        """Gradients under the stacked names and layout."""
        found = {"position": self.position.grad}
        pairs = [(self.embed, "embed"), (self.head, "head")]
        for i, layer in enumerate(self.encoder.layers):
            pairs += [(linear, f"blocks.{i}.{name}") for linear, name in self._block(layer)]
            found[f"blocks.{i}.qkv.weight"] = layer.self_attn.in_proj_weight.grad.T
            found[f"blocks.{i}.qkv.bias"] = layer.self_attn.in_proj_bias.grad
            for norm, name in [(layer.norm1, "norm1"), (layer.norm2, "norm2")]:
                found[f"blocks.{i}.{name}.weight"] = norm.weight.grad
                found[f"blocks.{i}.{name}.bias"] = norm.bias.grad
        for linear, name in pairs:
            found[f"{name}.weight"], found[f"{name}.bias"] = linear.weight.grad.T, linear.bias.grad
        found["norm.weight"], found["norm.bias"] = self.encoder.norm.weight.grad, self.encoder.norm.bias.grad
        return found
