"""Bars that a person gave, read and judged by one rule: of a symbol or of many, in a file or in a frame."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from buysignal.bars.forms.frames import read_each, read_frame
from buysignal.bars.forms.read import read_file
from buysignal.bars.panel import DROP, ERROR, Panel, holds_many, panel_of, read_panel
from buysignal.bars.quality.prepare import Judged, Rules, prepare
from buysignal.bars.reading import Wanted
from buysignal.cli.bad_rows import located
from buysignal.core.errors import UserError

Bars = pd.DataFrame | str | Path
NAME = "the bars"
"""What a message calls those that are in no file."""


def are_of_many(bars: Bars, wanted: Wanted) -> bool:
    """Whether a frame is indexed by symbol and date, a path is a folder, or a file names several symbols."""
    return bars.index.nlevels == 2 if isinstance(bars, pd.DataFrame) else holds_many(bars, wanted)


def of_one(bars: Bars, wanted: Wanted, rules: Rules) -> Judged:
    """The bars of one symbol.

    Raises
    ------
    UserError
        If they cannot be read, or must not be used; in one line.
    """
    if not isinstance(bars, str | Path):
        with located(None, wanted, rules):
            return prepare(read_frame(bars, wanted, NAME), rules)
    with located(bars, wanted, rules):
        return prepare(read_file(bars, wanted, "name a CSV of daily bars"), rules)


def of_many(bars: Bars, wanted: Wanted, rules: Rules, asked: Collection[str] | None = None) -> Panel:
    """The bars of many symbols. A bad symbol is an error where it is asked for, and else left out.

    Parameters
    ----------
    asked : the symbols without which nothing can be said; None: all

    Raises
    ------
    UserError
        If a symbol that is asked for cannot be used, or the bars are of no symbols; in one line.
    """
    on_bad = ERROR if asked is None else DROP
    if isinstance(bars, pd.DataFrame):
        if not {"symbol", "date"} <= set(bars.index.names):
            raise UserError(f"{NAME} have an index of two levels: name them symbol and date")
        with located(None, wanted, rules):
            panel = panel_of(NAME, read_each(bars.reset_index(), wanted, NAME), rules, on_bad)
            _require(panel, () if asked is None else asked)
        return panel
    with located(bars, wanted, rules):
        panel = read_panel(bars, wanted, rules, on_bad)
        _require(panel, () if asked is None else asked)
    return panel


def _require(panel: Panel, asked: Collection[str]) -> None:
    for symbol in asked:
        if symbol in panel.left_out:
            raise UserError(f"symbol {symbol} is bad: {panel.left_out[symbol]}")


def left_out(judged: Judged) -> pd.DatetimeIndex:
    """Days whose bars the rules for bad rows took out."""
    gone = [day for finding in judged.findings if finding.kind in ("dropped", "repaired") for day in finding.days]
    return pd.DatetimeIndex(gone).unique().difference(judged.bars.index)
