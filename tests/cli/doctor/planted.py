"""A clean run on disk: a market with a planted signal through the functions that the stages call, at a small scale.

The signal: on `SHARE` of the days, drawn without memory, volume is three times as high, and the day after drifts
up. So volatility cannot see it, today's volume can, and the label is touched more often but never surely.
"""

from __future__ import annotations

import contextlib
import io
import os
import runpy
from dataclasses import asdict, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd

from buysignal.bars import manifest
from buysignal.bars.ingested import as_metrics, rules_of
from buysignal.bars.quality.prepare import prepare
from buysignal.bars.reading import Reading
from buysignal.cli.main import main
from buysignal.cli.params import Params
from buysignal.core.files import write_json, write_parquet
from buysignal.core.workers.engine import WORKERS, Engine
from buysignal.models import contenders, kept, scores
from buysignal.models.built import build as build_of
from buysignal.models.patchtst.full import Entry, refit
from buysignal.search.study.record import FAILED
from tests.pipeline.project import with_values

TIER, DAYS, SEED = "a20", 2600, 7
SHARE, DRIFT, MOVE = 0.18, 0.010, 0.007
SPANS = {**{f"S{at}": (0, 600) for at in range(5)}, "LATE": (490, 600), "SHORT": (0, 15)}  # symbol -> its days
ROOT = Path(__file__).resolve().parents[3]
SMALL = {
    "d_model": 16,
    "n_layers": 1,
    "n_heads": 2,
    "dropout": 0.1,
    "learning_rate": 3.0e-3,
    "tiers": [TIER],
    "budgets": ["2M"],
    "candidate.tier": TIER,
    "model.context": 20,
    "model.patch": 10,
    "model.stride": 10,
    "training.epochs": 8,
    "training.patience": 3,
    "training.seeds": 2,
    "select.count": 3,
    "select.min_buys": 20,
}


def planted_bars(days: int = DAYS, seed: int = SEED) -> pd.DataFrame:
    """Daily bars (days, 5) of the market with the signal."""
    rng = np.random.default_rng(seed)
    surge = rng.random(days) < SHARE
    drift = np.where(np.append(False, surge[:-1]), DRIFT, -DRIFT * SHARE / (1 - SHARE))
    close = 100 * np.exp(np.cumsum(drift + MOVE * rng.standard_normal(days)))
    open_ = np.append(100.0, close[:-1]) * np.exp(0.2 * MOVE * rng.standard_normal(days))
    high = np.maximum(open_, close) * (1 + 0.3 * MOVE * rng.random(days))
    low = np.minimum(open_, close) / (1 + 0.3 * MOVE * rng.random(days))
    volume = np.floor(1e6 * np.exp(0.15 * rng.standard_normal(days)) * np.where(surge, 3.0, 1.0))
    index = pd.bdate_range("2005-01-03", periods=days, name="date")
    columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    return pd.DataFrame(columns, index=index)


def set_params(root: Path, **values: object) -> None:
    """Set dotted keys of the params.yaml under ``root``."""
    path = root / "params.yaml"
    path.write_text(with_values(path.read_text(), values))


def build(root: Path, **values: object) -> Path:
    """Everything that `doctor` reads, under ``root``: the stages' own `main`, but for the search.

    ``values`` are dotted keys of params.yaml beside `SMALL`.
    """
    (root / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    set_params(root, **SMALL, **values)
    alone = patch.dict(os.environ, {WORKERS: "1"})
    with (
        alone,
        contextlib.chdir(root),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        params = Params.load()
        _stage("ingest") if params.ingest.many else _ingested(params)
        _stage("featurize", TIER)
        _stage("baseline", TIER)
        _stage("candidate")
        _evaluate(params)
        for name in ("selection", "sweep", "train", "mirror"):
            _stage(name)
        assert main(["register"]) == 0
        for name in ("compare", "opened", "symbols", "walk"):
            _stage(name)
        _search_that_never_was()
        _stage("report")
    return root


def build_many(root: Path) -> Path:
    """The same of many symbols, of which the 2 best of each day are bought; none of the features shows the signal."""
    (root / "stocks").mkdir()
    for seed, (symbol, days) in enumerate(SPANS.items()):
        planted_bars(days[1], seed).iloc[slice(*days)].to_csv(root / f"stocks/{symbol}.csv")
    return build(root, **{"ingest.source": "folder", "ingest.csv": "stocks", "select.per_day": 2})


def _ingested(params: Params) -> None:
    """As the stage does, of bars that no file gives."""
    reading = Reading(planted_bars(), "CSV")
    judged = prepare(reading, rules_of(params.ingest))
    manifest.write(judged.bars, judged.report, "csv", "data/bars/bars.parquet", "data/bars/bars.json")
    write_json("metrics/ingest.json", {"source": "csv", "symbol": "", **as_metrics(reading, judged)})


def _search_that_never_was() -> None:
    """What the report asks of the stages of the search, which are left out here."""
    unsaid = {"tier": TIER, "reason": "nothing was searched", "compared": None, "gap": None}
    unsaid |= {"sets": [], "budgets": [], "missing": [], "cells": []}
    nothing = {"objective": "auc", "confidence": 0.95, "coverage": {}, "scaling": [], "findings": []}
    nothing |= {"tiers": {TIER: {"missing": "nothing was searched", "importance": []}}}
    doubts = {name: {"reason": "cannot tell: nothing was searched"} for name in ("overfitting", "luck")}
    write_json("metrics/analyze.json", nothing)
    write_json("metrics/overfitting.json", {TIER: doubts})
    write_json("metrics/rounds.json", {"supplement": [unsaid], "transfer": [unsaid]})


def _stage(name: str, *words: str) -> None:
    runpy.run_path(str(ROOT / "stages" / f"{name}.py"))["main"](*words)


def _evaluate(params: Params) -> None:
    """Three configurations of the budget, as if a search of three trials had found them."""
    own, cap = params.configuration, params.grids["2M"].cap
    rates = ((2e-3, 0.1), (4e-3, 0.1), (3e-3, 0.3))
    found = [replace(own, learning_rate=rate, dropout=dropout) for rate, dropout in rates]
    entries = [Entry(f"{TIER}-2M-T{i}", TIER, "2M", "random", one, cap) for i, one in enumerate(found)]
    protocol = (params.shape, params.training, params.seed, Path(".scratch"), Engine(1))
    trained = refit("", entries, *protocol)
    scores.write(f"data/evaluate/{TIER}", [model for model, _ in trained])
    known = {one.card.name: one for one in scores.read(f"data/baseline/{TIER}")}
    baselines = [(one, known[one.card.name]) for one in contenders.load_all(f"data/baseline/{TIER}/fitted")]
    built = build_of(TIER, entries, trained, baselines, params.shape, lambda one: refit("", one, *protocol))
    scores.write(f"data/evaluate/{TIER}/built", [scored for _, scored in built])
    for one, _ in built:
        kept.save(f"data/evaluate/{TIER}/built/fitted/{one.card.name}", one)
    told = dict(tier=TIER, round=0, state=FAILED, collapsed=False, value=0.5, index=range(len(found)))
    write_parquet("data/trials/trials.parquet", pd.DataFrame([asdict(one) for one in found]).assign(**told))
