"""One file of several symbols: its table is read once, its rows are parted, and each symbol is then read alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import compress
from pathlib import Path

from buysignal.bars.forms.cells import Place, quoted
from buysignal.bars.forms.layout import Layout, layout, others
from buysignal.bars.forms.numbers import MISSING
from buysignal.bars.forms.read import Bounds, fitted, opened
from buysignal.bars.forms.table import MAX_ROWS, Sheet
from buysignal.bars.forms.understood import Found, dated, understood
from buysignal.bars.reading import Reading, Wanted
from buysignal.core.errors import UserError

MOST = Bounds(2 * 2**30, 25_000_000, 50_000_000)  # of many symbols: 5,000 of 40 years as parquet, half of that as text

Read = Callable[[], Reading]
"""Reads one symbol's bars; `UserError` as for `buysignal.bars.forms.read.read_file`."""


def read_several(path: Path, wanted: Wanted, mend: str | None = None) -> dict[str, Read]:
    """What reads each symbol of a file, as `read_file` would if that symbol were wanted; empty where none is named.

    A symbol is read once: its cells are given up then, so that the texts of all do not outlast their bars.

    Raises
    ------
    UserError
        If the file is no table of bars; errors of one symbol's bars are raised by what reads it.
    """
    wanted = replace(wanted, symbol=None)
    table, said = opened(path.expanduser(), wanted, mend, MOST)
    if not isinstance(table, Sheet):
        from buysignal.bars.forms.frames import read_each

        return read_each(table, wanted, str(path))
    return _beside(table, said, wanted) if table.symbols else _below(table, said, wanted)


def names_several(path: Path, wanted: Wanted) -> bool:
    """Whether a file names more than one symbol; a text is read no further than to the second; False of no table."""
    wanted = replace(wanted, symbol=None)
    try:
        table, _ = opened(path.expanduser(), wanted, None, MOST)
        if not isinstance(table, Sheet):
            from buysignal.bars.forms import frames

            return frames.names_several(table, wanted, str(path))
        if table.symbols:
            return len(set(table.symbols[1:])) > 1
        form, first = _layout(table, wanted), table.first
        at = form.at.get("symbol")
        rows = () if at is None else fitted(table, form.fields, [])
        return any(cells[at].strip() != first.cells[at].strip() for _, cells in rows)
    except UserError:
        return False


def _layout(table: Sheet, wanted: Wanted) -> Layout:
    return layout(table.name, table.header, table.symbols, table.first.cells if table.first else (), wanted)


def _below(table: Sheet, said: Sequence[str], wanted: Wanted) -> dict[str, Read]:
    """Symbols one below the other, in a column of their own; in any order."""
    form, footer = _layout(table, wanted), []
    at = form.at.get("symbol")
    if at is None:
        return {}
    places = {role: place for role, place in form.at.items() if role != "symbol"}
    held: dict[str, tuple[list[int], list[list[str]]]] = {}
    last, lines, appends = None, [], ()
    for line, cells in fitted(table, form.fields, footer):
        if cells[at] != last:
            last = cells[at]
            lines, columns = held.setdefault(last.strip(), ([], [[] for _ in places]))
            appends = [(column.append, place) for column, place in zip(columns, places.values())]
        lines.append(line)
        for append, place in appends:
            append(cells[place])
    told, day = (*said, *table.said, *footer), list(places).index("date")
    settled = dated(form, (date for _, columns in held.values() for date in columns[day]), table.name, wanted)

    def one(symbol: str) -> Reading:
        lines, columns = held.pop(symbol)
        return _understood(table, settled, lines, dict(zip(places, columns)), symbol, told, wanted)

    return {symbol: partial(one, symbol) for symbol in held}


def _beside(table: Sheet, said: Sequence[str], wanted: Wanted) -> dict[str, Read]:
    """Symbols one beside the other, as yfinance has them, named in a line of the header."""
    footer: list[str] = []
    rows = list(fitted(table, len(table.header), footer))
    whole, columns = [line for line, _ in rows], list(zip(*(cells for _, cells in rows)))
    told = (*said, *table.said, *footer)

    def one(symbol: str) -> Reading:
        form = _layout(table, replace(wanted, symbol=symbol))
        figures = zip(*(columns[at] for role, at in form.at.items() if role != "date")) if whole else ()
        own = [not all(MISSING.fullmatch(cell.strip()) for cell in cells) for cells in figures]
        lines = list(compress(whole, own))
        cells = {role: list(compress(columns[at], own)) for role, at in form.at.items()} if whole else {}
        left = others(len(whole) - len(lines))
        return _understood(table, form, lines, cells, symbol, (*told, *left), wanted)

    return {symbol: partial(one, symbol) for symbol in dict.fromkeys(table.symbols[1:])}


def _understood(
    table: Sheet,
    form: Layout,
    lines: Sequence[int],
    columns: Mapping[str, Sequence[str]],
    symbol: str,
    said: Sequence[str],
    wanted: Wanted,
) -> Reading:
    """The bars of one symbol, from the cells of its rows."""
    if not lines:
        raise UserError(f"{table.name} has no bar of {quoted(symbol)}")
    if len(lines) > MAX_ROWS:
        raise UserError(f"{table.name} has more than {MAX_ROWS:,} rows of {quoted(symbol)}: these are no daily bars")
    place = Place(table.name, lines, table.unit)
    return understood(Found(place, form, columns, table.delimiter == ",", tuple(said), symbol), wanted)
