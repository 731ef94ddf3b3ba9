"""Forms of bars of a user's own: tried before the known ones, read by the same rules, refused in one line."""

import json

import pandas as pd
import pytest

from buysignal.bars.forms.own import is_of_path
from buysignal.bars.forms.read import read_file
from buysignal.bars.ingested import bars_of, ingested
from buysignal.bars.panel import holds_many, read_panel
from buysignal.bars.params import Ingest
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from buysignal.core.settings import read
from tests.pipeline.project import ROOT

SPEC = "plugins/mine.py:tape"
WANTED = Wanted(forms=(SPEC,))
TAPE = """
import pandas as pd

def tape(path):
    text = path.read_text()
    if not text.startswith("TAPE"):
        return None
    rows = [line.split("/") for line in text.splitlines()[1:]]
    return pd.DataFrame(rows, columns=["day", "o", "h", "l", "c", "v"][:len(rows[0])]).rename(columns={"day": "Date"})

def feature(bars):
    return bars["close"]

def number(path):
    return 3

def raising(path):
    return {}["absent"]
"""
DAYS = pd.bdate_range("2021-01-04", periods=300)
LINES = ["TAPE", *(f"{day:%Y-%m-%d}/{n + 10}/{n + 12}/{n + 9}/{n + 11}/100" for n, day in enumerate(DAYS))]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A project with a form of its own, and a file of it, newest day first."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins/mine.py").write_text(TAPE)
    (tmp_path / "bars.txt").write_text("\n".join([LINES[0], *LINES[:0:-1]]))
    return tmp_path


def test_a_file_of_it_is_read_by_the_rules_of_files(here):
    reading = read_file("bars.txt", WANTED)
    assert reading.bars.index.equals(DAYS.rename("date")) and reading.understood[0] == f"read by {SPEC}"
    assert reading.bars.iloc[[0, -1]].to_numpy().tolist() == [[10, 12, 9, 11, 100], [309, 311, 308, 310, 100]]
    with pytest.raises(UserError, match=r"bars\.txt"):
        read_file("bars.txt")


def test_a_file_that_is_not_of_it_is_read_as_ever(here):
    example = ROOT / "data/raw/example.csv"
    pd.testing.assert_frame_equal(read_file(example, WANTED).bars, read_file(example).bars)
    with pytest.raises(UserError, match=r"absent\.txt is missing"):
        read_file("absent.txt", WANTED)


def test_params_name_it_and_a_folder_may_hold_some(here):
    asked = read(Ingest, ROOT / "params.yaml").model_copy(update={"source": "csv", "csv": "bars.txt"})
    assert len(bars_of(asked, forms=[SPEC])) == 300
    assert ingested(asked, forms=[SPEC])[0].said("bars.txt").startswith(f"bars.txt: plain form, read by {SPEC}, ")
    (here / "stocks").mkdir()
    for name in ("AAA", "BBB"):
        (here / f"stocks/{name}.txt").write_text("\n".join(LINES))
    assert read_panel("stocks", WANTED, Rules()).symbols == ("AAA", "BBB")


def test_one_file_of_several_symbols_is_one_of_many(here):
    text = TAPE.replace("    return pd.DataFrame(rows", "    return pd.DataFrame(rows").replace(
        '.rename(columns={"day": "Date"})', '.rename(columns={"day": "Date"}).assign(symbol=["A", "B"] * 150)'
    )
    (here / "plugins/mine.py").write_text(text)
    assert holds_many("bars.txt", WANTED) and not holds_many("bars.txt", Wanted(symbol="A", forms=(SPEC,)))
    assert read_panel("bars.txt", WANTED, Rules()).symbols == ("A", "B")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("feature", "plugins/mine.py:feature is no form of bars: it must be a function with the one argument path"),
        ("number", "plugins/mine.py:number gives int for bars.txt: it must give a DataFrame, or None"),
        ("raising", "plugins/mine.py:raising raises on bars.txt (KeyError: 'absent')"),
        ("absent", "plugins/mine.py:absent: plugins/mine.py has no absent"),
    ],
)
def test_what_is_no_form_is_refused_in_one_line(here, name, says):
    with pytest.raises(UserError) as told:
        read_file("bars.txt", Wanted(forms=(f"plugins/mine.py:{name}",)))
    assert str(told.value).startswith(says) and "\n" not in str(told.value)


def test_bars_that_lack_a_column_are_refused_as_those_of_any_file(here):
    (here / "bars.txt").write_text("\n".join(line.rsplit("/", 1)[0] for line in LINES))
    with pytest.raises(UserError, match=r"bars\.txt has no column volume: .* ingest\.volume: none"):
        read_file("bars.txt", WANTED)
    assert len(read_file("bars.txt", Wanted(volume="none", forms=(SPEC,))).bars) == 300


def test_a_form_is_known_from_a_feature_by_its_argument():
    assert is_of_path(lambda path: path) and not is_of_path(lambda bars: bars) and not is_of_path(json.JSONDecoder)
