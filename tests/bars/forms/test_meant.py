"""What reads without a fault and is not meant so: refused, or read as it is meant and said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.reading import Wanted
from tests.bars.forms.samples import ISO
from tests.bars.forms.test_catalogue import read
from tests.bars.forms.test_refusals import refusal
from tests.bars.forms.written import BARS, DAYS, rows

HEAD = "Date,Open,High,Low,Close,Volume\n"


def lines(prices, cell, head: str = HEAD) -> str:
    """A bar a day, all prices of it alike."""
    cells = [cell(price) for price in prices]
    return head + "".join(f"{day:%Y-%m-%d},{text},{text},{text},{text},100\n" for day, text in zip(DAYS, cells))


@pytest.mark.parametrize("prices", [range(990, 1020), range(850, 1900, 10), range(1100, 990, -1), [994, 1008, 1026]])
def test_points_that_part_thousands_in_a_file_parted_by_commas_are_asked_for(tmp_path, prices):
    text = lines(prices, lambda price: f"{price:,}".replace(",", "."))
    said = refusal(tmp_path, text)
    assert "can be read with a decimal point or with a decimal comma" in said and "ingest.decimal: comma" in said
    assert list(read(tmp_path, text, Wanted(decimal="comma")).bars["close"]) == list(prices)
    assert read(tmp_path, text, Wanted(decimal="point")).bars["close"].max() < 1000
    assert "ingest.decimal: comma" in refusal(tmp_path, text.replace(",100\n", ",-\n", 1))


@pytest.mark.parametrize("prices", [[1.5, 2.125, 700], [1.234, 1.236, 1.301], [100.125, 99, 98.5], [0.001, 900, 0.5]])
def test_decimals_of_three_places_stay_decimals_in_a_file_parted_by_commas(tmp_path, prices):
    assert list(read(tmp_path, lines(prices, str)).bars["close"]) == prices


def thirty_seconds(price: float) -> str:
    return f"{int(price)}.{round(price % 1 * 32) % 32:02d}"


def test_prices_in_32nds_are_told_from_decimals(tmp_path):
    walk = 99 + np.cumsum(np.random.default_rng(1).normal(0, 0.3, 300))
    said = refusal(tmp_path, lines(walk, thirty_seconds))
    assert said == "no price has a fraction above .31, so they are in 32nds: write 99 14/32 as 99.4375"
    for price in (1.155 + walk / 1000, np.round(walk), np.round(walk * 4) / 4):
        assert len(read(tmp_path, lines(price, "{:.2f}".format)).bars) == 300


@pytest.mark.parametrize("cell", ["99-14", "99'14", "99-14+", "99-142", "99 4/8", "99-4/8"])
def test_fractions_say_how_they_are_to_be_written(tmp_path, cell):
    said = refusal(tmp_path, HEAD + f"2021-01-04,{cell},100,99,99,1\n")
    assert said == f"line 2: Open is {cell!r}, a fraction: write 99 14/32 as 99.4375"


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        *(
            ("(000s)", 1e3),
            ("('000)", 1e3),
            ("(000)", 1e3),
            ("(in thousands)", 1e3),
            ("(Thousands)", 1e3),
            ("(k)", 1e3),
        ),
        *(("(mn)", 1e6), ("(in millions)", 1e6), ("(Mio.)", 1e6), ("(shares)", 1), ("(USD)", 1), ("", 1)),
    ],
)
def test_a_unit_in_the_header_of_the_volume_is_read_and_said(tmp_path, unit, times):
    reading = read(tmp_path, f"Date,Open,High,Low,Close,Volume {unit}\n" + rows(ISO))
    pd.testing.assert_series_equal(reading.bars["volume"], BARS["volume"] * times)
    assert reading.understood == ((f"volume in {int(times):,}s, as its header says",) if times > 1 else ())


def test_a_volume_with_its_unit_in_the_cells_is_not_counted_twice(tmp_path):
    text = "Date,Open,High,Low,Close,Volume (K)\n" + rows("{d:%Y-%m-%d},{o},{h},{l},{c},5K")
    assert (read(tmp_path, text).bars["volume"] == 5000).all()
