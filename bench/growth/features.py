"""Features and windows of many symbols: generated bars, seconds of computing, peak memory.

Seconds are the process's own, those of all its threads added up: a busy machine does not change them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from buysignal.features.tiers import compute, n_features

TIER = "a200"
DAYS_OF_A_YEAR = 252
MIB = 2**20


def bars(days: int, seed: int) -> pd.DataFrame:
    """Daily bars of one made-up symbol: a geometric random walk of 1 % a day, whose range and volume vary."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(days)))
    opened = close * np.exp(0.003 * rng.standard_normal(days))
    top, bottom = np.maximum(opened, close), np.minimum(opened, close)
    stretch = np.exp(np.abs(0.004 * rng.standard_normal((2, days))) + 1e-4)
    columns = {"open": opened, "high": top * stretch[0], "low": bottom / stretch[1], "close": close}
    columns["volume"] = np.round(1e6 * np.exp(0.3 * rng.standard_normal(days))) + 1
    return pd.DataFrame(columns, index=pd.bdate_range("1990-01-01", periods=days, name="date"))


def alone(function: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """Result of a function in a fresh process, so that its peak memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def featurize(symbols: int, years: int, keep: bool = True) -> dict[str, Any]:
    """Compute a200 symbol by symbol, as a pipeline would: seconds, rows and peak memory.

    ``keep`` holds every table in memory, as float64, as one does who trains on all of them; otherwise a table is
    dropped before the next symbol's is computed.
    """
    started = peak_mib()
    tables, rows, seconds = [], 0, 0.0
    for seed in range(symbols):
        series = bars(years * DAYS_OF_A_YEAR, seed)
        began = time.process_time()
        table = compute(series, TIER)
        seconds += time.process_time() - began
        rows += len(table)
        if keep:
            tables.append(table)
    return {
        "symbols": symbols,
        "kept": keep,
        "rows": rows,
        "seconds": seconds,
        "microseconds_per_row": 1e6 * seconds / rows,
        "peak_mib": peak_mib(),
        "before_mib": started,
        "tables_mib": rows * n_features(TIER) * 8 / MIB,
    }


def of_one_symbol(rows: int, repeats: int = 5) -> dict[str, Any]:
    """Median seconds of 206 features over bars of one symbol, the first computation apart."""
    series = bars(rows, 0)
    times = []
    for _ in range(repeats + 1):
        began = time.process_time()
        compute(series, TIER)
        times.append(time.process_time() - began)
    return {
        "rows": rows,
        "features": n_features(TIER),
        "first_seconds": times[0],
        "seconds": float(np.median(times[1:])),
    }


def windows(symbols: int, years: int, revin: bool = True) -> dict[str, Any]:
    """Windows over many symbols, all held: what they take, and what they would take if they were copied.

    A few are gathered from each symbol, so that the windows have been used. With ``revin`` each window has its mean and
    deviation, twice the memory of the features; without, only the view is left.
    """
    import torch

    from buysignal.models.patchtst.architecture import Shape
    from buysignal.models.patchtst.windows import Windows

    shape = Shape(context=80, patch=16, stride=8, revin=revin)
    rng = np.random.default_rng(0)
    values = [rng.standard_normal((years * DAYS_OF_A_YEAR, n_features(TIER)), dtype=np.float32) for _ in range(symbols)]
    before = peak_mib()
    began = time.process_time()
    views = [Windows.over(symbol, shape) for symbol in values]
    seconds = time.process_time() - began
    for view in views:
        view.gather(torch.arange(8))
    return {
        "symbols": symbols,
        "revin": revin,
        "windows": sum(len(view.patches) for view in views),
        "seconds": seconds,
        "values_mib": sum(symbol.nbytes for symbol in values) / MIB,
        "added_mib": peak_mib() - before,
        "copied_would_take_mib": sum(view.patches.numel() for view in views) * 4 / MIB,
    }


def peak_mib() -> float:
    """Largest memory this process has held, in MiB.

    From Linux's own record of the running program: `resource.getrusage` starts a new program at the peak of the
    process that started it.
    """
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise OSError("/proc/self/status has no VmHWM: peak memory is measured on Linux only")


def exponent(rows: list[dict[str, Any]], size: str, cost: str) -> float:
    """Slope of log cost over log size, from the smallest to the largest: 1 is linear; 0.0 for fewer than two."""
    if len(rows) < 2:
        return 0.0
    first, last = rows[0], rows[-1]
    return float(np.log(last[cost] / first[cost]) / np.log(last[size] / first[size]))
