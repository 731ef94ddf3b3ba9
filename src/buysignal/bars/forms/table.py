"""From text to rows of cells: what separates them, where the header is, and bounds that a hostile file meets."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from buysignal.bars.forms.columns import known, plain, role
from buysignal.core.errors import UserError

MAX_LINES = 1_000_000  # of a file of many symbols; `MAX_ROWS` are the most that one may have
MAX_ROWS = 100_000  # four centuries of trading days
MAX_RECORD = 100_000  # characters of one; a bar has a hundred
PEEKED = 30  # records among which the header stands
DELIMITERS = {"\t": "tabs", ";": "';'", "|": "'|'", ",": ""}
LEVEL = {"ticker", "symbol", "symbols", "price", "attributes", ""}  # first cell of a header line above or below
DECLARED = re.compile(r'"?sep=([,;|\t])"?(\r\n|\r|\n)')  # Excel's first line


class Row(NamedTuple):
    """One record and the file line it ends on."""

    line: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Sheet:
    """A file's rows, before any cell is understood.

    Attributes
    ----------
    name : the file, for messages
    header : names as they stand; empty where there is none
    symbols : what stands above or below each name, where the header has a line of symbols; else empty
    rows : those of bars, one after the other, once
    first : the first of them, if there is one
    delimiter : what separates the cells
    said : what was found that is not plain
    unit : what messages call a row
    symbol : the one whose sheet this is, of a workbook
    """

    name: str
    header: tuple[str, ...]
    symbols: tuple[str, ...]
    rows: Iterator[Row]
    first: Row | None
    delimiter: str
    said: tuple[str, ...]
    unit: str = "line"
    symbol: str | None = None


class Head(NamedTuple):
    """What stands above the bars: names, a symbol for each or none, the row that bars begin at, what was said."""

    header: tuple[str, ...]
    symbols: tuple[str, ...]
    end: int
    said: tuple[str, ...]


def sheet(name: str, text: str, most: int | None = None) -> Sheet:
    """Find delimiter and header of a text.

    Parameters
    ----------
    most : lines it may have; None: `MAX_LINES`

    Raises
    ------
    UserError
        If nothing is in it, it is not CSV, or has more lines or characters to a record than daily bars can have.
    """
    most = most or MAX_LINES
    if max(text.count("\n"), text.count("\r")) > most:
        raise UserError(f"{name} has more than {most:,} lines: these are no daily bars")
    declared = DECLARED.match(text)
    text = "\n" + text[declared.end() :] if declared else text  # the lines keep their numbers
    delimiter = declared[1] if declared else _delimiter(text)
    records = _records(name, text, delimiter)
    peeked = list(islice(records, PEEKED))
    if not peeked:
        raise UserError(f"{name} is empty: it needs a header and one line per day")
    said = [f"separated by {DELIMITERS[delimiter]}"] if delimiter != "," else []
    head = headed(peeked)
    rows = peeked[head.end :]
    first = rows[0] if rows else None
    return Sheet(name, head.header, head.symbols, chain(rows, records), first, delimiter, (*said, *head.said))


def headed(rows: Sequence[Row]) -> Head:
    """Find the header among the first rows of a table."""
    at = _header(rows)
    if at is None:
        return Head((), (), 0, ())
    symbols, begin, end = _levels(rows, at)
    said = (f"{begin} line{'s' * (begin > 1)} above the header not read",) * bool(begin)
    names = tuple(cell.strip() for cell in rows[at].cells)
    if end < len(rows) and _is_units(rows[end].cells, len(names)):
        symbols, end = tuple(cell.strip() for cell in rows[end].cells), end + 1
    if _is_units(symbols, len(names)) or _differ(symbols, names):  # a unit belongs to its name: Volume (000s)
        names = tuple(f"{name} ({unit.strip('()[]')})" if unit else name for name, unit in zip(names, symbols))
        symbols, said = (), (*said, "a line of units in the header")
    return Head(names, symbols, end, said)


def is_footer(row: Row) -> bool:
    """Whether a row is words about the file and no part of a bar: ``Downloaded from Barchart.com as of ...``."""
    return re.match(r"[^\W\d]\S* ", row.cells[0]) is not None and not any(cell.strip() for cell in row.cells[1:])


def _delimiter(text: str) -> str:
    """The one by which most column names are known; of headerless rows, the one that splits all into as many cells."""
    lines = [line for line in text[: 4 * MAX_RECORD].splitlines()[:PEEKED] if line.strip()]

    def worth(delimiter: str) -> tuple[int, int]:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return 0, 0
        counts = [len(row) for row in rows]
        names = max((known(row) for row in rows), default=0)
        return names, int(bool(counts) and min(counts) == max(counts) >= 5)

    best = max(DELIMITERS, key=worth)  # the first of equals: a comma is also a decimal mark
    return best if worth(best) > (1, 0) or worth(best)[1] else ","


def _records(name: str, text: str, delimiter: str) -> Iterator[Row]:
    """Header and rows; blank ones are skipped."""
    read = 0  # characters since the last whole record: quotes can hold a file of newlines together

    def lines() -> Iterator[str]:
        nonlocal read
        for number, line in enumerate(io.StringIO(text, newline=""), 1):
            read += len(line)
            if read > MAX_RECORD:
                raise UserError(f"{name} line {number}: a record has more than {MAX_RECORD:,} characters, no daily bar")
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            read = 0
            if any(cells) and any(cell.strip() for cell in cells):
                yield Row(reader.line_num, cells)
    except csv.Error as error:
        raise UserError(f"{name} line {reader.line_num} is not CSV: {error}") from None


def _header(rows: Sequence[Row]) -> int | None:
    """Position of the row that names most columns; None of rows that begin with bars at once."""
    counts = [known(row.cells) for row in rows]
    best = max(counts)
    if best >= 2:
        return counts.index(best)
    first = rows[0].cells
    figures = sum(bool(re.fullmatch(r"\s*[-+$€£]?\d[\d., ']*\s*", cell)) for cell in first[1:])
    return None if re.match(r"\s*\d", first[0]) and figures >= 4 else 0


def _levels(rows: Sequence[Row], at: int) -> tuple[tuple[str, ...], int, int]:
    """Symbols beside the names, lines that stand above all of the header, and where the bars begin."""
    width, begin, end, symbols = len(rows[at].cells), at, at + 1, ()
    if at and _is_level(rows[at - 1].cells, width):
        symbols, begin = tuple(rows[at - 1].cells), at - 1
    elif end < len(rows) and _is_level(rows[end].cells, width):
        symbols, end = tuple(rows[end].cells), end + 1
    if end < len(rows) and role(rows[end].cells[0]) == "date" and not any(c.strip() for c in rows[end].cells[1:]):
        end += 1  # pandas writes the name of the index in a line of its own
    return tuple(symbol.strip() for symbol in symbols), begin, end


def _is_units(cells: Sequence[str], width: int) -> bool:
    """Whether a row holds a unit for most columns: ``(EST),(USD),(USD),(USD),(USD),(shares)``."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(cells) == width > 2 and len(filled) > 1 and all(re.fullmatch(r"\(.*\)|\[.*\]", cell) for cell in filled)


def _differ(symbols: Sequence[str], names: Sequence[str]) -> bool:
    """Whether what stands beside names that stand once each is not one symbol, and so is none."""
    roles = [role(name) for name in names[1:]]
    return bool(symbols) and not symbols[0] and len(set(symbols[1:])) > 1 and len(set(roles)) == len(roles)


def _is_level(cells: Sequence[str], width: int) -> bool:
    """Whether a row holds a symbol for every column."""
    if len(cells) != width or width < 3 or plain(cells[0]) not in LEVEL or "##" in cells[0]:
        return False
    return all(re.search(r"[^\W\d]", cell) or re.fullmatch(r"\d{4,6}", cell) for cell in cells[1:])
