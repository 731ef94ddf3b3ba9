"""From columns of cells to bars, with all that was settled on the way."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from buysignal.bars.forms import rows as kept
from buysignal.bars.forms.cells import Cells, Days, Place
from buysignal.bars.forms.dates import WORDS
from buysignal.bars.forms.dates import days as days_in
from buysignal.bars.forms.layout import Layout, no_volume
from buysignal.bars.forms.numbers import Numbers, numbers
from buysignal.bars.reading import LeftOut, Reading, Wanted
from buysignal.bars.standard import INDEX
from buysignal.core.errors import UserError

VALUES = ("open", "high", "low", "close", "volume", "adj_close")


@dataclass(frozen=True)
class Found:
    """What was found of bars, before a cell is understood.

    Attributes
    ----------
    place : names the row at a position
    layout : which column is what
    cells : role -> texts, or values that are numbers already; those of ``date`` may be `Days`
    commas : whether commas part the cells
    said : what was settled so far
    symbol : the one the rows are of, where the file tells
    """

    place: Place
    layout: Layout
    cells: Mapping[str, Sequence[str] | np.ndarray | Days]
    commas: bool
    said: tuple[str, ...]
    symbol: str | None


def understood(found: Found, wanted: Wanted) -> Reading:
    """Texts and numbers as bars; errors as for `read_file`."""
    days = _days(found, wanted)
    told, ratios = _events(found)
    values, said = _values(found, told, wanted)
    if found.layout.form.positions:
        kept.require_order(found.place.name, values)
    kept.require_daily(found.place.name, days.days, days.moments)
    dividend = found.cells.get("dividend")
    paid = np.zeros(len(told), bool) if dividend is None else np.array([_is_some(cell) for cell in dividend])
    reasons = kept.no_bars(days.days, values, told, paid)
    gone = np.any(list(reasons.values()), axis=0)
    if gone.all():
        raise UserError(f"{found.place.name} has rows, and none of them is a bar")
    values, volume = _volume(found, values, ~gone, wanted)
    splits = kept.splits_of(days.days, found.cells.get("split"), ratios)
    bars = pd.DataFrame({name: values[name] for name in VALUES if name in values}, dtype="float64")
    bars.index = pd.DatetimeIndex(days.days.astype("datetime64[us]"), name=INDEX).as_unit("us")
    bars, zoned = bars[~gone], None if days.moments is None else days.moments[~gone]
    # most steps decide, so that one bad date does not make every other row of the file look out of order
    newest = np.sign(np.diff(bars.index.asi8)).sum() < 0
    if newest:
        bars, zoned = bars[::-1], None if zoned is None else zoned[::-1]
    words = (*found.said, *days.said, *said, *("newest first",) * bool(newest), *volume)
    out = tuple(
        LeftOut(why, tuple(np.datetime_as_string(days.days[rows], unit="D")))
        for why, rows in reasons.items()
        if rows.any()
    )
    return Reading(bars, found.layout.form.name, words, out, splits, found.symbol, zoned)


def dated(layout: Layout, dates: Iterable[str], name: str, wanted: Wanted) -> Layout:
    """The layout with the order of dates that all of a file tell, where a symbol of few bars alone may not."""
    if wanted.dates != "auto" or layout.form.dates is not None:
        return layout
    texts = list(dict.fromkeys(dates))
    try:
        said = days_in(Cells(texts, Place(name, range(len(texts))), wanted)).said
    except UserError:  # each symbol tells what is wrong, with the line
        return layout
    order = next((order for order, words in WORDS.items() if words in said), None)
    return replace(layout, form=replace(layout.form, dates=order))


def _days(found: Found, wanted: Wanted) -> Days:
    if isinstance(found.cells["date"], Days):
        return found.cells["date"]
    texts = found.cells["date"]
    if "time" in found.cells:
        clock = (text.strip() for text in found.cells["time"])
        texts = [
            f"{day.strip()} {time.zfill(6) if time.isdigit() else time}".strip() for day, time in zip(texts, clock)
        ]
    known = found.layout.form.dates if wanted.dates == "auto" else None
    return days_in(Cells(texts, found.place, wanted, known))


def _events(found: Found) -> tuple[np.ndarray, dict[int, float]]:
    texts = {role: cells for role, cells in found.cells.items() if not isinstance(cells, (np.ndarray, Days))}
    if not any(name in texts for name in VALUES[:4]):
        return np.zeros(len(found.cells["close"]), bool), {}
    return kept.events(texts)


def _values(found: Found, told: np.ndarray, wanted: Wanted) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    columns = {name: found.cells[name] for name in (*VALUES, "ticks") if name in found.cells}
    if wanted.volume == "none":
        columns = {name: cells for name, cells in columns.items() if name not in ("volume", "ticks")}
    numeric = {name: cells for name, cells in columns.items() if isinstance(cells, np.ndarray)}
    texts = {name: cells for name, cells in columns.items() if name not in numeric}
    if told.any():
        texts = {name: ["" if gone else cell for cell, gone in zip(cells, told)] for name, cells in texts.items()}
    if not texts:
        return numeric, ()
    given = Numbers(texts, found.layout.headers, found.place, wanted, found.commas, found.layout.form.decimal)
    values, said = numbers(given)
    return numeric | values, said


def _is_some(cell: object) -> bool:
    """Whether a cell holds a number other than 0."""
    try:
        return bool(np.nan_to_num(float(cell)))
    except (TypeError, ValueError):
        return False


def _volume(
    found: Found, values: dict[str, np.ndarray], rows: np.ndarray, wanted: Wanted
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """The volume that is one, and what is to be said of it."""
    if wanted.volume == "none":
        return values, ("without volume",)
    volume, ticks = values["volume"], values.pop("ticks", None)
    if ticks is not None and not np.nan_to_num(volume[rows]).any() and np.nan_to_num(ticks[rows]).any():
        head = found.layout.headers
        return values | {"volume": ticks}, (f"volume from {head['ticks']}, as {head['volume']} is 0",)
    if np.isnan(volume[rows]).all():
        name = found.layout.headers["volume"]
        raise UserError(f"{found.place.name}: column {name!r} is empty, so the bars have no volume{no_volume(wanted)}")
    return values, ("volume 0 on every day",) * (not np.nan_to_num(volume[rows]).any())
