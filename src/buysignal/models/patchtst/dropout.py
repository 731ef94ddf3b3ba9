"""Dropout masks as a pure function of a member's seed, the number of the step and the position.

So a member sees the same masks alone and among others, and whether steps are computed one by one or replayed.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

LEVELS = 256  # a draw has 8 bits: a rate is exact to 1/512, and one number of 64 bits makes eight masks


WORD = {torch.bfloat16: torch.int16, torch.float32: torch.int32}  # as wide


def drop_(x: Tensor, kept: Tensor | None) -> Tensor:
    """x (E, ...), with zeros, in place, where a mask of `Dropout.masks` says so; the factor is left to others."""
    if kept is not None:
        x.view(kept.dtype).bitwise_and_(kept.view(x.shape))
    return x


class Dropout:
    """Inverted dropout whose rate and random stream belong to the member, not to the stack.

    ``scale`` (E,) is the factor of what is kept, None if nothing is dropped: `StackedPatchTST.folded` takes it.

    On a processor the draws of a step are numpy's SFC64 seeded with (seed, step), the quickest at hand. On other
    devices, where no number may come from the host, they are a hash of the position (`hashed`).

    Parameters
    ----------
    rates : (E,) dropout probabilities
    seeds : (E,) of the members, >= 0
    steps : that were made before
    counted : whether draws are a hash of the position
    """

    def __init__(
        self,
        rates: Sequence[float],
        seeds: Sequence[int],
        device: torch.device,
        steps: int = 0,
        counted: bool = False,
    ):
        cut = torch.tensor([round(rate * LEVELS) for rate in rates], device=device)
        self.active = bool((cut > 0).any())
        self.cut = (cut - LEVELS // 2).to(torch.int8)[:, None]  # (E, 1) drop where the signed draw lies below
        self.scale = LEVELS / (LEVELS - cut).to(torch.float32) if self.active else None  # (E,) 1 / kept share
        self.seeds = list(seeds)
        self.counted = counted
        self.keys = torch.tensor([_signed(seed * 0x9E3779B1) for seed in self.seeds], dtype=torch.int32, device=device)
        self.step = torch.tensor(steps, dtype=torch.int32, device=device)  # a tensor: what is replayed counts on

    def masks(self, sizes: Sequence[int], dtype: torch.dtype) -> list[Tensor | None]:
        """What the next step keeps: one (E, size) per size, for `drop_`; None where nothing is dropped.

        The bits of an integer as wide as a number of ``dtype``: all where it is kept, none where not.
        """
        if not self.active:
            return [None] * len(sizes)
        self.step += 1
        whole = sum(sizes)
        bits = self._drawn(-(-whole // 8)).view(torch.int8)[:, :whole]
        # Compared straight into integers: a mask of bool, or of bool turned to something else, is not vectorised.
        kept = torch.ge(bits, self.cut, out=torch.empty(bits.shape, dtype=torch.int8, device=bits.device))
        return list(kept.neg_().to(WORD[dtype]).split(list(sizes), dim=1))

    def _drawn(self, count: int) -> Tensor:
        """64 random bits (E, count) of the step."""
        if self.counted:
            return hashed(self.keys, self.step, 2 * count).view(torch.int64)
        step = int(self.step)
        streams = (np.random.SFC64(np.random.SeedSequence((seed, step))) for seed in self.seeds)
        return torch.from_numpy(np.stack([stream.random_raw(count) for stream in streams]).view(np.int64))


def hashed(keys: Tensor, step: Tensor, count: int) -> Tensor:
    """32 random bits (E, count) int32 of each position: Wellons' hash of position, member and step.

    Parameters
    ----------
    keys : (E,) int32, one per member
    step : () int32, the number of the step

    References
    ----------
    Wellons: "Prospecting for Hash Functions", 2018 (lowbias32).
    """
    stream = _mixed(_mixed(keys) + step)
    return _mixed(torch.arange(count, dtype=torch.int32, device=keys.device) * _signed(0x9E3779B1) ^ stream[:, None])


def _mixed(x: Tensor) -> Tensor:
    """lowbias32 of int32, whose right shift repeats the sign: what it shifts in is masked off."""
    x = (x ^ ((x >> 16) & 0xFFFF)) * _signed(0x7FEB352D)
    x = (x ^ ((x >> 15) & 0x1FFFF)) * _signed(0x846CA68B)
    return x ^ ((x >> 16) & 0xFFFF)


def _signed(number: int) -> int:
    """The 32 lowest bits of a whole number as torch's int32 has them."""
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)
