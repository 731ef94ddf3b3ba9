"""What the classifier must predict: does the market touch a level within the next days?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from buysignal.errors import UserError

# 1.01 * 3 is 3.03 on paper and one float above it in binary: far above rounding, far below a price tick
ROUNDING = 1e-12


def touch_label(bars: pd.DataFrame, horizon: int, threshold: float) -> pd.DataFrame:
    """Label a day 1 if the highest High of the next ``horizon`` days reaches a level above its Close.

    ``label[t] = max(high[t+1], ..., high[t+horizon]) >= (1 + threshold) * close[t]``,
    the upper barrier of the triple-barrier method (Lopez de Prado, Advances in Financial Machine
    Learning, 2018, section 3.4) with no lower barrier; the reference study's ``threshold_1pct`` at
    threshold 0.01 and horizon 1. Reaching the level counts, whatever a decimal price rounds to in binary
    (see `ROUNDING`).

    Parameters
    ----------
    bars : (n, ...) with high and close, index ``date`` increasing
    horizon : trading days; >= 1
    threshold : relative move; > 0 (0.01 is one percent)

    Returns
    -------
    DataFrame, one row for each of the first ``n - horizon`` days (the last days have no full
    label): ``label`` (int8, 0 or 1), ``label_start`` and ``label_end`` (dates of t+1 and t+horizon,
    the days that decide the label; no other day after t changes it).

    Raises
    ------
    UserError
        If horizon or threshold is out of range, or there are no more than ``horizon`` bars.
    """
    _check(bars, horizon, threshold)
    highest = sliding_window_view(bars["high"].to_numpy()[1:], horizon).max(axis=1)  # (n - horizon,)
    level = (1.0 + threshold) * _decision_close(bars, horizon)
    return _frame(bars, horizon, highest >= level * (1.0 - ROUNDING))


def fall_label(bars: pd.DataFrame, horizon: int, threshold: float) -> pd.DataFrame:
    """Label a day 1 if the lowest Low of the next ``horizon`` days reaches a level below its Close.

    ``label[t] = min(low[t+1], ..., low[t+horizon]) <= (1 - threshold) * close[t]``: the mirror of
    `touch_label`. A model that predicts both equally well has learned volatility, not direction.

    Parameters, returns and errors are those of `touch_label`; bars need low and close, and
    threshold is below 1.
    """
    _check(bars, horizon, threshold)
    if threshold >= 1:
        raise UserError(f"label.threshold is {threshold}: a price cannot fall by all of itself")
    lowest = sliding_window_view(bars["low"].to_numpy()[1:], horizon).min(axis=1)  # (n - horizon,)
    level = (1.0 - threshold) * _decision_close(bars, horizon)
    return _frame(bars, horizon, lowest <= level * (1.0 + ROUNDING))


def _check(bars: pd.DataFrame, horizon: int, threshold: float) -> None:
    if horizon < 1:
        raise UserError(f"label.horizon is {horizon}: it is at least 1 trading day")
    if not threshold > 0:
        raise UserError(f"label.threshold is {threshold}: it is above 0, such as 0.01 for one percent")
    if len(bars) <= horizon:
        raise UserError(f"{len(bars)} bars give no label at label.horizon {horizon}: at least {horizon + 1}")


def _decision_close(bars: pd.DataFrame, horizon: int) -> np.ndarray:
    return bars["close"].to_numpy()[:-horizon]


def _frame(bars: pd.DataFrame, horizon: int, touched: np.ndarray) -> pd.DataFrame:
    n = len(touched)
    return pd.DataFrame(
        {
            "label": touched.astype(np.int8),
            "label_start": bars.index[1 : n + 1],
            "label_end": bars.index[horizon:],
        },
        index=bars.index[:n],
    )
