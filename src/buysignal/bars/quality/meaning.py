"""What a file means whose rows are not bad one by one: then none may be dropped."""

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
    if (reasons == "negative_volume").mean() > MOST:
        return "most rows have a volume below 0, which stands for none: set ingest.volume to none"
    if (reasons == "not_finite").mean() > MOST:
        return "most rows lack a value: a column may be empty (a file without volume: ingest.volume none)"
    return ""


def _dates(bars: pd.DataFrame, reasons: np.ndarray) -> str:
    allowed = max(FEW, SHARE * len(bars))
    back = reasons == "date_out_of_order"
    if (back | (reasons == "duplicate_date")).sum() <= allowed:
        return ""
    if _rises(_exchanged(bars.index[~bars.index.isna()])):
        return "with day and month exchanged the dates would run in order: see ingest.dates"
    if days := days_with_unlike_rows(bars):
        begins = restarts(bars.index)
        anew = f", and the dates begin anew {begins} time{'s' * (begins > 1)}" if begins else ""
        return f"{days:,} days have several rows that differ{anew}: several symbols, or several times a day"
    return "the dates run in no order: sort the file, or see ingest.dates" if back.sum() > allowed else ""


def days_with_unlike_rows(bars: pd.DataFrame) -> int:
    """Days of which there are several rows of different values; a row that is there twice is one."""
    whole = bars.reset_index(names="date").drop_duplicates()
    return int(whole["date"][whole["date"].duplicated()].nunique())


def restarts(days: pd.DatetimeIndex) -> int:
    """How often dates that run in order begin anew; 0 where they do not run so."""
    steps = np.diff(days.to_numpy())
    begins = int((steps < np.timedelta64(0)).sum())
    return begins if begins <= (1 - RISING) * len(steps) + FEW else 0


def _exchanged(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Dates with day and month exchanged where that gives a date."""
    swap = days.day <= 12
    month, day = np.where(swap, days.day, days.month), np.where(swap, days.month, days.day)
    return pd.DatetimeIndex(pd.to_datetime(dict(year=days.year, month=month, day=day)))


def _rises(days: pd.DatetimeIndex) -> bool:
    steps = np.diff(days.asi8)
    return bool(len(steps)) and max((steps > 0).mean(), (steps < 0).mean()) >= RISING
