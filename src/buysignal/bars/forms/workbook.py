"""Bars from a workbook of Excel or LibreOffice: the sheet that holds them, as rows of texts for the rules of files."""

import io
import json
import lzma
import math
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from buysignal.bars.forms import calamine_child
from buysignal.bars.forms.cells import quoted
from buysignal.bars.forms.columns import assigned, known, role
from buysignal.bars.forms.layout import is_named, way_of
from buysignal.bars.forms.opened import MAX_BYTES
from buysignal.bars.forms.table import MAX_ROWS, PEEKED, Row, Sheet, headed, is_footer
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MAX_COLUMNS, MAX_PARTS = 2_000, 2_000
SECONDS = 60
BARS = 4  # roles that a header names, for its sheet to be one of bars
SERIAL = (20_000, 80_000)  # days as spreadsheets count them: 1954 to 2119, or four years more
EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # 1900 was no leap year, but is one to Excel
SINCE_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*[\"'](?:1|true|on)[\"']")
PASSWORD = "is locked by a password: save it without one"
SPOILT = (
    *(EOFError, OSError, ValueError, KeyError, RuntimeError, struct.error),
    *(zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)
SHOWN = 10  # names of sheets in a message

Cell = float | str | list  # a list holds the ISO text of a day or a moment


def is_workbook(path: Path, data: bytes) -> bool:
    """Whether a file is called a workbook and begins as one; many a file that is called .xls is text."""
    return path.suffix.lower() in SUFFIXES and data.startswith((ZIP, OLE))


def workbook(name: str, data: bytes, wanted: Wanted) -> Sheet:
    """The sheet of bars in a workbook; its rows keep the numbers that the program shows.

    Numbers become texts that decimal point and comma leave alone (``12345e-2``), so that only cells that are texts
    tell the file's decimal mark.

    Raises
    ------
    UserError
        If the workbook is damaged, locked or larger than bars are, or no sheet holds bars, or several do and none is
        the symbol's.
    """
    data, since_1904 = _measured(name, data) if data.startswith(ZIP) else (data, _date_mode(data))
    if "EncryptedPackage".encode("utf-16-le") in data[: 2**16] + data[-(2**16) :]:
        raise UserError(f"{name} {PASSWORD}")
    sheets = _parsed(name, data)
    title, first, rows = _of_bars(name, sheets, wanted)
    if len(rows) > MAX_ROWS + PEEKED or max(map(len, rows)) > MAX_COLUMNS:
        raise UserError(f"{name} sheet {quoted(title)} has {len(rows):,} rows and {max(map(len, rows)):,} columns: "
                        "these are no daily bars")  # fmt: skip
    others = [other for other, _, held in sheets if held and other != title]
    said = [f"sheet {quoted(title)}", *[f"{_listed(others)} not read"] * bool(others)]
    filled = [(at, row) for at, row in enumerate(rows, first) if any(str(cell).strip() for cell in row)]
    top = headed([Row(at, _texts(row)) for at, row in filled[:PEEKED]])
    body, counted = _dated(filled[top.end :], assigned(top.header, {}).get("date", ()), since_1904)
    found = [_row(at, _texts(row)) for at, row in body]
    figures = [at for at, text in enumerate(top.header) if role(text) not in ("date", "symbol")]
    told = any(isinstance(row[at], str) and row[at] for _, row in body for at in figures)
    symbol = title if wanted.symbol and is_named(title, wanted.symbol) else None
    said = (*said, *top.said, *counted)
    parted = "" if told else ","  # as in a file that is parted by commas, no decimal comma can be there
    return Sheet(name, top.header, top.symbols, iter(found), found[0] if found else None, parted, said, "row", symbol)


def _measured(name: str, data: bytes) -> tuple[bytes, bool | None]:
    """The archive packed anew of what has been unpacked and counted; and whether its days are counted from 1904."""
    held, left, since_1904 = io.BytesIO(), MAX_BYTES, None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(held, "w") as counted:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or len({part.filename for part in parts}) < len(parts):
                raise UserError(f"{name} is a damaged workbook: it has {len(parts):,} parts, or two of one name")
            if any(part.flag_bits & 1 for part in parts):
                raise UserError(f"{name} {PASSWORD}")
            if any(part.filename.startswith("xl/macrosheets/") for part in parts):
                raise UserError(f"{name} has a sheet of macros: save the sheet of bars in a workbook of its own")
            for part in parts:
                with archive.open(part) as file:
                    text = file.read(left + 1)
                left -= len(text)
                if left < 0:
                    raise UserError(f"{name} unpacks to more than {MAX_BYTES:,} bytes: these are no daily bars")
                if part.filename == "META-INF/manifest.xml" and b"encryption-data" in text:
                    raise UserError(f"{name} {PASSWORD}")
                counted.writestr(part.filename, text)
                if re.fullmatch(r"xl/workbook\d*\.xml", part.filename):
                    since_1904 = SINCE_1904.search(text) is not None
    except SPOILT as error:
        raise UserError(f"{name} is a damaged workbook: {_brief(error)}") from None
    return held.getvalue(), since_1904


def _date_mode(data: bytes) -> bool | None:
    """Whether an .xls counts its days from 1904, by its record DATEMODE; None where that is not plain."""
    modes = [b"\x22\x00\x02\x00" + bytes([mode, 0]) in data for mode in (0, 1)]
    return modes[1] if modes[0] != modes[1] else None


def _parsed(name: str, data: bytes) -> list[tuple[str, int, list[list[Cell]]]]:
    """Title, number of the first row and rows of each worksheet."""
    command = [sys.executable, "-I", calamine_child.__file__]
    try:
        ended = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise UserError(f"{name} took more than {SECONDS} seconds to read: these are no daily bars") from None
    if ended.returncode or not ended.stdout:
        raise UserError(f"{name} is a damaged workbook, or its cells stand too far apart for daily bars")
    answer = json.loads(ended.stdout)
    kind, why = answer.get("error", ("", ""))
    if kind in ("OverflowError", "MemoryError"):
        raise UserError(f"{name} is too large for daily bars: {why or 'it fills the memory'}")
    if kind == "PasswordError":
        raise UserError(f"{name} {PASSWORD}")
    if kind in ("ImportError", "ModuleNotFoundError"):
        raise UserError(f"{name} is a workbook, which needs python-calamine: pip install -r requirements.txt")
    if kind:
        raise UserError(f"{name} is a damaged workbook: {_brief(why)}")
    if not answer["sheets"]:
        raise UserError(f"{name} is a workbook without a sheet of cells: it holds charts or macros alone")
    return [tuple(sheet) for sheet in answer["sheets"]]


def _of_bars(name: str, sheets: Sequence[tuple], wanted: Wanted) -> tuple[str, int, list[list[Cell]]]:
    """The one sheet whose header names columns of bars, or the only one that holds anything."""
    filled = [sheet for sheet in sheets if sheet[2]]
    if not filled:
        raise UserError(f"{name} is empty: it needs a header and one line per day")
    names = [max(known(_texts(row)) for row in sheet[2][:PEEKED]) for sheet in filled]
    found = [sheet for sheet, count in zip(filled, names) if count >= BARS]
    if len(found) == 1 or (len(filled) == 1 and names[0] > 1):  # of an only one it is said which columns it lacks
        return (found or filled)[0]
    if not found:
        raise UserError(f"{name} has no sheet of bars, but {_listed(sheet[0] for sheet in filled)}: one must have a "
                        "header such as Date, Open, High, Low, Close, Volume")  # fmt: skip
    named = [sheet for sheet in found if wanted.symbol and is_named(sheet[0], wanted.symbol)]
    if len(named) != 1:
        raise UserError(f"{name} holds bars in {_listed(sheet[0] for sheet in found)}: "
                        f"{way_of([sheet[0] for sheet in found], wanted)}")  # fmt: skip
    return named[0]


def _dated(
    rows: Sequence[tuple[int, list[Cell]]], columns: Iterable[int], since_1904: bool | None
) -> tuple[list[tuple[int, list[Cell]]], tuple[str, ...]]:
    """Rows whose counts of days are days, where the cells of a column of days are such counts and nothing else."""
    rows, said = [(at, list(row)) for at, row in rows], ()
    for column in columns:
        counted = [row for _, row in rows if row[column] != ""]
        if since_1904 is None or not counted or not all(_is_count(row[column]) for row in counted):
            for row in counted:
                row[column] = _text(row[column]) if not _is_count(row[column]) else f"{row[column]:.10g}"
            continue
        said = (f"days counted from {1904 if since_1904 else 1900}",)
        for row in counted:
            moment = EPOCHS[since_1904] + timedelta(seconds=round(row[column] * 86_400))
            row[column] = [str(moment).removesuffix(" 00:00:00")]
    return rows, said


def _is_count(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) and SERIAL[0] <= cell <= SERIAL[1]


def _row(at: int, cells: list[str]) -> Row:
    """A row; a line about the file, below the bars, is as short as that of a CSV."""
    return Row(at, cells[:1] if is_footer(Row(at, cells)) else cells)


def _texts(row: Sequence[Cell]) -> list[str]:
    return [_text(cell) for cell in row]


def _text(cell: Cell) -> str:
    """One cell as a file would have it, but for the mark of its decimals.

    >>> _text(1234.5), _text(-2.5e-07), _text(20210104.0), _text(["2021-01-04"]), _text(" 1.234,5 ")
    ('12345e-1', '-25e-8', '20210104', '2021-01-04', ' 1.234,5 ')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list):
        return cell[0]
    if not math.isfinite(cell):
        return str(cell)
    if cell == int(cell) and abs(cell) < 1e18:
        return str(int(cell))
    mantissa, _, power = repr(cell).partition("e")
    whole, _, part = mantissa.partition(".")
    return f"{whole}{part}e{int(power or 0) - len(part)}"


def _listed(titles: Iterable[str]) -> str:
    titles = list(titles)
    more = f" and {len(titles) - SHOWN:,} more" if len(titles) > SHOWN else ""
    return f"sheet{'s' * (len(titles) > 1)} {', '.join(map(quoted, titles[:SHOWN]))}{more}"


def _brief(error: object) -> str:
    return " ".join(str(error).split())[:100]
