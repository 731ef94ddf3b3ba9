"""One of several symbols is named as the message says, and as params.yaml can hold it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
import yaml

from buysignal.bars.forms.frames import read_frame
from buysignal.bars.params import SYMBOL
from buysignal.bars.reading import Wanted
from tests.bars.forms.test_catalogue import read
from tests.bars.forms.test_refusals import refusal
from tests.bars.forms.written import BARS

NAMES = [
    "BTC/USD",
    "Apple Inc. Common Stock",
    "600519",
    "000001",
    "1E5",
    "TRUE",
    "no",
    "^GSPC",
    "BRK.B",
    "$(rm x)",
    "A|B",
]


def long(*symbols: str) -> str:
    """The bars of several symbols, one below the other; the second's prices are twice the first's."""
    frames = [BARS.assign(Name=name).mul({"Name": 1, **dict.fromkeys(BARS, at + 1)}) for at, name in enumerate(symbols)]
    return pd.concat(frames).to_csv()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelled", ["ingest.{}: {}", "--{} {}", "wanted=Wanted({}={!r})"])
def test_the_line_that_is_printed_works_when_followed(tmp_path, name, spelled):
    text = long(name, "XYZ")
    said = refusal(tmp_path, text, spelled=spelled)
    if spelled.startswith("ingest"):
        line = re.search(r"name one, e.g. ingest\.(symbol: .*)$", said)[1]
        symbol = yaml.safe_load(line)["symbol"]
        assert isinstance(symbol, str) and re.fullmatch(SYMBOL, symbol)
    else:
        symbol = re.search(r"(?:--symbol |symbol=')([\w^.=&-]+)'?\)?$", said)[1]
    reading = read(tmp_path, text, Wanted(symbol=symbol))
    pd.testing.assert_frame_equal(reading.bars, BARS)
    assert reading.symbol == name
    both = pd.read_csv(tmp_path / "bars.csv", index_col=0, parse_dates=True, dtype={"Name": str}, keep_default_na=False)
    assert np.array_equal(read_frame(both, Wanted(symbol=symbol)).bars, BARS)


@pytest.mark.parametrize("names", [("茅台", "五粮液"), ("BTC/USD", "BTC USD")])
def test_names_that_no_key_can_hold_have_a_way_out(tmp_path, names):
    said = refusal(tmp_path, long(*names))
    assert said.endswith(f": keep only the rows of {names[0]!r} to read that one")
    pd.testing.assert_frame_equal(read(tmp_path, long(*names), Wanted(symbol=names[0])).bars, BARS)
    assert read(tmp_path, long(names[0])).symbol == names[0]


def test_a_name_goes_before_what_is_only_written_alike(tmp_path):
    text = long("BTC/USD", "BTC-USD", "BTC USD")
    pd.testing.assert_frame_equal(read(tmp_path, text, Wanted(symbol="btc-usd")).bars, BARS * 2)
    text = long("BTC/USD", "BTC USD", "XYZ")
    assert refusal(tmp_path, text, symbol="BTC-USD").startswith("has 2 symbols 'BTC-USD': it holds 'BTC/USD', ")
    assert refusal(tmp_path, text).endswith(
        "name one, e.g. ingest.symbol: XYZ; keep only the rows of 'BTC/USD' to read that one"
    )
