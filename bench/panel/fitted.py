"""One cell of the learning curve: four contenders fitted on it and their scores of the judged rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from bench.panel.cells import Cell

from buysignal.days.params import Label
from buysignal.models.days import Days
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.fit import fit
from buysignal.models.patchtst.job import FitJob, Protocol
from buysignal.models.rivals.blend import Blend
from buysignal.models.rivals.boosting import Boosting
from buysignal.models.rivals.volatility import Volatility
from buysignal.models.scores import ModelCard, Scored

TIER, JUDGED, LOGISTIC = "a50", "rank", "volatility"
CONTENDERS = ("boosting", "transformer", "blend")
SHAPE = Shape(context=20, patch=4, stride=4, revin=False)
CONFIGURATION = Configuration(64, 3, 4, 2, 0.3, 5e-4, 1e-4)
ROWS, SEEN = 100_000, 400_000  # windows of an epoch, and of a whole training: a small cell has more epochs
FEWEST, MOST = 4, 40  # epochs


def protocol(train_rows: int) -> Protocol:
    """As many windows for every cell, up to `MOST` passes over a small one."""
    epochs = int(np.clip(SEEN // min(ROWS, train_rows), FEWEST, MOST))
    return Protocol(epochs, max(2, epochs // 8), 0.001, batch_size(CONFIGURATION.d_model), "auto", ROWS)


def scored(bars: pd.DataFrame, table: pd.DataFrame, cell: Cell, label: Label, seed: int, work: Path) -> pd.DataFrame:
    """Scores of the judged rows: a column for `LOGISTIC` and each of `CONTENDERS`; index in order of date."""
    seed += cell.draw
    frame = cell.table(table, label.horizon, seed)
    days = Days.of(bars.loc[frame.index.unique("symbol")], frame, TIER, label, SHAPE.context)
    known, asked = days.known(), days.of_roles("stop", JUDGED)
    logistic, boosting = Volatility.fit(known, seed), Boosting.fit(known, seed)
    path = work / f"{cell.name}.parquet"
    frame.to_parquet(path)
    plan = protocol(int((days.role == "train").sum()))
    found = fit(FitJob(str(path), CONFIGURATION, SHAPE, plan, (seed,)), roles=("stop", JUDGED))
    path.unlink()
    card = _card(seed, found.trained.theta.shape[1], int(found.trained.epochs[0]))
    transformer = Transformer.of(card, found, SHAPE)
    said = Scored.of_rows(card, found.index, found.role, found.label, found.scores)
    others = [one.scored(asked) for one in (logistic, boosting)]
    mixed = [others[1], said]
    blend = Blend.of([boosting, transformer], mixed, TIER, f"{TIER}-blend")
    in_order = [one for member in blend.members for one in mixed if one.card == member.card]
    together = blend.mix([one.ensemble for one in in_order])[0]
    rows = said.role == JUDGED
    columns = {LOGISTIC: others[0].ensemble, "boosting": others[1].ensemble, "transformer": said.ensemble}
    columns |= {"blend": together, "label": said.label}
    return pd.DataFrame({name: values[rows] for name, values in columns.items()}, index=said.index[rows])


def _card(seed: int, parameters: int, epochs: int) -> ModelCard:
    who = ("transformer", TIER, "transformer", "", "hand", CONFIGURATION)
    return ModelCard(*who, parameters, 0, (seed,), (epochs,))
