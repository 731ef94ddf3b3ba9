"""Small bars that are right, for tests to spoil."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

BARS = pd.DataFrame(
    {
        "open": [10.0, 11.0, 12.0],
        "high": [12.0, 13.0, 14.0],
        "low": [9.0, 10.0, 11.0],
        "close": [11.0, 12.0, 13.0],
        "volume": [100.0, 200.0, 300.0],
        "adj_close": [10.5, 11.5, 12.5],
    },
    index=pd.DatetimeIndex(["2018-01-02", "2018-01-03", "2018-01-04"], name="date").as_unit("us"),
)
"""Three bars as every source gives them."""


def good_bars(days: Sequence[str] = ("2018-01-02", "2018-01-03", "2018-01-04", "2018-01-05")) -> pd.DataFrame:
    """One bar per day: open 10, high 12, low 9, close 11, volume 100."""
    index = pd.DatetimeIndex(list(days), name="date").as_unit("us")
    columns = {"open": 10.0, "high": 12.0, "low": 9.0, "close": 11.0, "volume": 100.0}
    return pd.DataFrame(columns, index=index)
