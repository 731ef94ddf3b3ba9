"""In which number format a training step computes here; told without torch, which takes longer than all the rest."""

import functools
import os
from collections.abc import Mapping
from pathlib import Path

from buysignal.core.workers.device import named_device

PRECISIONS = ("auto", "bfloat16", "float32")
PROCESSOR = Path("/proc/cpuinfo")
INSTRUCTIONS = {"avx512_bf16", "amx_bf16"}  # for products in bfloat16, as Linux calls them


def arithmetic(precision: str, environ: Mapping[str, str] = os.environ) -> str:
    """Kind of device and number format of a training step here, such as ``cpu bfloat16``.

    Results are a function of it, as they are of the versions of packages: what is kept under a
    fingerprint of one arithmetic must not be gone on with in another.

    Parameters
    ----------
    precision : one of `PRECISIONS`

    Raises
    ------
    UserError
        If the environment names no device.
    """
    kind = named_device(environ).partition(":")[0]
    return f"{kind} {number_format(precision, kind)}"


def number_format(precision: str, kind: str) -> str:
    """Format of a training step's products and activations, as torch names it.

    Parameters
    ----------
    precision : one of `PRECISIONS`; ``auto`` is bfloat16 where the device has instructions for it, else float32
    kind : ``cpu`` or ``cuda``
    """
    if precision != "auto":
        return precision
    if kind == "cuda":
        import torch

        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if _flags(PROCESSOR) & INSTRUCTIONS else "float32"


@functools.cache
def _flags(path: Path) -> set[str]:
    """What Linux says that an x86 processor can do; empty elsewhere."""
    if not path.exists():
        return set()
    lines = (line.partition(":") for line in path.read_text(encoding="ascii", errors="replace").splitlines())
    return next((set(words.split()) for name, _, words in lines if name.strip() == "flags"), set())
