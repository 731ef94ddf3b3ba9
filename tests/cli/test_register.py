"""`register`: the same run twice is one registration, another run is told from it, and nothing is opened by it."""

import json
import re
import shutil

import pytest

from buysignal.cli.main import main
from buysignal.core.files import read_json, write_exact_json
from buysignal.ship import registered
from tests.cli.doctor.deceptions import headline

FILES = (registered.PATH, registered.SCORES)


@pytest.fixture
def copy(clean, tmp_path):
    return shutil.copytree(clean, tmp_path / "run")


def said(capsys, *words):
    """Status and output of `register`."""
    status = main(["register", *words])
    out, err = capsys.readouterr()
    return status, " ".join(out.split()) + err


def contents(folder):
    """What the files say, but for the day of the registration."""
    files = [(folder / name).read_text() for name in (*FILES, "metrics/ledger.jsonl", "metrics/test.json")]
    return [re.sub(r"(?m)^registered: .*$", "", text) for text in files]


def set_threshold(folder, value):
    selected = read_json(folder / "data/selected.json")
    headline(selected)["point"]["threshold"] = value
    write_exact_json(folder / "data/selected.json", selected)


def test_the_same_run_again_writes_nothing(copy, capsys):
    before, project = contents(copy), ("--project", str(copy))
    status, told = said(capsys, *project)
    assert status == 0 and told.startswith(
        "registered already, registered.yaml stays as it is: 8 contenders, of which "
    )
    assert "of which a20-boosting ships and buys from 0." in told
    assert "this look is line 1 of the ledger already, and none is added" in told
    assert contents(copy) == before
    assert said(capsys, "--show", *project)[1].startswith("registered: 8 contenders, of which a20-boosting ships")


def test_programs_are_told_the_same_facts(copy, capsys):
    words = ("--format", "json", "--project", str(copy))
    told = [json.loads(said(capsys, *words, *more)[1]) for more in ((), ("--show",))]
    assert told[0] == told[1] | {"written": False}
    assert told[1]["registered"] and (told[1]["shipped"], told[1]["ledger_line"]) == ("a20-boosting", 1)
    assert len(told[1]["contenders"]) == 8 and told[1]["looks_before"] == 1
    set_threshold(copy, 0.5)
    status, out = said(capsys, "--show", *words)
    assert status == 1 and json.loads(out)["why"].startswith("a20-boosting buys from another score: 0.5 here, ")


def test_another_run_is_told_from_it_and_registered_in_its_place(copy, capsys):
    project = ("--project", str(copy))
    set_threshold(copy, 0.5)
    before = contents(copy)
    status, told = said(capsys, "--show", *project)
    assert status == 1 and told.startswith("not registered: ") and "buys from another score: 0.5 here, " in told
    assert contents(copy) == before
    status, told = said(capsys, *project)
    assert status == 0 and "that will be one more look: 1 at these days are in the ledger" in told
    assert contents(copy)[1:] == before[1:]  # the candidate's scores, the ledger and what was seen
    now = registered.read(copy / registered.PATH)
    assert [model.threshold for model in now.models if model.name == now.shipped] == [0.5]


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("spoiled", ["", "models: [", None])
def test_a_damaged_file_is_written_anew(copy, capsys, name, spoiled):
    before, path = contents(copy), copy / name
    path.unlink() if spoiled is None else path.write_text(spoiled)
    status, told = said(capsys, "--project", str(copy))
    assert status == 0 and told.startswith("registered: ") and contents(copy) == before


def test_another_choice_is_another_registration(copy, capsys):
    selected = read_json(copy / "data/selected.json")
    write_exact_json(copy / "data/selected.json", selected | {"shipped": "a20-touch"})
    status, told = said(capsys, "--show", "--project", str(copy))
    why = "another contender ships: a20-touch here, a20-boosting in registered.yaml"
    assert status == 1 and told.startswith(f"not registered: {why}; ")


def test_what_cannot_be_registered_is_refused_in_one_line(copy, capsys, tmp_path):
    before = contents(copy)
    selected = read_json(copy / "data/selected.json")
    write_exact_json(copy / "data/selected.json", selected | {"selected": [], "others": [], "shipped": ""})
    assert said(capsys, "--project", str(copy)) == (
        2,
        "error: no contender has an operating point: nothing is registered; metrics/choice.json has why\n",
    )
    write_exact_json(copy / "data/selected.json", selected | {"shipped": "a20-ghost"})
    assert "ships none of the contenders that it names" in said(capsys, "--project", str(copy))[1]
    (copy / "data/selected.json").unlink()
    status, told = said(capsys, "--project", str(copy))
    assert status == 2 and told.startswith("error: data/selected.json is missing: ") and told.count("\n") == 1
    assert said(capsys, "--project", str(tmp_path / "absent"))[0] == 2
    assert contents(copy) == before
