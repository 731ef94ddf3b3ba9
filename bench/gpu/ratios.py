"""Seconds an epoch of stacks against the naive loop, in turns, so that whatever slows one slows all."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from bench.gpu.loops import Naive
from bench.gpu.plan import Plan
from bench.gpu.record import FAILED, MEASURED, NOT_MEASURED, Tell
from bench.gpu.recorders import Counted, recorder, said

from buysignal.models.patchtst import compute
from buysignal.models.patchtst.architecture import Configuration, batch_size, count_parameters

WARM_UP = 2  # epochs: the first sets up, the second records
EAGER, GRAPH = "eager", "graph"
EMPTY = {"naive": NOT_MEASURED, "ours": NOT_MEASURED}

Epochs = tuple[Callable[[], Any], Counted | None]
"""What trains for one more epoch and looks at the stop role, and what records its steps."""


def ratios(plan: Plan, name: str, tell: Tell, limit_s: float = np.inf) -> dict[str, Any]:
    """Every contestant's seconds an epoch, and how many times as fast a member of a stack is as a naive model.

    A contestant that fails is told in words and the others go on. After half of the limit no further round is begun.
    """
    began = time.monotonic()
    compute.settle()
    configuration, device = plan.models[name], plan.loaded()[1].patches.device
    makers: dict[str, Callable[[], Epochs]] = {
        EAGER: partial(_naive, plan, configuration, None),
        GRAPH: partial(_naive, plan, configuration, device),
        **{ours(size): partial(_stack, plan, configuration, size) for size in plan.stacks},
    }
    heat = Heat(makers, device)
    for number in range(plan.rounds):
        if number and time.monotonic() - began > limit_s / 2:
            break
        heat.round(number)
        tell(summary(plan, configuration, heat))
    return summary(plan, configuration, heat)


def ours(size: int) -> str:
    """The name of a stack of so many members."""
    return f"E={size}"


def _naive(plan: Plan, configuration: Configuration, recorded_on: torch.device | None) -> Epochs:
    counted = None if recorded_on is None else recorder(recorded_on)
    return Naive(plan, configuration, counted).epoch, counted


def _stack(plan: Plan, configuration: Configuration, size: int) -> Epochs:
    counted = recorder(plan.loaded()[1].patches.device)
    run = plan.stack(configuration, tuple(range(1, size + 1)), batch_size(configuration.d_model), counted)
    return lambda: run.epoch(len(run.losses) + 1), counted


class Heat:
    """Contestants that are ready, their laps by round, and why others failed."""

    def __init__(self, makers: Mapping[str, Callable[[], Epochs]], device: torch.device) -> None:
        self.device, self.names = device, tuple(makers)
        self.ready: dict[str, Epochs] = {}
        self.failed: dict[str, str] = {}
        self.laps: dict[str, dict[int, float]] = {name: {} for name in makers}
        self.recordings: dict[str, int] = {}
        for name, make in makers.items():
            self._try(name, partial(self._warm, name, make))

    def round(self, number: int) -> None:
        """One epoch of each, begun by another one each time."""
        turn = number % len(self.names)
        for name in (*self.names[turn:], *self.names[:turn]):
            if name in self.ready:
                self._try(name, partial(self._lap, name, number))

    def _warm(self, name: str, make: Callable[[], Epochs]) -> None:
        self.ready[name] = make()
        epoch, counted = self.ready[name]
        for _ in range(WARM_UP):
            epoch()
        self._wait()
        if counted is not None:
            if counted.why or not counted.recorded:
                raise RuntimeError(f"its steps were not recorded: {counted.why or 'none was repeated'}")
            self.recordings[name] = counted.recorded

    def _lap(self, name: str, number: int) -> None:
        self._wait()
        began = time.perf_counter()
        self.ready[name][0]()
        self._wait()
        self.laps[name][number] = time.perf_counter() - began

    def _try(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # memory above all: the others are measured all the same
            self.failed[name] = said(error)
            self.ready.pop(name, None)
        else:
            return
        # Here, not in the handler, where the error would still hold the memory of the failed attempt.
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def summary(plan: Plan, configuration: Configuration, heat: Heat) -> dict[str, Any]:
    """What the laps so far say; a ratio is of two laps of one round."""
    rows = {name: _row(heat, name) | plan.note for name in heat.names}
    for size in plan.stacks:
        for against in (EAGER, GRAPH):
            mine, theirs = heat.laps[ours(size)], heat.laps[against]
            fine = not {ours(size), against} & set(heat.failed)
            ratio = per_model(size, mine, theirs) if fine else NOT_MEASURED
            rows[ours(size)][f"per_model_ratio_to_{against}"] = ratio
    measured = [row for row in rows.values() if row["state"] == MEASURED]
    return {
        "state": MEASURED if measured else FAILED,
        "why": "" if measured else f"all of them failed, {heat.names[0]} with {heat.failed.get(heat.names[0])}",
        "configuration": vars(configuration),
        "parameters": count_parameters(configuration, plan.shape, len(plan.loaded()[0].names)),
        "windows_of_an_epoch": len(plan.rows("train")),
        "batch_size": batch_size(configuration.d_model),
        "number_format": {"naive": "float32", "ours": str(plan.number_format()).removeprefix("torch.")},
        "naive": {name: rows[name] for name in (EAGER, GRAPH)},
        "ours": {ours(size): rows[ours(size)] for size in plan.stacks},
        **plan.note,
    }


def _row(heat: Heat, name: str) -> dict[str, Any]:
    """One contestant, in seconds an epoch of the whole stack."""
    if name in heat.failed:
        return {"state": FAILED, "why": heat.failed[name], "seconds": NOT_MEASURED}
    laps = list(heat.laps[name].values())
    found = {"state": MEASURED if laps else NOT_MEASURED, "why": "", "epochs": len(laps), "seconds": spread(laps)}
    return found | ({"recordings": heat.recordings[name]} if name in heat.recordings else {})


def per_model(size: int, mine: Mapping[int, float], theirs: Mapping[int, float]) -> dict[str, float] | str:
    """How many times as fast one of ``size`` members is as a naive model, by laps of the same rounds.

    Examples
    --------
    >>> per_model(5, mine={0: 1.0, 1: 2.0}, theirs={0: 3.0, 1: 4.0, 2: 9.0})
    {'min': 10.0, 'median': 12.5, 'max': 15.0}
    """
    return spread([size * theirs[k] / mine[k] for k in mine if k in theirs])


def spread(values: list[float]) -> dict[str, float] | str:
    """The least, the median and the largest, if there are any."""
    if not values:
        return NOT_MEASURED
    return {"min": min(values), "median": float(np.median(values)), "max": max(values)}
