"""How long a whole search takes, trials of one shape in one stack, as on a device that the pipeline uses."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench.gpu.plan import Plan
from bench.gpu.record import FAILED as PART_FAILED
from bench.gpu.record import MEASURED, NOT_MEASURED, Tell

from buysignal.core.workers.engine import WHOLE, Engine
from buysignal.search.study.objective import evaluate
from buysignal.search.study.record import FAILED, TrialRecord, best, failures
from buysignal.search.study.run import Study, run_study

EMPTY = dict.fromkeys(("seconds", "best_auc", "trials_done", "trials_failed", "failures"), NOT_MEASURED)


def search(plan: Plan, budget: str, tell: Tell, limit_s: float = 0.0) -> dict[str, Any]:
    """One search of the reference's protocol; what is told on the way lacks its seconds, as it has not ended."""
    settings, wanted = plan.settings, plan.search.trials
    job = partial(evaluate, tier_path=plan.tier_path, shape=plan.shape, settings=settings)
    plan.loaded()  # reading is no part of a search
    began = time.perf_counter()
    told = lambda finished: tell(found(finished, wanted, budget, plan))  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        study = Study(job, Engine(stack=WHOLE), Path(folder), budget, told, prune=settings.prune)
        records = run_study(plan.spaces[budget], plan.search, study)
        seconds = time.perf_counter() - began
    sound = any(record.state != FAILED for record in records)
    state = {"state": MEASURED, "why": ""} if sound else {"state": PART_FAILED, "why": "every trial failed"}
    return found(records, wanted, budget, plan) | state | {"seconds": seconds}


def found(records: Sequence[TrialRecord], wanted: int, budget: str, plan: Plan) -> dict[str, Any]:
    """What the finished trials say."""
    winner, s = best(records), plan.settings
    failed = [record.error for record in records if record.state == FAILED]
    return {
        "budget": budget,
        "trials_wanted": wanted,
        "trials_done": len(records),
        "trials_failed": len(failed),
        "failures": failures(failed),
        "first_failure": failed[0][:300] if failed else "",
        "best_auc": winner.mean("auc") if winner else NOT_MEASURED,
        "protocol": {"epochs": s.epochs, "patience": s.patience, "min_delta": s.min_delta, "seeds": len(s.seeds)},
        "pruner": "median" if s.prune else "none",
        **plan.note,
    }
