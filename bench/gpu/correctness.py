"""Whether recorded steps train what steps one by one train, and a seed gives the same bytes twice."""

from __future__ import annotations

from typing import Any

import numpy as np
from bench.gpu.plan import Plan
from bench.gpu.record import FAILED, NOT_MEASURED, PASSED
from bench.gpu.recorders import Counted, Plain, recorder

from buysignal.models.patchtst import compute
from buysignal.models.patchtst.architecture import batch_size
from buysignal.models.patchtst.job import Trained
from buysignal.models.patchtst.replay import Recorder

MOST_GAP = 1e-3  # of AUC, between recorded and one by one
CHECKED, SEEDS = "d64 L4", (1, 2, 3)
EMPTY = dict.fromkeys(
    ("auc_recorded", "auc_eager", "largest_gap", "same_seed_same_bytes", "same_bytes_as_eager", "recordings"),
    NOT_MEASURED,
)


def correctness(plan: Plan, *_: Any) -> dict[str, Any]:
    """One configuration trained twice with recorded steps and once without; see `verdict`."""
    compute.settle()
    device = plan.loaded()[1].patches.device
    counted = recorder(device)
    found, again = trained(plan, counted), trained(plan, recorder(device))
    return verdict(found, again, trained(plan, Plain()), counted) | plan.note


def trained(plan: Plan, how: Recorder) -> Trained:
    """The checked configuration after its epochs."""
    configuration = plan.models[CHECKED]
    run = plan.stack(configuration, SEEDS, batch_size(configuration.d_model), how)
    for number in range(1, plan.checked_epochs + 1):
        run.epoch(number)
    return run.result()


def verdict(found: Trained, again: Trained, eager: Trained, counted: Counted) -> dict[str, Any]:
    """What the three runs say: failed, and why, if one of the promises is broken."""
    gap = float(np.abs(found.stop_auc - eager.stop_auc).max())
    same = np.array_equal(found.theta, again.theta)
    faults = [
        f"nothing was recorded ({counted.why or 'no step was repeated'})" if not counted.recorded else "",
        f"not all was recorded ({counted.why})" if counted.recorded and counted.why else "",
        f"AUC on the stop role differs by {gap:.6f}, at most {MOST_GAP:g} is wanted" if not gap <= MOST_GAP else "",
        "the same seed gave other bytes" if not same else "",
    ]
    why = "; ".join(filter(None, faults))
    return {
        "state": FAILED if why else PASSED,
        "why": why,
        "auc_recorded": found.stop_auc,
        "auc_eager": eager.stop_auc,
        "largest_gap": gap,
        "same_seed_same_bytes": same,
        "same_bytes_as_eager": np.array_equal(found.theta, eager.theta),
        "recordings": counted.recorded,
    }
