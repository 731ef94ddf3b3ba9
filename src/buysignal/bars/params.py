"""Where the bars come from: the section ``ingest`` of params.yaml."""

from buysignal.core.settings import Section, Text, choice, matching, whole

TICKER = "a symbol of at most 20 letters, digits and signs of ^.=&-"  # harmless in an address, a table and a page


class Ingest(Section, key="ingest"):
    """Daily bars: their source, and what to do about bad ones."""

    source: choice("sp500", "nasdaq", "csv", "yahoo")
    csv: Text
    symbol: matching("[A-Za-z0-9^][A-Za-z0-9^.=&-]{0,19}", TICKER)
    start: Text
    end: Text
    on_bad_rows: choice("error", "drop")
    max_gap_days: whole(1)
