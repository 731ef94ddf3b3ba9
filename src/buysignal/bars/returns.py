"""How much the market moves, as known on a day: what baselines score with and a scaled barrier is measured in."""

import numpy as np
import pandas as pd

YEAR = 252  # trading days
LAMBDA = 0.94  # daily decay of RiskMetrics (J.P. Morgan, Technical Document, 1996, section 5.3)


def log_returns(close: pd.Series) -> pd.Series:
    """Close-to-close log returns; NaN on the first day, which has none."""
    return np.log(close).diff()


def ewma_deviation(close: pd.Series) -> pd.Series:
    """Daily standard deviation of close-to-close log returns, exponentially weighted, mean taken as zero.

    ``sigma[t]^2`` is the average of ``r[s]^2`` over s <= t with weights ``LAMBDA ** (t - s)``; NaN
    on the first day, which has no return.
    """
    return np.sqrt((log_returns(close) ** 2).ewm(alpha=1 - LAMBDA).mean())
