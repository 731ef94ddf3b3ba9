"""Exact bounds of a share (Clopper & Pearson 1934)."""

import numpy as np
from scipy.special import betaincinv  # scipy.stats gives the same bits, and takes a second to import


def clopper_pearson_lower(share: np.ndarray, n_eff: np.ndarray, confidence: float) -> np.ndarray:
    """One-sided exact lower bound for ``share * n_eff`` successes of n_eff; 0 without a success."""
    k, n = np.broadcast_arrays(np.multiply(share, n_eff), n_eff)
    bound = betaincinv(np.where(k > 0, k, 1.0), n - k + 1, 1 - confidence)
    return np.where(k > 0, bound, 0.0)


def clopper_pearson_upper(share: np.ndarray, n_eff: np.ndarray, confidence: float) -> np.ndarray:
    """One-sided exact upper bound: one minus the lower bound of the failures."""
    return 1.0 - clopper_pearson_lower(1.0 - np.asarray(share), n_eff, confidence)
