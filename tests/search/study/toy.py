"""Small spaces, and an objective that is told by the configuration instead of trained."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

from buysignal.models.patchtst.architecture import Configuration, Shape, count_parameters
from buysignal.search.study.proposer import Proposal, SearchSettings, propose
from buysignal.search.study.record import FAILED, PRUNED, Outcome, Trial, TrialRecord
from buysignal.search.study.space import Space

RATES = dict(dropout=(0.1, 0.3, 0.5, 0.7), learning_rate=(1e-5, 5e-5, 1e-4, 5e-4), weight_decay=(0.0, 1e-5, 1e-4, 1e-3))
REFERENCE = {
    "2M": ((32, 48, 64, 80, 96), (2, 3, 4, 5, 6), (2, 4, 8), 2_000_000),
    "20M": ((64, 96, 128, 160, 192), (4, 5, 6, 7, 8), (4, 8), 20_000_000),
    "200M": ((128, 192, 256, 320, 384), (6, 8, 10, 12), (8, 16), 200_000_000),
}


def reference_space(budget: str) -> Space:
    """A grid of the reference, counted for 55 features."""
    d_model, n_layers, n_heads, cap = REFERENCE[budget]
    count = partial(count_parameters, shape=Shape(80, 16, 8, True), n_features=55)
    return Space(budget, d_model, n_layers, n_heads, (2, 4), **RATES, cap=cap, count=count)


def weight(configuration: Configuration) -> int:
    """A count of parameters easy to reckon with: d_model x n_layers x d_ff_ratio."""
    return configuration.d_model * configuration.n_layers * configuration.d_ff_ratio


def small_space(**grids) -> Space:
    """2 x 2 x 1 architectures and 2 values of dropout, all under the cap, unless told otherwise."""
    standard = dict(
        d_model=(8, 16),
        n_layers=(1, 2),
        n_heads=(2,),
        d_ff_ratio=(2,),
        dropout=(0.1, 0.3),
        learning_rate=(1e-4,),
        weight_decay=(0.0,),
        cap=10**6,
        count=weight,
    )
    return Space("toy", **standard | grids)


def score(configuration: Configuration) -> float:
    """A value in [0.5, 0.8] that looks random and is the same in every process."""
    digest = hashlib.sha256(json.dumps(asdict(configuration)).encode()).digest()
    return 0.5 + 0.3 * int.from_bytes(digest[:6], "big") / 2**48


BOUGHT = dict(precision=(0.5, 0.6), recall=(0.1, 0.2), n_buys=(3, 4), hits=(1, 2))
"""Of two seeds; the numbers need not agree with each other."""


def evaluate(trial: Trial) -> Outcome:
    """One trial in nine fails, one is pruned, the others have a value by `score`."""
    value = score(trial.configuration)
    kind = int(value * 1e6) % 9
    if kind == 0:
        raise FloatingPointError("the loss of seed 1 is not finite in epoch 2")
    return Outcome(
        state=PRUNED if kind == 1 else "complete",
        seeds=(1, 2),
        auc=(value - 0.01, value + 0.01),
        average_precision=(value / 2, value / 2),
        **BOUGHT | dict(precision=(0.5, value)),
        precision_at_recall=(0.4, value),
        epochs=(2, 3),
        prediction_min=0.1,
        prediction_max=value,
        intermediate=(0.5, value),
        scores=(round(value, 6), 0.25, 1 / 3),
        value=value,
        duration_s=value,
    )


def train(trial: Trial, folder: Path, parent: int, kill_at: int) -> Outcome:
    """The toy's outcome, after a moment that mixes up the order in which trials finish; counts its calls."""
    with open(folder / "trained.txt", "a") as file:
        file.write(f"{trial.configuration}\n")
    calls = len((folder / "trained.txt").read_text().splitlines())
    if calls == kill_at + 1:
        os.kill(parent, signal.SIGKILL)
        signal.pause()  # the worker follows its parent
    time.sleep(0.05 * score(trial.configuration))
    return evaluate(trial)


def record(plan: Proposal, outcome: Outcome) -> TrialRecord:
    """A finished trial of a plan."""
    return TrialRecord(plan.index, plan.batch, plan.origin, plan.asked_by, plan.configuration, 128, 1, 10, outcome)


def search(space: Space, settings: SearchSettings, fail: bool = False) -> list[TrialRecord]:
    """The proposer's loop without disk or engine; the value of a trial is its `score`."""
    found: list[TrialRecord] = []
    for start in range(0, settings.trials, settings.batch):
        plan = propose(space, found, start, settings)
        for p in plan:
            found.append(record(p, Outcome(FAILED, error="x") if fail else Outcome(value=score(p.configuration))))
        if len(plan) < settings.batch:
            break
    return found[: settings.trials]
