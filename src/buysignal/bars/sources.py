"""Where daily bars come from; every source returns the same columns."""

import importlib
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType

import pandas as pd

from buysignal.bars.csv_file import read_csv
from buysignal.bars.standard import REQUIRED, standardise
from buysignal.core.errors import UserError

INSTALL_YAHOO = "pip install yfinance"


@dataclass(frozen=True)
class Request:
    """What a source may need: a file for csv, a symbol and inclusive ISO dates for yahoo."""

    csv: Path
    symbol: str
    start: str
    end: str


def load(source: str, *, csv: str | Path, symbol: str, start: str, end: str) -> pd.DataFrame:
    """Load raw daily bars from the named source; nothing is validated or repaired here.

    Parameters
    ----------
    source : ``sp500`` or ``nasdaq`` (index bars 1999-2018 shipped in the arch package), ``csv`` or ``yahoo``
    csv : file to read when source is ``csv``
    symbol : ticker when source is ``yahoo``
    start, end : first and last day, inclusive, ISO dates, when source is ``yahoo``

    Returns
    -------
    DataFrame of float64 columns open, high, low, close, volume and, where the source has it,
    adj_close; DatetimeIndex ``date``, naive, midnight, in the source's order.

    Raises
    ------
    UserError
        If the source is unreachable or empty, or its file cannot be read.
    """
    return SOURCES[source](Request(Path(csv), symbol, start, end))


def symbol_of(source: str, symbol: str) -> str | None:
    """Ticker the bars of a source stand for: known for an index, None for a file."""
    return {"sp500": "^GSPC", "nasdaq": "^IXIC", "yahoo": symbol}.get(source)


def _embedded(name: str) -> Callable[[Request], pd.DataFrame]:
    def read(_: Request) -> pd.DataFrame:
        return standardise(importlib.import_module(f"arch.data.{name}").load())

    return read


def _csv(request: Request) -> pd.DataFrame:
    return read_csv(request.csv)


def require_yahoo(start: str, end: str) -> tuple[ModuleType, date, date]:
    """What a request to Yahoo needs, the package and its two days; the network is not asked.

    Raises
    ------
    UserError
        If a date is malformed, not before the other or not over yet, or yfinance is not installed.
    """
    first, last = _day(start, "ingest.start"), _day(end, "ingest.end")
    if first >= last:
        raise UserError(f"ingest.start {first} is not before ingest.end {last}")
    if last >= date.today():  # today's bar is not whole before the close, and a re-run would differ
        raise UserError(f"ingest.end {last} is not over yet: name a day before today")
    try:
        import yfinance
    except ImportError as error:
        raise UserError(f"ingest.source yahoo needs yfinance ({error}): {INSTALL_YAHOO}") from None
    return yfinance, first, last


def _yahoo(request: Request) -> pd.DataFrame:
    yfinance, start, end = require_yahoo(request.start, request.end)
    what = f"{request.symbol} from {start} to {end}"
    try:
        with _captured("yfinance") as lines:  # it logs most errors and then returns an empty frame
            frame = yfinance.Ticker(request.symbol).history(
                start=start.isoformat(),
                end=(end + timedelta(days=1)).isoformat(),  # Yahoo's end is exclusive
                interval="1d",
                auto_adjust=False,  # raw prices: a label must not depend on later dividends
                actions=False,
            )
    except Exception as error:  # requests, curl_cffi and yfinance each have their own families
        message = f"Yahoo did not answer for {what} ({type(error).__name__}: {_one_line(error)})"
        raise UserError(f"{message}: check the network or use ingest.source=sp500") from error
    if frame is None or frame.empty:
        reason = f" ({lines[-1]})" if lines else ""
        raise UserError(f"Yahoo returned no bars for {what}{reason}: check the network, symbol and dates")
    bars = standardise(frame)
    missing = [name for name in REQUIRED if name not in bars]
    if missing:
        raise UserError(f"Yahoo returned no {', '.join(missing)} for {what}")
    return bars


def _day(text: str, key: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise UserError(f"{key} is {text!r}: write an ISO date such as 1999-01-04") from None


@contextmanager
def _captured(name: str) -> Iterator[list[str]]:
    """Collect a library's log lines instead of letting them reach the terminal."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(_one_line(record.getMessage()))
    logger = logging.getLogger(name)
    before = (logger.handlers, logger.propagate)
    logger.handlers, logger.propagate = [handler], False
    try:
        yield lines
    finally:
        logger.handlers, logger.propagate = before


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:200]


SOURCES: dict[str, Callable[[Request], pd.DataFrame]] = {
    "sp500": _embedded("sp500"),
    "nasdaq": _embedded("nasdaq"),
    "csv": _csv,
    "yahoo": _yahoo,
}
