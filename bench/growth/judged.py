"""Sweep and selection of many models, and the analysis of many trials."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from buysignal.cli.params import Params
from buysignal.features.tiers import n_features
from buysignal.judge.row import rules_of
from buysignal.judge.selection import select
from buysignal.judge.sweep import exact_table
from buysignal.judge.trials.findings import findings
from buysignal.judge.trials.scaling import scaling
from buysignal.judge.trials.tier import analyze_tier
from buysignal.models.patchtst.architecture import Configuration, batch_size
from buysignal.models.scores import ModelCard, Scored
from buysignal.search.study.setup import space_for
from buysignal.search.study.space import DIMENSIONS, Space
from buysignal.search.study.tables import coverage, long_table

CALIBRATE, THRESHOLD = 402, 604  # days of the two roles on the embedded data
BASE_RATE = 0.15


def models(count: int, seed: int = 0) -> list[Scored]:
    """Models of different configurations and some skill, every score of a day distinct."""
    rng = np.random.default_rng(seed)
    days = CALIBRATE + THRESHOLD
    label = (rng.random(days) < BASE_RATE).astype(np.int8)
    role = np.repeat(["calibrate", "threshold"], [CALIBRATE, THRESHOLD])
    dates = pd.bdate_range("2012-01-02", periods=days, name="date")
    found = []
    for number in range(count):
        score = 1 / (1 + np.exp(-(label - 0.5 + rng.standard_normal(days))))
        configuration = Configuration(64, 4, 4, 4, 0.3, 5e-5 + number * 1e-7, 1e-4)
        card = ModelCard(f"m{number}", "a50", "transformer", "2M", "tpe", configuration, 1000, 2_000_000, (1,), (4,))
        found.append(Scored(card, dates, role, label, score[None]))
    return found


def sweep_and_select(count: int, params: Params) -> dict[str, Any]:
    """Seconds of the exact sweep, and of selection with the default thresholds and with every distinct score."""
    judged = models(count)
    rules = rules_of(params.select, params.label.horizon, params.sweep.points)
    swept, rows = timed(lambda: len(exact_table(judged)))
    usual, _ = timed(lambda: select(judged, rules))
    every, _ = timed(lambda: select(judged, replace(rules, points=CALIBRATE)))
    return {
        "models": count,
        "distinct_scores": rows,
        "sweep_seconds": swept,
        f"select_seconds_{rules.points}_thresholds": usual,
        "select_seconds_every_score": every,
        "seconds": swept + every,
    }


def trials(space: Space, count: int, seed: int) -> pd.DataFrame:
    """A made-up study with the columns of `buysignal.search.study.record.table` that the analysis reads.

    The objective follows width, step size and dropout, with the noise of a measured AUC.
    """
    rng = np.random.default_rng(seed)
    legal = list(space.configurations())
    drawn = [legal[i] for i in rng.integers(len(legal), size=count)]
    table = pd.DataFrame([[getattr(c, name) for name in DIMENSIONS] for c in drawn], columns=list(DIMENSIONS))
    counts = {
        a: space.count(Configuration(*a, 0.1, 1e-4, 0.0)) for a in {(*c.architecture, c.d_ff_ratio) for c in drawn}
    }
    rank = {name: table[name].rank(pct=True) for name in ("d_model", "learning_rate", "dropout")}
    value = 0.7 + 0.02 * rank["d_model"] + 0.02 * rank["learning_rate"] - 0.01 * rank["dropout"]
    value = value + 0.004 * rng.standard_normal(count)
    buys = rng.integers(20, 60, count).astype(float)
    precision = np.clip(value - 0.3 + 0.05 * rng.standard_normal(count), 0.05, 0.95)
    recall = rng.uniform(0.05, 0.3, count)
    spread = {"precision_low": -0.1, "precision_interval_low": -0.12, "precision_interval_high": 0.12}
    return table.assign(
        index=np.arange(count),
        batch=np.arange(count) // 4,
        origin="tpe",
        asked_by="tpe",
        state="complete",
        batch_size=[batch_size(c.d_model) for c in drawn],
        parameters=[counts[(*c.architecture, c.d_ff_ratio)] for c in drawn],
        cap=space.cap,
        value=value,
        auc=value,
        average_precision=value - 0.3,
        precision=precision,
        **{name: np.clip(precision + by, 0, 1) for name, by in spread.items()},
        recall=recall,
        recall_interval_low=recall / 2,
        recall_interval_high=recall * 2,
        n_buys=buys,
        hits=np.round(buys * precision),
        n_eff=buys / 2,
        base_rate=BASE_RATE,
        lift=precision / BASE_RATE,
        alert_rate=buys / 503,
        precision_at_recall=precision,
        configurations=count,
        seeds="[1]",
        auc_sd=np.nan,
        epochs=4.0,
        collapsed=False,
        error="",
    )


def analysis(count: int, params: Params) -> dict[str, Any]:
    """Seconds of everything that stage analyze computes, for ``count`` trials over two tiers and two budgets."""
    tiers, budgets = ("a50", "a100"), ("2M", "20M")
    spaces = {
        (tier, budget): space_for(budget, params.grids[budget], params.hpo, params.shape, n_features(tier))
        for tier in tiers
        for budget in budgets
    }
    studies = {study: trials(space, count // len(spaces), seed) for seed, (study, space) in enumerate(spaces.items())}
    share, confidence = params.analyze.top_share, params.analyze.confidence
    spent: dict[str, float] = {}
    spent["coverage"], covered = timed(
        lambda: {"-".join(study): coverage(table, spaces[study]) for study, table in studies.items()}
    )
    spent["tiers"], tables = timed(
        lambda: [
            analyze_tier(
                tier,
                long_table({study: table for study, table in studies.items() if study[0] == tier}),
                [spaces[tier, budget] for budget in budgets],
                share,
                confidence,
                params.seed,
            )
            for tier in tiers
        ]
    )
    sizes = {tier: n_features(tier) for tier in tiers}
    spent["scaling"], steps = timed(lambda: scaling(studies, sizes, share, confidence, params.seed))
    spent["findings"], _ = timed(lambda: findings(covered, tables, steps))
    return {"trials": count, "seconds": sum(spent.values()), "parts": spent}


def timed(function: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds that this process computes in a call, and what it gives."""
    began = time.process_time()
    result = function()
    return time.process_time() - began, result
