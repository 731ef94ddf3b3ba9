"""Scores of an outside model, of one market or of many symbols, from a CSV or from pandas, read strictly: a score that
is guessed is none."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.forms.cells import Cells, Place, quoted
from buysignal.bars.forms.columns import NAMES as ROLES
from buysignal.bars.forms.columns import plain, role
from buysignal.bars.forms.dates import days
from buysignal.bars.forms.layout import alias
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from buysignal.core.textfile import read_text

MOST = 1 << 28  # bytes; a score a day of a century has one megabyte, of 2,000 symbols over ten years 150
NAMES = ("score", "scores", "signal", "signals", "probability", "proba", "prob", "prediction", "pred", "buy", "alert")
WORDS = {"true": "1", "false": "0"}


def read_scores(path: Path, wanted: Wanted) -> pd.Series:
    """The scores (n,) of a CSV with a header, by day; of one that names several symbols by ``symbol`` and ``date``.

    Raises
    ------
    UserError
        If it is no such file; one line with the line at fault.
    """
    text = read_text(path, MOST, "name a CSV of dates and scores")
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise UserError(f"{path} line {reader.line_num} is not CSV: {error}") from None
    if len(rows) < 2:
        raise UserError(f"{path} is empty: it needs a header, such as date,score, and one line per day")
    (_, header), *rows = rows
    date, score, symbol = _columns(str(path), [name.strip() for name in header])
    for line, cells in rows:
        if len(cells) != len(header):
            raise UserError(f"{path} line {line} has {len(cells)} fields, the header has {len(header)}")
    place = Place(str(path), [line for line, _ in rows])
    texts, scores, symbols = ([cells[at].strip() for _, cells in rows] for at in (date, score, symbol or 0))
    return _series(texts, scores, symbols if symbol is not None else [], place, wanted)


def scores_of(given: pd.Series | pd.DataFrame, name: str = "the scores") -> pd.Series:
    """The same of a Series indexed by day, or of a frame with such an index or a column of dates."""
    if isinstance(given, pd.Series):
        given = given.to_frame("score")
    if not isinstance(given, pd.DataFrame) or not len(given):
        raise UserError(f"{name} must be a pandas Series or DataFrame of at least one day, or the path of a CSV")
    if given.index.nlevels == 2 and not {"symbol", "date"} <= set(given.index.names):
        raise UserError(f"{name} have an index of two levels: name them symbol and date")
    if not any(role(str(column)) == "date" for column in given):
        given = (given if given.index.nlevels == 2 else given.rename_axis(index="date")).reset_index()
    date, score, symbol = _columns(name, [str(column) for column in given])
    place, column = Place(name, range(1, len(given) + 1), "row"), given.iloc[:, date]
    moments = pd.api.types.is_datetime64_any_dtype(column.dtype)
    texts = [str(day) for day in (column.dt.strftime("%Y-%m-%d") if moments else column)]
    symbols = [] if symbol is None else [str(cell).strip() for cell in given.iloc[:, symbol]]
    return _series(texts, [str(cell) for cell in given.iloc[:, score]], symbols, place, Wanted())


def _columns(name: str, header: Sequence[str]) -> tuple[int, int, int | None]:
    """Where the days, the scores and, if there are any, the symbols stand."""
    dates = [at for at, text in enumerate(header) if role(text) == "date"] or [0]
    left = [at for at in range(len(header)) if at != dates[0]]
    symbols = [at for at in left if ROLES[0].get(plain(header[at])) == "symbol"] if len(left) > 1 else []
    left = [at for at in left if at not in symbols]
    named = [at for at in left if header[at].casefold() in NAMES]
    found = named if len(named) == 1 else left
    if len(header) < 2:
        raise UserError(f"{name} has one column: it needs two, a date and a score")
    if len(found) != 1:
        known = ", ".join(quoted(header[at])[1:-1] for at in (named or left)[:8])
        raise UserError(f"{name}: which column is the score, of {known}? Name it score, or leave the others out")
    return dates[0], found[0], symbols[0] if symbols else None


def _series(
    texts: Sequence[str], scores: Sequence[str], symbols: Sequence[str], place: Place, wanted: Wanted
) -> pd.Series:
    """The scores, sorted; symbols count where there are several."""
    values = np.full(len(scores), np.nan)
    for at, text in enumerate(scores):
        try:
            values[at] = float(WORDS.get(text.casefold(), text.replace("_", "?") or "nan"))  # Python reads 1_0 as 10
        except ValueError:
            raise UserError(f"{place(at)}: the score is {quoted(text)}, write a number with a decimal point") from None
    index = _index(texts, symbols, place, wanted)
    found = pd.Series(values, index, name="score")
    lacking = np.flatnonzero(~np.isfinite(values))
    if len(lacking):
        raise UserError(f"{_of(len(lacking), len(values))} no finite score, the first is {place(lacking[0])}: "
                        "leave out the days before the first score, and fill the others")  # fmt: skip
    repeated = np.flatnonzero(index.duplicated())
    if len(repeated):
        many = index.nlevels == 2
        who = f"{index[repeated[0]][0]} on " if many else ""
        what = "a symbol and day that stood" if many else "a day that stood"
        raise UserError(f"{_of(len(repeated), len(values))} {what} before, the first is {place(repeated[0])}, "
                        f"{who}{index.get_level_values('date')[repeated[0]]:%Y-%m-%d}: one score a day"
                        + " of a symbol" * many)  # fmt: skip
    return found.sort_index()


def _index(texts: Sequence[str], symbols: Sequence[str], place: Place, wanted: Wanted) -> pd.Index:
    """The days; of several symbols with their names."""
    if len(set(symbols)) < 2:
        return pd.DatetimeIndex(days(Cells(texts, place, wanted)).days, name="date")
    if "" in symbols:
        raise UserError(f"{place(symbols.index(''))} names no symbol, and others do")
    code, first = np.unique(symbols, return_index=True)
    bare = [alias(name) for name in code]
    if "" in bare:
        at = bare.index("")
        raise UserError(f"{place(first[at])}: the symbol {quoted(code[at])} has no letter or digit of A-Z or 0-9")
    once = {text: at for at, text in reversed(list(enumerate(texts)))}  # each day is written many times, and read once
    written = sorted(once, key=once.__getitem__)
    place_of = Place(place.name, [place.lines[once[text]] for text in written], place.unit)
    found = dict(zip(written, days(Cells(written, place_of, wanted)).days))
    own = dict(zip(code, bare))
    each = pd.DatetimeIndex([found[text] for text in texts])
    return pd.MultiIndex.from_arrays([[own[name] for name in symbols], each], names=["symbol", "date"])


def _of(count: int, all_: int) -> str:
    return f"{count:,} of {all_:,} scores {'have' if count > 1 else 'has'}"
