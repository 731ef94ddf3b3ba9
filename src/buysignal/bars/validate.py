"""What a daily bar must satisfy before anything is computed from it."""

from bisect import bisect_left
from collections import Counter

import numpy as np
import pandas as pd

from buysignal.bars.counted import NAMED_GAPS, REASONS, BarReport, Gap
from buysignal.bars.quality.meaning import adj_close_alone, meant
from buysignal.bars.quality.repair import noise, unfinished
from buysignal.bars.standard import PRICES
from buysignal.core.errors import UserError

PRICE_RANGE = (1e-9, 1e12)  # beyond any market; squares and ratios of windows of such values stay finite
VOLUME_RANGE = (0.0, 1e18)
NAMED_ROWS = 3  # violations quoted in the error


def validate(bars: pd.DataFrame, on_bad_rows: str, max_gap_days: int) -> tuple[pd.DataFrame, BarReport]:
    """Check bars row by row; stop at bad rows or drop and count them.

    A row is bad if a value is missing or infinite, a price is not positive, the volume is negative, a
    value is beyond `PRICE_RANGE` or `VOLUME_RANGE`, High < Low, High < max(Open, Close), Low >
    min(Open, Close), or its date repeats or runs backwards. Comparisons are exact: rounding a price and
    scaling a row by a split or dividend factor are monotone, so they cannot turn a good bar into a bad
    one, and the embedded sp500 and nasdaq bars (5,031 each) pass as they are. A row counts once, under
    the first reason it meets. Zero volume is allowed: Yahoo reports it on days it has no figure.

    Parameters
    ----------
    bars : index ``date``; open, high, low, close[, volume][, adj_close]
    on_bad_rows : ``error``, ``drop`` or ``repair``, after which what is still bad is an error
    max_gap_days : calendar days between neighbours above which a gap is reported, not refused; >= 1

    Returns
    -------
    bars : the good rows, dates unique and increasing
    report : what was found

    Raises
    ------
    UserError
        If a row is bad and is not to be dropped, or may not be, because rows are not bad one by one: then the file
        means something else, and the message says what. The first three are quoted with date and values, and all
        are counted. Or if no row is left.
    """
    reasons = row_reasons(bars)
    bad = reasons != ""
    means = meant(bars, reasons)
    if bad.any() and (on_bad_rows != "drop" or means):
        first = "; ".join(_describe(bars, reasons, row) for row in np.flatnonzero(bad)[:NAMED_ROWS])
        more = f"; and {bad.sum() - NAMED_ROWS:,} more" if bad.sum() > NAMED_ROWS else ""
        count = f"{bad.sum():,} of {len(bars):,} bars {'is' if bad.sum() == 1 else 'are'} bad"
        way = "repair" if on_bad_rows == "error" and (noise(bars) | unfinished(bars, None))[bad].all() else "drop"
        alone = adj_close_alone(bars, bad)
        slips = f"correct them or set ingest.on_bad_rows to {way}" + f"; {alone}" * bool(alone)
        raise UserError(f"{count}: {first}{more}; {means or slips}")
    kept = bars[~bad]
    if kept.empty:
        raise UserError(f"none of {len(bars):,} bars is usable" if len(bars) else "the source has no bars")
    counts = Counter(reasons[bad].tolist())
    dropped = {reason: counts[reason] for reason in REASONS}
    return kept, _report(kept, dropped, max_gap_days)


