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
from glob import escape
from pathlib import Path

import pandas as pd

from buysignal.bars.forms.read import read_file
from buysignal.bars.panel import holds_many
from buysignal.bars.reading import Wanted
from buysignal.cli import reading_flags
from buysignal.cli.predict.answer import Answer, as_csv, as_json, as_table, printable
from buysignal.cli.predict.cautions import alone, cautions
from buysignal.cli.predict.predictor import Predictor
from buysignal.core.errors import UserError
from buysignal.core.sealed import read_strict
from buysignal.ship.manifest import read_manifest
from buysignal.ship.package import FITTED, MANIFEST, SHIPPED

MODELS = Path("data/models")
SPLITS = "splits"


def predict(arguments: argparse.Namespace) -> int:
    """Print an answer; how the bars were understood goes to stderr, and warnings too where a program reads stdout."""
    folder = named(arguments.model) if arguments.model else default_model(MODELS)
    predictor = Predictor.load(folder, arguments.anyway)
    settled = reading_flags.wanted(arguments)
    if holds_many(arguments.bars, settled):
        return _many(predictor, arguments, shipped_beside(folder))
    with _no_collection():
        days = None if arguments.all else 1
        answer = answered(predictor, arguments.bars, arguments.as_of, days, None, settled, arguments.adjust or SPLITS)
        answer = replace(answer, ships=shipped_beside(folder))
    print(answer.said, file=sys.stderr)
    if arguments.format == "table":
        print(as_table(answer, colour=sys.stdout.isatty()))
        return 0
    print({"json": as_json, "csv": as_csv}[arguments.format](answer))
    for caution in answer.cautions:
        print(f"warning: {caution.text}", file=sys.stderr)
    return 0


def _many(predictor: Predictor, arguments: argparse.Namespace, ships: str | None) -> int:
    """As `predict`, for many symbols: the latest day of each."""
    from buysignal.cli.predict import ranking, written

    path, asked = arguments.bars, arguments.as_of
    if arguments.all:
        raise UserError(f"{path} holds many symbols, and --all is of one: name its file, or --symbol of a file of many")
    settled = replace(reading_flags.wanted(arguments), volume=predictor.volume)
    with _no_collection():
        found = ranking.ranked(
            predictor, path, asked, date.today(), settled, arguments.adjust or SPLITS, arguments.on_bad_symbol
        )
    file = path.resolve().name
    told = [found.panel.said(printable(file))]
    told += [f"warning: {one.said}" for one in found.panel.summed() if one.level == "warning"]
    print("\n".join(told), file=sys.stderr)
    if arguments.format == "table":
        print(written.as_table(found, file, ships, colour=sys.stdout.isatty()))
        return 0
    print(written.as_json(found, file, asked, ships) if arguments.format == "json" else written.as_csv(found))
    for symbol, why in found.left_out.items():
        print(f"left out: {symbol}: {why}", file=sys.stderr)
    for text in (*(caution.text for caution in found.general), *(text for _, _, text in ranking.summed(found))):
        print(f"warning: {text}", file=sys.stderr)
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
    told = alone(predictor.model, predictor.anyway) + cautions(
        found, judged.bars, predictor.model, asked, today or date.today()
    )
    said = [whole.said(printable(path.name)), *(f"warning: {finding.said}" for finding in judged.of("warning"))]
    return Answer(predictor, found, path.name, judged.bars.index, asked, told, "\n".join(said))


def named(name: Path) -> Path:
    """The folder itself, or that of data/models which holds the contender of that name.

    Raises
    ------
    UserError
        If it is neither; a damaged folder is the loader's to tell.
    """
    places = [name]
    if len(name.parts) == 1:
        places += [MODELS / name, *sorted(MODELS.glob(f"[0-9][0-9]-{escape(str(name))}"))]
    for folder in places:
        if any(os.path.exists(folder / part) for part in (MANIFEST, FITTED)):
            return folder
    there = ", ".join(sorted(path.parent.name for path in MODELS.glob(f"*/{MANIFEST}")))
    known = f"{there or 'a folder that `dvc repro` makes'}, in {MODELS}"
    raise UserError(f"{printable(str(name))} is no contender: name {known}")


def shipped_beside(folder: Path) -> str | None:
    """Name of what ships, from beside the folder of a contender; None where nothing there can be read."""
    try:
        return read_manifest(read_strict(folder.parent / SHIPPED / MANIFEST))["card"].name
    except UserError:
        return None


def default_model(models: Path) -> Path:
    """The folder of what ships.

    Raises
    ------
    UserError
        If there is none.
    """
    if (models / SHIPPED / MANIFEST).is_file():
        return models / SHIPPED
    if os.path.exists(models / "models.json"):
        raise UserError(f"{models / SHIPPED} is missing: no contender had an operating point, so none ships")
    where = "run it in the project's folder, after `dvc repro`, or name --model"
    raise UserError(f"{models / SHIPPED} is missing: {where}")
