"""Bars of many symbols, and the ways in which people keep them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from tests.bars.quality.samples import good

Bars = Mapping[str, pd.DataFrame]


def some() -> dict[str, pd.DataFrame]:
    """Three symbols: all of the 300 good bars, one that is listed late, one that ends early."""
    return {"AAA": good(), "BBB": good()[60:], "CCC": good()[:200]}


def folder(bars: Bars, path: Path) -> Path:
    path.mkdir()
    for symbol, of in bars.items():
        of.to_csv(path / f"{symbol}.csv")
    return path


def long(bars: Bars) -> pd.DataFrame:
    """All in one table, one below the other, with the columns symbol and date."""
    return pd.concat(bars, names=["symbol"]).reset_index()


def wide(bars: Bars) -> pd.DataFrame:
    """All in one table, one beside the other, as yfinance has them; empty where another symbol alone has a bar."""
    beside = pd.concat({symbol: of.rename(columns=str.capitalize) for symbol, of in bars.items()}, axis=1)
    return beside.swaplevel(axis=1).rename_axis(columns=["Price", "Ticker"]).rename_axis("Date")


def _to_csv(frame: Callable[[Bars], pd.DataFrame], index: bool = False, **how) -> Callable[[Bars, Path], Path]:
    def write(bars: Bars, path: Path) -> Path:
        frame(bars).to_csv(path.with_suffix(".csv"), index=index, **how)
        return path.with_suffix(".csv")

    return write


def _to_parquet(frame: Callable[[Bars], pd.DataFrame]) -> Callable[[Bars, Path], Path]:
    def write(bars: Bars, path: Path) -> Path:
        frame(bars).to_parquet(path.with_suffix(".parquet"))
        return path.with_suffix(".parquet")

    return write


WAYS: dict[str, Callable[[Bars, Path], Path]] = {
    "a folder": folder,
    "long CSV": _to_csv(long),
    "long CSV by date": _to_csv(lambda bars: long(bars).sort_values(["date", "symbol"])),
    "long CSV, German": _to_csv(long, sep=";", decimal=",", date_format="%d.%m.%Y"),
    "long parquet": _to_parquet(long),
    "long parquet, dates as texts": _to_parquet(lambda bars: long(bars).astype({"date": str})),
    "long parquet by category": _to_parquet(lambda bars: long(bars).astype({"symbol": "category"})),
    "parquet with an index of two": _to_parquet(lambda bars: long(bars).set_index(["symbol", "date"])),
    "wide CSV": _to_csv(wide, index=True),
    "wide parquet": _to_parquet(wide),
}
"""How bars are written to a path, which may get a suffix."""
