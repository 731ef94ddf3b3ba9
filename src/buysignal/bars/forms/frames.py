"""Bars from a pandas frame that a person has, and from parquet, by the rules of files."""

import io

import numpy as np
import pandas as pd
import pyarrow
from pyarrow import parquet, types

from buysignal.bars.forms.cells import Cells, Days, Place
from buysignal.bars.forms.columns import known, role
from buysignal.bars.forms.layout import chosen, layout
from buysignal.bars.forms.moments import Moments, days_of
from buysignal.bars.forms.table import MAX_ROWS
from buysignal.bars.forms.understood import Found, understood
from buysignal.bars.reading import Reading, Wanted
from buysignal.core.errors import UserError

DAYS = ("datetime64", "datetime", "date", "string")  # what an index of days may hold, as pandas names it
MAX_COLUMNS = 2_000
MAX_CELL = 1_000  # characters of a text


def read_parquet(name: str, data: bytes) -> pd.DataFrame:
    """The frame in the bytes of a parquet file.

    Raises
    ------
    UserError
        If it is damaged, or larger than bars are.
    """
    try:
        file = parquet.ParquetFile(io.BytesIO(data))
        if file.metadata.num_rows > MAX_ROWS or file.metadata.num_columns > MAX_COLUMNS:
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
    frame = _with_dates(frame, name)
    header, symbols = _names(frame)
    first = [str(cell) for cell in frame.iloc[0]] if len(frame) else []
    form = layout(name, header, symbols, first, wanted)
    if not len(frame):
        raise UserError(f"{name} has no rows")
    place = Place(name, range(1, len(frame) + 1), "row")
    at, symbol = dict(form.at), form.symbol
    if "symbol" in at:
        column = frame.iloc[:, at.pop("symbol")].astype(str).str.strip()
        symbol = chosen(name, dict.fromkeys(column), wanted)
        keep = (column == symbol).to_numpy()
        frame, place = frame[keep], Place(name, np.flatnonzero(keep) + 1, "row")
    cells = {role: _cells(frame.iloc[:, where]) for role, where in at.items()}
    cells["date"] = _days(frame.iloc[:, at["date"]], place, wanted)
    said = (f"symbol {symbol}",) * (symbol is not None)
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
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        missing = next((at for at, cell in enumerate(column) if pd.isna(cell)), None)
        if missing is not None:
            raise UserError(f"{place(missing)} has no date")
        return [str(cell) for cell in column]
    if column.isna().any():
        raise UserError(f"{place(int(column.isna().argmax()))} has no date")
    index = pd.DatetimeIndex(column)
    wall = index.tz_localize(None).to_numpy().astype("datetime64[s]")
    offset = np.full(len(index), np.nan)
    if index.tz is not None:
        offset = (wall - index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")).astype(int) / 60
    elif (wall == wall.astype("datetime64[D]")).all():
        return Days(wall.astype("datetime64[D]"), None, ())
    return days_of(Moments(wall, offset, ""), Cells(range(len(wall)), place, wanted), ())
