"""Sources: one shape of bars from each, and one line when a source cannot give them."""

from __future__ import annotations

import doctest
import logging
import socket
import sys
from datetime import date
from types import ModuleType

import pandas as pd
import pytest

from buysignal.bars import sources, standard
from buysignal.bars.ingested import bars_of, ingested_many
from buysignal.bars.params import Ingest
from buysignal.bars.reading import Reading, Unanswered
from buysignal.bars.sources import SOURCES, load, load_as
from buysignal.core.errors import UserError
from tests.bars.examples import BARS


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("a test reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def load_from(source: str, **changes: str) -> pd.DataFrame:
    return reading_of(source, **changes).bars


def reading_of(source: str, **changes: str) -> Reading:
    return load(source, **({"csv": "none.csv", "symbol": "SPY", "start": "2018-01-02", "end": "2018-01-04"} | changes))


def asked(symbol: str | list[str], **changes: str) -> Ingest:
    settled = dict(dates="auto", decimal="auto", zone="auto", volume="file", adjust="splits", calendar="none")
    asked = dict(source="yahoo", csv="data/raw/example.csv", symbol=symbol, start="2018-01-02", end="2018-01-04")
    bad = dict(on_bad_rows="error", on_bad_symbol="error", max_gap_days=10)
    return Ingest(**(asked | settled | bad | changes))


def refusal(source: str, **changes: str) -> str:
    with pytest.raises(UserError) as caught:
        load_from(source, **changes)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message


@pytest.fixture
def yahoo(monkeypatch):
    """Put a stand-in for yfinance in its place; ``answer`` plays the part of `Ticker.history`."""

    def install(answer):
        calls = []

        class Ticker:
            def __init__(self, symbol):
                self.symbol = symbol

            def history(self, **arguments):
                calls.append({"symbol": self.symbol, **arguments})
                return answer()

        module = ModuleType("yfinance")
        module.Ticker = Ticker
        monkeypatch.setitem(sys.modules, "yfinance", module)
        return calls

    return install


def yahoo_frame() -> pd.DataFrame:
    """Two bars in the form yfinance 0.2 and 1.x give them with auto_adjust=False."""
    frame = BARS[:2].rename(columns=lambda name: name.replace("_", " ").title()).rename_axis("Date")
    return frame.astype({"Volume": int}).tz_localize("America/New_York")


@pytest.mark.parametrize(
    ("source", "first_close", "last_close"), [("sp500", 1228.099976, 2506.850098), ("nasdaq", 2208.050049, 6635.279785)]
)
def test_the_embedded_sources_hold_twenty_years_in_the_one_shape(source, first_close, last_close):
    bars = load_from(source)
    assert len(bars) == 5031
    assert bars.index[0] == pd.Timestamp("1999-01-04") and bars.index[-1] == pd.Timestamp("2018-12-31")
    assert list(bars.columns) == ["open", "high", "low", "close", "volume", "adj_close"]
    assert set(bars.dtypes) == {pd.Series(dtype="float64").dtype}
    assert bars.index.name == "date" and bars.index.tz is None and bars.index.unit == "us"
    assert bars["close"].iloc[0] == pytest.approx(first_close, abs=1e-6)
    assert bars["close"].iloc[-1] == pytest.approx(last_close, abs=1e-6)


def test_the_symbol_is_known_and_that_of_a_file_where_the_file_tells(yahoo, tmp_path):
    yahoo(yahoo_frame)
    text = "Date,Open,High,Low,Close,Volume{}\n2018-01-02,10,12,9,11,100{}\n"
    paths = {name: tmp_path / name for name in ("plain", "named", "odd")}
    for path, cells in zip(paths.values(), (("", ""), (",Name", ",AAL"), (",Name", ",<b>"))):
        path.write_text(text.format(*cells))
    assert {name: reading_of(name).symbol for name in SOURCES if name != "csv"} == {
        "sp500": "^GSPC",
        "nasdaq": "^IXIC",
        "yahoo": "SPY",
    }
    found = [reading_of("csv", csv=str(path), symbol=None).symbol for path in paths.values()]
    assert found == [None, "AAL", None]  # the last is no symbol that may stand in a page


def test_a_file_is_read_as_params_say(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("Date;Open;High;Low;Close;Name\n04/01/2021;1.234;1.234;1.234;1.234;A\n05/01/2021;1;1;1;1;B\n")
    settled = dict(source="csv", csv=str(path), dates="day-first", decimal="comma", volume="none")
    reading = load_as(asked("A", **settled))
    assert reading.bars.to_dict("index") == {
        pd.Timestamp("2021-01-04"): {"open": 1234.0, "high": 1234.0, "low": 1234.0, "close": 1234.0}
    }


def test_yahoo_bars_are_raw_prices_of_local_days_with_the_end_included(yahoo):
    calls = yahoo(yahoo_frame)
    bars = load_from("yahoo")
    assert calls == [
        {
            "symbol": "SPY",
            "start": "2018-01-02",
            "end": "2018-01-05",  # Yahoo leaves the end out, so the day after 2018-01-04
            "interval": "1d",
            "auto_adjust": False,
            "actions": False,
        }
    ]
    pd.testing.assert_frame_equal(bars, BARS[:2])


@pytest.mark.parametrize("frame", [pd.DataFrame(), None])
def test_no_bars_from_yahoo_is_one_line(yahoo, frame):
    yahoo(lambda: frame)
    assert refusal("yahoo") == (
        "Yahoo returned no bars for SPY from 2018-01-02 to 2018-01-04: check the network, symbol and dates"
    )


def test_what_yfinance_logs_becomes_the_reason_and_stays_off_the_terminal(yahoo, capfd):
    def logged():
        logging.getLogger("yfinance").error("$SPY: possibly delisted;\n no price data found")
        return pd.DataFrame()

    yahoo(logged)
    handlers = list(logging.getLogger("yfinance").handlers)
    assert "($SPY: possibly delisted; no price data found): check the network" in refusal("yahoo")
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("yfinance").handlers == handlers and logging.getLogger("yfinance").propagate


def test_a_network_error_from_yahoo_is_one_line_that_offers_the_embedded_source(yahoo):
    def offline():
        raise ConnectionError("Failed to resolve\n'query1.finance.yahoo.com'")

    yahoo(offline)
    assert refusal("yahoo") == (
        "Yahoo did not answer for SPY from 2018-01-02 to 2018-01-04 (ConnectionError: Failed to resolve "
        "'query1.finance.yahoo.com'): check the network or use ingest.source=sp500"
    )


def test_a_frame_from_yahoo_without_a_column_is_one_line(yahoo):
    yahoo(lambda: yahoo_frame().drop(columns=["Low", "Volume"]))
    assert refusal("yahoo") == "Yahoo returned no low, volume for SPY from 2018-01-02 to 2018-01-04"


def test_yahoo_without_yfinance_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", None)
    message = refusal("yahoo")
    assert message.startswith("ingest.source yahoo needs yfinance (")
    assert message.endswith("): pip install yfinance")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"start": "2018/01/02"}, "ingest.start is '2018/01/02': write an ISO date such as 1999-01-04"),
        ({"end": "2018-02-30"}, "ingest.end is '2018-02-30': write an ISO date such as 1999-01-04"),
        ({"start": "2018-01-04"}, "ingest.start 2018-01-04 is not before ingest.end 2018-01-04"),
        ({"start": "2018-01-05"}, "ingest.start 2018-01-05 is not before ingest.end 2018-01-04"),
    ],
)
def test_yahoo_dates_are_checked_before_anything_is_asked(yahoo, changes, expected):
    calls = yahoo(yahoo_frame)
    assert refusal("yahoo", **changes) == expected
    assert calls == []


