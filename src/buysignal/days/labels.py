"""What the classifier must predict: does the market touch a level in the next days, end above it, or before a stop?"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view

from buysignal.bars.returns import ewma_deviation
from buysignal.bars.symbols import each
from buysignal.core.errors import UserError
from buysignal.days.barrier import LEVEL, first_end
from buysignal.days.params import Label

# 1.01 * 3 is 3.03 on paper and one float above it in binary: far above rounding, far below a price tick
ROUNDING = 1e-12


def touch_label(bars: pd.DataFrame, horizon: int, threshold: float | pd.Series) -> pd.DataFrame:
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
    threshold : relative move; > 0 (0.01 is one percent); one for all days or (n,), one per bar, as
        `thresholds` gives them

    Returns
    -------
    DataFrame, one row for each of the first ``n - horizon`` days (the last days have no full
    label): ``label`` (int8, 0 or 1), ``label_start`` and ``label_end`` (dates of t+1 and t+horizon,
    the days that decide the label; no other day after t changes it).

    Raises
    ------
    UserError
        If there are no more than ``horizon`` bars.
    """
    move = _checked(bars, horizon, threshold)  # (n - horizon,)
    highest = sliding_window_view(bars["high"].to_numpy()[1:], horizon).max(axis=1)  # (n - horizon,)
    level = (1.0 + move) * _decision_close(bars, horizon)
    return _frame(bars, horizon, highest >= level * (1.0 - ROUNDING))


def fall_label(bars: pd.DataFrame, horizon: int, threshold: float | pd.Series) -> pd.DataFrame:
    """Label a day 1 if the lowest Low of the next ``horizon`` days reaches a level below its Close.

    ``label[t] = min(low[t+1], ..., low[t+horizon]) <= (1 - threshold) * close[t]``: the mirror of
    `touch_label`. A model that predicts both equally well has learned volatility, not direction.
    A threshold of 1 or more is never reached: no price falls by all of itself.

    Parameters, returns and errors are those of `touch_label`; bars need low and close.
    """
    move = _checked(bars, horizon, threshold)
    lowest = sliding_window_view(bars["low"].to_numpy()[1:], horizon).min(axis=1)  # (n - horizon,)
    level = (1.0 - move) * _decision_close(bars, horizon)
    return _frame(bars, horizon, lowest <= level * (1.0 + ROUNDING))


def close_label(bars: pd.DataFrame, horizon: int, threshold: float | pd.Series) -> pd.DataFrame:
    """Label a day 1 if the Close ``horizon`` days on is above its own by more than ``threshold``.

    ``label[t] = close[t+horizon] > (1 + threshold) * close[t]``: what a buyer earns who holds for so long, with the
    costs as the threshold. To equal it is not to exceed it, whatever binary makes of it. Parameters, returns and
    errors are those of `touch_label`; bars need close alone.
    """
    level = (1.0 + _checked(bars, horizon, threshold)) * _decision_close(bars, horizon)
    return _frame(bars, horizon, bars["close"].to_numpy()[horizon:] > level * (1.0 + ROUNDING))


def close_fall_label(bars: pd.DataFrame, horizon: int, threshold: float | pd.Series) -> pd.DataFrame:
    """The mirror of `close_label`: ``close[t+horizon] < (1 - threshold) * close[t]``."""
    level = (1.0 - _checked(bars, horizon, threshold)) * _decision_close(bars, horizon)
    return _frame(bars, horizon, bars["close"].to_numpy()[horizon:] < level * (1.0 - ROUNDING))


def triple_label(bars: pd.DataFrame, horizon: int, threshold: float | pd.Series, stop: float) -> pd.DataFrame:
    """Label a day 1 if the next ``horizon`` days reach a level above its Close before a stop below it.

    The triple-barrier method (Lopez de Prado, 2018, section 3.4). The first of the days that reaches either decides,
    see `first_end`. Without either the label is 0.

    Parameters
    ----------
    bars : (n, ...) with open, high, low and close
    horizon, threshold : as for `touch_label`
    stop : relative move, -1 <= stop < 0; -1 is never reached, which leaves `touch_label`

    Returns and errors are those of `touch_label`.
    """
    close = _decision_close(bars, horizon)
    level = (1.0 + _checked(bars, horizon, threshold)) * close * (1.0 - ROUNDING)
    floor = (1.0 + stop) * close * (1.0 + ROUNDING)
    return _frame(bars, horizon, first_end(*_prices(bars, "open", "high", "low"), level, floor)[0] == LEVEL)


