"""What is no daily bars, or can be read in two ways, is refused in one line that says what would settle it."""

from __future__ import annotations

import pandas as pd
import pytest

from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from tests.bars.forms.samples import ISO, SAMPLES
from tests.bars.forms.test_catalogue import read
from tests.bars.forms.written import BARS, rows, yfinance

HEAD = "Date,Open,High,Low,Close,Volume\n"
PLAIN = HEAD + rows(ISO)


def refusal(folder, content: str | bytes, **wanted: str) -> str:
    with pytest.raises(UserError) as caught:
        read(folder, content, Wanted(**wanted))
    message = str(caught.value)
    assert len(message.splitlines()) == 1 and message.startswith(str(folder / "bars.csv"))
    return message.removeprefix(str(folder / "bars.csv")).lstrip(": ")


AMBIGUOUS = HEAD + "".join(f"{day:02d}/01/2021,10,12,9,11,100\n" for day in range(4, 9))
EVENINGS = HEAD + "".join(f"2021-01-0{day}T23:00:00Z,10,12,9,11,100\n" for day in (4, 5, 6))


@pytest.mark.parametrize(
    ("content", "says", "settled", "first"),
    [
        (AMBIGUOUS, "ingest.dates: day-first, mostly 1 day apart", {"dates": "day-first"}, "2021-01-04"),
        (AMBIGUOUS, "ingest.dates: month-first, mostly 30 days apart", {"dates": "month-first"}, "2021-04-01"),
        (
            AMBIGUOUS + "13/01/2021,10,12,9,11,100\n",
            "in more than one way but for one, which may be a slip: ",
            {"dates": "day-first"},
            "2021-01-04",
        ),
        (EVENINGS, "ingest.zone: Europe/Berlin", {"zone": "Europe/Berlin"}, "2021-01-05"),
        (EVENINGS, "bars are of 23:00 UTC", {"zone": "America/New_York"}, "2021-01-04"),
        (HEAD[:-8] + "\n2021-01-04,1,2,1,2\n", "has no column volume", {"volume": "none"}, "2021-01-04"),
        (HEAD + "2021-01-04,1,2,1,2,\n", "column 'Volume' is empty", {"volume": "none"}, "2021-01-04"),
        (HEAD[:-8] + ",Name\n2021-01-04,1,2,1,2,A\n2021-01-04,1,2,1,2,B\n", "no column volume", None, ""),
        (
            HEAD.replace("\n", ",Name\n") + "2021-01-04,1,2,1,2,3,AAL\n2021-01-05,1,2,1,2,3,AAPL\n",
            "holds 2 symbols, 'AAL', 'AAPL': name one, e.g. ingest.symbol: AAL",
            {"symbol": "aapl"},
            "2021-01-05",
        ),
        (yfinance(("ABC", "XYZ")), "holds 2 symbols, 'ABC', 'XYZ': name one", {"symbol": "ABC"}, "2021-01-04"),
    ],
)
def test_what_can_be_read_two_ways_is_refused_with_what_settles_it(tmp_path, content, says, settled, first):
    assert says in refusal(tmp_path, content)
    if settled:
        assert read(tmp_path, content, Wanted(**settled)).bars.index[0] == pd.Timestamp(first)


@pytest.mark.parametrize(("decimal", "close"), [("point", 1.234), ("comma", 1234.0)])
def test_numbers_that_both_marks_can_read_are_refused_unless_one_is_named(tmp_path, decimal, close):
    text = HEAD.replace(",", ";") + "".join(f"2021-01-0{day};1.234;1.234;1.234;1.234;100\n" for day in range(4, 9))
    said = refusal(tmp_path, text)
    assert "such as '1.234', can be read with a decimal point or with a decimal comma: say which" in said
    assert "ingest.decimal: point or ingest.decimal: comma" in said
    assert read(tmp_path, text, Wanted(decimal=decimal)).bars["close"].iloc[0] == close
    assert "ingest." not in str(refusal(tmp_path, text, spelled="--{} {}")) and "--decimal comma" in refusal(
        tmp_path, text, spelled="--{} {}"
    )


def test_what_the_user_settles_goes_before_what_a_form_is_known_to_write(tmp_path):
    text = SAMPLES["Nasdaq.com"].text
    assert "which is not day-first (ingest.dates: day-first)" in refusal(tmp_path, text, dates="day-first")
    assert "not a number such as 2506,85" in refusal(tmp_path, text, decimal="comma")
    turned = "Date,Close/Last,Volume,Open,High,Low\n" + rows("{d:%d/%m/%Y},${c},{v},${o},${h},${l}")
    assert "is not month-first, as the source is known to write: say ingest.dates: day-first" in refusal(
        tmp_path, turned
    )
    pd.testing.assert_frame_equal(read(tmp_path, turned, Wanted(dates="day-first")).bars, BARS)
    assert "which is year-first: ingest.dates: auto" in refusal(tmp_path, PLAIN, dates="day-first")


