"""Bars of many symbols that rise and fall together, in one long file; none of them is of a market."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from bench.growth.features import DAYS_OF_A_YEAR
from pyarrow import parquet

COMMON = 0.3  # share of a symbol's variance that all have in common
MOVE = 0.01  # deviation of a day's return, before a symbol's own width
BLOCK = 250  # symbols simulated at once
SCHEMA = pa.schema(
    [("symbol", pa.string()), ("date", pa.timestamp("us"))]
    + [(name, pa.float64()) for name in ("open", "high", "low", "close", "volume")]
)


def write_market(path: Path, symbols: int, years: int, seed: int = 1) -> int:
    """Write the bars of every symbol below those of the one before; how many rows they are."""
    rng, days = np.random.default_rng(seed), years * DAYS_OF_A_YEAR
    common = rng.standard_normal((days, 1))
    dates = pd.bdate_range("2000-01-03", periods=days, unit="us").to_numpy()
    with parquet.ParquetWriter(path, SCHEMA, compression="zstd") as file:
        for first in range(0, symbols, BLOCK):
            names = np.array([f"S{at:04d}" for at in range(first, min(first + BLOCK, symbols))])
            columns = {"symbol": np.repeat(names, days), "date": np.tile(dates, len(names))}
            columns |= {name: values.T.ravel() for name, values in block(rng, common, len(names)).items()}
            file.write_table(pa.table(columns, SCHEMA))
    return symbols * days


def block(rng: np.random.Generator, common: np.ndarray, symbols: int) -> dict[str, np.ndarray]:
    """Open, high, low, close and volume (days, symbols) that follow a common factor (days, 1)."""
    shape = (len(common), symbols)
    width = MOVE * np.exp(0.3 * rng.standard_normal(symbols))
    moved = width * (np.sqrt(COMMON) * common + np.sqrt(1 - COMMON) * rng.standard_normal(shape))
    close = 100 * np.exp(np.cumsum(moved - width**2 / 2, axis=0))
    opened = np.vstack([close[:1], close[:-1]]) * np.exp(0.3 * width * rng.standard_normal(shape))
    top, bottom = np.maximum(opened, close), np.minimum(opened, close)
    stretch = [np.exp(0.4 * width * np.abs(rng.standard_normal(shape)) + 1e-4) for _ in range(2)]
    volume = np.round(1e6 * np.exp(0.3 * rng.standard_normal(shape))) + 1
    return {"open": opened, "high": top * stretch[0], "low": bottom / stretch[1], "close": close, "volume": volume}
