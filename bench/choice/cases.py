"""Markets and origins, and the scores of every contender on each: what a rule may choose from, and what came of it.

No case holds a day of the committed run's test role: all bars end before it.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from bench.honesty.markets import Design, Signal, simulate
from bench.honesty.mini import TIER, small_params
from threadpoolctl import threadpool_limits

from buysignal.bars.params import Ingest
from buysignal.bars.sources import load_as
from buysignal.bars.validate import validate
from buysignal.cli.params import Params
from buysignal.core.files import write_parquet
from buysignal.core.textfile import read_yaml
from buysignal.core.workers.engine import Engine
from buysignal.days.params import Label
from buysignal.days.table import assemble
from buysignal.models.built import build
from buysignal.models.contender import logit
from buysignal.models.days import Days
from buysignal.models.patchtst.architecture import Configuration
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.full import Entry, refit, tier_file
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.rivals import baselines
from buysignal.models.scores import Scored, offset_of

LAST = "2016-08-03"  # the day before the committed run's test role
BARS, STEP = 2500, 480  # of a case, and between two origins of one index: test roles hardly overlap
ORIGINS = 4
SIMULATED = {"null": Design(BARS), "planted": Design(BARS, signal=Signal())}
PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Case:
    """A stretch of a market: its kind, its name with the origin, the bars and what makes a day a buy."""

    kind: str
    name: str
    bars: pd.DataFrame
    label: Label


def index_cases() -> list[Case]:
    """Both embedded indices from `ORIGINS` days on, with the label of the default run."""
    found, content = [], read_yaml(PROJECT / "params.yaml")
    for source in ("sp500", "nasdaq"):
        bars = load_as(Ingest(**content["ingest"] | {"source": source})).bars.loc[:LAST]
        for at in range(ORIGINS):
            end = len(bars) - STEP * (ORIGINS - 1 - at)
            found.append(Case("index", f"{source}-{at}", bars.iloc[end - BARS : end], Label(**content["label"])))
    return found


def stock_cases(panel: pd.DataFrame, count: int, seed: int) -> list[Case]:
    """Single stocks of a panel, each on a stretch of its own, with a barrier scaled by volatility."""
    rng = np.random.default_rng(seed)
    label = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="volatility", multiple=1.0)
    lengths = panel.groupby("symbol").size()
    names = rng.choice(sorted(lengths.index[lengths >= BARS]), count, replace=False)
    found = []
    for name in names:
        bars = panel[panel["symbol"] == name].set_index("date").drop(columns="symbol").sort_index()
        start = int(rng.integers(len(bars) - BARS + 1))
        found.append(Case("stock", f"{name}-{start}", bars.iloc[start : start + BARS], label))
    return found


def simulated_cases(kind: str, seeds: range) -> list[Case]:
    """Markets without direction (``null``) or with a signal (``planted``)."""
    label = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="fixed", multiple=1.0)
    return [Case(kind, f"{kind}-{seed}", simulate(SIMULATED[kind], seed).bars, label) for seed in seeds]


def scored(case: Case, seed: int, folder: Path) -> list[Scored]:
    """Every contender on the days of all roles but train; each is fitted on train and stop alone.

    Parameters
    ----------
    folder : of this case alone; it may be thrown away afterwards
    """
    params = small_params(seed)
    with contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()), threadpool_limits(1):
        bars, _ = validate(case.bars, "drop", 30)
        frame = assemble(bars, TIER, case.label, params.roles)
        write_parquet(tier_file(TIER), frame)
        closed, opened = (Days.of(bars, frame, TIER, case.label, params.model.context, test) for test in (False, True))
        rivals = [(one, one.scored(closed.judged())) for one in baselines.fit(closed, seed)]
        volatility = next(one for one, _ in rivals if one.card.family == "logistic")
        write_offset(offset_of(TIER), closed.index, logit(volatility.scored(closed).ensemble))
        protocol = (params.shape, params.training, seed, Path(), Engine())
        entries = [Entry(f"{TIER}-{one.d_model}", TIER, "", "tpe", one, 0) for one in _configurations(params)]
        trained = refit("", entries, *protocol)
        built = build(TIER, entries, trained, rivals, params.shape, lambda one: refit("", one, *protocol))
        searched = [Transformer.of(one.card, fit, params.shape) for one, fit in trained]
        everybody = [one for one, _ in (*rivals, *built)] + searched
        return [one.scored(opened.judged()) for one in everybody]


def _configurations(params: Params) -> list[Configuration]:
    """Two of the size that a few hundred days bear: what a search of the mini-pipeline ends with."""
    return [params.configuration, Configuration(32, 2, 4, 2, 0.3, 0.002, 0.0001)]
