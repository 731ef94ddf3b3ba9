"""What a file means whose rows are not bad one by one: then none may be dropped."""

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import rows

FEW = 3  # days with two unlike rows, or dates out of order, that may be slips
SHARE = 0.05  # of all rows, the same where there are many
MANY = 0.1  # of all rows: then they are no slips, and a market without them is another one
ENOUGH = 20  # rows, before a share of them tells anything
RISING = 0.98  # of the steps of dates that are read as they were meant
HALF = 0.5
HIGH_LOW = ("high_below_low", "high_below_open_or_close", "low_above_open_or_close")


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
    return _dates(bars, reasons) or (bad.mean() > MANY and adj_close_alone(bars, bad)) or _prices(bars, reasons)


def adj_close_alone(bars: pd.DataFrame, bad: np.ndarray) -> str:
    """What to do about Adj Close if it alone makes rows bad: nothing but an adjustment needs it. Else empty."""
    if "adj_close" not in bars:
        return ""
    values = bars["adj_close"].to_numpy()
    spoilt = ~(np.isfinite(values) & (values > 0))
    others = bars.drop(columns="adj_close").to_numpy()
    whole = np.isfinite(others).all(axis=1) & (others[:, :4] > 0).all(axis=1)
    if not (spoilt & whole)[bad].all():
        return ""
    what = "is empty, 0 or below 0" if spoilt.all() else f"is missing, 0 or below 0 on {rows(spoilt.sum(), len(bars))}"
    return f"Adj Close {what} and the other columns are whole: delete the column Adj Close from the file"


def _prices(bars: pd.DataFrame, reasons: np.ndarray) -> str:
    """Bad rows that are too many to be slips, by the reason most of them have; a row that is there twice is one."""
    bad = (reasons != "") & (reasons != "duplicate_date")
    if bad.sum() <= MANY * len(bars):
        return ""
    why = max(set(reasons[bad]), key=lambda reason: (reasons == reason).sum())
    many = f"{100 * bad.mean():.0f} % of rows"
    prices = bars[["open", "high", "low", "close"]].to_numpy()
    if why == "not_positive" and (prices[bad] < 0).any(axis=1).mean() > HALF:
        return f"{many} have a price below 0: a spread, a rate or returns, and no prices"
    if why == "negative_volume":
        return f"{many} have a volume below 0, which stands for none: set ingest.volume to none"
    if why == "not_finite" and "volume" in bars and np.isfinite(prices[bad]).all(axis=1).mean() > HALF:
        return f"{many} lack a volume: set ingest.volume to none, or {_begin(bars, bad)}"
    what = {
        "not_positive": "have a price of 0, as of days without trade",
        "not_finite": "lack a value",
        "out_of_range": "have values of no market",
        **dict.fromkeys(HIGH_LOW, "have prices beyond their own High or Low, as of columns adjusted unlike each other"),
    }.get(why, "are bad")
    return f"{many} {what}, too many to leave out one by one: {_begin(bars, bad)}"


def _begin(bars: pd.DataFrame, bad: np.ndarray) -> str:
    """Where the bad rows end, if most rows come after them; else another source."""
    last = int(np.flatnonzero(bad)[-1])
    if last + 1 < HALF * len(bars) and not pd.isna(bars.index[last + 1]):
        return f"leave out all rows before {bars.index[last + 1]:%Y-%m-%d}"
    return "get the bars from another source"


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
