"""What the stages ask of a feature, a model or a form of bars of a user's own, asked of one before any stage does."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from buysignal.bars.forms.own import frame_of, is_of_path
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
    """What a trial came to; ``kind`` is feature, model or form, ``broken`` the first broken promise, if any."""

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
        thing = plugins.read(spec)
        kind = "form" if is_of_path(thing) else "feature" if plugins.is_of_bars(thing) else "model"
        bars, name = (None, _file(file)) if kind == "form" else _bars(file, wanted)
        days = _days(bars) if kind == "model" else None
        try:
            match kind:
                case "form":
                    _form(Path(file), spec, wanted, kept.append)
                case "feature":
                    features.tried(bars, spec, CUTS, kept.append)
                case "model":
                    _model(days, spec, kept.append)
        except UserError as error:
            broken = str(error)
    of = "" if bars is None else f"{len(bars):,} bars {bars.index[0]:%Y-%m-%d} to {bars.index[-1]:%Y-%m-%d} of "
    return Trial(spec, kind, of + name, tuple(kept), broken, round(time.perf_counter() - began, 3))


def _bars(file: Path | None, wanted: Wanted) -> tuple[pd.DataFrame, str]:
    if file is not None:
        return prepare(read_file(file, wanted, "name a CSV of daily bars"), Rules()).bars, file.name
    if BUILT.is_file():
        return read_bars(BUILT), str(BUILT.parent)
    return load("sp500").bars, "the embedded sp500"


def _file(file: Path | None) -> str:
    if file is None or not file.is_file():
        wrong = f"; {file} is no file" if file else ""
        raise UserError(f"a form of bars is tried on a file of it: name one with --bars{wrong}")
    return file.name


def _form(file: Path, spec: str, wanted: Wanted, keeps: Callable[[str], object]) -> None:
    """What `ingest` does with a file, twice."""
    frame = frame_of(file, spec)
    if frame is None:
        raise UserError(f"{spec} gives None for {file.name}: it does not know it as its form")
    keeps("knows the file as its form")
    settled = replace(wanted, forms=(spec,))
    bars = prepare(read_file(file, settled), Rules()).bars
    keeps(f"gives bars that can be used: {len(bars):,}, {bars.index[0]:%Y-%m-%d} to {bars.index[-1]:%Y-%m-%d}")
    if not prepare(read_file(file, settled), Rules()).bars.equals(bars):
        raise UserError(f"{spec} gives other bars when it is asked again")
    keeps("gives the same when it is asked again")


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