def triple_fall_label(bars: pd.DataFrame, horizon: int, threshold: float | pd.Series, stop: float) -> pd.DataFrame:
    """The mirror of `triple_label`: to ``(1 - threshold) * close[t]`` before a rise to ``(1 - stop) * close[t]``.

    A stop of -1 is never reached here either.
    """
    close = _decision_close(bars, horizon)
    level = (1.0 - _checked(bars, horizon, threshold)) * close * (1.0 + ROUNDING)
    ceiling = (1.0 - stop) * close * (1.0 - ROUNDING) if stop > -1 else np.full(len(close), np.inf)
    open_, low, high = _prices(bars, "open", "low", "high")
    return _frame(bars, horizon, first_end(-open_, -low, -high, -level, -ceiling)[0] == LEVEL)


def rises(bars: pd.DataFrame, label: Label) -> pd.DataFrame:
    """The label of every day, as params.yaml has it: that of `touch_label`, `close_label` or `triple_label`.

    Bars may be of many symbols; those that have no more than ``label.horizon`` have no row.
    """
    return _of_kind(bars, label, {"touch": touch_label, "close": close_label, "triple": triple_label})


def falls(bars: pd.DataFrame, label: Label) -> pd.DataFrame:
    """The mirror of `rises`."""
    return _of_kind(bars, label, {"touch": fall_label, "close": close_fall_label, "triple": triple_fall_label})


def _of_kind(bars: pd.DataFrame, label: Label, kinds: dict[str, Callable[..., pd.DataFrame]]) -> pd.DataFrame:
    more = (label.stop,) if label.kind == "triple" else ()

    def of_one(one: pd.DataFrame) -> pd.DataFrame:
        return kinds[label.kind](one, label.horizon, thresholds(one, label), *more)

    return each(bars, of_one, label.horizon + 1)


def thresholds(bars: pd.DataFrame, label: Label) -> pd.Series:
    """The relative move that each day asks for, known at its Close.

    ``fixed``: ``label.threshold`` on every day. ``volatility``: ``label.multiple`` deviations of the
    horizon, ``multiple * ewma_deviation * sqrt(horizon)``, so that a calm and a wild day are about as
    likely to reach their level (dynamic thresholds: Lopez de Prado, 2018, section 3.3). A day whose
    deviation is not above 0, such as the first bar, has no level: its threshold is infinite and it is
    labelled 0. The kind of the label has no part in it.

    Returns
    -------
    Series (n,) of floats above 0, index of ``bars``.

    Examples
    --------
    >>> bars = pd.DataFrame({"close": [100.0, 102.0, 102.0]})
    >>> label = Label(kind="touch", horizon=4, threshold=0.01, barrier="volatility", multiple=1.0, stop=-1.0)
    >>> thresholds(bars, label).round(4).tolist()
    [inf, 0.0396, 0.0276]
    """
    if label.barrier == "fixed":
        return pd.Series(label.threshold, index=bars.index)
    scaled = label.multiple * each(bars["close"], ewma_deviation) * np.sqrt(label.horizon)
    return scaled.where(scaled > 0, np.inf)


def in_words(label: Label) -> str:
    """What is predicted, for a report.

    Examples
    --------
    >>> label = Label(kind="touch", horizon=1, threshold=0.01, barrier="fixed", multiple=1.0, stop=-0.02)
    >>> in_words(label)
    'the highest High of the next day is at least 1.00% above the Close'
    >>> in_words(label.model_copy(update={"kind": "close", "horizon": 5}))
    "the Close of the last of the next 5 days is more than 1.00% above today's"
    >>> in_words(label.model_copy(update={"kind": "triple"}))
    'within the next day the price is 1.00% above the Close before it is 2.00% below it'
    """
    days = "the next day" if label.horizon == 1 else f"the next {label.horizon} days"
    scaled = f"{label.multiple:g} deviation{'s' * (label.multiple != 1)} of the horizon"
    move = f"{label.threshold:.2%}" if label.barrier == "fixed" else scaled
    match label.kind:
        case "close":
            last = days if label.horizon == 1 else f"the last of {days}"
            return f"the Close of {last} is more than {move} above today's"
        case "triple":
            stop = f" before it is {-label.stop:.2%} below it" if label.stop > -1 else ", whatever it falls before"
            return f"within {days} the price is {move} above the Close{stop}"
    return f"the highest High of {days} is at least {move} above the Close"


def _checked(bars: pd.DataFrame, horizon: int, threshold: float | pd.Series) -> np.ndarray:
    """The threshold of each day that has a full label: (n - horizon,)."""
    if len(bars) <= horizon:
        raise UserError(f"{len(bars)} bars give no label at label.horizon {horizon}: at least {horizon + 1}")
    return np.broadcast_to(np.asarray(threshold, float), len(bars))[:-horizon]


def _decision_close(bars: pd.DataFrame, horizon: int) -> np.ndarray:
    return bars["close"].to_numpy()[:-horizon]


def _prices(bars: pd.DataFrame, *names: str) -> list[np.ndarray]:
    return [bars[name].to_numpy(float) for name in names]


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
