"""What the stages ask of a feature or a model of a user's own, asked of one before any stage does."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from buysignal.bars.forms.read import read_file
from buysignal.bars.manifest import read_bars
from buysignal.bars.quality.prepare import Rules, prepare
from buysignal.bars.reading import Wanted
from buysignal.bars.sources import load
from buysignal.core import plugins
from buysignal.core.errors import UserError
from buysignal.core.params import Scope, Spec
from buysignal.core.settings import one, read_all
from buysignal.days.params import Label, Roles
from buysignal.days.table import assemble, require_rows
from buysignal.features import extra as features
from buysignal.models.days import Days
from buysignal.models.extra import Own
from buysignal.models.params import Model
from buysignal.models.unfitted import require_models

BUILT = Path("data/bars/bars.parquet")
CUTS = 60  # days at which the future is cut off: more than a stage takes the time for


@dataclass(frozen=True)
class Trial:
    """What a trial came to; ``kind`` is feature or model, ``broken`` the first promise that is not kept, if any."""

    spec: str
    kind: str
    bars: str
    kept: tuple[str, ...]
    broken: str | None
    seconds: float

    @property
    def status(self) -> int:
        """Exit status: 1 with a broken promise, else 0."""
        return int(self.broken is not None)


def tried(spec: str, file: Path | None, wanted: Wanted) -> Trial:
    """Try what a spec names on the bars of a file, of the last run, or of an embedded index.

    Raises
    ------
    UserError
        If it cannot be imported, or there are no bars to try it on.
    """
    one(Spec, spec, "the plug-in")
    began, kept, broken = time.perf_counter(), [], None
    with contextlib.redirect_stdout(sys.stderr):  # what it prints is no part of the answer
        is_feature = plugins.is_of_bars(plugins.read(spec))
        bars, name = _bars(file, wanted)
        days = None if is_feature else _days(bars)
        try:
            if is_feature:
                features.tried(bars, spec, CUTS, kept.append)
            else:
                _model(days, spec, kept.append)
        except UserError as error:
            broken = str(error)
    told = f"{len(bars):,} bars {bars.index[0]:%Y-%m-%d} to {bars.index[-1]:%Y-%m-%d} of {name}"
    kind, seconds = "feature" if is_feature else "model", round(time.perf_counter() - began, 3)
    return Trial(spec, kind, told, tuple(kept), broken, seconds)


def _bars(file: Path | None, wanted: Wanted) -> tuple[pd.DataFrame, str]:
    if file is not None:
        return prepare(read_file(file, wanted, "name a CSV of daily bars"), Rules()).bars, file.name
    if BUILT.is_file():
        return read_bars(BUILT), str(BUILT.parent)
    return load("sp500").bars, "the embedded sp500"


def _days(bars: pd.DataFrame) -> Days:
    """The days that baseline would give a model of the first tier."""
    scope, label, roles, model = read_all(Scope, Label, Roles, Model)
    tier = scope.tiers[0]
    require_rows(bars, tier, label, roles, model.context)
    return Days.of(bars, assemble(bars, tier, label, roles), tier, label, model.context).known()


def _model(days: Days, spec: str, keeps: Callable[[str], object]) -> None:
    seed = read_all(Scope)[0].seed
    require_models([spec])
    with threadpool_limits(1):  # as a stage
        first = Own.fit(days, seed, spec, keeps).score(days)
        if not np.array_equal(Own.fit(days, seed, spec).score(days), first):
            raise UserError(f"{spec}: fitted again it gives other scores: it must draw numbers by random_state alone")
    keeps("gives the same scores when it is fitted again with the same seed")
