"""Bars from a pandas frame that a person has, and from parquet, by the rules of files."""

import io
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pyarrow
from pyarrow import parquet, types

from buysignal.bars.forms.cells import Cells, Days, Place
from buysignal.bars.forms.columns import known, role
from buysignal.bars.forms.layout import Layout, chosen, layout, others
from buysignal.bars.forms.moments import Moments, days_of
from buysignal.bars.forms.table import MAX_ROWS
from buysignal.bars.forms.understood import Found, dated, understood
from buysignal.bars.reading import Reading, Wanted
from buysignal.core.errors import UserError

DAYS = ("datetime64", "datetime", "date", "string")  # what an index of days may hold, as pandas names it
APART = ("symbol", "date")  # roles that are not read as cells
MAX_COLUMNS = 2_000
MAX_CELL = 1_000  # characters of a text


def read_parquet(name: str, data: bytes, most: int | None = None) -> pd.DataFrame:
    """The frame in the bytes of a parquet file.

    Parameters
    ----------
    most : rows it may have; None: `MAX_ROWS`

    Raises
    ------
    UserError
        If it is damaged, or larger than bars are.
    """
    try:
        file = parquet.ParquetFile(io.BytesIO(data))
        if file.metadata.num_rows > (most or MAX_ROWS) or file.metadata.num_columns > MAX_COLUMNS:
            raise UserError(f"{name} has {file.metadata.num_rows:,} rows and {file.metadata.num_columns:,} columns: "
                            "these are no daily bars")  # fmt: skip
        frame = _small(name, io.BytesIO(data), file.schema_arrow).to_pandas()
        texts = [name for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
        return frame.astype(dict.fromkeys(texts, object))
    except (pyarrow.ArrowException, OSError, ValueError, KeyError) as error:
        raise UserError(f"{name} is a damaged parquet file: {' '.join(str(error).split())[:100]}") from None


def _small(name: str, data: io.BytesIO, schema: pyarrow.Schema) -> pyarrow.Table:
    """The columns that bars can have; a text stands once in a file and may stand in every row of a table."""
    texts = [field.name for field in schema if types.is_string(field.type) or types.is_large_string(field.type)]
    plain = [field.name for field in schema if _is_plain(field.type)]
    table = parquet.ParquetFile(data, read_dictionary=texts).read(columns=[*plain, *texts])
    for column in texts:
        words = [str(word) for chunk in table[column].chunks for word in chunk.dictionary]
        if max(map(len, words), default=0) > MAX_CELL:
            raise UserError(f"{name} has cells of more than {MAX_CELL:,} characters: these are no daily bars")
    return table


def _is_plain(kind: pyarrow.DataType) -> bool:
    return types.is_primitive(kind) or types.is_dictionary(kind) or types.is_decimal(kind)


def read_frame(frame: pd.DataFrame, wanted: Wanted = Wanted(), name: str = "the frame") -> Reading:  # noqa: B008
    """Bars of a frame: one column level or two, as yfinance gives them, days in the index or in a column.

    Parameters
    ----------
    frame : (n, ...) daily bars, in any order and with any names that a file may have
    name : what messages call it

    Raises
    ------
    UserError
        As `buysignal.bars.forms.read.read_file`, and if neither index nor a column holds days.
    """
    if not isinstance(frame, pd.DataFrame):
        raise UserError(f"{name} must be a pandas DataFrame of daily bars, not {type(frame).__name__}")
    frame, header, symbols, first = _headed(frame, name)
    form = layout(name, header, symbols, first, wanted)
    if not len(frame):
        raise UserError(f"{name} has no rows")
    rows, symbol = np.arange(len(frame)), form.symbol
    if "symbol" in form.at:
        column = frame.iloc[:, form.at["symbol"]].astype(str).str.strip()
        symbol = chosen(name, dict.fromkeys(column), wanted)
        rows = np.flatnonzero(column == symbol)
    return _of_rows(frame, rows, form, symbol, wanted, name, (f"symbol {symbol}",) * (symbol is not None))


def read_each(frame: pd.DataFrame, wanted: Wanted, name: str) -> dict[str, Callable[[], Reading]]:
    """What reads each symbol of a frame of several, as `read_frame` would if that symbol were wanted.

    Raises
    ------
    UserError
        If the frame is no table of bars, or no symbol has a name in it; errors of one symbol's bars are raised by
        what reads it.
    """
    frame, header, symbols, first = _headed(frame, name)
    if symbols:

        def one(symbol: str) -> Reading:
            form = layout(name, header, symbols, first, replace(wanted, symbol=symbol))
            own = frame.iloc[:, [at for role, at in form.at.items() if role not in APART]].notna().any(axis=1)
            return _of_rows(frame, np.flatnonzero(own), form, symbol, wanted, name, others(int((~own).sum())))

        return {symbol: partial(one, symbol) for symbol in dict.fromkeys(filter(None, symbols[1:]))}
    form = layout(name, header, (), first, wanted)
    if "symbol" not in form.at or not len(frame):
        return {}
    days = frame.iloc[:, form.at["date"]]
    if not pd.api.types.is_datetime64_any_dtype(days.dtype):
        form = dated(form, map(str, days.unique()), name, wanted)
    owners = frame.iloc[:, form.at["symbol"]]
    texts = owners.astype(object).where(owners.notna(), "").astype(str).str.strip()
    held = texts.groupby(texts, sort=False).indices
    return {text: partial(_of_rows, frame, rows, form, text, wanted, name) for text, rows in held.items()}


def names_several(frame: pd.DataFrame, wanted: Wanted, name: str) -> bool:
    """Whether a frame names more than one symbol; errors as for `read_each`."""
    frame, header, symbols, first = _headed(frame, name)
    if symbols:
        return len({*filter(None, symbols[1:])}) > 1
    form = layout(name, header, (), first, wanted)
    return "symbol" in form.at and frame.iloc[:, form.at["symbol"]].nunique(dropna=False) > 1


def _headed(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[str], list[str], list[str]]:
    """The frame with its days in a column, the names of its columns, a symbol of each or none, and the first row."""
    frame = _with_dates(frame, name)
    return frame, *_names(frame), [str(cell) for cell in frame.iloc[0]] if len(frame) else []


def _of_rows(
    frame: pd.DataFrame,
    rows: np.ndarray,
    form: Layout,
    symbol: str | None,
    wanted: Wanted,
    name: str,
    said: tuple[str, ...] = (),
) -> Reading:
    """The bars in some rows of a frame that has its days in a column."""
    if not len(rows):
        raise UserError(f"{name} has no bar of {symbol}")
    if len(rows) > MAX_ROWS:
        raise UserError(f"{name} has {len(rows):,} rows of one symbol: these are no daily bars")
    frame, place = frame.take(rows), Place(name, rows + 1, "row")
    cells = {role: _cells(frame.iloc[:, where]) for role, where in form.at.items() if role not in APART}
    cells["date"] = _days(frame.iloc[:, form.at["date"]], place, wanted)
    return understood(Found(place, form, cells, True, said, symbol), wanted)


def _with_dates(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The frame with its days in the first column, unless a column holds them already."""
    top = frame.columns.get_level_values(0) if frame.columns.nlevels > 1 else frame.columns
    if any(role(str(text)) == "date" for text in top):
        return frame
    if isinstance(frame.index, pd.MultiIndex):
        return frame.reset_index()
    if len(frame) and pd.api.types.infer_dtype(frame.index) not in DAYS:  # pandas makes days of 1970 out of numbers
        raise UserError(f"{name} must have days as its index, a DatetimeIndex or dates, or in a column Date")
    column = pd.Series(frame.index, index=frame.index, name=("Date", *[""] * (frame.columns.nlevels - 1))[0])
    frame = frame.copy(deep=False)
    frame.columns = [tuple(text) if isinstance(text, tuple) else text for text in frame.columns]
    rest = pd.concat([column.rename("Date"), frame], axis=1)
    return rest


def _names(frame: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Names of the columns, and the symbol of each where the columns have two levels."""
    pairs = [text if isinstance(text, tuple) else (text, "") for text in frame.columns]
    if not any(isinstance(text, tuple) for text in frame.columns):
        return [str(text) for text in frame.columns], []
    levels = [[str(pair[at]) for pair in pairs] for at in (0, 1)]
    names, symbols = levels if known(levels[0]) >= known(levels[1][1:]) else (["Date", *levels[1][1:]], levels[0])
    return (names, symbols) if any(symbols[1:]) else (names, [])


def _cells(column: pd.Series) -> list[str] | np.ndarray:
    """Numbers as they are; anything else as texts, empty where it is missing."""
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype="float64", na_value=np.nan)
    return ["" if pd.isna(cell) else str(cell) for cell in column]


def _days(column: pd.Series, place: Place, wanted: Wanted) -> Days | list[str]:
    """Days of moments that pandas has read; texts are left to the rules of files."""
    if column.isna().any():
        raise UserError(f"{place(int(column.isna().argmax()))} has no date")
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        return [str(cell) for cell in column.tolist()]
    index = pd.DatetimeIndex(column)
    wall = index.tz_localize(None).to_numpy().astype("datetime64[s]")
    offset = np.full(len(index), np.nan)
    if index.tz is not None:
        offset = (wall - index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")).astype(int) / 60
    elif (wall == wall.astype("datetime64[D]")).all():
        return Days(wall.astype("datetime64[D]"), None, ())
    return days_of(Moments(wall, offset, ""), Cells(range(len(wall)), place, wanted), ())
