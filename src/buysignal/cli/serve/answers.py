"""What the service answers, each as the text that its command prints."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from buysignal.bars.forms.frames import read_frame
from buysignal.bars.reading import Wanted
from buysignal.bars.standard import INDEX, OPTIONAL, REQUIRED
from buysignal.cli.predict.answer import as_json
from buysignal.cli.predict.asked import of_reading
from buysignal.cli.predict.predictor import Predictor
from buysignal.cli.reading_flags import without_params
from buysignal.core.errors import UserError, shown
from buysignal.core.isoday import iso_day
from buysignal.core.sealed import strict_json
from buysignal.ship.journal import lines

BARS, DAYS = "bars", "days"
COLUMNS = (INDEX, *REQUIRED, *OPTIONAL)
MOST_BARS = 20_000  # eighty years of trading days
MOST_DAYS = 250  # with an answer: while they are computed, others wait


def warm(predictor: Predictor) -> None:
    """Answer for made-up bars, so that nobody waits for what the first answer imports: with torch that is seconds."""
    close = pd.Series(np.exp(np.sin(np.arange(predictor.needed)) / 100))
    bars = pd.DataFrame({name: close for name in REQUIRED}).assign(high=close * 1.01, low=close * 0.99, volume=1e6)
    with suppress(UserError):  # a plug-in may find them too wild
        predictor.answers(bars.set_index(pd.bdate_range("2001-01-01", periods=len(bars), name=INDEX)), 1)


def predict(predictor: Predictor, ships: str | None, body: bytes) -> str:
    """What ``predict --format json`` prints for the bars in a body; of several days, what ``--since`` gives.

    Raises
    ------
    UserError
        If the body is not what it should be, or bars are bad or too few: the command's message, with ``bars`` for
        the file's name.
    """
    bars, days = asked(body)
    reading = read_frame(bars, Wanted(volume=predictor.volume), BARS)
    since = None if days == 1 else reading.bars.index[-min(days, len(reading.bars))].date()
    try:
        return as_json(replace(of_reading(predictor, reading, BARS, since=since), ships=ships))
    except UserError as error:
        raise UserError(f"{BARS}: {without_params(str(error))}") from None


def follow() -> str:
    """What ``follow --format json`` prints, without its page; `UserError` if there is nothing to follow."""
    from buysignal.cli.follow.asked import as_json, judged  # its charts take a second to import

    return as_json(*judged(lines.read()))


def asked(body: bytes) -> tuple[pd.DataFrame, int]:
    """Bars of a body, a row each with its day in ``date``, and how many of the latest days are asked for."""
    try:
        content = strict_json(body, parse_int=float)
    except (ValueError, RecursionError) as error:
        raise UserError(f"the body is not valid JSON: {error}") from None
    if not isinstance(content, dict) or BARS not in content:
        raise UserError('the body must be an object with the key "bars", a list of daily bars')
    _require_known(content, (BARS, DAYS), "the body")
    days = content.get(DAYS, 1.0)
    if type(days) is not float or days not in range(1, MOST_DAYS + 1):
        raise UserError(f"days must be a whole number from 1 to {MOST_DAYS}, not {shown(days)}")
    return _frame(content[BARS]), int(days)


def _frame(bars: Any) -> pd.DataFrame:
    """The bars by column; whether all columns that are needed are there is for `read_frame` to tell."""
    if not isinstance(bars, list) or not bars:
        raise UserError('bars must be a list of objects such as {"date": "2018-12-31", "open": 2498.94, ...}')
    if len(bars) > MOST_BARS:
        raise UserError(f"bars has {len(bars):,} rows: {MOST_BARS:,} are the most that is read")
    for row, bar in enumerate(bars, 1):
        if not isinstance(bar, dict):
            raise UserError(f"bars row {row} must be an object, not {shown(bar)}")
        if row == 1 or bar.keys() != bars[0].keys():
            _require_known(bar, COLUMNS, f"bars row {row}")
            if INDEX not in bar or row > 1:
                other = "a date" if row == 1 else f"the keys of row 1: {', '.join(bars[0])}"
                raise UserError(f"bars row {row} must have {other}")
    columns = {name: [bar[name] for bar in bars] for name in bars[0]}
    for name, cells in columns.items():
        fits, wanted = (_is_day, "a day such as 2018-12-31") if name == INDEX else (_is_number, "a number")
        if row := next((row for row, cell in enumerate(cells, 1) if not fits(cell)), None):
            raise UserError(f"bars row {row}: {name} must be {wanted}, not {shown(cells[row - 1])}")
    return pd.DataFrame(columns | {INDEX: np.array(columns[INDEX], "datetime64[s]")})


def _require_known(found: dict[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = [name for name in found if name not in known]
    if unknown:
        raise UserError(f"{where} has the unknown key {shown(unknown[0])}: it may have {', '.join(known)}")


def _is_day(cell: Any) -> bool:
    try:
        return isinstance(cell, str) and bool(iso_day(cell))
    except ValueError:
        return False


def _is_number(cell: Any) -> bool:
    return type(cell) is float  # as whole ones were read, too; true is none
