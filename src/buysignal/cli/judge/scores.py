"""Scores of an outside model, from a CSV or from pandas, read strictly: a score that is guessed is none."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from buysignal.bars.forms.cells import Cells, Place, quoted
from buysignal.bars.forms.columns import role
from buysignal.bars.forms.dates import days
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from buysignal.core.textfile import read_text

MOST = 1 << 26  # bytes; a score a day of a century has one megabyte
NAMES = ("score", "scores", "signal", "signals", "probability", "proba", "prob", "prediction", "pred", "buy", "alert")
WORDS = {"true": "1", "false": "0"}


def read_scores(path: Path, wanted: Wanted) -> pd.Series:
    """The scores (n,) of a CSV with a header, by day.

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
    date, score = _columns(str(path), [name.strip() for name in header])
    for line, cells in rows:
        if len(cells) != len(header):
            raise UserError(f"{path} line {line} has {len(cells)} fields, the header has {len(header)}")
    place = Place(str(path), [line for line, _ in rows])
    found = days(Cells([cells[date] for _, cells in rows], place, wanted)).days
    return _series(found, [cells[score].strip() for _, cells in rows], place)


def scores_of(given: pd.Series | pd.DataFrame, name: str = "the scores") -> pd.Series:
    """The same of a Series indexed by day, or of a frame with such an index or a column of dates."""
    if isinstance(given, pd.Series):
        given = given.to_frame("score")
    if not isinstance(given, pd.DataFrame) or not len(given):
        raise UserError(f"{name} must be a pandas Series or DataFrame of at least one day, or the path of a CSV")
    if not any(role(str(column)) == "date" for column in given):
        given = given.rename_axis(index="date").reset_index()
    date, score = _columns(name, [str(column) for column in given])
    place, column = Place(name, range(1, len(given) + 1), "row"), given.iloc[:, date]
    moments = pd.api.types.is_datetime64_any_dtype(column.dtype)
    texts = [str(day) for day in (column.dt.strftime("%Y-%m-%d") if moments else column)]
    found = days(Cells(texts, place, Wanted())).days
    return _series(found, [str(cell) for cell in given.iloc[:, score]], place)


def _columns(name: str, header: Sequence[str]) -> tuple[int, int]:
    """Where the days and where the scores stand."""
    dates = [at for at, text in enumerate(header) if role(text) == "date"] or [0]
    left = [at for at in range(len(header)) if at != dates[0]]
    named = [at for at in left if header[at].casefold() in NAMES]
    found = named if len(named) == 1 else left
    if len(header) < 2:
        raise UserError(f"{name} has one column: it needs two, a date and a score")
    if len(found) != 1:
        known = ", ".join(quoted(header[at])[1:-1] for at in (named or left)[:8])
        raise UserError(f"{name}: which column is the score, of {known}? Name it score, or leave the others out")
    return dates[0], found[0]


def _series(found: np.ndarray, texts: Sequence[str], place: Place) -> pd.Series:
    values = np.full(len(texts), np.nan)
    for at, text in enumerate(texts):
        try:
            values[at] = float(WORDS.get(text.casefold(), text.replace("_", "?") or "nan"))  # Python reads 1_0 as 10
        except ValueError:
            raise UserError(f"{place(at)}: the score is {quoted(text)}, write a number with a decimal point") from None
    scores = pd.Series(values, pd.DatetimeIndex(found, name="date"), name="score")
    lacking = np.flatnonzero(~np.isfinite(values))
    if len(lacking):
        raise UserError(f"{_of(len(lacking), len(values))} no finite score, the first is {place(lacking[0])}: "
                        "leave out the days before the first score, and fill the others")  # fmt: skip
    repeated = scores.index[scores.index.duplicated()]
    if len(repeated):
        first = np.flatnonzero(scores.index.duplicated())[0]
        raise UserError(f"{_of(len(repeated), len(values))} a day that stood before, the first is "
                        f"{place(first)}, {repeated[0]:%Y-%m-%d}: one score a day")  # fmt: skip
    return scores.sort_index()


def _of(count: int, all_: int) -> str:
    return f"{count:,} of {all_:,} scores {'have' if count > 1 else 'has'}"
