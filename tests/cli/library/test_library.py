"""``import buysignal``: quick, typed, and its examples are true."""

import doctest
import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from inspect import signature

import numpy as np
import pandas as pd
import pytest

import buysignal
from buysignal.bars.reading import Wanted
from buysignal.cli import library
from buysignal.core.errors import UserError
from buysignal.features import tiers
from tests.cli.library import user
from tests.pipeline.project import BIN, ROOT

EXAMPLE = ROOT / "data/raw/example.csv"
BARS = pd.read_csv(EXAMPLE, index_col="Date", parse_dates=True)
MANY = pd.concat({"AAA": BARS, "BBB": BARS * 2}, names=["symbol", "date"])
OFFERED = ("Predictor", "features", "judge", "label", "load")
TYPED = pytest.mark.skipif(find_spec("basedpyright") is None, reason="pip install -r requirements-lint.txt")


@pytest.fixture
def here(clean, tmp_path, monkeypatch):
    """A folder that holds a shipped model and nothing else."""
    shutil.copytree(clean / "data/models/shipped", tmp_path / "data/models/shipped")
    monkeypatch.chdir(tmp_path)


def test_the_examples_are_what_happens(here):
    done = doctest.testmod(library, extraglobs={"bars": BARS})
    assert done.attempted >= 14 and done.failed == 0


def test_what_is_offered_is_there_and_documented_and_nothing_else_is_named():
    assert tuple(buysignal.__all__) == OFFERED and set(dir(buysignal)) == {*OFFERED, "__version__"}
    for one in (buysignal.Predictor, buysignal.features.compute, buysignal.judge, buysignal.label, buysignal.load):
        assert "Examples" in one.__doc__
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        buysignal.lode  # noqa: B018


def test_judge_is_a_room_and_a_function_with_names_for_its_arguments():
    import buysignal.judge.luck as of_the_room

    assert of_the_room is buysignal.judge.luck
    assert list(signature(buysignal.judge).parameters)[:4] == ["scores", "bars", "tried", "start"]


def test_to_import_it_brings_nothing_that_it_works_with():
    code = "import sys, buysignal; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert not {"numpy", "pandas", "torch", "pydantic", "yaml", "sklearn"} & set(done.stdout.split()), done.stderr


def test_a_label_is_1_where_the_next_high_is_a_percent_above_the_close():
    by_hand = BARS["High"].shift(-1)[:-1] >= 1.01 * BARS["Close"][:-1]
    found = buysignal.label(EXAMPLE, level=0.01)
    np.testing.assert_array_equal(found, by_hand)
    assert found.name == "label" and found.index.equals(BARS.index[:-1].rename("date"))
    closes = BARS["Close"].shift(-5)[:-5] > 1.02 * BARS["Close"][:-5]
    np.testing.assert_array_equal(buysignal.label(BARS, horizon=5, level=0.02, kind="close"), closes)


def test_features_are_those_of_the_pipeline():
    expected = tiers.compute(BARS.rename(columns=str.lower).rename_axis("date"), "a50")
    pd.testing.assert_frame_equal(buysignal.features.compute(EXAMPLE, "a50"), expected)


def test_bars_of_many_symbols_give_features_and_labels_of_each():
    table = buysignal.features.compute(MANY)
    alone = buysignal.features.compute(BARS)
    np.testing.assert_allclose(table.loc["AAA", "rsi_14"], alone["rsi_14"])
    assert "close" in alone and "close" not in table
    np.testing.assert_array_equal(buysignal.label(MANY).loc["BBB"], buysignal.label(BARS))


def test_bars_without_a_volume_are_refused_with_the_word_that_helps():
    bare = BARS.drop(columns="Volume")
    with pytest.raises(UserError, match=r"wanted=Wanted\(volume='none'\)"):
        buysignal.features.compute(bare)
    assert "mfi_14" not in buysignal.features.compute(bare, wanted=Wanted(volume="none"))
    assert len(buysignal.label(bare)) == len(bare) - 1


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: buysignal.features.compute(BARS, "a21"), "tier 'a21' is unknown: did you mean a20? it is one of"),
        (lambda: buysignal.label(BARS, horizon=0), "horizon is 0; it must be a whole number from 1 to 250"),
        (lambda: buysignal.label(BARS, kind="tuch"), "kind is 'tuch'; it must be one of touch, close, triple"),
        (lambda: buysignal.load("absent"), "absent"),
    ],
)
def test_a_mistake_is_told_in_one_line(ask, says):
    with pytest.raises(UserError) as told:
        ask()
    assert says in str(told.value) and "\n" not in str(told.value)


def test_what_a_user_writes_runs(here, capsys):
    user.main(str(EXAMPLE), "data/models/shipped")
    assert capsys.readouterr().out.split()[:2] in (["cannot", "tell"], ["do", "not"])


def typed(*files: str) -> list[str]:
    """What pyright finds; it needs no network."""
    command = [str(BIN / "basedpyright"), "--outputjson", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=os.environ | {"http_proxy": "none:1"})
    return [one["message"] for one in json.loads(done.stdout)["generalDiagnostics"] if one["severity"] == "error"]


@TYPED
def test_the_library_and_what_a_user_writes_have_right_types():
    assert typed() == []


@TYPED
def test_wrong_types_in_what_a_user_writes_are_found(tmp_path):
    wrong = 'import buysignal\nbuysignal.load(3)\nbuysignal.judge("a", "b", tride=2)\nbuysignal.features.conpute\n'
    (tmp_path / "wrong.py").write_text(wrong + 'days: int = buysignal.label("a")\n')
    said = typed(str(tmp_path / "wrong.py"))
    assert len(said) == 4, said
    for part, line in zip(('"Literal[3]"', '"tride"', '"conpute"', '"int"'), said):
        assert part in line
