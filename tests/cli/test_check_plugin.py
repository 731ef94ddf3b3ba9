"""``python -m buysignal check-plugin``: the promises that are kept, the first that is broken, and a status."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from buysignal.bars import manifest
from buysignal.bars.validate import validate
from buysignal.cli.main import main
from tests.features.samples import random_bars

ROOT = Path(__file__).resolve().parents[2]
BARS = random_bars(700, seed=5)
GOOD = """
import numpy as np
import pandas as pd

def near(bars):
    print("said")
    return bars["close"].rolling(5).mean()

def ahead(bars):
    return bars["close"].shift(-1).ffill()

class Even:
    def fit(self, X, y):
        self.share = y.mean()

    def predict_proba(self, X):
        return np.tile([1 - self.share, self.share], (len(X), 1))

class Peeks(Even):
    def predict_proba(self, X):
        p = 1 / (1 + np.exp(-(X[:, 0] - X[:, 0].mean())))
        return np.column_stack([1 - p, p])

class Wild(Even):
    def fit(self, X, y):
        self.share = np.random.rand()

def maker():
    return Even()

def tape(path):
    text = path.read_text()
    return pd.read_csv(path, sep="/", skiprows=1) if text.startswith("TAPE") else None

def deaf(path):
    return None

def fickle(path):
    with open("asked", "a+") as asked:
        asked.write("x")
        return pd.read_csv(path, sep="/", skiprows=1)[asked.tell():]
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a plug-in, and bars in a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins/mine.py").write_text(GOOD)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    BARS.rename(columns=str.capitalize).rename_axis("Date").to_csv(tmp_path / "bars.csv")
    yield tmp_path
    sys.modules.pop("buysignal_plugin_mine", None)


def checked(capsys, name: str, *words: str) -> tuple[int, str, str]:
    status = main(["check-plugin", name if ":" in name else f"plugins/mine.py:{name}", "--bars", "bars.csv", *words])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_a_feature_that_keeps_its_promises_is_status_0(project, capsys):
    status, said, beside = checked(capsys, "near")
    lines = said.splitlines()
    assert status == 0 and beside.split() == ["said"] * len(beside.split())  # what it prints is no part of the answer
    assert lines[0] == "plugins/mine.py:near is a feature, tried on 700 bars 2001-01-01 to 2003-09-05 of bars.csv"
    assert "kept: it is whole after a warm-up of 4 days" in lines
    assert lines[-1].startswith("it keeps every promise: name it in features.extra (")


def test_a_feature_that_looks_ahead_is_status_1_with_its_column_and_day(project, capsys):
    status, said, _ = checked(capsys, "ahead")
    assert status == 1 and "kept: it gives the same when it is asked again" in said
    told = " ".join(said.split())
    assert "broken: plugins/mine.py:ahead: ahead on 2001-01-10 changes when the bars after 2001-01-10 are cut" in told
    assert "it breaks a promise (" in said


@pytest.mark.parametrize("name", ["Even", "maker", "sklearn.naive_bayes:GaussianNB"])
def test_a_model_is_fitted_asked_saved_and_fitted_again(project, capsys, name):
    status, said, _ = checked(capsys, name, "--format", "json")
    told = json.loads(said)
    assert status == told["status"] == 0 and told["kind"] == "model" and told["broken"] is None and told["seconds"] > 0
    assert told["kept"] == [
        "is fitted on the days of the train role",
        "gives (n, 2) probabilities, finite and in [0, 1]",
        "gives a day the same score whichever other days it is asked for",
        "is saved without a pickle, and read back to the bit",
        "gives the same scores when it is fitted again with the same seed",
    ]


@pytest.mark.parametrize(
    ("name", "kept", "says"),
    [
        ("Peeks", 2, "changes when later days change: it must depend on its own row alone"),
        ("Wild", 4, "fitted again it gives other scores: it must draw numbers by random_state alone"),
        ("sklearn.preprocessing:StandardScaler", 0, "has no predict_proba: it must be a classifier"),
    ],
)
def test_the_first_promise_that_a_model_breaks_is_named(project, capsys, name, kept, says):
    status, said, _ = checked(capsys, name, "--format", "json")
    told = json.loads(said)
    assert status == told["status"] == 1 and len(told["kept"]) == kept and says in told["broken"]


