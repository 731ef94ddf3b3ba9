"""How much bars move around a day, by medians: a jump does not hide behind the deviation that it makes."""

import numpy as np
import pandas as pd

from buysignal.bars.quality.finding import change

WINDOW = 63  # rows on either side: a quarter of trading days
LEAST = 1e-4  # daily deviation of what hardly moves, such as a pegged currency
SIGMA = 1.4826  # deviations of a normal distribution in one median absolute deviation


def deviation(bars: pd.DataFrame) -> np.ndarray:
    """Robust daily deviation of log returns of Close around each day: (n,), at least `LEAST`.

    The median of a quarter on either side, or a quarter of that of all days where the market stood still.
    """
    moves = np.abs(change(bars["close"]))
    around = median(moves)
    return SIGMA * np.maximum(np.maximum(around, np.median(moves) / 4), LEAST / SIGMA)


def median(values: np.ndarray) -> np.ndarray:
    """Median around each row: (n,)."""
    return pd.Series(values).rolling(2 * WINDOW + 1, center=True, min_periods=1).median().to_numpy()


def beside(values: np.ndarray, days: int, after: bool) -> np.ndarray:
    """Mean of the ``days`` rows before, or after, each row: (n,), NaN where there is none."""
    side = pd.Series(values[::-1] if after else values).shift(1).rolling(days, min_periods=1).mean().to_numpy()
    return side[::-1] if after else side
