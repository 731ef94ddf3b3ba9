"""The files of a run are read as one run: what ships in one is known to the other, and what is missing is named."""

import pytest

from buysignal.core.errors import UserError
from buysignal.core.files import write_json, write_text
from buysignal.days.params import Label
from buysignal.report.made import _load
from tests.report.examples import closed, logistic_ships

LABEL = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="fixed", multiple=1.0)
METRICS = {"rounds": {"supplement": [], "transfer": []}, "analyze": {"coverage": {}, "findings": []}}
FILES = ("metrics/choice.json", "metrics/train.json", "data/selected.json", "data/compared.json", "metrics/mirror.json")
FILES += ("metrics/tear.json", "metrics/symbols.json", "metrics/walk.json")


@pytest.fixture
def root(tmp_path):
    """The results of a run in which the logistic ships and that is not registered."""
    found = closed(logistic_ships())
    told = METRICS | {"ingest": found.ingest, "selection": found.judged, "choice": found.choice, "train": found.train}
    told |= {"sweep": found.sweep, "snooping": found.board, "overfitting": found.searched}
    for name, content in (told | {"calibration": [], "mirror": []}).items():
        write_json(tmp_path / f"metrics/{name}.json", content)
    write_json(tmp_path / "data/selected.json", found.selection)
    write_json(tmp_path / "metrics/tear.json", found.tear)
    write_json(tmp_path / "metrics/symbols.json", found.symbols)
    write_json(tmp_path / "metrics/walk.json", found.walked)
    write_json(tmp_path / "data/compared.json", {})
    write_text(tmp_path / "metrics/ledger.jsonl", "")
    return tmp_path


def test_what_ships_is_the_choice_s(root):
    found = _load(root, (), LABEL, 6)
    assert found.shipped == found.chosen["card"]["name"] == "a50-volatility"
    assert found.looks.startswith("not by this run, to which it is closed: candidate buys from 0.1, not 0.2")


def test_a_choice_of_another_run_is_refused(root):
    write_json(root / "metrics/choice.json", logistic_ships().choice | {"shipped": "a50-blend"})
    with pytest.raises(UserError, match=r"selected\.json does not have a50-blend, which ships: run `dvc repro`"):
        _load(root, (), LABEL, 6)


@pytest.mark.parametrize("file", FILES)
def test_a_missing_result_is_named_in_one_line_with_what_to_do(root, file):
    (root / file).unlink()
    with pytest.raises(UserError, match=f"{file} is missing: run `dvc repro`") as error:
        _load(root, (), LABEL, 6)
    assert "\n" not in str(error.value)
