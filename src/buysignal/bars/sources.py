"""Where daily bars come from: the one door of every stage; each gives `Reading`s of the same columns."""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import ModuleType

from buysignal.bars.embedded import demo, index_of
from buysignal.bars.forms.read import read_file
from buysignal.bars.forms.several import Read
from buysignal.bars.params import AUTO, SYMBOL, Ingest
from buysignal.bars.reading import Reading, Unanswered, Wanted
from buysignal.bars.standard import REQUIRED, standardise
from buysignal.core.errors import UserError

INSTALL_YAHOO = "pip install yfinance"


@dataclass(frozen=True)
class Request:
    """What a source may need: a file for csv, a symbol for yahoo and csv, inclusive ISO dates for yahoo."""

    csv: Path
    symbol: str | None
    start: str
    end: str
    wanted: Wanted


def load(
    source: str,
    *,
    csv: str | Path = "",
    symbol: str | None = None,
    start: str = "",
    end: str = "",
    wanted: Wanted | None = None,
) -> Reading:
    """Load raw daily bars from the named source; nothing is validated or repaired here.

    Parameters
    ----------
    source : ``sp500`` or ``nasdaq`` (index bars 1999-2018 shipped in the arch package), ``csv`` or ``yahoo``
    csv : file to read when source is ``csv``
    symbol : ticker when source is ``yahoo``; the one to take of a file that holds several
    start, end : first and last day, inclusive, ISO dates, when source is ``yahoo``
    wanted : what the user settles of a file that can be read in more than one way; its symbol is not looked at

    Raises
    ------
    UserError
        If the source is unreachable (`Unanswered`) or empty, or its file cannot be read.
    """
    wanted = replace(wanted or Wanted(), symbol=symbol)
    return SOURCES[source](Request(Path(csv), symbol, start, end, wanted))


def load_as(ingest: Ingest, forms: Sequence[str] = ()) -> Reading:
    """The bars that a section of params.yaml asks for, of files in one of some own ``forms``, too; errors as `load`."""
    asked = {key: getattr(ingest, key) for key in ("csv", "start", "end")}
    asked["symbol"] = None if ingest.symbol == AUTO else ingest.symbol
    return load(ingest.source, **asked, wanted=wanted_of(ingest, forms))


def reads_of(ingest: Ingest) -> dict[str, Read]:
    """What reads each symbol of a source of many that is no file, ``demo`` or a list of ``yahoo``; errors as `load`."""
    if ingest.source == "demo":
        return demo()
    require_yahoo(ingest.start, ingest.end)
    return {one: partial(load, ingest.source, symbol=one, start=ingest.start, end=ingest.end) for one in ingest.symbol}


def wanted_of(ingest: Ingest, forms: Sequence[str] = ()) -> Wanted:
    """What ``ingest`` settles of files that can be read in more than one way."""
    return Wanted(ingest.dates, ingest.decimal, ingest.zone, ingest.volume, forms=tuple(forms))


def _embedded(name: str) -> Callable[[Request], Reading]:
    return lambda _: index_of(name)


def _csv(request: Request) -> Reading:
    reading = read_file(request.csv, request.wanted)
    # a name that a file gives stands in addresses and pages only if it is one that params.yaml could hold
    known = reading.symbol is not None and re.fullmatch(SYMBOL, reading.symbol)
    return reading if known else replace(reading, symbol=None)


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


def _yahoo(request: Request) -> Reading:
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
        raise Unanswered(f"{message}: check the network or use ingest.source=sp500") from error
    if frame is None or frame.empty:
        reason = f" ({lines[-1]})" if lines else ""
        raise UserError(f"Yahoo returned no bars for {what}{reason}: check the network, symbol and dates")
    bars = standardise(frame)
    missing = [name for name in REQUIRED if name not in bars]
    if missing:
        raise UserError(f"Yahoo returned no {', '.join(missing)} for {what}")
    return Reading(bars, "yfinance", symbol=request.symbol)


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


SOURCES: dict[str, Callable[[Request], Reading]] = {
    "sp500": _embedded("sp500"),
    "nasdaq": _embedded("nasdaq"),
    "csv": _csv,
    "yahoo": _yahoo,
}
