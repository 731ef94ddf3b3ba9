"""What is measured: the models, the sizes of their stacks, and the searches; small for a dry run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from bench.speed.race import TIER, prepare

from buysignal.cli.params import Params
from buysignal.core.workers.device import usable_device
from buysignal.features.tiers import n_features
from buysignal.models.dataset import TierData
from buysignal.models.patchtst import compute
from buysignal.models.patchtst.architecture import Configuration, Shape
from buysignal.models.patchtst.fit import loaded
from buysignal.models.patchtst.job import Protocol
from buysignal.models.patchtst.replay import Recorder
from buysignal.models.patchtst.training import Member, _Run
from buysignal.models.patchtst.windows import Windows
from buysignal.search.params import Grid
from buysignal.search.study.objective import ObjectiveSettings, fit_job
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.record import Trial
from buysignal.search.study.setup import space_for
from buysignal.search.study.space import Space

BUDGETS = ("2M", "20M", "200M")
REFERENCE = dict(epochs=50, patience=10, min_delta=0.001)  # of a trial
TRIALS = 50
DRY = "dry run on a processor, says nothing of speed"
SMALL_DAYS, SMALL_TRIALS, SMALL_EPOCHS = 800, 4, 2
SMALL_GRID = dict(d_model=[8, 16], n_layers=[1, 2], n_heads=[2], d_ff_ratio=[2])


def _model(d_model: int, n_layers: int, n_heads: int, d_ff_ratio: int = 4) -> Configuration:
    return Configuration(d_model, n_layers, n_heads, d_ff_ratio, dropout=0.3, learning_rate=5e-5, weight_decay=1e-4)


MODELS = {"d64 L4": _model(64, 4, 4), "d128 L6": _model(128, 6, 8), "d384 L12": _model(384, 12, 8)}
SMALL_MODELS = {"d64 L4": _model(8, 2, 2, 2), "d128 L6": _model(16, 1, 2, 2), "d384 L12": _model(16, 2, 2, 2)}


@dataclass(frozen=True)
class Plan:
    """All that the parts of a measurement share.

    Attributes
    ----------
    tier_path : the tier's Parquet file
    settings : how a trial of the searches is trained and judged; its precision is that of every part
    models : by the names they are reported under; those of a dry run are smaller than their names
    stacks : numbers E of members
    rounds : epochs of each contestant that are timed, at most
    checked_epochs : of the runs that must agree
    spaces : of the searches, by budget
    dry : whether it only sees that everything runs
    """

    tier_path: str
    shape: Shape
    settings: ObjectiveSettings
    models: Mapping[str, Configuration]
    stacks: tuple[int, ...]
    rounds: int
    checked_epochs: int
    spaces: Mapping[str, Space]
    search: SearchSettings
    dry: bool

    @property
    def note(self) -> dict[str, str]:
        """What every figure of a dry run is marked with."""
        return {"note": DRY} if self.dry else {}

    def loaded(self) -> tuple[TierData, Windows]:
        """The days of the tier and their windows, which lie on the device of this process."""
        trial = Trial(next(iter(self.models.values())))
        return loaded(fit_job(trial, self.tier_path, self.shape, self.settings))

    def number_format(self) -> torch.dtype:
        """That of the products of our steps on the device of this process."""
        return compute.dtype(self.settings.precision, torch.device(usable_device()))

    def rows(self, role: str) -> np.ndarray:
        """Windows of a role, by the rows of their last days."""
        return self.loaded()[0].rows(role, self.shape.context)

    def stack(self, configuration: Configuration, seeds: tuple[int, ...], batch: int, recorder: Recorder) -> _Run:
        """Members that are trained epoch by epoch, none of which ends early."""
        data, windows = self.loaded()
        first = self.shape.context - 1
        train, stop = (self.rows(role) - first for role in ("train", "stop"))
        protocol = Protocol(10**6, 10**6, self.settings.min_delta, batch, self.settings.precision)
        members = [Member(configuration, seed) for seed in seeds]
        label, width = data.label[first:], len(data.names)
        return _Run(windows, label, train, stop, self.shape, width, members, protocol, recorder=recorder)


def planned(params: Params, folder: Path, small: bool, precision: str = "") -> Plan:
    """The plan over the embedded S&P 500, whose tier is written into ``folder``."""
    course = prepare(params, folder, random=0, seeds=1, days=SMALL_DAYS if small else 0)
    settings = replace(course.settings, **REFERENCE, precision=precision or params.training.precision)
    if small:
        settings = replace(settings, epochs=SMALL_EPOCHS)
    grids = {name: params.grids[name] for name in BUDGETS}
    if small:
        grids = {name: Grid(**SMALL_GRID, cap=grid.cap) for name, grid in grids.items()}
    hpo, width = params.hpo, n_features(TIER)
    return Plan(
        tier_path=course.tier_path,
        shape=params.shape,
        settings=settings,
        models=SMALL_MODELS if small else MODELS,
        stacks=(1, 5, 20),
        rounds=1 if small else 5,
        checked_epochs=2 if small else 6,
        spaces={name: space_for(name, grid, hpo, params.shape, width) for name, grid in grids.items()},
        search=SearchSettings(SMALL_TRIALS if small else TRIALS, hpo.batch, hpo.startup, params.seed),
        dry=small,
    )
