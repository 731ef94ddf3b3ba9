"""Bars from a file that a person has, in whatever form: the door of every reader of files."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from os.path import isfile
from pathlib import Path

import pandas as pd

from buysignal.bars.forms.cells import Place, quoted
from buysignal.bars.forms.columns import known_in, plain
from buysignal.bars.forms.layout import Layout, chosen, is_named, layout
from buysignal.bars.forms.opened import MAX_BYTES, text_of, unpacked
from buysignal.bars.forms.rows import EVENT
from buysignal.bars.forms.table import MAX_ROWS, Row, Sheet, is_footer, sheet
from buysignal.bars.forms.understood import Found, understood
from buysignal.bars.forms.workbook import is_workbook, workbook
from buysignal.bars.reading import Reading, Wanted
from buysignal.core.errors import UserError
from buysignal.core.textfile import read_bytes

DAY = re.compile(r"\d{1,4}[-/.]\d|\d{8}")
MEND = "set ingest.csv to a CSV of daily bars"


def read_file(path: str | Path, wanted: Wanted = Wanted(), mend: str | None = None) -> Reading:  # noqa: B008, it is frozen
    """Read daily bars from a file in any form of `buysignal.bars.forms.catalogue`, packed or not, parquet or workbook.

    A form of a user's own that `Wanted.forms` names comes before these.

    Parameters
    ----------
    wanted : what the user settles of a file that can be read in more than one way
    mend : what to do about a path that is no file; None: to set ``ingest.csv`` or, where none set it, another path

    Raises
    ------
    UserError
        If it is no file of daily bars, a cell cannot be read, or the file can be read in more than one way; one line
        that names the file and its line, and what would be right.
    """
    path = Path(path).expanduser()
    table, said = opened(path, wanted, mend)
    if not isinstance(table, Sheet):
        from buysignal.bars.forms.frames import read_frame

        reading = read_frame(table, wanted, str(path))
        return replace(reading, understood=(*said, *reading.understood))
    form = layout(table.name, table.header, table.symbols, table.first.cells if table.first else (), wanted)
    return understood(_collected(table, form, said, wanted), wanted)


@dataclass(frozen=True)
class Bounds:
    """The most that is read of a file: bytes, also unpacked; lines of a text; rows of parquet."""

    size: int
    lines: int
    rows: int


def opened(
    path: Path, wanted: Wanted, mend: str | None = None, most: Bounds | None = None
) -> tuple[Sheet | pd.DataFrame, tuple[str, ...]]:
    """The table in a file before any column is understood, and what is to be said of a text; as `read_file`.

    Parameters
    ----------
    most : None: what one symbol's bars may have
    """
    for spec in wanted.forms if isfile(path) else ():  # of any path, be it one that no file can have
        from buysignal.bars.forms.own import frame_of  # who has none does not wait for it

        if (frame := frame_of(path, spec)) is not None:
            return frame, (f"read by {spec}",)
    size, lines, rows = (most.size, most.lines, most.rows) if most else (MAX_BYTES, None, None)
    data = read_bytes(path, size, mend or (MEND if wanted.spelled == Wanted.spelled else "name a file of daily bars"))
    if is_workbook(path, data):
        return workbook(str(path), data, wanted), ()
    data, packed = unpacked(str(path), data, most and size)
    if data.startswith(b"PAR1"):
        from buysignal.bars.forms.frames import read_parquet  # parquet takes longer to import than to read

        return read_parquet(str(path), data, rows), ()
    text, said = text_of(str(path), data, known_in)
    return sheet(str(path), text, lines), (*packed, *said)


def _collected(found: Sheet, form: Layout, said: tuple[str, ...], wanted: Wanted) -> Found:
    """The cells of the columns that are read; one row at a time, for those of a hostile file fill much memory."""
    at, lines, symbols, footer = form.at.get("symbol"), [], {}, []
    columns: dict[str, list[str]] = {role: [] for role in form.at if role != "symbol"}
    appends = [(column.append, form.at[role]) for role, column in columns.items()]
    owners: list[str] = []
    for line, cells in fitted(found, form.fields, footer):
        if at is not None:
            symbol = cells[at].strip()
            if symbol not in symbols:
                symbols[symbol] = is_named(symbol, wanted.symbol) if wanted.symbol else not symbols
            if not symbols[symbol]:
                continue
            owners.append(symbol.casefold())
        lines.append(line)
        for append, place in appends:
            append(cells[place])
        if len(lines) > MAX_ROWS:
            raise UserError(f"{found.name} has more than {MAX_ROWS:,} rows: these are no daily bars")
    if not lines and not symbols:
        raise UserError(f"{found.name} has a header but no rows")
    symbol = chosen(found.name, symbols, wanted) if symbols else form.symbol or found.symbol
    if len(set(owners)) > 1:  # by its own name and by an alias
        keep = [row for row, owner in enumerate(owners) if owner == symbol.casefold()]
        lines, columns = [lines[row] for row in keep], {role: [of[row] for row in keep] for role, of in columns.items()}
    unused = wanted.symbol is not None and symbol is None
    told = (f"symbol {quoted(symbol or '')[1:-1]}",) * (symbol is not None) + ("it names no symbol",) * unused
    place = Place(found.name, lines, found.unit)
    return Found(place, form, columns, found.delimiter == ",", (*said, *found.said, *footer, *told), symbol)


def fitted(found: Sheet, fields: int, footer: list[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """The line and the cells of each row, one for each field; a line below the bars gives ``footer`` a word on it."""
    for row in found.rows:
        cells = row.cells
        if len(cells) != fields:
            if is_footer(row) and next(found.rows, None) is None:
                footer.append("1 line below the bars not read")
                return
            cells = _fitted(found, row, fields)
        yield row.line, cells


def _fitted(found: Sheet, row: Row, fields: int) -> Sequence[str]:
    """The cells of a row that is too long by empty ones, or is short and tells of a dividend; any other is refused."""
    if len(row.cells) > fields and not any(cell.strip() for cell in row.cells[fields:]):
        return row.cells
    if any(EVENT.search(cell) for cell in row.cells):
        return [*row.cells, *[""] * (fields - len(row.cells))][:fields]
    head = f"the header has {fields}" if found.header else f"the first line has {fields}"
    names = [plain(name) for name in found.header]
    why = ""
    if "price" in names and "close" in names and len(row.cells) == fields - 1:
        why = ": Price is the name of yfinance's column level and no column; take it out of the header"
    if found.delimiter == "," and len(row.cells) in (2 * fields - 2, 2 * fields - 1):
        why = ": are its decimals written with commas? Then part the cells with semicolons"
    first, *others = (cell.strip() for cell in row.cells)
    if len(row.cells) == 1 and found.delimiter in first:
        why = ": it stands in quotes as a whole; take them out"
    elif len(row.cells) == fields + 1 and DAY.match(others[0]) and not DAY.match(first):
        why = ": the column of row numbers has no name; give it one, or write the file without (R: row.names = FALSE)"
    elif not re.match(r"\d", first):
        why = ": delete it, and others below the bars, if it is no bar"
    raise UserError(f"{found.name} {found.unit} {row.line} has {len(row.cells)} fields, {head}{why}")