def row_reasons(bars: pd.DataFrame) -> np.ndarray:
    """The reason each row is bad, or "", as an array of strings, (n,).

    Dates are judged among rows whose values are good, so a bad row cannot take its good twin with
    it; as few rows as possible are called out of order.
    """
    prices = np.array([bars[name] for name in PRICES if name in bars])  # (4 or 5, n)
    open_, high, low, close = prices[:4]
    volume = bars["volume"].to_numpy() if "volume" in bars else np.zeros(len(bars))
    checks = {
        "not_finite": ~(np.isfinite(prices).all(axis=0) & np.isfinite(volume)) | bars.index.isna(),
        "not_positive": (prices <= 0).any(axis=0),
        "negative_volume": volume < 0,
        "out_of_range": np.any([_beyond(bars[name]) for name in bars], axis=0),
        "high_below_low": high < low,
        "high_below_open_or_close": high < np.maximum(open_, close),
        "low_above_open_or_close": low > np.minimum(open_, close),
    }
    days = bars.index.to_numpy()
    if not np.any(list(checks.values())) and (days[1:] > days[:-1]).all():
        return np.full(len(bars), "", dtype=object)
    reasons = np.select(list(checks.values()), list(checks), default="").astype(object)
    good = np.flatnonzero(reasons == "")
    days = days[good]
    increasing = np.zeros(len(good), dtype=bool)
    increasing[_longest_increasing(days)] = True
    twin = np.isin(days, days[increasing])
    reasons[good[~increasing & twin]] = "duplicate_date"
    reasons[good[~increasing & ~twin]] = "date_out_of_order"
    return reasons


def _range(name: str) -> tuple[float, float]:
    return VOLUME_RANGE if name == "volume" else PRICE_RANGE


def _beyond(column: pd.Series) -> np.ndarray:
    low, high = _range(column.name)
    values = column.to_numpy()
    return ~((low <= values) & (values <= high))


def _longest_increasing(values: np.ndarray) -> np.ndarray:
    """Positions of a longest strictly increasing run (patience sorting); of equals the first is taken."""
    if len(values) < 2 or (values[1:] > values[:-1]).all():
        return np.arange(len(values))
    tails: list = []  # smallest value that ends a run of each length
    ends: list[int] = []  # and its position
    previous = [-1] * len(values)
    for at, value in enumerate(values):
        length = bisect_left(tails, value)
        if length == len(tails):
            tails.append(value)
            ends.append(at)
        elif tails[length] == value:
            continue
        else:
            tails[length], ends[length] = value, at
        previous[at] = ends[length - 1] if length else -1
    run, at = [], ends[-1]
    while at >= 0:
        run.append(at)
        at = previous[at]
    return np.array(run[::-1])


def _describe(bars: pd.DataFrame, reasons: np.ndarray, row: int) -> str:
    """One bad row in words: date, reason and the values that show it; its place would be one of the rows kept."""
    bar, reason = bars.iloc[row], reasons[row]
    where = _iso(bars.index[row])
    if pd.isna(bars.index[row]):
        where = f"a row without a date after {_iso(bars.index[row - 1])}" if row else "the first row, without a date,"
    if reason == "date_out_of_order":
        return f"{where} date_out_of_order next to {_iso(bars.index[row - 1] if row else bars.index[1])}"
    if reason == "duplicate_date":
        return f"{where} duplicate_date"
    if reason == "out_of_range":
        bar = bar[[_beyond(bars[name].iloc[[row]])[0] for name in bars]]
        told = (
            f"{name} {value:.10g} is not from {_range(name)[0]:g} to {_range(name)[1]:g}" for name, value in bar.items()
        )
        return f"{where} out_of_range: {', '.join(told)}"
    return f"{where} {reason}: " + " ".join(f"{name} {value:.10g}" for name, value in bar.items())


def _report(bars: pd.DataFrame, dropped: dict[str, int], max_gap_days: int) -> BarReport:
    steps = np.diff(bars.index.to_numpy()) // np.timedelta64(1, "D")
    steps = steps.astype(int)
    gaps = np.flatnonzero(steps > max_gap_days)
    longest = gaps[np.argsort(-steps[gaps], kind="stable")][:NAMED_GAPS]
    return BarReport(
        rows=len(bars),
        dropped=dropped,
        gaps=len(gaps),
        longest_gaps=tuple(Gap(_iso(bars.index[at]), _iso(bars.index[at + 1]), int(steps[at])) for at in longest),
        longest_gap_days=int(steps.max(initial=0)),
        first=_iso(bars.index[0]),
        last=_iso(bars.index[-1]),
    )


def _iso(moment: pd.Timestamp) -> str:
    return "no date" if pd.isna(moment) else moment.strftime("%Y-%m-%d")
