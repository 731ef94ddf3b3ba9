"""All train the same configurations in turns, so that a busy machine slows them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from bench.speed import naive

from buysignal.bars.sources import load
from buysignal.bars.standard import standardise
from buysignal.cli.params import Params
from buysignal.core.files import write_parquet
from buysignal.core.seeds import member_seeds
from buysignal.core.workers.engine import Engine
from buysignal.days.table import assemble
from buysignal.features.tiers import n_features
from buysignal.models.dataset import TierData
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size
from buysignal.models.patchtst.job import Protocol
from buysignal.search.study.extremes import extremes
from buysignal.search.study.objective import ObjectiveSettings, evaluate
from buysignal.search.study.record import COMPLETE, Trial
from buysignal.search.study.settings import objective_settings
from buysignal.search.study.setup import space_for
from buysignal.search.study.space import Space

TIER, BUDGET = "a50", "2M"
NAIVE, ONE, TWO = "naive", "ours, 1 worker", "ours, 2 workers"
CONTESTANTS = (NAIVE, ONE, TWO)
EQUAL_JOBS, EQUAL_ROUNDS = 4, 3


@dataclass(frozen=True)
class Course:
    """What is run: the configurations, one trial each per seed, in the search's own batches.

    Attributes
    ----------
    tier_path : the tier's Parquet file
    settings : how a trial of ours is trained and judged; its seeds are replaced by ``seeds``, one at a time
    batch : trials that are handed out together, and so must all finish before the next: the whole of it as
        long as none is proposed by what others reached
    """

    tier_path: str
    shape: Shape
    settings: ObjectiveSettings
    configurations: tuple[Configuration, ...]
    seeds: tuple[int, ...]
    batch: int


def prepare(params: Params, folder: Path, random: int, seeds: int, days: int = 0) -> Course:
    """The default search on the last ``days`` (0: all) of the embedded S&P 500.

    Its configurations are the six extremes and ``random`` more of the 2M grid.
    """
    bars = standardise(load("sp500", csv="", symbol="", start="", end="").bars).iloc[-days:]
    path = folder / f"{TIER}.parquet"
    write_parquet(path, assemble(bars, TIER, params.label, params.roles))
    space = raced_space(params)
    forced = extremes(space)
    others = [c for c in space.configurations() if c not in forced]
    drawn = np.random.default_rng(params.seed).choice(len(others), size=random, replace=False)
    settings = objective_settings(params.hpo, params.training, params.seed)
    chosen = (*forced, *(others[i] for i in drawn))
    drawn_seeds = member_seeds(params.seed, "speed", seeds)
    return Course(str(path), params.shape, settings, chosen, drawn_seeds, len(chosen))


def raced_space(params: Params) -> Space:
    """The space of the default search."""
    return space_for(BUDGET, params.grids[BUDGET], params.hpo, params.shape, n_features(TIER))


def race(course: Course, limit_s: float = np.inf) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Run every round, or those that fit into ``limit_s`` seconds if another is as long as the last; at least one.

    Returns
    -------
    laps : one row per round (a seed), batch and contestant: ``trials``, wall ``seconds`` and ``cpu``, the
        seconds this process computed (worker processes not counted)
    trials : one row per round, configuration and contestant: ``auc`` on the rank role, ``epochs``
    """
    runners = _runners(course)
    for run in runners.values():  # imports, worker processes and caches are nobody's lap
        run(course.configurations[:2], course.seeds[0])
    laps, trials = [], []
    started = round_started = time.perf_counter()
    for number, seed in enumerate(course.seeds):
        now = time.perf_counter()
        if number and 2 * now - round_started - started > limit_s:
            break
        round_started = now
        for start in range(0, len(course.configurations), course.batch):
            batch = course.configurations[start : start + course.batch]
            turn = (number + start // course.batch) % len(CONTESTANTS)
            for name in (*CONTESTANTS[turn:], *CONTESTANTS[:turn]):
                began, computing = time.perf_counter(), time.process_time()
                results = runners[name](batch, seed)
                seconds, cpu = time.perf_counter() - began, time.process_time() - computing
                where = {"round": number, "contestant": name}
                laps.append({**where, "batch": start, "trials": len(batch), "seconds": seconds, "cpu": cpu})
                trials += [{**where, "configuration": start + i, **result} for i, result in enumerate(results)]
    return pd.DataFrame(laps), pd.DataFrame(trials)


def equal_jobs(course: Course) -> list[dict[str, float]]:
    """Seconds of the same job run `EQUAL_JOBS` times, on one and on two workers in turns.

    No worker waits for another's longer job here: what is missing to twice the speed is the machine's.
    """
    runners = _runners(course)
    jobs = (course.configurations[-1],) * EQUAL_JOBS
    rows = []
    for _ in range(EQUAL_ROUNDS):
        row = {}
        for name in (ONE, TWO):
            began = time.perf_counter()
            runners[name](jobs, course.seeds[0])
            row[name] = time.perf_counter() - began
        rows.append(row)
    return rows


Result = dict[str, float]


def _runners(course: Course) -> dict[str, Callable[[Sequence[Configuration], int], list[Result]]]:
    return {
        NAIVE: partial(_naive, course, TierData.load(course.tier_path)),
        ONE: partial(_ours, course, Engine(workers=1)),
        TWO: partial(_ours, course, Engine(workers=2)),
    }


def _naive(course: Course, data: TierData, batch: Sequence[Configuration], seed: int) -> list[Result]:
    s = course.settings
    results = []
    for configuration in batch:
        protocol = Protocol(s.epochs, s.patience, s.min_delta, batch_size(configuration.d_model))
        found = naive.train(data, configuration, course.shape, protocol, seed, s.threshold)
        results.append({"auc": found.auc, "epochs": found.epochs})
    return results


def _ours(course: Course, engine: Engine, batch: Sequence[Configuration], seed: int) -> list[Result]:
    """The batch as `buysignal.search.study.run` hands it out: longest first.

    Raises
    ------
    RuntimeError
        If a trial does not complete.
    """
    order = sorted(range(len(batch)), key=lambda i: -batch[i].work)
    settings = replace(course.settings, seeds=(seed,))
    job = partial(evaluate, tier_path=course.tier_path, shape=course.shape, settings=settings)
    results: list[Result] = [{}] * len(batch)
    for position, outcome in engine.run(job, [Trial(batch[i]) for i in order]):
        if getattr(outcome, "state", "") != COMPLETE:
            raise RuntimeError(f"a trial did not complete: {outcome}")
        results[order[position]] = {"auc": outcome.auc[0], "epochs": outcome.epochs[0]}
    return results
