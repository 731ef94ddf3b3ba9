"""What the stages do to a panel, each in a process of its own: seconds of computing and peak memory, part by part.

A step reads the files of the one before it in a folder, and leaves its own there. It computes what the stage of
params.yaml computes, with the label, roles and rules of params.yaml, and no more of it than is named here.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from bench.growth.features import MIB, peak_mib
from bench.growth.panel.simulated import write_market

from buysignal.bars import manifest
from buysignal.bars.ingested import ingested_many, many_as_metrics, report_of
from buysignal.bars.symbols import is_many
from buysignal.cli.params import Params
from buysignal.core.files import read_parquet, write_parquet
from buysignal.days.table import assemble, describe
from buysignal.judge.best_of_day import PER_DAY, best_of_day
from buysignal.judge.daily_auc import daily_auc_interval
from buysignal.judge.dates import dates_in
from buysignal.judge.evidence import evidence
from buysignal.judge.money import Trades
from buysignal.judge.operating import operating_point
from buysignal.judge.paired import auc_interval
from buysignal.judge.row import evidence_at, rules_of
from buysignal.judge.worth import INTERVAL, worth_at
from buysignal.models.days import Days
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size
from buysignal.models.scores import ModelCard, Scored

TIER, ROWS, SEED = "a50", 100_000, 1
CONFIGURATION = Configuration(64, 3, 4, 2, 0.3, 1e-3, 1e-4)
SHAPE = Shape(context=20, patch=4, stride=4, revin=False)
JUDGED = ("calibrate", "threshold", "test")


class Parts:
    """Seconds of computing of each part so far, and the most memory that the process had held after it."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, float]] = {}
        self.before, self.began = peak_mib(), time.perf_counter()

    def run(self, name: str, function: Callable[[], Any]) -> Any:
        """What the function gives; it is a part of that name."""
        began = time.process_time()
        result = function()
        self.add(name, time.process_time() - began)
        return result

    def add(self, name: str, seconds: float) -> None:
        self.found[name] = {"seconds": seconds, "peak_mib": peak_mib()}

    def told(self, **more: Any) -> dict[str, Any]:
        """The sums, for JSON."""
        wall, seconds = time.perf_counter() - self.began, sum(part["seconds"] for part in self.found.values())
        memory = {"peak_mib": peak_mib(), "before_mib": self.before}
        return {"seconds": seconds, "wall_seconds": wall, **memory, "parts": self.found, **more}


