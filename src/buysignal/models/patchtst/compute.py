"""How a process computes: one thread, the processor's widest float32 instructions, memory kept between steps."""

import ctypes
import sys

import torch

from buysignal.models.patchtst.arithmetic import number_format

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # <malloc.h>
MIB = 1 << 20


def settle() -> None:
    """Make this process ready to train; no result depends on it beyond rounding.

    Called before each fit, for it costs nothing and others in the process may have set things otherwise.

    One thread, because models this small gain less from a second thread than from a second process.
    """
    torch.set_num_threads(1)
    _use_widest_products()
    _keep_memory()


def dtype(precision: str, device: torch.device) -> torch.dtype:
    """`number_format` as torch has it."""
    return getattr(torch, number_format(precision, device.type))


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
