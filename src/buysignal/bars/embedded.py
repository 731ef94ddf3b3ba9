"""Bars that come with packages: two indices, and the demo, a panel of them and five stocks to try many symbols with."""

import importlib
from dataclasses import replace
from functools import partial
from types import ModuleType

import pandas as pd

from buysignal.bars.forms.several import Read
from buysignal.bars.reading import Reading
from buysignal.bars.standard import INDEX, standardise
from buysignal.core.errors import UserError

INDICES = {"sp500": "^GSPC", "nasdaq": "^IXIC"}
STOCKS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
FIRST, LAST = pd.Timestamp("2000-03-01"), pd.Timestamp("2013-03-01")  # of the stocks; the indices have longer histories
INSTALL = "pip install bokeh_sampledata==2026.1"


def index_of(name: str) -> Reading:
    """An index of `INDICES`, 1999 to 2018, shipped in the arch package."""
    bars = standardise(importlib.import_module(f"arch.data.{name}").load())
    return Reading(bars, "embedded", symbol=INDICES[name])


def demo() -> dict[str, Read]:
    """What reads each symbol of the demo: both indices and the stocks, on the days of the stocks.

    Raises
    ------
    UserError
        If the package of the stocks is not installed.
    """
    try:
        from bokeh_sampledata import stocks
    except ImportError as error:
        raise UserError(f"ingest.source demo needs bokeh_sampledata ({error}): {INSTALL}") from None
    indices = {symbol: partial(_within, name) for name, symbol in INDICES.items()}
    return indices | {symbol: partial(_stock, stocks, symbol) for symbol in STOCKS}


def _within(name: str) -> Reading:
    whole = index_of(name)
    return replace(whole, bars=whole.bars[FIRST:LAST])


def _stock(module: ModuleType, symbol: str) -> Reading:
    bars = pd.DataFrame(getattr(module, symbol)).set_index(INDEX)
    return Reading(standardise(bars.set_index(pd.to_datetime(bars.index))), "embedded", symbol=symbol)
