"""What a PatchTST classifier is made of, without building one (and so without importing torch)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from buysignal.core.errors import UserError


@dataclass(frozen=True, order=True)
class Configuration:
    """The seven values a search varies; the same names as the top-level keys of params.yaml."""

    d_model: int
    n_layers: int
    n_heads: int
    d_ff_ratio: int
    dropout: float
    learning_rate: float
    weight_decay: float

    @property
    def architecture(self) -> tuple[int, int, int]:
        """(d_model, n_layers, n_heads): what coverage is counted over."""
        return self.d_model, self.n_layers, self.n_heads

    @property
    def work(self) -> int:
        """Multiplications of the encoder's matrix products per patch: what training time grows with."""
        return self.n_layers * self.d_model**2 * (4 + 2 * self.d_ff_ratio)

    def fault(self) -> str:
        """What keeps it from being built, each value being legal by itself; empty if nothing does."""
        if self.d_model % self.n_heads == 0:
            return ""
        legal = [n for n in range(1, self.d_model + 1) if self.d_model % n == 0][:8]
        told = f"n_heads {self.n_heads} does not divide d_model {self.d_model}"
        return f"{told}; heads that do: {', '.join(map(str, legal))}"

    def check(self, where: str) -> Configuration:
        """Return itself, or raise `UserError` in the name of ``where``."""
        if told := self.fault():
            raise UserError(f"{where}: {told}")
        return self


@dataclass(frozen=True)
class Shape:
    """How a window is cut: ``context`` days seen through patches of ``patch`` days every ``stride`` days.

    Patches are aligned to the window's end, so the newest day is always in the last patch and a
    remainder is cut from the oldest days (as in PatchTST of Nie et al., 2023, mirrored in time).
    """

    context: int
    patch: int
    stride: int
    revin: bool

    @property
    def n_patches(self) -> int:
        return (self.context - self.patch) // self.stride + 1

    @property
    def used_days(self) -> int:
        """Days that fall into a patch; the oldest ``context - used_days`` only feed RevIN."""
        return (self.n_patches - 1) * self.stride + self.patch


def batch_size(d_model: int) -> int:
    """Windows per optimiser step: 128 below d_model 128, 64 below 256, else 32."""
    if d_model < 128:
        return 128
    return 64 if d_model < 256 else 32


def parameter_shapes(configuration: Configuration, shape: Shape, n_features: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every trainable tensor of one model, in storage order."""
    d, d_ff, n = configuration.d_model, configuration.d_model * configuration.d_ff_ratio, shape.n_patches
    shapes: dict[str, tuple[int, ...]] = {
        "embed.weight": (shape.patch * n_features, d),
        "embed.bias": (d,),
        "position": (n, d),
    }
    for layer in range(configuration.n_layers):
        shapes |= {
            f"blocks.{layer}.norm1.weight": (d,),
            f"blocks.{layer}.norm1.bias": (d,),
            f"blocks.{layer}.qkv.weight": (d, 3 * d),
            f"blocks.{layer}.qkv.bias": (3 * d,),
            f"blocks.{layer}.out.weight": (d, d),
            f"blocks.{layer}.out.bias": (d,),
            f"blocks.{layer}.norm2.weight": (d,),
            f"blocks.{layer}.norm2.bias": (d,),
            f"blocks.{layer}.up.weight": (d, d_ff),
            f"blocks.{layer}.up.bias": (d_ff,),
            f"blocks.{layer}.down.weight": (d_ff, d),
            f"blocks.{layer}.down.bias": (d,),
        }
    return shapes | {
        "norm.weight": (d,),
        "norm.bias": (d,),
        "head.weight": (n * d, 1),
        "head.bias": (1,),
    }


def count_parameters(configuration: Configuration, shape: Shape, n_features: int) -> int:
    """True number of trainable parameters of one model."""
    total = 0
    for dimensions in parameter_shapes(configuration, shape, n_features).values():
        size = 1
        for dimension in dimensions:
            size *= dimension
        total += size
    return total


def configuration_of(trial: Mapping[str, Any]) -> Configuration:
    """The configuration of one row of a trial table."""
    whole = {name: int(trial[name]) for name in ("d_model", "n_layers", "n_heads", "d_ff_ratio")}
    rates = {name: float(trial[name]) for name in ("dropout", "learning_rate", "weight_decay")}
    return Configuration(**whole, **rates)
