"""A process that trains computes on one thread, in float32 and without asking the kernel for memory at each step."""

from __future__ import annotations

import platform
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from buysignal.models.patchtst import arithmetic, compute
from buysignal.models.patchtst.encoder import attention, back_attention

FAULTS = """
import resource, sys, torch
from buysignal.models.patchtst import compute
if sys.argv[1] == "settled":
    compute.settle()
up, x = torch.nn.Linear(64, 256), torch.randn(1152, 64)
def step():
    for _ in range(4):
        hidden = torch.nn.functional.gelu(up(x))
        (hidden * torch.nn.functional.gelu(2 * hidden)).sum().backward()
for _ in range(5):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before, torch.get_num_threads())
"""


def faults(how: str) -> tuple[int, int]:
    """Page faults of 20 steps like those of a small model, and threads, in a second process."""
    done = subprocess.run([sys.executable, "-c", FAULTS, how], capture_output=True, text=True, check=True)
    pages, threads = done.stdout.split()
    return int(pages), int(threads)


@pytest.mark.parametrize("sizes", [(1152, 64, 256), (256, 1152, 64), (128, 800, 32)])
def test_a_settled_process_multiplies_in_float32(sizes):
    """bfloat16 keeps 8 bits: its error on these is above .002; float32's is below .000002."""
    compute.settle()
    rows, inner, columns = sizes
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(rows, inner, generator=generator), torch.randn(inner, columns, generator=generator)
    exact = a.double() @ b.double()
    for product in (a @ b, torch.bmm(a[None], b[None])[0]):
        assert float((product.double() - exact).abs().max() / exact.abs().max()) < 2e-6


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="elsewhere malloc is left as it is")
def test_a_settled_process_keeps_its_memory_between_steps():
    pages, threads = faults("settled")
    assert threads == 1
    assert pages < 2_000
    assert faults("as it is")[0] > 10_000


def test_attention_is_torch_s_own_with_its_gradients():
    generator = torch.Generator().manual_seed(1)
    query, key, value = (torch.randn(10, 9, 4, generator=generator).requires_grad_() for _ in range(3))
    upstream = torch.randn(10, 9, 4, generator=generator)
    theirs = F.scaled_dot_product_attention(query, key, value, scale=1.0)  # the scale is in the weights of queries
    with torch.no_grad():
        ours, shares = attention(query, key, value)
        found = back_attention(upstream, query, key, value, shares)
    torch.testing.assert_close(ours, theirs)
    for left, right in zip(found, torch.autograd.grad(theirs, (query, key, value), upstream), strict=True):
        torch.testing.assert_close(left, right)


def test_attention_to_one_far_better_key_takes_its_value_alone():
    """Scores of 1,000 and -1,000: a softmax that did not take the maximum off would give NaN."""
    key, value = torch.tensor([[[1000.0], [-1000.0]]]), torch.tensor([[[3.0], [7.0]]])
    assert attention(torch.ones(1, 2, 1), key, value)[0].flatten().tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 sse2\n", torch.bfloat16),
        ("flags\t\t: fpu amx_tile amx_bf16\n", torch.bfloat16),
        ("flags\t\t: fpu avx512f\nbugs\t\t: avx512_bf16\n", torch.float32),
        ("Features\t: fp asimd bf16\n", torch.float32),  # ARM: oneDNN is not asked there
        ("", torch.float32),
    ],
)
def test_auto_is_bfloat16_only_where_the_processor_has_it(monkeypatch, tmp_path, line, wanted):
    told, cpu = tmp_path / "cpuinfo", torch.device("cpu")
    told.write_text("processor\t: 0\n" + line)
    monkeypatch.setattr(arithmetic, "PROCESSOR", told)
    assert compute.dtype("auto", cpu) == wanted
    assert compute.dtype("bfloat16", cpu) == torch.bfloat16 and compute.dtype("float32", cpu) == torch.float32


def test_where_nobody_says_what_the_processor_can_auto_is_float32(monkeypatch, tmp_path):
    monkeypatch.setattr(arithmetic, "PROCESSOR", tmp_path / "absent")
    assert compute.dtype("auto", torch.device("cpu")) == torch.float32


def test_of_this_processor_torch_says_the_same():
    has = torch.cpu.get_capabilities()
    halves = bool(has.get("avx512_bf16") or has.get("amx_bf16"))
    assert arithmetic.arithmetic("auto", {}) == ("cpu bfloat16" if halves else "cpu float32")


@pytest.mark.parametrize("has", [{"avx512_f": True, "amx_tile": True}, {"bf16": True}, {}])
def test_float32_is_left_alone_where_it_would_become_less(monkeypatch, has):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: has)
    products = SimpleNamespace(fp32_precision="as it was")
    monkeypatch.setattr(torch.backends.mkldnn, "matmul", products)
    compute._use_widest_products()
    assert products.fp32_precision == "as it was"
