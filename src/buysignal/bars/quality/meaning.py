"""What a file means whose rows are not bad one by one: then none may be dropped."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

FEW = 3  # days with two unlike rows, or dates out of order, that may be slips
SHARE = 0.05  # of all rows, the same where there are many
MOST = 0.5  # of all rows: more bad ones than good
ENOUGH = 20  # rows, before a share of them tells anything
RISING = 0.98  # of the steps of dates that are read as they were meant
LOOK = "look at the file: it holds something else than its columns say"


def meant(bars: pd.DataFrame, reasons: np.ndarray) -> str:
    """What bad rows say of the file as a whole, in a clause with its way out; empty where they are slips.

    Parameters
    ----------
    bars : (n, ...) as they were read
    reasons : (n,) of `buysignal.bars.validate.row_reasons`
    """
    bad = reasons != ""
    if not bad.any() or len(bars) < ENOUGH:
        return ""
    return _dates(bars, reasons) or _prices(reasons) or (LOOK if bad.mean() > MOST else "")


def _prices(reasons: np.ndarray) -> str:
    if (reasons == "not_positive").mean() > MOST:
        return "most rows have a price of 0 or less: a spread, a rate or returns, and no prices"
    if (reasons == "not_finite").mean() > MOST:
        return "most rows lack a value: a column may be empty (a file without volume: ingest.volume none)"
    return ""


def _dates(bars: pd.DataFrame, reasons: np.ndarray) -> str:
    days = bars.index
    allowed = max(FEW, SHARE * len(bars))
    if (again := (reasons == "date_out_of_order") | (reasons == "duplicate_date")).sum() > allowed:
        if _rises(_exchanged(days[~days.isna()])):
            return "with day and month exchanged the dates would run in order: see ingest.dates"
        if blocks := _blocks(days):
            return f"the dates begin anew {blocks} times: several symbols one after another, of which one must be kept"
    twins = bars[again].reset_index().drop_duplicates()
    unlike = pd.DatetimeIndex(twins["date"]).dropna().nunique() if len(_unlike(bars, twins)) > allowed else 0
    if unlike:
        return f"{unlike:,} days have several rows that differ: several symbols, or several times a day"
    if (reasons == "date_out_of_order").sum() > allowed:
        return "the dates run in no order: sort the file, or see ingest.dates"
    return ""


def _unlike(bars: pd.DataFrame, twins: pd.DataFrame) -> Sequence[int]:
    """Rows that share their day with a row of other values."""
    whole = bars.reset_index()
    same = whole.duplicated(keep=False).to_numpy()
    shared = whole["date"].duplicated(keep=False).to_numpy() & whole["date"].isin(twins["date"]).to_numpy()
    return np.flatnonzero(shared & ~same)


def _exchanged(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Dates with day and month exchanged where that gives a date."""
    swap = days.day <= 12
    month, day = np.where(swap, days.day, days.month), np.where(swap, days.month, days.day)
    return pd.DatetimeIndex(pd.to_datetime(dict(year=days.year, month=month, day=day)))


def _rises(days: pd.DatetimeIndex) -> bool:
    steps = np.diff(days.asi8)
    return bool(len(steps)) and max((steps > 0).mean(), (steps < 0).mean()) >= RISING


def _blocks(days: pd.DatetimeIndex) -> int:
    """How often dates that run in order begin anew; 0 where they do not run so."""
    steps = np.diff(days.to_numpy())
    back = steps <= np.timedelta64(0)
    begins = int(back.sum())
    return begins if 0 < begins <= (1 - RISING) * len(steps) + FEW else 0
