"""A model of one run competes in another only as it was, for the same label, and where its windows have room."""

import json

import numpy as np
import pytest

from buysignal.cli.main import main
from buysignal.core.errors import UserError
from buysignal.core.settings import of
from buysignal.models import contenders, kept
from buysignal.models.params import Model, Models
from buysignal.models.rivals.volatility import Volatility
from tests.cli.predict.examples import REGIME
from tests.ship.test_package import days_of, put
from tests.small_tier import LABEL, SHAPE, TIER, tier_frame

MODEL = of(Model, SHAPE.context, SHAPE.patch, SHAPE.stride, SHAPE.revin)


@pytest.fixture(scope="module")
def days():
    return days_of(tier_frame(500))


@pytest.fixture(scope="module")
def kept_there(tmp_path_factory, days):
    return put(tmp_path_factory.mktemp("there") / "shipped", Volatility.fit(days.known(), 7), days)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, kept_there):
    found = tmp_path_factory.mktemp("here") / "panel"
    assert main(["export", str(found), "--model", str(kept_there)]) == 0
    return found


def models(path):
    return of(Models, (), str(path))


def test_by_default_there_is_none():
    assert contenders.pretrained(models(contenders.NONE), LABEL, MODEL) is None


def test_what_is_exported_says_the_same_and_until_when_it_was_trained(folder, kept_there, days):
    found, there = contenders.pretrained(models(folder), LABEL, MODEL), contenders.load(kept_there / "fitted")
    assert (found.card.name, found.under.card) == (f"{TIER}-pretrained", there.card)
    later = days.of_roles("rank", "calibrate")
    assert np.array_equal(found.score(later), there.score(later))
    assert (found.label, found.last, found.context) == (dict(LABEL), REGIME.last, SHAPE.context)


def test_programs_are_told_the_folder_the_model_and_how_it_is_used(tmp_path, kept_there, capsys):
    assert main(["export", str(tmp_path / "new"), "--model", str(kept_there), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == str(tmp_path / "new") and told["trained_until"] == REGIME.last
    assert told["use"] == f"dvc exp run -S models.pretrained={tmp_path / 'new'}"


def test_a_folder_that_is_there_is_not_written_over(folder, kept_there, capsys):
    before = (folder / kept.FITTED).read_bytes()
    assert main(["export", str(folder), "--model", str(kept_there)]) == 2
    assert capsys.readouterr().err == f"error: {folder} is there already: name a new folder\n"
    assert (folder / kept.FITTED).read_bytes() == before


@pytest.mark.parametrize(
    ("label", "model", "told"),
    [
        (LABEL.model_copy(update={"horizon": 9}), MODEL, r"was taught another label \(horizon [0-9]+ there, 9 here\)"),
        (LABEL, MODEL.model_copy(update={"context": SHAPE.context - 1}), "it must be at least"),
    ],
)
def test_another_label_or_too_short_windows_are_refused_in_one_line(folder, label, model, told):
    with pytest.raises(UserError, match=rf"^models\.pretrained: .*{told}") as error:
        contenders.pretrained(models(folder), label, model)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["absent", ".", "README.md"])
def test_what_holds_no_model_is_told_with_the_command_that_writes_one(tmp_path, name):
    with pytest.raises(UserError, match=r"^models\.pretrained: there is no .*`python -m buysignal export` wrote"):
        contenders.pretrained(models(tmp_path / name), LABEL, MODEL)


def test_a_contender_that_was_not_exported_is_refused(kept_there):
    with pytest.raises(UserError, match=r"is no model that `python -m buysignal export` wrote$"):
        contenders.pretrained(models(kept_there / "fitted"), LABEL, MODEL)
