"""How long a whole search takes to a given AUC: Optuna's plain loop over the naive model against ours, with pruning.

Both look at the same space on the same data for as many trials of as many epochs. A search is random,
so this is told for each seed; the level to be reached is the lower of the two searches' best, so that
both reach it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from bench.speed import naive
from bench.speed.race import Course
from optuna.distributions import CategoricalDistribution
from optuna.trial import TrialState

from buysignal.core.workers.engine import Engine
from buysignal.models.dataset import TierData
from buysignal.models.patchtst.architecture import Configuration, batch_size
from buysignal.models.patchtst.job import Protocol
from buysignal.search.study.objective import evaluate
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.record import COMPLETE, PRUNED, TrialRecord
from buysignal.search.study.run import Study, run_study
from buysignal.search.study.space import DIMENSIONS, Space

STARTUP = 4  # random trials after the extremes: few, so that both searches come to use TPE

History = list[tuple[float, float]]
"""(seconds since the search began, AUC on the rank role) of each finished trial, in the order they finished."""


def searches(course: Course, space: Space, trials: int) -> list[dict[str, Any]]:
    """Both searches in turns, once for each seed of the course."""
    data, rows = TierData.load(course.tier_path), []
    for number, seed in enumerate(course.seeds):
        runs = {"naive": partial(plain, course, data, space, trials), "ours": partial(ours, course, space, trials)}
        order = ("naive", "ours") if number % 2 == 0 else ("ours", "naive")
        rows.append(compared({name: runs[name](seed) for name in order}))
    return rows


def compared(found: dict[str, History]) -> dict[str, Any]:
    """Seconds of each search in all and to the level that both reach, and their ratios."""
    level = min(max(auc for _, auc in history) for history in found.values())
    reached = {name: next(seconds for seconds, auc in history if auc >= level) for name, history in found.items()}
    whole = {name: history[-1][0] for name, history in found.items()}
    return {
        "auc_reached_by_both": level,
        "best_auc": {name: max(auc for _, auc in history) for name, history in found.items()},
        "seconds_to_it": reached,
        "seconds": whole,
        "ratio_to_it": reached["naive"] / reached["ours"],
        "ratio": whole["naive"] / whole["ours"],
        "history": found,
    }


def plain(course: Course, data: TierData, space: Space, trials: int, seed: int) -> History:
    """Optuna's loop as the afternoon leaves it: TPE as it comes, one model at a time, nothing pruned."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed % 2**32))
    axes = {name: CategoricalDistribution(grid) for name, grid in zip(DIMENSIONS, space.grids)}
    s, history, began = course.settings, [], time.perf_counter()
    legal = set(space.configurations())
    while len(history) < trials:
        trial = study.ask(axes)
        configuration = Configuration(**trial.params)
        if configuration not in legal:
            study.tell(trial, state=TrialState.PRUNED)
            continue
        protocol = Protocol(s.epochs, s.patience, s.min_delta, batch_size(configuration.d_model))
        auc = naive.train(data, configuration, course.shape, protocol, seed, s.threshold).auc
        study.tell(trial, auc)
        history.append((time.perf_counter() - began, auc))
    return history


def ours(course: Course, space: Space, trials: int, seed: int) -> History:
    """The project's own search on two workers, with the median pruner."""
    settings = replace(course.settings, seeds=(seed,), prune=True)
    job = partial(evaluate, tier_path=course.tier_path, shape=course.shape, settings=settings)
    search = SearchSettings(trials=trials, batch=4, startup=STARTUP, seed=seed)
    history: History = []
    began, seen = time.perf_counter(), set()

    def on_trial(finished: Sequence[TrialRecord]) -> None:
        for record in finished:
            if record.index not in seen and record.state in (COMPLETE, PRUNED):
                history.append((time.perf_counter() - began, float(np.mean(record.outcome.auc))))
            seen.add(record.index)

    with tempfile.TemporaryDirectory() as folder:
        run_study(space, search, Study(job, Engine(workers=2), Path(folder), "speed", on_trial))
    return history
