"""A plain CSV: any honest spelling is read, and every defect is one line that names its place."""

from __future__ import annotations

import importlib
import io
import time
import tracemalloc
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.bars.forms import read as read_module
from buysignal.bars.forms.read import read_file
from buysignal.bars.sources import load
from buysignal.bars.validate import validate
from buysignal.core.errors import UserError
from tests.bars.examples import BARS

ROOT = Path(__file__).parents[3]
HEADER = "Date,Open,High,Low,Close,Adj Close,Volume"
ROWS = ("2018-01-02,10,12,9,11,10.5,100", "2018-01-03,11,13,10,12,11.5,200", "2018-01-04,12,14,11,13,12.5,300")
TEXT = "\n".join((HEADER, *ROWS)) + "\n"


@pytest.fixture
def file(tmp_path):
    """Write text or bytes to a CSV and give its path."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "bars.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def refusal(path: Path) -> str:
    """The message that reading a file is refused with, less its path; always one line."""
    with pytest.raises(UserError) as caught:
        read_file(path)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message.removeprefix(str(path)).strip()


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        HEADER.upper(),
        HEADER.lower(),
        "date,open,high,low,close,adj_close,volume",
        " Date , Open,High ,Low,Close,AdjClose,Volume",
    ],
)
def test_the_case_and_spacing_of_a_header_do_not_matter(file, header):
    pd.testing.assert_frame_equal(read_file(file(TEXT.replace(HEADER, header))).bars, BARS)


@given(order=st.permutations(["Date", "Open", "High", "Low", "Close", "Adj Close", "Volume", "Dividends"]))
def test_columns_come_in_any_order_and_others_are_ignored(tmp_path_factory, order):
    source = pd.read_csv(io.StringIO(TEXT), dtype=str).assign(Dividends="n.a. yet")
    path = tmp_path_factory.getbasetemp() / "order.csv"
    source[list(order)].to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_file(path).bars, BARS)


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n"),
        TEXT.replace("\n", "\r"),
        TEXT.rstrip("\n"),
        "\n" + TEXT.replace("\n", "\n\n"),
        TEXT + ",,,,,,\n",
        "\n".join((HEADER, *reversed(ROWS))),
        TEXT.replace("2018-01-03,11,13", '"2018-01-03","11"," 13 "').replace("Open", '"Open"'),
        TEXT.replace("2018-01-0", "2018/01/0"),
        TEXT.replace("2018-01-03", "2018-01-03 16:00:00").replace("2018-01-04", "2018-01-04T16:00:00-05:00"),
        TEXT.replace(",12,", ",1.2e1,"),
    ],
    ids=[
        "byte-order mark",
        "CRLF",
        "CR",
        "no last newline",
        "blank lines",
        "blank record",
        "newest first",
        "quoted fields",
        "slashes",
        "time of day",
        "exponent",
    ],
)
def test_the_same_bars_are_read_from_any_honest_spelling(file, content):
    pd.testing.assert_frame_equal(read_file(file(content)).bars, BARS)


def test_adj_close_is_optional(file):
    text = "Date,Open,High,Low,Close,Volume\n2018-01-02,10,12,9,11,100\n"
    pd.testing.assert_frame_equal(read_file(file(text)).bars, BARS[:1].drop(columns="adj_close"))


def test_newest_first_is_turned_round_even_with_one_date_out_of_order(file):
    days = ["2018-01-08", "2018-01-05", "2018-01-02", "2018-01-04", "2018-01-03"]
    text = "\n".join(["Date,Open,High,Low,Close,Volume", *(f"{day},10,12,9,11,100" for day in days)])
    bars, report = validate(read_file(file(text)).bars, "drop", 10)
    assert list(bars.index.strftime("%d")) == ["03", "04", "05", "08"]
    assert report.dropped["date_out_of_order"] == 1


@pytest.mark.parametrize("cell", ["", " ", "null", "NaN", "N/A", "#N/A"])
def test_an_empty_cell_is_left_for_validation_to_name_or_drop(file, cell):
    raw = read_file(file(TEXT.replace("11,13,10,12", f"11,13,{cell},12"))).bars
    assert raw["low"].isna().tolist() == [False, True, False]
    with pytest.raises(UserError, match="2018-01-03 not_finite"):
        validate(raw, "error", 10)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "is empty: it needs a header and one line per day"),
        ("\n , \n", "is empty: it needs a header and one line per day"),
        (b"\xef\xbb\xbf", "is empty: it needs a header and one line per day"),
        (HEADER + "\n", "has a header but no rows"),
        (TEXT.replace("Low", "Lo").replace("Volume", "Vo"), "has no column low, volume: found 'Date', 'Open', "
            "'High', 'Lo', 'Close', 'Adj Close', 'Vo'"),
        (TEXT.replace(",", "~"), "has no column date, open, high, low, close, volume: found "
            "'Date~Open~High~Low~Close~Adj Close~Volu…'; separate columns with commas, semicolons or tabs"),
        (",".join(f"c{i}" for i in range(1012)) + "\n1", "has no column date, open, high, low, close, volume: found "
            + ", ".join(f"'c{i}'" for i in range(10)) + " and 1,002 more"),
        (TEXT.replace("Volume", "CLOSE"), "has two close columns: 'Close' and 'CLOSE'"),
        (TEXT.replace("11,13,10", "11,13,ten"), "line 3: Low is 'ten', not a number such as 2506.85"),
        (TEXT.replace("300", "1_000"), "line 4: Volume is '1_000', not a number such as 2506.85"),
        (TEXT.replace("300", "=A1*2"), "line 4: Volume is '=A1*2', a spreadsheet formula: export its value"),
        (TEXT.replace("300", "@SUM(A1)"), "line 4: Volume is '@SUM(A1)', a spreadsheet formula: export its value"),
        (TEXT.replace("2018-01-03", "03/01/2018"), "line 3: date is '03/01/2018', while '2018-01-02' is "
            "written in another way: write it as 2018-12-31"),
        (TEXT.replace("2018-01-03", "2018-02-30"), "line 3: date is '2018-02-30', there is no such day"),
        (TEXT.replace("2018-01-03", ""), "line 3: date is '', write it as 2018-12-31"),
        (TEXT.replace("\n2018-01-04", "\n\n2018-01-x"), "line 5: date is '2018-01-x', write it as 2018-12-31"),
        (TEXT.replace("13,10,12", "13,10,12,1"), "line 3 has 8 fields, the header has 7"),
        (TEXT.replace("13,10,12,", "13,10,"), "line 3 has 6 fields, the header has 7"),
        (TEXT + "2018-01-05,1", "line 5 has 2 fields, the header has 7"),
        (TEXT.replace(",13,10", ',"13,10'), "line 4 is not CSV: unexpected end of data"),
        (TEXT.encode("utf-16")[:-1], "is not whole UTF-16 text (truncated data): save it again as UTF-8"),
        (TEXT.encode().replace(b"Date", b"Da\xffte").replace(b"Open", b"\x81").replace(b",", b"\x8d,"), "is neither "
            "text in UTF-8, UTF-16 nor an older encoding whose column names are known: save it as CSV in UTF-8"),
    ],
)  # fmt: skip
def test_a_defect_is_refused_in_one_line_that_names_its_place(file, content, expected):
    assert refusal(file(content)) == expected


def test_a_long_header_or_cell_is_cut_in_the_message(file):
    assert len(refusal(file(TEXT.replace("300", "9x" * 5000)))) < 120
    spaced = "Close" + " " * 5000 + "_"
    assert len(refusal(file(TEXT.replace("Volume", spaced)))) < 120


def test_a_path_that_is_no_file_names_the_key_to_set(tmp_path):
    assert refusal(tmp_path / "none.csv") == "is missing: set ingest.csv to a CSV of daily bars"
    assert refusal(tmp_path) == "is not a file: set ingest.csv to a CSV of daily bars"


def test_a_name_that_no_file_can_have_is_told_in_one_line(tmp_path):
    assert refusal(tmp_path / ("a" * 300)) == "cannot be read: File name too long"


def test_a_file_that_cannot_be_read_is_told_with_the_reason(file, monkeypatch):
    path = file(TEXT)

    def deny(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", deny)  # the superuser of a container may read everything
    assert refusal(path) == "cannot be read: Permission denied"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (",".join(f"c{i}" for i in range(10**6)), "line 1: a record has more than 100,000 characters, no daily bar"),
        (HEADER + "\n" + "1," * 60_000, "line 2: a record has more than 100,000 characters, no daily bar"),
        (HEADER + '\n"' + "\n" * 120_000, "line 100001: a record has more than 100,000 characters, no daily bar"),
        ("\n" * 1_100_000, "has more than 1,000,000 lines: these are no daily bars"),
        (HEADER + "\n" + ",,,,,,\n" * 1_100_000, "has more than 1,000,000 lines: these are no daily bars"),
        (HEADER + "\n" + "2018-01-02,10,12,9,11,10.5,100\n" * 250_000, "has more than 100,000 rows: these are no "
            "daily bars"),
        (HEADER.replace("Close", "=cmd|' /C calc'!A0"), "has no column close: found 'Date', 'Open', 'High', 'Low', "
            "\"=cmd|' /C calc'!A0\", \"Adj =cmd|' /C calc'!A0\", 'Volume'"),
        (TEXT.replace("300", "+cmd|' /C calc'!A0"), "line 4: Volume is \"+cmd|' /C calc'!A0\", not a number such as "
            "2506.85"),
        (TEXT.replace("300", "\x1b[2J\u202e"), r"line 4: Volume is '\x1b[2J\u202e', not a number such as 2506.85"),
        (TEXT.replace("300", "3\x000"), r"line 4: Volume is '3\x000', not a number such as 2506.85"),
    ],
    ids=["a million columns", "a long row", "quoted newlines", "newlines", "blank records", "rows", "formula header",
         "formula cell", "terminal codes", "NUL"],
)  # fmt: skip
def test_a_hostile_file_is_refused_quickly_and_within_bounds(file, content, expected):
    path = file(content)
    tracemalloc.start()
    started = time.process_time()
    assert refusal(path) == expected
    assert time.process_time() - started < 5
    assert tracemalloc.get_traced_memory()[1] < 2**28
    tracemalloc.stop()


def test_a_file_far_larger_than_daily_bars_is_not_read(file, monkeypatch):
    monkeypatch.setattr(read_module, "MAX_BYTES", 50)
    assert refusal(file(TEXT)) == f"has {len(TEXT)} bytes: 50 are the most that is read"


def test_the_embedded_nasdaq_bars_survive_a_round_trip_through_csv(tmp_path):
    importlib.import_module("arch.data.nasdaq").load().to_csv(tmp_path / "nasdaq.csv")
    nothing = dict(symbol=None, start="", end="")
    source = load("nasdaq", csv="", **nothing).bars
    pd.testing.assert_frame_equal(load("csv", csv=tmp_path / "nasdaq.csv", **nothing).bars, source)


def test_the_example_file_is_what_its_readme_says():
    expected = importlib.import_module("arch.data.nasdaq").load().tail(1500).to_csv(lineterminator="\n")
    assert (ROOT / "data/raw/example.csv").read_bytes() == expected.encode()
