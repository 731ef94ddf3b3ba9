"""A transformer, alone and as an addition, keeps the contract of contenders."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.models.contender import logit
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.fit import fit
from buysignal.models.patchtst.job import FitJob, Protocol
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.rivals.volatility import Volatility
from buysignal.models.scores import ModelCard
from tests.models.contract import ContenderContract
from tests.models.markets import CONTEXT, TIER
from tests.small_tier import write_tier

SHAPE = Shape(CONTEXT, 5, 5, True)
CONFIGURATION = Configuration(8, 1, 2, 2, 0.1, 1e-2, 1e-4)


def tier_of(days, folder):
    """The file of a tier that these days are of; a row that is no day is of no role."""
    n = len(days.table)
    role, label = np.full(n, "purged", dtype=object), np.zeros(n, np.int8)
    role[days.rows], label[days.rows] = days.role, days.label
    dates = days.bars.index[-n:]
    told = {"label": label, "fall": label, "label_start": dates, "label_end": dates, "role": role}
    frame = pd.DataFrame(days.table, dates, list(days.names)).assign(**told)
    return write_tier(folder / "a20.parquet", frame)


class TestTransformer(ContenderContract):
    ROUNDING = 1e-6  # of float32, among other days

    def fit(self, days):
        return trained(days, None)

    def parameters(self, fitted):
        return fitted.theta.shape[1]


class TestAddition(TestTransformer):
    def fit(self, days):
        return trained(days, Volatility.fit(days, 7))


def trained(days, under):
    with tempfile.TemporaryDirectory() as place:
        folder, offset = Path(place), ""
        if under is not None:
            known = logit(under.scored(days).ensemble)
            offset = str(write_offset(folder / "offset.parquet", days.index, known))
        job = FitJob(tier_of(days, folder), CONFIGURATION, SHAPE, Protocol(2, 2, 0.001, 64), (11, 12), offset=offset)
        found = fit(job)
    epochs, size = tuple(found.trained.epochs.tolist()), found.trained.theta.shape[1]
    card = ModelCard(f"{TIER}-added", TIER, "transformer", "", "built", CONFIGURATION, size, 0, (11, 12), epochs)
    return Transformer.of(card, found, SHAPE, under)