def hourly(column: str, day: str) -> str:
    lines = [f"{day.format(day=day_, hour=hour)},10,12,9,11,100" for day_ in range(4, 9) for hour in range(9, 16)]
    return HEAD.replace("Date", column) + "\n".join(lines) + "\n"


@pytest.mark.parametrize("column", ["Date", "Datetime"])
def test_bars_of_hours_are_refused_with_how_to_make_days_of_them(tmp_path, column):
    said = refusal(tmp_path, hourly(column, "2021-01-{day:02d} {hour:02d}:00:00"))
    assert said.startswith("7 bars a day at different times: these are hourly bars, and daily ones are wanted; ")
    assert said.endswith("Open the first, High the highest, Low the lowest, Close the last, Volume the sum")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PLAIN + rows(ISO), "its dates begin 2 times: it holds several symbols, or several bars a day"),
        (HEAD + "".join(2 * f"{line}\n" for line in rows(ISO).splitlines()), "2 rows stand on one day"),
    ],
)
def test_symbols_spliced_without_a_column_that_names_them_are_refused(tmp_path, text, says):
    assert refusal(tmp_path, text).startswith(says)


def test_one_day_that_stands_twice_is_left_to_validation(tmp_path):
    line = rows(ISO).splitlines()[-1]
    assert len(read(tmp_path, PLAIN + line).bars) == 301


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PLAIN.replace("Date,Open", "Date,Price,Open"), "line 2 has 6 fields, the header has 7: Price is the name of"),
        (HEAD + "44200,1,2,1,2,3\n", "line 2: date is '44200', a spreadsheet's count of days: give the column a date"),
        (HEAD + "2021-01-04 25:00,1,2,1,2,3\n", "line 2: date is '2021-01-04 25:00', there is no such time of day"),
        (HEAD + '2021-01-04,"1,5",2.5,1.5,2,3\n', "line 2: Open is '1,5', not a number such as 2506.85"),
        (HEAD + "2021-01-04,1.5K,2,1,2,3\n", "line 2: Open is '1.5K', not a number such as 2506.85"),
        (HEAD + "2021-01-04,$1,€2,$1,$2,3\n", "prices are in $ and in €: one is read"),
        (PLAIN.replace("Open", "Close/Last", 1), "has two close columns: 'Close/Last' and 'Close'"),
        (rows("{d:%Y-%m-%d},{h},{l},{o},{c},{v}"), "has no header, and its columns do not look like Date, Open, High"),
        (rows("{d:%Y-%m-%d},{o},{h},{l},{c},{c}"), "has no header, and its columns do not look like Date, Open, High"),
        (
            rows("{d:%Y-%m-%d},{o},{h},{l},{c},{c},{v},1,2"),
            "has no header, and 9 columns without names may be anything",
        ),
        (HEAD + "2021-01-04,0.2 Dividend,,,,\n", "has rows, and none of them is a bar"),
    ],
)
def test_a_defect_names_its_place_and_what_is_right(tmp_path, text, says):
    assert refusal(tmp_path, text).startswith(says)


def test_a_number_that_would_fit_with_the_other_mark_is_not_taken_as_it_stands(tmp_path):
    lines = [line.replace(";100.000;", ";100,450;") if at == 9 else line for at, line in enumerate(
        (HEAD + rows("{d:%Y-%m-%d},100.000,100.125,99.500,100.25,7")).replace(",", ";").splitlines())]  # fmt: skip
    said = refusal(tmp_path, "\n".join(lines))
    assert said == "line 10: Open is '100,450', which may be 100,450 or 100.45: write it as the others are"


@pytest.mark.parametrize(
    ("extra", "why", "days"),
    [
        ("2021-05-24,0.22 Dividend,,,,\n", "dividend row", ("2021-05-24",)),
        ("2021-05-24,0.22 Dividend\n", "dividend row", ("2021-05-24",)),
        ("2021-05-24,4:1 Stock Split,,,,\n", "dividend row", ("2021-05-24",)),
        ("2021-05-24,,,,,\n", "empty twin", ("2021-05-24",)),
        ("2022-02-28,,,,,6527\n", "row of an unfinished last day", ("2022-02-28",)),
        ("2022-02-28,null,null,null,null,null\n", "row of an unfinished last day", ("2022-02-28",)),
    ],
)
def test_rows_that_are_no_bars_are_left_out_and_said(tmp_path, extra, why, days):
    reading = read(tmp_path, PLAIN + extra)
    pd.testing.assert_frame_equal(reading.bars, BARS)
    assert [(out.why, out.days) for out in reading.left_out] == [(why, days)]
    assert reading.said("bars.csv").endswith(f"; 1 {why} left out")
    assert reading.splits.to_dict() == ({pd.Timestamp("2021-05-24"): 4.0} if "4:1" in extra else {})


