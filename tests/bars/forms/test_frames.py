"""A frame that a person has is read by the rules of files, whatever made it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.forms.frames import read_frame
from buysignal.bars.forms.read import read_file
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from tests.bars.forms.written import BARS

NAMED = BARS.rename(columns=str.title).rename_axis("Date")


def levels(frame: pd.DataFrame, symbols=("ABC",), by_symbol: bool = False) -> pd.DataFrame:
    """Two column levels, as yfinance.download gives them."""
    both = pd.concat({symbol: frame * (at + 1) for at, symbol in enumerate(symbols)}, axis=1, names=["Ticker", "Price"])
    return both if by_symbol else both.swaplevel(axis=1).sort_index(axis=1)


FRAMES = {
    "standard": BARS,
    "named": NAMED,
    "newest first": NAMED[::-1],
    "other order": NAMED[["Volume", "Close", "High", "Open", "Low"]].assign(Dividends=0.0),
    "two levels": levels(NAMED),
    "two levels, symbol on top": levels(NAMED, by_symbol=True),
    "days in a column": NAMED.reset_index(),
    "row numbers and days as text": NAMED.reset_index().assign(Date=BARS.index.strftime("%d/%m/%Y")),
    "local midnight": NAMED.tz_localize("America/New_York"),
    "Berlin kept in UTC": NAMED.tz_localize("Europe/Berlin").tz_convert("UTC"),
    "dates": NAMED.set_axis(BARS.index.date),
    "texts": NAMED.map(lambda value: f"{value:.2f}"),
    "whole numbers": NAMED.astype({"Volume": int}),
    "one symbol in a column": NAMED.assign(Ticker="ABC"),
}


@pytest.mark.parametrize("name", FRAMES)
def test_the_same_bars_are_read_from_any_frame(name):
    frame = FRAMES[name]
    before = frame.copy()
    pd.testing.assert_frame_equal(read_frame(frame).bars, BARS)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("name", [name for name in FRAMES if name != "dates"])
def test_the_same_from_parquet(tmp_path, name):
    FRAMES[name].to_parquet(tmp_path / "bars.parquet")
    pd.testing.assert_frame_equal(read_file(tmp_path / "bars.parquet").bars, BARS)


def test_what_was_understood_of_moments_is_said():
    reading = read_frame(FRAMES["Berlin kept in UTC"])
    assert reading.understood == ("22:00 or 23:00 is midnight at the exchange: the day after is meant",)
    assert len(reading.zoned) == 300 and reading.zoned[0] == pd.Timestamp("2021-01-03 23:00", tz="UTC")


def test_one_of_several_symbols_is_taken_by_its_name():
    for frame in (levels(NAMED, ("ABC", "XYZ")), levels(NAMED, ("ABC", "XYZ"), by_symbol=True)):
        with pytest.raises(UserError, match="the frame holds 2 symbols, 'ABC', 'XYZ': name one"):
            read_frame(frame)
        reading = read_frame(frame, Wanted(symbol="XYZ"))
        pd.testing.assert_frame_equal(reading.bars, BARS * 2)
        assert reading.symbol == "XYZ" and reading.form == "yfinance"
    long = pd.concat([NAMED.assign(Name=name) for name in ("A", "B")])
    with pytest.raises(UserError, match="holds 2 symbols, 'A', 'B'"):
        read_frame(long)
    pd.testing.assert_frame_equal(read_frame(long, Wanted(symbol="B")).bars, BARS)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (
            NAMED.reset_index(drop=True),
            "the frame must have days as its index, a DatetimeIndex or dates, or in a column",
        ),
        (NAMED[:0], "the frame has no rows"),
        (NAMED.drop(columns="Volume"), "the frame has no column volume: found 'Date', 'Open'"),
        (NAMED.set_axis([pd.NaT, *BARS.index[1:]]), "the frame row 1 has no date"),
        (NAMED.map(lambda _: "x"), "the frame row 1: Open is 'x', not a number such as 2506.85"),
        (pd.concat([NAMED, NAMED]), "the frame: its dates begin 2 times: it holds several symbols"),
        (NAMED.assign(Volume=np.nan), "the frame: column 'Volume' is empty, so the bars have no volume"),
    ],
)
def test_a_frame_that_holds_no_daily_bars_is_refused_in_one_line(frame, says):
    with pytest.raises(UserError) as caught:
        read_frame(frame)
    assert str(caught.value).startswith(says)


def test_rows_that_are_no_bars_are_left_out_of_a_frame_too():
    last = pd.DataFrame({"Volume": 6527.0}, index=[pd.Timestamp("2022-02-28")])
    reading = read_frame(pd.concat([NAMED, last]))
    pd.testing.assert_frame_equal(reading.bars, BARS)
    assert reading.left_out[0].days == ("2022-02-28",)


def test_splits_of_a_frame_are_kept():
    splits = read_frame(NAMED.assign(**{"Stock Splits": np.where(BARS.index == "2021-09-13", 4.0, 0.0)})).splits
    assert splits.to_dict() == {pd.Timestamp("2021-09-13"): 4.0}
