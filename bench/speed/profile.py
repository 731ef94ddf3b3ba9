"""Where the time of one trial goes, against what its matrix products alone would take on one core."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import torch
from bench.speed.race import Course
from torch.autograd.profiler import FunctionEvent
from torch.profiler import ProfilerActivity, profile, record_function

from buysignal.models.dataset import TierData
from buysignal.models.patchtst import compute, training
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size
from buysignal.models.patchtst.dropout import Dropout
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.optimizer import StackedAdamW
from buysignal.models.patchtst.windows import Chosen
from buysignal.search.study.objective import evaluate
from buysignal.search.study.record import Trial

RANGES = (
    (Chosen, "gather", "data gather"),
    (Dropout, "masks", "dropout masks"),
    (StackedAdamW, "step", "optimiser"),
    (StackedPatchTST, "folded", "weights folded and unfolded"),
    (StackedPatchTST, "unfolded", "weights folded and unfolded"),
    (training, "scores", "prediction and metrics"),
    (training, "auc", "prediction and metrics"),
)
"""Functions of the trainer whose time is counted whole, prediction first where they nest."""

OPS = (
    ("matrix products", ("mm", "bmm", "addmm", "baddbmm")),
    ("attention beside its products", ("softmax",)),
    ("gelu", ("gelu",)),
    ("layer norm", ("layer_norm",)),
    ("dropout masks", ("bitwise_and",)),
    ("copies into another order", ("copy_",)),
)
"""What the rest is split into by a part of the operator's name; matrix products match whole names."""

WHOLE = "prediction and metrics"
REPEATS = 30


def profile_trial(course: Course, configuration: Configuration) -> dict[str, Any]:
    """Profile one whole trial of ours on one thread.

    Returns
    -------
    dict: ``seconds`` of computing, unprofiled; ``shares`` of the profiled time by part; ``gemm`` as
    `gemm_limit` gives it, with ``share_of_trial``: what would remain if all but the products were free.
    """
    torch.set_num_threads(1)
    settings = replace(course.settings, seeds=course.seeds[:1])
    run = lambda: evaluate(Trial(configuration), course.tier_path, course.shape, settings)  # noqa: E731
    run()
    began = time.process_time()  # one thread: the wall time on a quiet machine, and what it would be on a busy one
    outcome = run()
    seconds = time.process_time() - began
    began = time.perf_counter()
    with _annotated(), profile(activities=[ProfilerActivity.CPU]) as profiler:
        run()
    profiled = time.perf_counter() - began
    spent = attribute(profiler.events())
    known = sum(spent.values())
    spent["Python between operators"] = max(profiled - known, 0.0)
    whole = sum(spent.values())
    limit = gemm_limit(course, configuration, epochs=outcome.epochs[0])
    return {
        "configuration": vars(configuration),
        "seconds": seconds,
        "seconds_profiled": profiled,
        "shares": dict(sorted(((k, v / whole) for k, v in spent.items()), key=lambda item: -item[1])),
        "gemm": limit | {"share_of_trial": limit["seconds"] / seconds},
        "without_dropout": _seconds_of(course, replace(configuration, dropout=0.0)) / seconds,
    }


def _seconds_of(course: Course, configuration: Configuration) -> float:
    """Compute time of one trial; it may stop early where another does not."""
    settings = replace(course.settings, seeds=course.seeds[:1])
    began = time.process_time()
    evaluate(Trial(configuration), course.tier_path, course.shape, settings)
    return time.process_time() - began


@contextmanager
def _annotated() -> Iterator[None]:
    """Name the functions of `RANGES` in the trace."""
    with ExitStack() as stack:
        for owner, name, part in RANGES:
            stack.enter_context(mock.patch.object(owner, name, _named(getattr(owner, name), part)))
        yield


def _named(function: Callable, part: str) -> Callable:
    def wrapped(*args):
        with record_function(part):
            return function(*args)

    return wrapped


def attribute(events: list[FunctionEvent]) -> dict[str, float]:
    """Seconds of every operator's own time, by the part of the trainer it belongs to."""
    parts = {part for *_, part in RANGES}
    spent: dict[str, float] = defaultdict(float)
    for event in events:
        spent[_part(event, parts)] += event.self_cpu_time_total / 1e6
    return dict(spent)


def _part(event: FunctionEvent, parts: set[str]) -> str:
    chain = [event.name]
    above = event.cpu_parent
    while above is not None:
        chain.append(above.name)
        above = above.cpu_parent
    if WHOLE in chain:
        return WHOLE
    named = [name for name in chain if name in parts]
    if named:
        return named[0]
    short = event.name.removeprefix("aten::")
    if short in OPS[0][1]:
        return OPS[0][0]
    for part, fragments in OPS[1:]:
        if any(fragment in short for fragment in fragments):
            return part
    return "other operators of forward and backward"


def products(configuration: Configuration, shape: Shape, n_features: int, rows: int) -> list[tuple[int, int, int, int]]:
    """(m, k, n, times) of every linear layer's forward product over ``rows`` windows."""
    c, patches = configuration, rows * shape.n_patches
    d, wide = c.d_model, c.d_model * c.d_ff_ratio
    inner = [(d, 3 * d), (d, d), (d, wide), (wide, d)]
    return [(patches, shape.patch * n_features, d, 1), *((patches, k, n, c.n_layers) for k, n in inner)]


def gemm_limit(course: Course, configuration: Configuration, epochs: int) -> dict[str, float]:
    """Seconds that the linear layers' products of a trial take back to back on one thread, and the peak rate.

    In the number format of its steps.

    Forward (m,k)(k,n), input gradient (m,n)(n,k) and weight gradient (k,m)(m,n) of the very shapes; the
    embedding needs no input gradient. Attention's own small products are not counted.
    """
    torch.set_num_threads(1)
    n_features, windows = _sizes(course)
    rows = batch_size(configuration.d_model)
    steps = epochs * windows / rows
    kind = compute.dtype(course.settings.precision, torch.device("cpu"))
    seconds, operations = 0.0, 0.0
    for number, (m, k, n, times) in enumerate(products(configuration, course.shape, n_features, rows)):
        shapes = [((m, k), (k, n)), ((k, m), (m, n))] + ([((m, n), (n, k))] if number else [])
        for left, right in shapes:
            seconds += times * steps * _product_seconds(left, right, kind)
            operations += times * steps * 2.0 * m * k * n
    square = 1024
    peak = 2 * square**3 / _product_seconds((square, square), (square, square), kind)
    return {
        "seconds": seconds,
        "number_format": str(kind).removeprefix("torch."),
        "gflop": operations / 1e9,
        "gflop_per_s": operations / seconds / 1e9,
        "gflop_per_s_of_a_large_square": peak / 1e9,
    }


def _sizes(course: Course) -> tuple[int, int]:
    """Features, and windows of the train role."""
    data = TierData.load(course.tier_path)
    return len(data.names), len(data.rows("train", course.shape.context))


def _product_seconds(left: tuple[int, int], right: tuple[int, int], kind: torch.dtype) -> float:
    """Median seconds of one product of two matrices of these shapes and this number format."""
    a, b = torch.randn(1, *left).to(kind), torch.randn(1, *right).to(kind)
    out = torch.empty(1, left[0], right[1], dtype=kind)
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        torch.bmm(a, b, out=out)
        times.append(time.perf_counter() - began)
    return sorted(times)[REPEATS // 2]
