"""What spreadsheets, other calendars and web pages do to bars is told by its name, with what mends it."""

from __future__ import annotations

import pandas as pd
import pytest

from buysignal.bars.reading import Wanted
from tests.bars.forms.samples import ISO
from tests.bars.forms.test_catalogue import read
from tests.bars.forms.test_refusals import refusal
from tests.bars.forms.written import BARS, DAYS, rows

HEAD = "Date,Open,High,Low,Close,Volume\n"
PLAIN = HEAD + rows(ISO)


def dated(write, days=DAYS) -> str:
    """The bars with their days written by a function."""
    return HEAD + "".join(f'"{write(day)}",10,12,9,11,100\n' for day in days)


@pytest.mark.parametrize("written", ["%m/%d/%y", "%d-%b-%y", "%d.%m.%y", "%d %B %y"])
@pytest.mark.parametrize("first", ["1950-01-02", "1966-06-01", "1985-01-02", "1999-10-01"])
def test_years_of_two_digits_are_not_still_to_come(tmp_path, written, first):
    days = pd.bdate_range(first, periods=700)
    assert list(read(tmp_path, dated(lambda day: day.strftime(written), days)).bars.index) == list(days)


@pytest.mark.parametrize("written", ["{}-%m-%d", "%d/%m/{}", "{}%m%d", "%d %b {}"])
def test_years_of_the_thai_calendar_are_refused_by_their_name(tmp_path, written):
    said = refusal(tmp_path, dated(lambda day: day.strftime(written.format(day.year + 543))))
    assert "the year 2564 is 2021 in the calendar of most: write that one" in said


@pytest.mark.parametrize("written", ["{}/%m/%d", "{}-%m-%d", "{}年%m月%d日", "%d/%m/{}"])
def test_years_of_taiwan_are_refused_by_their_name(tmp_path, written):
    said = refusal(tmp_path, dated(lambda day: day.strftime(written.format(day.year - 1911))))
    assert "in Taiwan's calendar the year 110 is 2021: write it as 2018-12-31" in said


@pytest.mark.parametrize("written", [("%d/%m/%Y", "%m/%d/%Y"), ("%Y-%m-%d", "%Y-%d-%m"), ("%d.%m.%Y", "%m.%d.%Y")])
@pytest.mark.parametrize("dates", ["auto", "asked"])
def test_days_and_months_that_a_spreadsheet_exchanged_are_refused_without_a_key(tmp_path, written, dates):
    text = dated(lambda day: day.strftime(written[day.day <= 12]))
    order = "auto" if dates == "auto" else "year-first" if written[0][1] == "Y" else "day-first"
    said = refusal(tmp_path, text, dates=order)
    assert "run in order only if day and month of those up to the 12th of a month are exchanged" in said
    assert "export them anew as texts such as 2018-12-31; no key mends a part" in said and "ingest." not in said


def test_a_wrong_order_that_was_asked_for_names_its_key(tmp_path):
    text = dated(lambda day: day.strftime("%m/%d/%Y"), [day for day in DAYS if day.day <= 12])
    assert "say ingest.dates: month-first" in refusal(tmp_path, text, dates="day-first")
    assert len(read(tmp_path, text, Wanted(dates="month-first")).bars)


@pytest.mark.parametrize(
    ("units", "times"),
    [
        *(("(EST),(USD),(USD),(USD),(USD),(shares)", 1), (",[USD],[USD],[USD],[USD],[shares]", 1)),
        *((",USD,USD,USD,USD,shares", 1), (",(USD),(USD),(USD),(USD),(000s)", 1000), (",(p),(p),(p),(p),(p)", 1)),
    ],
)
def test_a_line_of_units_is_no_line_of_symbols(tmp_path, units, times):
    reading = read(tmp_path, HEAD + units + "\n" + rows(ISO))
    pd.testing.assert_frame_equal(reading.bars, BARS.assign(volume=BARS["volume"] * times))
    assert reading.symbol is None and "a line of units in the header" in reading.understood


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (dated(lambda _: "##########"), "line 2: date is '##########', as the column was too narrow: widen it"),
        (HEAD + rows("##,{o},{h},{l},{c},{v}"), "line 2: date is '##', as the column was too narrow: widen it"),
        (PLAIN + HEAD, "line 302: date is 'Date', a header once more: delete that line"),
        (
            PLAIN + "Total,,,,,\n2022-03-01,1,1,1,1,1",
            "line 302: date is 'Total', write it as 2018-12-31, or delete the",
        ),
        (
            PLAIN + "*Close price adjusted,,,,,\n",
            "line 302: date is '*Close price adjusted', write it as 2018-12-31, or",
        ),
        (PLAIN + "Some words\nand more\n", "line 302 has 1 fields, the header has 6: delete it, and others below"),
        (PLAIN + "cursor,\nINDEX,TOTAL\n0,1\n", "line 302 has 2 fields, the header has 6: delete it, and others"),
        (PLAIN.replace("2021-01-05", "\ufeff2021-01-05"), "line 3: date is '\\ufeff2021-01-05', with the sign "),
        (PLAIN.replace("2021-01-05", "2021-\x0001-05"), "line 3: date is '2021-\\x0001-05', with the sign '\\x00' in"),
        (PLAIN.replace("2021-01-05", "“2021-01-05”"), "line 3: date is '“2021-01-05”', with the sign '“' in it: take"),
        (HEAD + '"2021-01-04,1,1,1,1,1"\n', "line 2 has 1 fields, the header has 6: it stands in quotes as a whole"),
        ("".join(f'"{line}"\n' for line in PLAIN.splitlines()), "has no column date, open, high, low, close, volume"),
        (HEAD + '"1",2021-01-04,1,1,1,1,1\n', "line 2 has 7 fields, the header has 6: the column of row numbers has"),
        (PLAIN.encode("utf-32"), "is text in UTF-32: save it again as UTF-8"),
        ("<table><tr><td>Date</td></tr></table>", "is an HTML page, not bars: download the CSV itself"),
    ],
)
def test_what_is_spoilt_is_told_by_its_name(tmp_path, text, says):
    assert refusal(tmp_path, text).startswith(says)


@pytest.mark.parametrize("end", ["\0" * 512, "\x1a", "\n\x1a"])
def test_zeros_at_the_end_are_no_line(tmp_path, end):
    reading = read(tmp_path, PLAIN.strip() + end)
    pd.testing.assert_frame_equal(reading.bars, BARS)
    assert reading.understood == ("zeros at the end not read",)
