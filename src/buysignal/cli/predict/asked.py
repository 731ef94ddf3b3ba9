"""An answer asked for on the command line: which model, which bars, how it is written."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from buysignal.bars.forms.read import read_file
from buysignal.bars.reading import Wanted
from buysignal.cli import reading_flags
from buysignal.cli.predict.answer import Answer, as_csv, as_json, as_table, printable
from buysignal.cli.predict.cautions import cautions
from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError
from buysignal.core.files import read_json
from buysignal.core.settings import one
from buysignal.ship.manifest import Name
from buysignal.ship.package import MANIFEST, WEIGHTS

MODELS = Path("data/models")
SPLITS = "splits"


def predict(arguments: argparse.Namespace) -> int:
    """Print an answer; how the bars were understood goes to stderr, and warnings too where a program reads stdout."""
    predictor = Predictor.load(named(arguments.model) if arguments.model else default_model(MODELS))
    with _no_collection():
        days = None if arguments.all else 1
        settled = reading_flags.wanted(arguments)
        answer = answered(predictor, arguments.bars, arguments.as_of, days, None, settled, arguments.adjust or SPLITS)
    print(answer.said, file=sys.stderr)
    if arguments.format == "table":
        print(as_table(answer, colour=sys.stdout.isatty()))
        return 0
    print({"json": as_json, "csv": as_csv}[arguments.format](answer))
    for caution in answer.cautions:
        print(f"warning: {caution.text}", file=sys.stderr)
    return 0


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage is looked for among what torch makes on import: a third of that time, and once more at the exit."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def answered(
    predictor: Predictor,
    path: Path,
    asked: date | None,
    days: int | None,
    today: date | None = None,
    wanted: Wanted = Wanted(),  # noqa: B008, it is frozen
    adjust: str = SPLITS,
) -> Answer:
    """The answer for the bars in a file, of which none after the day ``asked`` is looked at.

    Raises
    ------
    UserError
        If the file cannot be read as bars, one up to that day is bad, or they are too few.
    """
    if not os.path.isfile(path):  # of a folder that may not be looked into, Path says so with a traceback
        raise UserError(
            f"{path} is {'not a file' if os.path.exists(path) else 'missing'}: name a CSV file of daily bars"
        )
    whole = read_file(path, replace(wanted, volume=predictor.volume))
    reading = whole if asked is None else whole.until(pd.Timestamp(asked))
    if reading.bars.empty and not whole.bars.empty:
        raise UserError(f"{path} has no bar on or before {asked}: it begins on {whole.bars.index[0]:%Y-%m-%d}")
    try:
        judged, found = predictor.answer(reading, days, adjust)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    told = cautions(found, judged.bars, predictor.model, asked, today or date.today())
    said = [whole.said(printable(path.name)), *(f"warning: {finding.said}" for finding in judged.of("warning"))]
    return Answer(predictor, found, path.name, judged.bars.index, asked, told, "\n".join(said))


def named(folder: Path) -> Path:
    """The folder itself, or `UserError` if neither file of a model is in it; a damaged one is the loader's to tell."""
    if any(os.path.exists(folder / name) for name in (MANIFEST, WEIGHTS)):
        return folder
    example = min(MODELS.glob(f"*/{MANIFEST}"), default=MODELS / "01-..." / MANIFEST).parent
    raise UserError(f"{folder} is no folder of a model: name one of {MODELS}, such as {example}")


def default_model(models: Path) -> Path:
    """The folder of the model that was selected first.

    Raises
    ------
    UserError
        If there is none, or the list of models cannot be read.
    """
    if not os.path.exists(models / "models.json"):
        where = "run it in the project's folder, after `dvc repro`, or name --model"
        raise UserError(f"{models / 'models.json'} is missing: {where}")
    names = read_json(models / "models.json")
    if not isinstance(names, list):
        raise UserError(f"{models / 'models.json'} is no list of models: delete it and run `dvc repro`")
    if not names:
        raise UserError(f"{models / 'models.json'} is empty: no model was selected, so there is none to predict with")
    return models / one(Name, names[0], "the first model", f"{models / 'models.json'}: ")
