"""Bars from a CSV file a person made: every defect is told with its line, nothing is guessed."""

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from buysignal.bars.standard import INDEX, OPTIONAL, REQUIRED, column_name, standardise
from buysignal.core.errors import UserError
from buysignal.core.textfile import read_text

MAX_BYTES = 32 * 2**20  # a century of daily bars is about 2 MB
MAX_LINES = 200_000  # eight centuries of trading days
MAX_RECORD = 100_000  # characters of one; a bar has a hundred
MISSING = {"", "null", "nan", "na", "n/a", "#n/a"}  # left to validation, which names or drops the row
ISO_DAY = r"\d{4}([-/])\d{2}\1\d{2}"
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
        If the file is missing, empty, not UTF-8 or not CSV, has more bytes, lines or characters to a record
        than daily bars can have, lacks a column (all found are named), or holds a date or number that
        cannot be read (its line is named).
    """
    path = Path(path)
    records = _records(path, read_text(path, MAX_BYTES, "set ingest.csv to a CSV of daily bars"))
    first = next(records, None)
    if first is None:
        raise UserError(f"{path} is empty: it needs a header and one line per day")
    header = [name.strip() for name in first.cells]
    columns = _columns(path, header)
    dates: list[pd.Timestamp] = []
    values: dict[str, list[float]] = {name: [] for name in columns if name != INDEX}
    for row in records:  # one at a time: the cells of a hostile file fill far more memory than its bytes
        if len(row.cells) != len(header):
            raise UserError(f"{path} line {row.line} has {len(row.cells)} fields, the header has {len(header)}")
        dates.append(_date(path, row, columns[INDEX]))
        for name, column in values.items():
            column.append(_number(path, row, columns[name], header[columns[name]]))
    if not dates:
        raise UserError(f"{path} has a header but no rows")
    bars = standardise(pd.DataFrame(values, index=pd.DatetimeIndex(dates)))
    # most steps decide, so that one bad date does not make every other row of the file look out of order
    newest_first = np.sign(np.diff(bars.index.asi8)).sum() < 0
    return bars[::-1] if newest_first else bars


def _records(path: Path, text: str) -> Iterator[Row]:
    """Header and rows; blank lines are skipped."""
    read = 0  # characters since the last whole record: quotes can hold a file of newlines together

    def lines() -> Iterator[str]:
        nonlocal read
        for number, line in enumerate(io.StringIO(text, newline=""), 1):
            read += len(line)
            if read > MAX_RECORD:
                raise UserError(f"{path} line {number}: a record has more than {MAX_RECORD:,} characters, no daily bar")
            if number > MAX_LINES:
                raise UserError(f"{path} has more than {MAX_LINES:,} lines: these are no daily bars")
            yield line

    reader = csv.reader(lines(), strict=True)
    try:
        for cells in reader:
            read = 0
            if any(cell.strip() for cell in cells):
                yield Row(reader.line_num, cells)
    except csv.Error as error:
        raise UserError(f"{path} line {reader.line_num} is not CSV: {error}") from None


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
        wrong = "there is no such day" if re.fullmatch(ISO_DAY, text) else "write it as 2018-12-31"
        raise UserError(f"{path} line {row.line}: date is {_quote(text)}, {wrong}") from None
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
