"""Bad rows of bars, told so that they are found: by their lines in the file, with what helps by its name here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from itertools import takewhile
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.forms.cells import Cells, Place
from buysignal.bars.forms.dates import days
from buysignal.bars.forms.layout import is_named, layout
from buysignal.bars.forms.read import fitted, opened, read_file
from buysignal.bars.forms.table import Sheet
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.quality.repair import repaired
from buysignal.bars.reading import Wanted
from buysignal.bars.validate import row_reasons
from buysignal.cli.reading_flags import spelled
from buysignal.core.errors import UserError

NAMED = 10  # bad rows that a message names, the first few of them with their values
REFUSED = re.compile(
    r"(?P<head>(?:symbol (?P<symbol>\S+) is bad: )?(?:(?P<file>.*?): )?)"
    r"(?P<count>[\d,]+ of [\d,]+ bars (?:is|are) bad: )"
)
ROW, MORE = re.compile(r"\d{4}-\d\d-\d\d |a row without|the first row"), re.compile(r"and [\d,]+ more")


@contextmanager
def located(path: str | Path | None, wanted: Wanted, rules: Rules, until: date | None = None) -> Iterator[None]:
    """What is refused in here is said as the caller spells it, and bad rows of a file with their lines.

    Parameters
    ----------
    path : a file, or a folder with one a symbol; None: a frame, whose rows are found by their days
    until : no later bar is looked at
    """
    try:
        yield
    except UserError as error:
        text = str(error) if path is None else _placed(str(error), Path(path), wanted, rules, until)
        raise UserError(spelled(text, wanted)) from None


def _placed(text: str, path: Path, wanted: Wanted, rules: Rules, until: date | None) -> str:
    """A refusal of bad rows with up to `NAMED` of them, each with its line; any other message as it is."""
    found = REFUSED.match(text)
    if found is None:
        return text
    file, symbol = (Path(found["file"]), None) if path.is_dir() else (path, found["symbol"])
    wanted = replace(wanted, symbol=symbol or wanted.symbol)
    reading = read_file(file, wanted)
    bars = (reading if until is None else reading.until(pd.Timestamp(until))).bars
    bars = repaired(bars, None)[0] if rules.on_bad_rows == "repair" else bars
    reasons, lines = row_reasons(bars), _lines(file, wanted)
    rest = text[found.end() :].split("; ")
    shown = list(takewhile(ROW.match, rest))
    rest = rest[len(shown) :]
    bad = np.flatnonzero(reasons != "")
    shown += [f"{bars.index[row]:%Y-%m-%d} {reasons[row]}" for row in bad[len(shown) : NAMED]]
    shown = [f"{lines.get(bars.index[row], '')}{said}" for row, said in zip(bad, shown)]
    if MORE.fullmatch(rest[0]):
        rest = rest[1:]
    more = [f"and {len(bad) - NAMED:,} more"] * (len(bad) > NAMED)
    return f"{found['head'] or f'{path}: '}{found['count']}{'; '.join((*shown, *more, *rest))}"


def _lines(file: Path, wanted: Wanted) -> dict[pd.Timestamp, str]:
    """Where the rows of each day stand in a file, as ``line 7, ``; empty of one without lines, or of moments."""
    table, _ = opened(file, wanted)
    if not isinstance(table, Sheet):
        return {}
    form = layout(table.name, table.header, table.symbols, table.first.cells if table.first else (), wanted)
    if "time" in form.at:
        return {}
    symbol = form.at.get("symbol")
    rows = [
        (line, cells[form.at["date"]])
        for line, cells in fitted(table, form.fields, [])
        if symbol is None or wanted.symbol is None or is_named(cells[symbol].strip(), wanted.symbol)
    ]
    place = Place(table.name, [line for line, _ in rows], table.unit)
    known = form.form.dates if wanted.dates == "auto" else None
    try:
        found = days(Cells([text for _, text in rows], place, wanted, known)).days
    except UserError:  # the dates of one symbol alone may not tell their order
        return {}
    of: dict[pd.Timestamp, list[str]] = {}
    for (line, _), day in zip(rows, found):
        of.setdefault(pd.Timestamp(day), []).append(str(line))
    return {day: f"{table.unit}{'s' * (len(at) > 1)} {' and '.join(at)}, " for day, at in of.items()}
