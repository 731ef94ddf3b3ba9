"""A tier file of a market of random bars, and a model that trains on it in a blink."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.core.files import write_parquet
from buysignal.days.params import Label, Roles
from buysignal.days.table import assemble
from buysignal.models.params import Training
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.job import Fit, FitJob, Protocol, Trained
from tests.features.samples import random_bars

TIER = "a20"
LABEL = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="fixed", multiple=1.0)
ROLES = Roles(until="last", train=0.50, stop=0.08, rank=0.10, calibrate=0.08, threshold=0.12, test=0.12)
SHAPE = Shape(20, 10, 10, True)
TRAINING = Training(epochs=2, patience=2, min_delta=0.001, seeds=2, precision="float32", rows=0)
CONFIGURATION = Configuration(8, 1, 2, 2, 0.1, 1e-3, 1e-4)
JOB = dict(configuration=CONFIGURATION, shape=SHAPE, protocol=Protocol(2, 2, 0.001, 128), seeds=(11, 12))


def tier_frame(rows: int = 500, volume: bool = True) -> pd.DataFrame:
    bars = random_bars(rows, seed=9)
    return assemble(bars if volume else bars.drop(columns="volume"), TIER, LABEL, ROLES)


def many_frame(symbols: int = 3, rows: int = 400) -> pd.DataFrame:
    """The same of many symbols, of which each is a day shorter than the one before."""
    parts = {f"S{at}": random_bars(rows - at, seed=at) for at in range(symbols)}
    return assemble(pd.concat(parts, names=["symbol", "date"]), TIER, LABEL, ROLES)


def write_tier(path: Path, frame: pd.DataFrame) -> str:
    return str(write_parquet(path, frame))


def job(path: str, **changes) -> FitJob:
    return FitJob(path, **JOB | changes)


def same(one: Fit, other: Fit) -> bool:
    """Whether two fits agree in every bit of weights, days and scores."""
    return (
        one.trained.theta.tobytes() == other.trained.theta.tobytes()
        and one.trained.auc_history.tobytes() == other.trained.auc_history.tobytes()
        and one.scores.tobytes() == other.scores.tobytes()
        and one.index.equals(other.index)
        and one.role.tolist() == other.role.tolist()
        and one.label.tolist() == other.label.tolist()
    )


def handmade(role, label, scores, loss=((0.7, 0.6),), auc=((0.5, 0.6),)) -> Fit:
    """A fit with these days and histories, and weights that are never used."""
    scores = np.atleast_2d(np.asarray(scores, float))
    size, loss, auc = len(scores), np.array(loss, float), np.array(auc, float)
    ran = np.full(size, len(loss))
    trained = Trained(np.zeros((size, 1), np.float32), ran, ran, auc[-1], loss, auc)
    dates = pd.bdate_range("2014-01-01", periods=scores.shape[1], name="date")
    return Fit(trained, dates, np.asarray(role), np.asarray(label, np.int8), scores)
