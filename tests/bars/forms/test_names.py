"""Columns and days in the words that sources write, and files without any."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from buysignal.bars.forms.columns import role
from buysignal.bars.forms.frames import read_frame
from buysignal.bars.forms.read import read_file
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from tests.bars.forms.samples import ISO
from tests.bars.forms.test_catalogue import read
from tests.bars.forms.written import BARS, DAYS, rows


@pytest.mark.parametrize(
    "header",
    [
        "Data,Kurs otwarcia,Kurs max.,Kurs min.,Kurs zamknięcia,Wolumen",
        ",AAPL.Open,AAPL.High,AAPL.Low,AAPL.Close,AAPL.Volume",
        "Date,Open USD,High USD,Low USD,Close USD,Volume",
        "Date,Opening price,High price,Low price,Closing price,Total volume",
        "日期,開盤價,最高價,最低價,收盤價,成交股數",
        "일자,시가,고가,저가,종가,거래량",
        "Tarih,Açılış,Yüksek,Düşük,Kapanış,Hacim",
        "TARİH,AÇILIŞ,YÜKSEK,DÜŞÜK,KAPANIŞ,HACİM",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_names_of_columns_are_known(tmp_path, header, encoding):
    pd.testing.assert_frame_equal(read(tmp_path, f"{header}\n{rows(ISO)}".encode(encoding)).bars, BARS)


def test_what_only_looks_like_a_name_is_none():
    names = ("Volume USD", "ADJ.CLOSE", "Prev. Close", "PREV.CLOSE", "Adj. Open", "Open Interest", "SPY.Adjusted")
    assert [role(name) for name in names] == [None, "adj_close", None, None, None, None, "adj_close"]


@pytest.mark.parametrize(
    ("written", "dates"),
    [
        ("%m/%d/%y", "month-first"),
        ("%d.%m.%y", "day-first"),
        ("%d-%b-%Y", "auto"),
        ("%d %B %y", "auto"),
        ("%m/%d/%Y", "auto"),
    ],
)
def test_bars_without_a_header_have_their_days_in_any_dress(tmp_path, written, dates):
    reading = read(tmp_path, rows("{d:" + written + "},{o},{h},{l},{c},{v}"), Wanted(dates=dates))
    pd.testing.assert_frame_equal(reading.bars, BARS)
    assert reading.form == "plain headerless"


RUSSIAN = ["янв.", "февр.", "март", "апр.", "мая", "июня", "июля", "авг.", "сент.", "окт.", "нояб.", "дек."]


@pytest.mark.parametrize("end", ["", " г."])
def test_months_in_russian(tmp_path, end):
    cells = [f"{day.day} {RUSSIAN[day.month - 1]} {day.year}{end}" for day in DAYS]
    text = "Дата,Открытие,Макс.,Мин.,Закрытие,Объём\n" + "".join(
        line.replace("DAY", cell) + "\n" for line, cell in zip(rows("DAY,{o},{h},{l},{c},{v}").splitlines(), cells)
    )
    pd.testing.assert_frame_equal(read(tmp_path, text).bars, BARS)


def test_decimals_of_parquet_are_numbers(tmp_path):
    BARS.map(lambda value: Decimal(f"{value:.2f}")).to_parquet(tmp_path / "bars.parquet")
    pd.testing.assert_frame_equal(read_file(tmp_path / "bars.parquet").bars, BARS)


@pytest.mark.parametrize("what", [BARS["close"], None, 7, [1, 2], "bars.csv"])
def test_what_is_no_frame_is_refused(what):
    with pytest.raises(UserError, match="the frame must be a pandas DataFrame of daily bars, not "):
        read_frame(what)


def test_a_path_that_was_typed_is_not_mended_by_a_key(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(UserError, match=r": name a file of daily bars$"):
            read_file(path, Wanted(spelled="--{} {}"))
