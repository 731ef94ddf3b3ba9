"""How a process computes: one thread, the processor's widest float32 instructions, memory kept between steps."""

import ctypes
import os
import sys
from collections.abc import Mapping

import torch

from buysignal.core.workers.device import named_device

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # <malloc.h>
MIB = 1 << 20
PRECISIONS = ("auto", "bfloat16", "float32")


def settle() -> None:
    """Make this process ready to train; no result depends on it beyond rounding.

    Called before each fit, for it costs nothing and others in the process may have set things otherwise.

    One thread, because models this small gain less from a second thread than from a second process.
    """
    torch.set_num_threads(1)
    _use_widest_products()
    _keep_memory()


def dtype(precision: str, device: torch.device) -> torch.dtype:
    """Number format of a training step's products and activations.

    Parameters
    ----------
    precision : one of `PRECISIONS`; ``auto`` is bfloat16 where ``device`` has instructions for it, else float32
    device : where the step is computed
    """
    if precision == "auto":
        precision = "bfloat16" if _has_bfloat16(device) else "float32"
    return torch.bfloat16 if precision == "bfloat16" else torch.float32


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
    device = torch.device(named_device(environ))
    return f"{device.type} {str(dtype(precision, device)).removeprefix('torch.')}"


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_bf16") or has.get("amx_bf16"))


def _use_widest_products() -> None:
    """Let oneDNN do the float32 matrix products where MKL leaves half of the processor idle.

    MKL runs AVX2 code on processors that are not Intel's, oneDNN runs AVX-512 wherever it is there.
    torch hands float32 products to oneDNN only where these *may* be computed in bfloat16. They are
    not where there are no matrix tiles (AMX): the error of a product is that of float32 (tested).
    Where there are, and on ARM, precision would be lost, so nothing is changed.
    """
    has = torch.cpu.get_capabilities()
    if has.get("avx512_f") and not has.get("amx_tile"):
        torch.backends.mkldnn.matmul.fp32_precision = "bf16"


def _keep_memory() -> None:
    """Tell glibc's malloc to keep what is freed: each step allocates again what the last one freed.

    By default blocks above 128 KiB go back to the kernel, which hands them out again page by page,
    zeroed. At most 256 MiB are kept. Elsewhere than on glibc nothing happens.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if hasattr(libc, "mallopt"):
        libc.mallopt(M_MMAP_THRESHOLD, 32 * MIB)  # the most it takes
        libc.mallopt(M_TRIM_THRESHOLD, 256 * MIB)
        libc.mallopt(M_TOP_PAD, 16 * MIB)
