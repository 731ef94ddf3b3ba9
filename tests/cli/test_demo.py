"""``demo`` writes a folder that every command of many symbols reads, whole or not at all."""

import json
import sys

import pandas as pd
import pytest

from buysignal.bars.panel import read_panel
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import Wanted
from buysignal.cli.main import main
from tests.bars.stocks import PACKAGE, frames, install
from tests.bars.test_embedded import SYMBOLS, a_demo, ingested_many
from tests.pipeline.project import ROOT


@pytest.fixture(autouse=True)
def stocks(monkeypatch):
    install(frames(), monkeypatch)


def test_the_folder_holds_the_very_bars_of_the_source(tmp_path, capsys):
    folder = tmp_path / "new" / "stocks"
    assert main(["demo", str(folder)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said == f"{folder}: 7 symbols (^GSPC, ^IXIC, AAPL, FB, GOOG, IBM, MSFT)"
    assert sorted(path.name for path in folder.iterdir()) == [f"{symbol}.csv" for symbol in SYMBOLS]
    pd.testing.assert_frame_equal(read_panel(folder, Wanted(), Rules()).bars, ingested_many(a_demo()).bars)


def test_check_says_of_params_that_name_the_demo_what_it_says_of_the_folder(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "stocks"]) == 0
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    (tmp_path / "params.yaml").write_text(text.replace("source: sp500", "source: demo"))
    capsys.readouterr()
    told = [(main(["check", *words]), *capsys.readouterr().out.split("\n", 1)) for words in (["stocks"], [])]
    assert told[0][::2] == told[1][::2] and told[1][1].startswith("demo: embedded form: 7 symbols")


def test_what_is_there_already_is_left_as_it_is(tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("mine\n")
    for path in (tmp_path, tmp_path / "mine.csv"):
        assert main(["demo", str(path)]) == 2
        assert capsys.readouterr().err.startswith(f"error: {path} is there already: name a folder that is not, or ")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]
    (tmp_path / "empty").mkdir()
    capsys.readouterr()
    assert main(["demo", str(tmp_path / "empty"), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(tmp_path / "empty") and sorted(told["symbols"]) == SYMBOLS


def test_nothing_is_half_written_and_the_mistake_is_one_line(tmp_path, capsys, monkeypatch):
    calls = []

    def full(self, path, **_):
        calls.append(path)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(pd.DataFrame, "to_csv", full)
        assert main(["demo", str(tmp_path / "stocks")]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}/stocks cannot be written: No space left on device\n"
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    assert main(["demo", str(tmp_path / "stocks")]) == 2
    assert "pip install bokeh_sampledata==" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
