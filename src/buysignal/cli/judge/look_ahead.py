"""What no honest score can do: to order the days as only their outcome does."""

import numpy as np
import pandas as pd

KNOWS, ABOVE = 0.95, 0.05  # AUC, or rank correlation, that no honest score has; and by how much above volatility's


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's; 0 where one of the two is constant."""
    ranks = [pd.Series(values).rank().to_numpy() for values in (one, other)]
    return 0.0 if any(np.ptp(values) == 0 for values in ranks) else float(np.corrcoef(*ranks)[0, 1])
