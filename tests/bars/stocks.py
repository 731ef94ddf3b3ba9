"""A stand-in for the package of the demo's stocks, in the form in which that gives them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType

import pandas as pd
import pytest

from buysignal.bars.embedded import FIRST, STOCKS
from tests.features.samples import random_bars

PACKAGE = "bokeh_sampledata"


def frames(days: int = 400) -> dict[str, pd.DataFrame]:
    """Random bars of every stock from the demo's first day on, the second of which ends early."""
    every = {symbol: random_bars(days, seed) for seed, symbol in enumerate(STOCKS)}
    every = {symbol: bars.set_index(pd.bdate_range(FIRST, periods=days, name="date")) for symbol, bars in every.items()}
    return every | {STOCKS[1]: every[STOCKS[1]].iloc[:100]}


def install(bars: Mapping[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the stand-in in the place of the package: lists of floats, and dates as texts."""
    package, module = ModuleType(PACKAGE), ModuleType(f"{PACKAGE}.stocks")
    package.stocks = module
    for symbol, of in bars.items():
        setattr(module, symbol, {"date": [f"{day:%Y-%m-%d}" for day in of.index]} | of.to_dict("list"))
    for one in (package, module):
        monkeypatch.setitem(sys.modules, one.__name__, one)
