"""The one shape of bars in this project."""

import re

import pandas as pd

REQUIRED = ("open", "high", "low", "close", "volume")
OPTIONAL = ("adj_close",)
PRICES = ("open", "high", "low", "close", "adj_close")
INDEX = "date"

_KNOWN = {name.replace("_", ""): name for name in (INDEX, *REQUIRED, *OPTIONAL)}


def column_name(header: str) -> str | None:
    """Standard name of a header, or None: case, spaces and underscores do not count.

    >>> column_name(" Adj Close"), column_name("ADJ_CLOSE"), column_name("Dividends")
    ('adj_close', 'adj_close', None)
    """
    return _KNOWN.get(re.sub(r"[\s_]+", "", header).casefold())


def standardise(frame: pd.DataFrame) -> pd.DataFrame:
    """Rename, order and type the columns of bars that are indexed by date.

    Parameters
    ----------
    frame : any column case; a time of day or zone in the index is dropped, the local date is kept

    Returns
    -------
    DataFrame of float64 open, high, low, close, volume [, adj_close], index ``date`` (naive).
    Columns that are not bars (dividends, splits) are left out.
    """
    names = {column: column_name(str(column)) for column in frame.columns}
    bars = frame.rename(columns=names)
    bars = bars[[name for name in (*REQUIRED, *OPTIONAL) if name in bars.columns]].astype("float64")
    dates = pd.DatetimeIndex(bars.index)
    # normalize guesses a frequency where days happen to be regular; a calendar with holidays has none
    bars.index = pd.DatetimeIndex(dates.tz_localize(None).normalize(), name=INDEX, freq=None).as_unit("us")
    bars.columns.name = None
    return bars
