"""Where the bars come from: the section ``ingest`` of params.yaml."""

from typing import Annotated

from buysignal.core.errors import shown
from buysignal.core.settings import Must, Section, Text, choice, matching, several, whole

SYMBOL = "[A-Za-z0-9^][A-Za-z0-9^.=&-]{0,19}"
TICKER = "a symbol of at most 20 letters, digits and signs of ^.=&-"  # harmless in an address, a table and a page
QUOTED = f"{TICKER}, or a list of such, each once, as [AAPL, MSFT]; in quotes within quotes where one reads as a number"
QUOTED += " or a word of YAML (-S \"ingest.symbol='600519'\")"
AUTO = "auto"
EXAMPLE = "data/raw/example.csv"  # what ingest.csv is as shipped
CALENDAR = "none, or an exchange as exchange_calendars names it, such as XNYS"
_ONE = matching(SYMBOL, TICKER)


class Ingest(Section, key="ingest"):
    """Daily bars: their source, how they are to be read, and what to do about bad ones."""

    source: choice("sp500", "nasdaq", "demo", "csv", "folder", "yahoo")
    csv: Text
    symbol: Annotated[_ONE | several(_ONE, most=None), Must(QUOTED)]
    start: Text
    end: Text
    dates: choice("auto", "year-first", "day-first", "month-first")
    decimal: choice("auto", "point", "comma")
    zone: Text
    volume: choice("file", "none")
    on_bad_rows: choice("error", "drop", "repair")
    on_bad_symbol: choice("error", "drop")
    max_gap_days: whole(1)
    adjust: choice("splits", "all", "none")
    calendar: matching("none|[A-Z0-9]{2,8}(_[A-Z]{2,4})?", CALENDAR)

    @property
    def many(self) -> bool:
        """Whether bars are of many symbols, in a table of (symbol, date)."""
        return self.source in ("demo", "folder") or not isinstance(self.symbol, str)

    def fault(self) -> str:
        """What names bars that are not read, or lacks a name for those that are."""
        other = f"ingest.source is {self.source}"
        if self.source not in ("csv", "folder") and self.csv != EXAMPLE:
            told = f"ingest.csv is {shown(self.csv)}, which is not read while {other}"
            return f"{told}: set ingest.source to csv or folder, or ingest.csv back to {EXAMPLE}"
        if self.source == "csv" and self.many:
            return "ingest.symbol is a list, of which a file has one: name it, or set ingest.source to folder for all"
        if self.source not in ("csv", "yahoo") and self.symbol != AUTO:
            named = self.symbol if isinstance(self.symbol, str) else shown(list(self.symbol))
            told = f"ingest.symbol is {named}, which is not read while {other}"
            return f"{told}: set ingest.source to yahoo or csv, or ingest.symbol to {AUTO}"
        if self.source == "yahoo" and self.symbol == AUTO:
            return "ingest.source yahoo needs ingest.symbol, such as SPY"
        return super().fault()
