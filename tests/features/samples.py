"""Bars for the tests of features: valid by construction, with stretches that break careless arithmetic."""

import numpy as np
import pandas as pd


def random_bars(n, seed=0, price=1000.0, move=0.012, flat=(), silent=()):
    """A random walk of ``n`` bars; ``flat`` and ``silent`` are (start, stop) rows without moves, without volume."""
    rng = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(move * rng.standard_normal(n)))
    open_ = np.append(price, close[:-1]) * np.exp(0.3 * move * rng.standard_normal(n))
    high = np.maximum(open_, close) * (1 + 0.5 * move * rng.random(n))
    low = np.minimum(open_, close) / (1 + 0.5 * move * rng.random(n))
    volume = np.floor(1e9 * rng.uniform(0.2, 1.8, n))
    for start, stop in flat:
        for prices in (open_, high, low, close):
            prices[start:stop] = close[start]
    for start, stop in silent:
        volume[start:stop] = 0
    return bars(open_, high, low, close, volume)


def bars(open_, high, low, close, volume):
    columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    index = pd.date_range("2001-01-01", periods=len(close), freq="B", name="date", unit="us")
    return pd.DataFrame(columns, index=index, dtype="float64")
