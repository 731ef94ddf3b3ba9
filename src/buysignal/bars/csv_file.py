"""Bars from a CSV file a person made: every defect is told with its line, nothing is guessed."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from buysignal.bars.standard import INDEX, OPTIONAL, REQUIRED, column_name, standardise
from buysignal.errors import UserError

MAX_BYTES = 64 * 2**20  # a century of daily bars is about 2 MB
MISSING = {"", "null", "nan", "na", "n/a", "#n/a"}  # left to validation, which names or drops the row
SHOWN = 10  # headers quoted in a message


class Row(NamedTuple):
    """One record and the file line it ends on."""

    line: int
    cells: Sequence[str]


def read_csv(path: str | Path) -> pd.DataFrame:
    """Read daily bars from a comma-separated UTF-8 file with a header.

    Parameters
    ----------
    path : file with Date, Open, High, Low, Close, Volume and optionally Adj Close, in any order and
        case; spaces and underscores do not count; other columns are ignored. Dates are ISO
        (``2018-12-31`` or ``2018/12/31``, a time of day is dropped); numbers have a decimal point
        and no thousands separator. An empty or ``null`` cell becomes NaN, for validation to judge.

    Returns
    -------
    DataFrame as `buysignal.bars.sources.load` returns it. A file that runs newest first (most of its steps
    go back in time) is turned round.

    Raises
    ------
    UserError
        If the file is missing, empty, too large, not UTF-8 or not CSV, lacks a column (all found
        are named), or holds a date or number that cannot be read (its line is named).
    """
    path = Path(path)
    header, rows = _records(path, _text(path))
    columns = _columns(path, header)
    for row in rows:
        if len(row.cells) != len(header):
            raise UserError(f"{path} line {row.line} has {len(row.cells)} fields, the header has {len(header)}")
    dates = [_date(path, row, columns[INDEX]) for row in rows]
    values = {
        name: [_number(path, row, at, header[at]) for row in rows] for name, at in columns.items() if name != INDEX
    }
    bars = standardise(pd.DataFrame(values, index=pd.DatetimeIndex(dates)))
    # most steps decide, so that one bad date does not make every other row of the file look out of order
    newest_first = np.sign(np.diff(bars.index.asi8)).sum() < 0
    return bars[::-1] if newest_first else bars


def _text(path: Path) -> str:
    """The file's text without a byte-order mark."""
    if not path.is_file():
        state = "is not a file" if path.exists() else "is missing"
        raise UserError(f"{path} {state}: set ingest.csv to a CSV of daily bars")
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UserError(f"{path} has {size:,} bytes: daily bars fit in {MAX_BYTES:,}")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path} line {line} is not UTF-8 text: save the file as CSV UTF-8") from None


def _records(path: Path, text: str) -> tuple[list[str], list[Row]]:
    """Header and rows; blank lines are skipped."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [Row(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise UserError(f"{path} line {reader.line_num} is not CSV: {error}") from None
    if not rows:
        raise UserError(f"{path} is empty: it needs a header and one line per day")
    if len(rows) == 1:
        raise UserError(f"{path} has a header but no rows")
    return [name.strip() for name in rows[0].cells], rows[1:]


def _columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Standard column name -> position in the file."""
    columns: dict[str, int] = {}
    for at, text in enumerate(header):
        name = column_name(text)
        if name in columns:
            raise UserError(f"{path} has two {name} columns: {_quote(header[columns[name]])} and {_quote(text)}")
        if name is not None:
            columns[name] = at
    missing = [name for name in (INDEX, *REQUIRED) if name not in columns]
    if missing:
        found = ", ".join(_quote(text) for text in header[:SHOWN])
        more = f" and {len(header) - SHOWN:,} more" if len(header) > SHOWN else ""
        hint = "; separate columns with commas" if len(header) == 1 else ""
        raise UserError(f"{path} has no column {', '.join(missing)}: found {found}{more}{hint}")
    return {name: columns[name] for name in (INDEX, *REQUIRED, *OPTIONAL) if name in columns}


def _date(path: Path, row: Row, at: int) -> pd.Timestamp:
    text = row.cells[at].strip()
    try:
        # 03/04/2018 is two different days, so only year-first dates are read
        day = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise UserError(f"{path} line {row.line}: date is {_quote(text)}, write it as 2018-12-31") from None
    return pd.Timestamp(day.replace(tzinfo=None))


def _number(path: Path, row: Row, at: int, header: str) -> float:
    text = row.cells[at].strip()
    if text.casefold() in MISSING:
        return math.nan
    where = f"{path} line {row.line}: {header} is {_quote(text)}"
    if text[0] in "=@":
        raise UserError(f"{where}, a spreadsheet formula: export its value")
    try:
        if "_" in text:  # Python reads 1_000, a CSV does not mean it
            raise ValueError(text)
        return float(text)
    except ValueError:
        raise UserError(f"{where}, not a number such as 2506.85") from None


def _quote(text: str) -> str:
    """Text as one short printable word for a message."""
    return repr(text if len(text) <= 40 else text[:39] + "…")