def within(limit_mib: float, step: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """A step that may not hold more than so much memory; ``failed`` says why there is no result."""
    resource.setrlimit(resource.RLIMIT_DATA, (int(limit_mib * MIB),) * 2)
    try:
        return step(*arguments)
    except Exception as error:  # numpy, torch and arrow each have their own for memory that is not there
        said = " ".join(str(error).split())[:200]
        return {"failed": f"{type(error).__name__}: {said}", "peak_mib": peak_mib(), "limit_mib": limit_mib}


def simulate(folder: Path, symbols: int, years: int) -> dict[str, Any]:
    """One long file of made-up bars."""
    parts = Parts()
    rows = parts.run("write", lambda: write_market(folder / "long.parquet", symbols, years))
    return parts.told(rows=rows)


def ingest(folder: Path) -> dict[str, Any]:
    """Read and judge the long file, as stage ingest does."""
    parts, asked = Parts(), Params.load().ingest
    asked = asked.model_copy(update={"source": "folder", "csv": str(folder / "long.parquet")})
    panel = parts.run("read and judge", lambda: ingested_many(asked))
    report = report_of(panel)
    parts.run("tell", lambda: many_as_metrics(panel, report, asked.max_gap_days))
    outs = folder / "bars.parquet", folder / "bars.json"
    parts.run("write", lambda: manifest.write(panel.bars, report, "folder", *outs, symbols=panel.symbols))
    return parts.told(rows=len(panel.bars))


def featurize(folder: Path) -> dict[str, Any]:
    """The table of a tier, as stage featurize makes it."""
    parts, params = Parts(), Params.load()
    bars = parts.run("read", lambda: manifest.read_bars(folder / "bars.parquet"))
    table = parts.run("assemble", lambda: assemble(bars, TIER, params.label, params.roles))
    parts.run("write", lambda: write_parquet(_table(folder), table))
    parts.run("tell", lambda: describe(table, TIER, bars))
    return parts.told(rows=len(table), columns=len(table.columns))


def days(folder: Path) -> dict[str, Any]:
    """What every contender sees, the test role open: bars and table in memory, as stage test holds them."""
    parts, params = Parts(), Params.load()
    bars = parts.run("read bars", lambda: manifest.read_bars(folder / "bars.parquet"))
    table = parts.run("read table", lambda: read_parquet(_table(folder)))
    made = (bars, table, TIER, params.label, SHAPE.context, True)
    seen = parts.run("standardise", lambda: Days.of(*made))
    tested = parts.run("test role", lambda: seen.of_roles("test"))
    return parts.told(rows=len(seen.rows), test=len(tested.rows))


def epoch(folder: Path) -> dict[str, Any]:
    """A transformer trained for an epoch of `ROWS` windows, looked at on the stop role, and scored on the rank role."""
    from buysignal.models.patchtst.fit import fit, loaded
    from buysignal.models.patchtst.job import FitJob, Protocol

    parts, ended = Parts(), []
    protocol = Protocol(1, 1, 0.0, batch_size(CONFIGURATION.d_model), Params.load().training.precision, ROWS)
    job = FitJob(str(_table(folder)), CONFIGURATION, SHAPE, protocol, (SEED,))
    data, _ = parts.run("load", lambda: loaded(job))
    counts = {role: len(data.rows(role, SHAPE.context)) for role in ("train", "stop", "rank")}
    began = time.process_time()

    def on_epoch(*_) -> bool:
        ended.append(time.process_time())
        parts.add("epoch", ended[0] - began)
        return False

    fit(job, on_epoch, ("rank",))
    parts.add("score", time.process_time() - ended[0])
    return parts.told(rows=len(data.label), windows=min(ROWS, counts["train"]), roles=counts)


def judge(folder: Path) -> dict[str, Any]:
    """Everything that is said of one model's buys on the test role, at a threshold and of the best of each day."""
    parts, params = Parts(), Params.load()
    rules = rules_of(params.select, params.label.horizon, params.sweep.points)
    model = parts.run("read", lambda: made_up(pd.read_parquet(_table(folder), columns=["label", "role"])))
    bars = parts.run("read bars", lambda: manifest.read_bars(folder / "bars.parquet"))
    (label, score, _), dates = model.of("test"), dates_in(model, "test")
    by_day = {"horizon": rules.horizon, "confidence": INTERVAL}
    point = parts.run("operating point", lambda: operating_point(model, rules)).point
    at = None if point is None else point.threshold
    parts.run("evidence", lambda: evidence_at(model, "test", at, rules, INTERVAL, 1))
    if dates is not None:
        best = parts.run("best of day", lambda: best_of_day(score, dates, PER_DAY))
        parts.run("evidence of these", lambda: evidence(label, best, **by_day, seeds=1, configurations=1, dates=dates))
        parts.run("AUC by day", lambda: daily_auc_interval(label, score, dates, **by_day, seed=SEED))
    parts.run("AUC of all rows", lambda: auc_interval(label, score, **by_day, seed=SEED, dates=dates))
    trades = parts.run("trades", lambda: Trades.of(bars, params.label, params.costs, params.exit))
    parts.run("money", lambda: worth_at(model, "test", at, trades, rules, SEED))
    return parts.told(rows=len(label), days=len(label) if dates is None else len(dates), no_point=point is None)


def made_up(table: pd.DataFrame) -> Scored:
    """Scores of some skill on the roles that are judged."""
    table = table[table["role"].isin(JUDGED)]
    label, role = table["label"].to_numpy(np.int8), table["role"].to_numpy(str)
    noise = np.random.default_rng(SEED).standard_normal(len(table))
    score = 1 / (1 + np.exp(1.5 - label - noise))
    index = table.index.remove_unused_levels() if is_many(table.index) else table.index
    card = ModelCard("made-up", TIER, "own", "", "own", None, 0, 0, (), ())
    return Scored.of_rows(card, index, role, label, score[None])


def _table(folder: Path) -> Path:
    return folder / f"{TIER}.parquet"


STEPS: dict[str, Callable[..., dict[str, Any]]] = {
    "ingest": ingest,
    "featurize": featurize,
    "days": days,
    "epoch": epoch,
    "judge": judge,
}
"""In the order in which they can run, after `simulate`."""
