"""The bars that are known: those of the pipeline, and after them what the journal has."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from buysignal.bars.agreement import Changed
from buysignal.bars.manifest import read_bars
from buysignal.bars.standard import INDEX
from buysignal.bars.symbols import SYMBOL, is_many
from buysignal.core.errors import UserError
from buysignal.ship.journal.lines import Journal

BARS = Path("data/bars/bars.parquet")
Bars = Mapping[str, pd.DataFrame]
"""Symbol -> its bars, index ``date``; of one market by the market's name."""


def by_symbol(bars: pd.DataFrame, market: str) -> dict[str, pd.DataFrame]:
    """Bars, index ``date`` or (symbol, date), by symbol."""
    if not is_many(bars.index):
        return {market: bars}
    return {symbol: part.droplevel(SYMBOL) for symbol, part in bars.groupby(level=SYMBOL, sort=True)}


def market_in(journal: Journal, market: str) -> str:
    """The name that a journal has for one market, that of the model with which it began; else the one given.

    A later model may have another for the same bars, as when they came in a package and come in a file now.
    """
    return journal.of("model")[0]["market"] if journal.of("model") else market


def stacked(bars: Bars, many: bool) -> pd.DataFrame:
    """Inverse of `by_symbol`."""
    return pd.concat(bars, names=[SYMBOL, INDEX]) if many else next(iter(bars.values()))


def last_day(bars: Bars) -> pd.Timestamp:
    """The last day of all."""
    return max(one.index[-1] for one in bars.values())


def identified(bars: Bars) -> dict[str, Any]:
    """First and last day, how many bars, and the SHA-256 of all values: enough to tell that they are the same."""
    found = hashlib.sha256()
    for symbol, one in sorted(bars.items()):
        found.update(symbol.encode() + one.index.asi8.tobytes() + one.to_numpy(float).tobytes())
    first = min(one.index[0] for one in bars.values())
    count = sum(len(one) for one in bars.values())
    return {"first": iso(first), "last": iso(last_day(bars)), "n": count, "sha256": found.hexdigest()}


def begun_with(bars: Bars, journal: Journal) -> dict[str, pd.DataFrame]:
    """The pipeline's bars up to the day on which the journal begins.

    Raises
    ------
    UserError
        If they are others than those with which it began: its answers could not be computed again.
    """
    columns, known = journal.of("model")[0]["columns"], journal.of("model")[0]["known"]
    last = pd.Timestamp(known["last"])
    cut = {symbol: one.loc[one.index <= last, columns] for symbol, one in bars.items() if one.index[0] <= last}
    if identified(cut) != known:
        raise UserError(
            f"data/bars holds other bars up to {known['last']} than the journal began with: `dvc checkout` or "
            "`git stash` brings those back, or begin another journal by moving the folder journal away"
        )
    return cut


def known_past(journal: Journal, market: str) -> dict[str, pd.DataFrame]:
    """All bars that are known in the project's folder, by symbol: those of `BARS`, and what the journal has after them.

    ``market`` is the name of one market in the model that asks. Errors as of `begun_with`.
    """
    pipeline = by_symbol(read_bars(BARS), market_in(journal, market))
    return known_bars(begun_with(pipeline, journal), journal) if journal.of("model") else pipeline


def known_bars(bars: Bars, journal: Journal) -> dict[str, pd.DataFrame]:
    """What is known after the last line: the bars with which the journal began, its days, and its revisions."""
    found, new = dict(bars), {symbol: {} for symbol in bars}
    columns = {symbol: list(one) for symbol, one in bars.items()}

    def flush(symbol: str) -> None:
        if days := new[symbol]:
            rows = pd.DataFrame(list(days.values()), columns=columns[symbol], index=_days(days), dtype=float)
            found[symbol] = pd.concat([found[symbol], rows])
            days.clear()

    for line in journal.lines:
        if line["kind"] == "day":
            for symbol, bar in line["bars"].items():
                new[symbol][line["date"]] = bar
        elif line["kind"] == "revision":
            flush(line["symbol"])
            found[line["symbol"]] = changed_of(line, columns[line["symbol"]]).applied(found[line["symbol"]])
    for symbol in found:
        flush(symbol)
    return found


def changed_of(line: Mapping[str, Any], columns: list[str]) -> Changed:
    """The change that a line of kind ``revision`` tells."""
    revised = pd.DataFrame(list(line["bars"].values()), columns=columns, index=_days(line["bars"]), dtype=float)
    missing = pd.DatetimeIndex(line["missing"]).as_unit("us")
    return Changed(line["ratio"], line["of_volume"], revised, missing)


def as_revision(symbol: str, through: pd.Timestamp, found: Changed) -> dict[str, Any]:
    """Inverse of `changed_of`."""
    return {
        "kind": "revision",
        "symbol": symbol,
        "through": iso(through),
        "ratio": found.ratio,
        "of_volume": found.of_volume,
        "bars": {iso(day): row.tolist() for day, row in zip(found.revised.index, found.revised.to_numpy())},
        "missing": [iso(day) for day in found.missing],
    }


def _days(days: Mapping[str, Any]) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(list(days), name=INDEX).as_unit("us")


def iso(day: pd.Timestamp) -> str:
    """A day as ISO 8601 writes it."""
    return f"{day:%Y-%m-%d}"