def test_the_examples_in_the_docstrings_of_standard_are_right():
    result = doctest.testmod(standard)
    assert result.attempted > 0 and result.failed == 0


def test_a_list_of_yahoo_gives_each_symbol_the_bars_that_it_has_alone(yahoo):
    calls = yahoo(lambda: yahoo_frame() * len(calls[-1]["symbol"]))  # frames that differ, all of them legal bars
    panel = ingested_many(asked(["SPY", "^IXIC"]))
    assert [one["symbol"] for one in calls] == ["SPY", "^IXIC"] and panel.symbols == ("SPY", "^IXIC")
    for symbol in panel.symbols:
        alone = bars_of(asked(symbol)).drop(columns="adj_close")
        pd.testing.assert_frame_equal(panel.of(symbol), alone)
    assert panel.of("SPY")["close"].iloc[0] == 33.0 and panel.of("^IXIC")["close"].iloc[0] == 55.0
    assert panel.said("yahoo").startswith("yahoo: yfinance form: 2 symbols, 4 bars 2018-01-02 to 2018-01-03")


def test_one_symbol_of_yahoo_is_one_market_and_a_list_of_one_is_a_panel(yahoo):
    yahoo(yahoo_frame)
    assert bars_of(asked("SPY")).index.names == ["date"]
    assert bars_of(asked(["SPY"])).index.names == ["symbol", "date"]


