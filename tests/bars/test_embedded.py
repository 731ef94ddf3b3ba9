"""The demo: two indices and five stocks on the days of the stocks, each as its source alone gives it."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import pandas as pd
import pytest

from buysignal.bars.embedded import FIRST, INDICES, INSTALL, LAST, STOCKS, demo
from buysignal.bars.ingested import bars_of, ingested_many
from buysignal.bars.manifest import read_bars
from buysignal.bars.quality.prepare import Rules, prepare
from buysignal.bars.reading import Reading
from buysignal.bars.sources import load
from buysignal.bars.standard import REQUIRED, standardise
from buysignal.core.errors import UserError
from tests.bars.stocks import PACKAGE, frames, install
from tests.bars.test_sources import asked
from tests.pipeline.project import ROOT

SYMBOLS = sorted([*STOCKS, *INDICES.values()])


@pytest.fixture
def stocks(monkeypatch):
    """What is in the stand-in for the package."""
    bars = frames()
    install(bars, monkeypatch)
    return bars


def a_demo(**changes):
    return asked("auto", source="demo", **changes)


def test_each_symbol_has_the_bars_of_its_source_alone(stocks):
    panel = ingested_many(a_demo())
    assert list(panel.symbols) == SYMBOLS and panel.left_out == {}
    for name, symbol in INDICES.items():
        pd.testing.assert_frame_equal(panel.of(symbol), load(name).bars.loc[FIRST:LAST, list(REQUIRED)])
    for symbol, bars in stocks.items():
        alone = prepare(Reading(standardise(bars), "embedded"), Rules()).bars
        pd.testing.assert_frame_equal(panel.of(symbol), alone)
    assert bars_of(a_demo()).index.names == ["symbol", "date"]


def test_all_begin_and_end_with_the_stocks_so_that_every_role_has_them(stocks):
    days = ingested_many(a_demo()).bars.index.get_level_values("date")
    assert (days.min(), days.max()) == (FIRST, LAST)


def test_without_the_package_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    with pytest.raises(UserError, match=r"^ingest\.source demo needs bokeh_sampledata .*: pip install bokeh_samp"):
        ingested_many(a_demo(on_bad_symbol="drop"))


def test_the_stage_writes_them_with_their_findings(stocks, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    Path("params.yaml").write_text(text.replace("source: sp500", "source: demo"))
    runpy.run_path(str(ROOT / "stages" / "ingest.py"))["main"]()
    assert capsys.readouterr().out.startswith("demo: embedded form: 7 symbols, ")
    told = json.loads(Path("metrics/ingest.json").read_text())
    assert (told["source"], told["symbol"], told["symbols"]) == ("demo", None, SYMBOLS)
    assert {"ended", "echoed-open"} <= {one["kind"] for one in told["findings"]}
    pd.testing.assert_frame_equal(read_bars("data/bars/bars.parquet"), bars_of(a_demo()))


def test_the_stocks_of_the_package_are_what_is_said_of_them():
    """The pages tell of two splits of AAPL, one of MSFT and the late listings; CI installs the package."""
    pytest.importorskip(PACKAGE)
    assert INSTALL.endswith("==2026.1")
    panel = ingested_many(a_demo())
    assert [len(panel.of(symbol)) for symbol in SYMBOLS] == [3270, 196, 2148, 3270, 3270, 3270, 3270]
    assert [len(panel.judged[symbol].adjusted) for symbol in SYMBOLS] == [2, 0, 0, 0, 1, 0, 0]
    assert {str(panel.of(symbol).index[-1].date()) for symbol in SYMBOLS} == {"2013-03-01"}
    assert len(demo()) == 7
