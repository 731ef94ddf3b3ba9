"""An answer asked for on the command line: which model, which bars, how it is written."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from glob import escape
from pathlib import Path

import pandas as pd

from buysignal.bars.forms.read import read_file
from buysignal.bars.panel import holds_many
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import Reading, Wanted
from buysignal.cli import reading_flags, told
from buysignal.cli.bad_rows import located
from buysignal.cli.predict.answer import Answer, as_json, as_rows, blocks, printable
from buysignal.cli.predict.cautions import alone, asked_day, cautions
from buysignal.cli.predict.history import EVERY, as_of_each, require_a_day
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.predict.rows import flat, put
from buysignal.cli.reading_flags import as_flags
from buysignal.core.errors import UserError
from buysignal.core.sealed import read_strict
from buysignal.ship.manifest import read_manifest
from buysignal.ship.package import FITTED, MANIFEST, SHIPPED

MODELS = Path("data/models")


def predict(arguments: argparse.Namespace) -> int:
    """Give an answer; how the bars were understood goes to stderr, and warnings too where a program reads it."""
    _require_sense(arguments)
    folder = named(arguments.model) if arguments.model else default_model(MODELS)
    predictor = Predictor.load(folder, arguments.anyway)
    settled = reading_flags.wanted(arguments)
    rules = predictor.rules(**reading_flags.rules(arguments))
    since, until = EVERY if arguments.all else arguments.since, arguments.until or arguments.as_of
    if holds_many(arguments.bars, settled):
        return _many(predictor, arguments, rules, since, until, shipped_beside(folder))
    with _no_collection():
        answer = answered(predictor, arguments.bars, until, since, None, settled, rules)
        answer = replace(answer, ships=shipped_beside(folder))
    print(answer.said, file=sys.stderr)
    said = partial(blocks, answer), partial(as_json, answer)
    _give(arguments, *said, partial(as_rows, answer), [f"warning: {caution.text}" for caution in answer.cautions])
    return 0


def _many(
    predictor: Predictor,
    arguments: argparse.Namespace,
    rules: Rules,
    since: date | None,
    until: date | None,
    ships: str | None,
) -> int:
    """As `predict`, for many symbols."""
    from buysignal.cli.predict import many_days, ranking, written

    path, settled = arguments.bars, replace(reading_flags.wanted(arguments), volume=predictor.volume)
    how = (date.today(), settled, rules, arguments.on_bad_symbol)
    of = {"file": path.resolve().name, "ships": ships}
    with _no_collection():
        if since is None:
            found = ranking.ranked(predictor, path, until, *how)
            said = partial(written.blocks, found, **of), partial(written.as_json, found, asked=until, **of)
        else:
            found = many_days.ranged(predictor, path, since, until, *how)
            said = partial(many_days.blocks, found, **of), partial(many_days.as_json, found, **of)
    understood = [found.panel.said(printable(path.resolve().name))]
    understood += [f"warning: {as_flags(one.said)}" for one in found.panel.summed() if one.level == "warning"]
    print("\n".join(understood), file=sys.stderr)
    doubts = [f"left out: {symbol}: {why}" for symbol, why in found.left_out.items()]
    doubts += [f"warning: {one.text}" for one in found.general]
    doubts += [f"warning: {text}" for _, _, text in ranking.summed(found)]
    _give(arguments, *said, partial(flat, predictor, found.rows), doubts)
    return 0


def _require_sense(arguments: argparse.Namespace) -> None:
    """`UserError` if the options exclude each other, or one lacks another."""
    since, until, out = arguments.since, arguments.until, arguments.out
    if since and (arguments.as_of or arguments.all):
        other = "--as-of, which is one day" if arguments.as_of else "--all, which is every day"
        raise UserError(f"--since begins a range, which --until ends: leave out {other}")
    if until and not since:
        raise UserError("--until ends a range, which --since begins: give --since too, or --as-of for one day")
    if since and until and since > until:
        raise UserError(f"--since {since} is after --until {until}")
    if arguments.format == "parquet" and out is None:
        raise UserError("--format parquet is not printed: name its file by --out")
    if out is not None and arguments.bars.resolve() in (out.resolve(), out.resolve().parent):
        raise UserError(f"--out {out} is where the bars are: name another place")


def _give(
    arguments: argparse.Namespace,
    blocks: Callable[[], Sequence[str]],
    as_json: Callable[[], str],
    rows: Callable[[], pd.DataFrame],
    doubts: Sequence[str],
) -> None:
    """Write an answer in the form that was asked for; a table, and Markdown, has its doubts in it."""
    text = partial(told.written, arguments.format, blocks, as_json, looked_at=arguments.out is None)
    put(arguments.format, arguments.out, text, rows)
    if arguments.format not in (told.TABLE, told.MD):
        print(*doubts, sep="\n", end="\n" * bool(doubts), file=sys.stderr)


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
    since: date | None = None,
    today: date | None = None,
    wanted: Wanted = Wanted(),  # noqa: B008, it is frozen
    rules: Rules | None = None,
) -> Answer:
    """The answer for the bars in a file, of which none after the day ``asked`` is looked at.

    Parameters
    ----------
    since : the first of the days that are asked for, `EVERY` for the first that has an answer; None: the latest alone

    Raises
    ------
    UserError
        If the file cannot be read as bars, one up to that day is bad, they are too few, or no day has an answer.
    """
    if not os.path.isfile(path):  # of a folder that may not be looked into, Path says so with a traceback
        raise UserError(
            f"{path} is {'not a file' if os.path.exists(path) else 'missing'}: name a CSV file of daily bars"
        )
    wanted, rules = replace(wanted, volume=predictor.volume), rules or predictor.rules()
    whole = read_file(path, wanted)
    if asked is not None and len(whole.bars) and whole.until(pd.Timestamp(asked)).bars.empty:
        raise UserError(f"{path} has no bar on or before {asked}: it begins on {whole.bars.index[0]:%Y-%m-%d}")
    with located(path, wanted, rules, asked):
        try:
            return of_reading(predictor, whole, path.name, asked, since, today, rules)
        except UserError as error:
            raise UserError(f"{path}: {error}") from None


def of_reading(
    predictor: Predictor,
    whole: Reading,
    file: str,
    asked: date | None = None,
    since: date | None = None,
    today: date | None = None,
    rules: Rules | None = None,
) -> Answer:
    """The same for bars that were read; ``file`` is the name of what they come from."""
    reading = whole if asked is None else whole.until(pd.Timestamp(asked))
    if since is None:
        judged, found = predictor.answer(reading, 1, rules)
    else:
        require_a_day(predictor, whole.bars.index, since, asked)
        judged, found = as_of_each(predictor, reading, pd.Timestamp(since), rules or predictor.rules())
    last = judged.bars.index[-1].date()
    day = asked if since is None else asked_day(predictor.model, last, asked)
    doubts = alone(predictor.model, predictor.anyway) + cautions(
        found, judged.bars, predictor.model, day, today or date.today()
    )
    said = [
        whole.said(printable(file)),
        *(f"warning: {as_flags(finding.said)}" for finding in judged.of("warning")),
    ]
    begin = None if since == EVERY else since
    return Answer(predictor, found, file, judged.bars.index, asked, doubts, "\n".join(said), since=begin)


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
