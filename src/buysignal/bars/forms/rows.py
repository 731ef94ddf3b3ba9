"""Rows that are no bars, and files whose rows are not one bar a day."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from buysignal.core.errors import UserError

EVENT = re.compile(r"dividend|split|capital gain|bonus issue|ex-?div|dividende|dividendo", re.I)
RATIO = re.compile(r"(\d+(?:\.\d+)?)\s*(?::|/|for|-for-)\s*(\d+(?:\.\d+)?)")
RESAMPLE = "make days of them first: Open the first, High the highest, Low the lowest, Close the last, Volume the sum"
SHARED = 0.1  # of the rows on a day that has another: no slip of the pen any more
IN_ORDER = 0.9  # of the rows: a few may be bad
LIKE = 1.0  # logarithm of the factor by which a volume must differ from the price, not to be an adjusted close
TIMES = 3  # different times on one day
STEPS = {1: "minute", 60: "hourly", 240: "4-hour"}


def events(columns: Mapping[str, Sequence[str]]) -> tuple[np.ndarray, dict[int, float]]:
    """Which rows tell of a dividend or a split in words (n,), and new shares for one old of those that are a split."""
    prices = [columns[role] for role in ("open", "high", "low", "close") if role in columns]
    told = np.zeros(len(prices[0]), dtype=bool)
    ratios: dict[int, float] = {}
    if not EVENT.search("".join(prices[0])):
        return told, ratios
    for at, cells in enumerate(zip(*prices)):
        text = next((cell for cell in cells if EVENT.search(cell)), None)
        if text is None:
            continue
        told[at] = True
        if "split" in text.lower() and (match := RATIO.search(text)) and float(match[2]):
            ratios[at] = float(match[1]) / float(match[2])
    return told, ratios


def no_bars(
    days: np.ndarray, values: Mapping[str, np.ndarray], told: np.ndarray, paid: np.ndarray
) -> dict[str, np.ndarray]:
    """Rows to leave out, (n,) for each reason; a row has one at most.

    Parameters
    ----------
    days : (n,) datetime64[D], oldest first or not
    values : prices and volume by role, (n,)
    told : rows that tell of an event in words
    paid : rows whose column of dividends holds one
    """
    empty = ~told & np.all([np.isnan(values[role]) for role in ("open", "high", "low", "close")], axis=0)
    dividend = told | (empty & paid)
    empty &= ~dividend
    twin = empty & np.isin(days, days[~empty & ~dividend]) if empty.any() else empty
    last = np.zeros(len(days), dtype=bool)
    left = np.flatnonzero(~dividend & ~twin)
    if len(left) > 1:
        last[left[np.argmax(days[left])]] = True
    return {"dividend row": dividend, "empty twin": twin, "row of an unfinished last day": last & empty}


def require_order(name: str, values: Mapping[str, np.ndarray]) -> None:
    """Refuse columns without names whose figures are not those of Open, High, Low, Close and Volume in this order."""
    with np.errstate(invalid="ignore"):
        high = values["high"] >= np.maximum(values["open"], values["close"])
        low = values["low"] <= np.minimum(values["open"], values["close"])
        like_a_price = (
            np.abs(np.log(np.nanmedian(values.get("volume", np.ones(1))) / np.nanmedian(values["close"]))) < LIKE
        )
    if not (high & low).mean() >= IN_ORDER or ("volume" in values and like_a_price):
        raise UserError(f"{name} has no header, and its columns do not look like Date, Open, High, Low, Close, Volume: "
                        "name them in a first line")  # fmt: skip


def require_daily(name: str, days: np.ndarray, moments: pd.DatetimeIndex | None) -> None:
    """Refuse rows that stand several on one day too often to be a slip.

    Raises
    ------
    UserError
        If the file holds intraday bars, or several symbols without a column that names them; with what to do.
    """
    if (days[1:] > days[:-1]).all() or (days[1:] < days[:-1]).all():
        return
    _, inverse, count = np.unique(days, return_inverse=True, return_counts=True)
    shared = (count[inverse] > 1).sum()
    if not shared:
        return
    many = shared > max(SHARED * len(days), 2)
    if moments is not None:
        apart = pd.Series(moments.as_unit("s").asi8).groupby(days).nunique()
        if apart.max() >= TIMES or (many and apart.max() > 1):
            wall = np.sort(moments.as_unit("s").asi8)
            steps = np.diff(wall)
            step = int(np.median(steps[steps > 0])) // 60
            kind = STEPS.get(step, f"{step}-minute")
            raise UserError(
                f"{name}: {count.max()} bars a day at different times: these are {kind} bars, and daily ones are "
                f"wanted; {RESAMPLE}"
            )
    if many:
        restarts = int((np.abs(np.diff(days)) > (days.max() - days.min()) / 2).sum())
        how = f"its dates begin {restarts + 1} times" if restarts else f"{count.max()} rows stand on one day"
        raise UserError(
            f"{name}: {how}: it holds several symbols, or several bars a day, and no column tells them apart; give one "
            "file for each symbol, or a column symbol"
        )


def splits_of(days: np.ndarray, cells: Sequence[str] | None, told: Mapping[int, float]) -> pd.Series:
    """New shares for one old by date, of a column of splits and of rows that tell of one."""
    found = {days[at]: ratio for at, ratio in told.items()}
    for at, text in enumerate(map(str, cells if cells is not None else ())):
        match = RATIO.fullmatch(text.strip())
        try:
            ratio = float(match[1]) / float(match[2]) if match else float(text)
        except (ValueError, ZeroDivisionError):
            continue
        if ratio not in (0.0, 1.0) and np.isfinite(ratio) and ratio > 0:
            found[days[at]] = ratio
    index = pd.DatetimeIndex(np.array(sorted(found), dtype="datetime64[us]"), name="date").as_unit("us")
    return pd.Series([found[day] for day in sorted(found)], index=index, dtype="float64")