def test_a_symbol_that_yahoo_does_not_have_or_has_badly_is_told_or_left_out(yahoo):
    frames = {"AAA": yahoo_frame(), "GONE": pd.DataFrame(), "ODD": yahoo_frame().assign(High=1.0)}
    calls = yahoo(lambda: frames[calls[-1]["symbol"]])
    with pytest.raises(UserError) as told:
        ingested_many(asked(list(frames)))
    assert str(told.value) == (
        "symbol GONE is bad: Yahoo returned no bars for GONE from 2018-01-02 to 2018-01-04: check the network, symbol "
        "and dates; so are 1 more of 3 symbols: ODD; or set ingest.on_bad_symbol to drop"
    )
    panel = ingested_many(asked(list(frames), on_bad_symbol="drop"))
    assert panel.symbols == ("AAA",) and list(panel.left_out) == ["GONE", "ODD"]
    assert panel.left_out["ODD"].startswith("yahoo: 2 of 2 bars are bad: ")


def test_a_network_error_leaves_no_symbol_out(yahoo):
    def half():
        if calls[-1]["symbol"] == "BBB":
            raise TimeoutError("too slow")
        return yahoo_frame()

    calls = yahoo(half)
    with pytest.raises(Unanswered, match=r"^Yahoo did not answer for BBB"):
        ingested_many(asked(["AAA", "BBB"], on_bad_symbol="drop"))


def test_what_a_list_of_yahoo_needs_is_looked_at_before_any_symbol(yahoo, monkeypatch):
    calls = yahoo(yahoo_frame)
    with pytest.raises(UserError, match=r"^ingest\.end is 'soon': write an ISO date"):
        ingested_many(asked(["AAA", "BBB"], end="soon", on_bad_symbol="drop"))
    assert calls == []
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(UserError, match=r"^ingest\.source yahoo needs yfinance"):
        ingested_many(asked(["AAA", "BBB"], on_bad_symbol="drop"))


@pytest.mark.parametrize("end", [date(2018, 1, 4), date(2018, 1, 5), date(2999, 12, 31)])
def test_yahoo_refuses_an_end_that_is_today_or_later(yahoo, monkeypatch, end):
    class Today(date):
        @classmethod
        def today(cls):
            return cls(2018, 1, 4)

    monkeypatch.setattr(sources, "date", Today)
    calls = yahoo(yahoo_frame)
    assert refusal("yahoo", end=end.isoformat()) == f"ingest.end {end} is not over yet: name a day before today"
    assert calls == []
    assert len(load_from("yahoo", end="2018-01-03")) == 2  # yesterday's bar is whole