@pytest.fixture
def taped(project):
    """The same bars in a form of the user's own."""
    BARS.rename_axis("date").to_csv(project / "bars.csv", sep="/")
    (project / "bars.csv").write_text("TAPE\n" + (project / "bars.csv").read_text())


def test_a_form_reads_a_file_of_it_and_its_bars_can_be_used(taped, capsys):
    status, said, _ = checked(capsys, "tape", "--format", "json")
    told = json.loads(said)
    assert status == 0 and (told["kind"], told["bars"], told["broken"]) == ("form", "bars.csv", None)
    assert told["kept"] == [
        "knows the file as its form",
        "gives bars that can be used: 700, 2001-01-01 to 2003-09-05",
        "gives the same when it is asked again",
    ]
    assert checked(capsys, "tape")[1].splitlines()[-1].startswith("it keeps every promise: name it in forms.extra (")


@pytest.mark.parametrize(
    ("name", "kept", "says"),
    [
        ("deaf", 0, "plugins/mine.py:deaf gives None for bars.csv: it does not know it as its form"),
        ("fickle", 2, "plugins/mine.py:fickle gives other bars when it is asked again"),
    ],
)
def test_the_first_promise_that_a_form_breaks_is_named(taped, capsys, name, kept, says):
    status, said, _ = checked(capsys, name, "--format", "json")
    assert status == 1 and len(json.loads(said)["kept"]) == kept and says in json.loads(said)["broken"]


def test_a_form_is_tried_on_a_file_alone(project, capsys):
    for words in ((), ("--bars", "absent.csv")):
        assert main(["check-plugin", "plugins/mine.py:tape", *words]) == 2
        assert capsys.readouterr().err.startswith(
            "error: a form of bars is tried on a file of it: name one with --bars"
        )


@pytest.mark.parametrize("command", ["check", "judge"])
def test_other_commands_read_it_where_it_is_named(taped, project, capsys, command):
    days = [f"{day:%Y-%m-%d},{n % 7}" for n, day in enumerate(BARS.index)]
    (project / "scores.csv").write_text("\n".join(["date,score", *days]))
    words = ["judge", "scores.csv", "--bars", "bars.csv"] if command == "judge" else ["check", "bars.csv"]
    assert main([*words, "--form", "plugins/mine.py:tape"]) in (0, 1, 2)
    printed = capsys.readouterr()
    assert "error: " not in printed.err and {"check": "700 bars", "judge": "cannot tell: "}[command] in printed.out
    assert main([*words, "--form", "mine.py:tape"]) == 2
    assert "error: --form is 'mine.py:tape'; it must be a name in a file of the folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("plugins/absent.py:x", "error: plugins/absent.py:x: plugins/absent.py is not there"),
        ("plugins/mine.py:Evn", "error: plugins/mine.py:Evn: plugins/mine.py has no Evn; did you mean Even?"),
        ("absent_package:X", "error: absent_package:X needs absent_package, which is not there"),
        (
            "elsewhere/mine.py:X",
            "error: the plug-in is 'elsewhere/mine.py:X'; it must be a name in a file of the folder",
        ),
    ],
)
def test_what_cannot_be_tried_is_one_line_and_status_2(project, capsys, name, says):
    status, said, error = checked(capsys, name)
    assert status == 2 and said == "" and error.startswith(says) and len(error.splitlines()) == 1


def test_bars_that_are_too_few_for_a_model_or_no_bars_are_status_2(project, capsys):
    BARS[:300].rename(columns=str.capitalize).rename_axis("Date").to_csv(project / "bars.csv")
    assert checked(capsys, "Even")[0] == 2
    assert checked(capsys, "near")[0] == 0
    (project / "bars.csv").unlink()
    status, _, error = checked(capsys, "near")
    assert status == 2 and error.startswith("error: bars.csv")


def test_without_a_file_the_bars_are_those_of_the_last_run_or_embedded(project, capsys):
    assert main(["check-plugin", "plugins/mine.py:near"]) == 0
    assert "of the embedded sp500" in " ".join(capsys.readouterr().out.split())
    report = validate(BARS, "error", 10)[1]
    manifest.write(BARS, report, "csv", project / "data/bars/bars.parquet", project / "data/bars/bars.json")
    assert main(["check-plugin", "plugins/mine.py:near"]) == 0
    assert "tried on 700 bars 2001-01-01 to 2003-09-05 of data/bars" in " ".join(capsys.readouterr().out.split())