@pytest.mark.parametrize("cell", ["-", "--", "None", "null", "#N/A", "—", "nan"])
def test_words_for_nothing_are_missing_values(tmp_path, cell):
    lines = PLAIN.splitlines()
    lines[6] = lines[6].rsplit(",", 1)[0] + f",{cell}"
    volume = read(tmp_path, "\n".join(lines)).bars["volume"]
    assert volume.isna().sum() == 1 and pd.isna(volume.iloc[5])


def test_a_volume_of_nothing_is_said(tmp_path):
    assert "volume 0 on every day" in read(tmp_path, HEAD + rows("{d:%Y-%m-%d},{o},{h},{l},{c},0")).understood


def test_a_symbol_that_is_not_there_is_refused_and_all_that_are_are_listed(tmp_path):
    many = HEAD.replace("\n", ",Name\n") + "".join(f"2021-01-04,1,2,1,2,3,S{at}\n" for at in range(30))
    said = refusal(tmp_path, many, symbol="XYZ")
    assert said.startswith("has no symbol 'XYZ': it holds 'S0', 'S1', ") and " and 20 more; name one" in said
    assert refusal(tmp_path, SAMPLES["tushare"].text, symbol="XYZ").startswith(
        "has no symbol 'XYZ': it holds '000001.SZ'"
    )


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (("1'234.50", "2'000.75"), 1234.5),
        (("1 234,50", "2 000,75"), 1234.5),
        (("1\u00a0234,50", "2\u202f000,75"), 1234.5),
        (("1.234,50", "2.000,75"), 1234.5),
        (("1,234.50", "12,34,567.75"), 1234.5),
        (("$1,234.50", "$2,000.75"), 1234.5),
        (("1234.5 USD", "2000.75 USD"), 1234.5),
        (("1.2345e3", "2.00075e3"), 1234.5),
    ],
)
def test_thousands_in_any_dress(tmp_path, cells, value):
    text = HEAD.replace(",", ";") + "".join(
        f"2021-01-0{4 + at};{cell};{cell};{cell};{cell};1\n" for at, cell in enumerate(cells)
    )
    assert read(tmp_path, text).bars["close"].iloc[0] == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("3.34M", 3.34e6), ("12K", 12e3), ("1.5B", 1.5e9), ("2T", 2e12), ("1.5億", 1.5e8), ("3 Mio.", 3e6)],
)
def test_suffixes_of_a_volume(tmp_path, cell, value):
    assert read(tmp_path, HEAD + f"2021-01-04,1,2,1,2,{cell}\n").bars["volume"].iloc[0] == value


@pytest.mark.parametrize(
    "written",
    [
        *("Jan 4, 2021", "04-Jan-2021", "4 Jan 21", "January 4, 2021", "4. Januar 2021", "4 janv. 2021", "04-ENE-2021"),
        *("Mon, 04 Jan 2021", "2021.01.04", "2021/1/4", "20210104", "2021年1月4日", "2021년 1월 4일", "1609718400"),
        *("1609718400.0", "1609718400000", "1609718400000000", "2021-01-04T00:00:00Z", "2021-01-04 04:00 PM"),
        *(
            "2021-01-04T16:00:00-05:00",
            "20210104 000000",
            "2021-01-04 00:00:00+01:00[Europe/Berlin]",
            "4 de enero de 2021",
        ),
    ],
)
def test_a_day_in_any_dress(tmp_path, written):
    reading = read(tmp_path, HEAD + f'"{written}",1,2,1,2,3\n')
    assert reading.bars.index[0] == pd.Timestamp("2021-01-04")


def test_a_zone_that_does_not_exist_is_named(tmp_path):
    said = "is no time zone: write it as IANA does, ingest.zone: Europe/Berlin"
    with pytest.raises(UserError, match=said):
        read(tmp_path, EVENINGS, Wanted(zone="Berlin/Mitte"))


def test_a_home_is_found(tmp_path, monkeypatch):
    from buysignal.bars.forms.read import read_file

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "bars.csv").write_text(PLAIN)
    pd.testing.assert_frame_equal(read_file("~/bars.csv").bars, BARS)
