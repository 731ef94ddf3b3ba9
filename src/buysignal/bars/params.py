"""Where the bars come from: the section ``ingest`` of params.yaml."""

from buysignal.core.settings import Section, Text, choice, matching, whole

TICKER = "a symbol of at most 20 letters, digits and signs of ^.=&-"  # harmless in an address, a table and a page
CALENDAR = "none, or an exchange as exchange_calendars names it, such as XNYS"


class Ingest(Section, key="ingest"):
    """Daily bars: their source, and what to do about bad ones."""

    source: choice("sp500", "nasdaq", "csv", "yahoo")
    csv: Text
    symbol: matching("[A-Za-z0-9^][A-Za-z0-9^.=&-]{0,19}", TICKER)
    start: Text
    end: Text
    on_bad_rows: choice("error", "drop", "repair")
    max_gap_days: whole(1)
    volume: choice("file", "none")
    adjust: choice("splits", "all", "none")
    calendar: matching("none|[A-Z0-9]{2,8}(_[A-Z]{2,4})?", CALENDAR)
