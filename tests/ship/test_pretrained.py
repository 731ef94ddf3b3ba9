"""A model of another run competes only where it was taught the same label, and no later day than the others."""

import numpy as np
import pytest

from buysignal.core.errors import UserError
from buysignal.core.settings import of
from buysignal.models.params import Model, Models
from buysignal.models.pretrained import Pretrained
from buysignal.models.rivals.volatility import Volatility
from buysignal.ship import pretrained
from tests.ship.test_package import days_of, put
from tests.small_tier import LABEL, SHAPE, TIER, tier_frame

MODEL = of(Model, SHAPE.context, SHAPE.patch, SHAPE.stride, SHAPE.revin)


@pytest.fixture(scope="module")
def days():
    return days_of(tier_frame(500))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, days):
    return put(tmp_path_factory.mktemp("there") / "shipped", Volatility.fit(days.known(), 7), days)


def models(path):
    return of(Models, (), str(path))


def test_by_default_there_is_none():
    assert pretrained.read(models(pretrained.NONE), LABEL, MODEL) is None


def test_it_is_what_was_kept_and_says_the_same(folder, days):
    found = pretrained.read(models(folder), LABEL, MODEL)
    later = days.of_roles("rank", "calibrate")
    one = Pretrained.of(found.fitted, found.features, found.scaler, found.context)
    assert one.card.name == f"{TIER}-pretrained"
    assert np.array_equal(one.score(later), found.fitted.score(later))


@pytest.mark.parametrize(
    ("label", "model", "told"),
    [
        (LABEL.model_copy(update={"horizon": 9}), MODEL, "was taught another label \\(horizon [0-9]+ there, 9 here\\)"),
        (LABEL, MODEL.model_copy(update={"context": SHAPE.context - 1}), "it must be at least"),
    ],
)
def test_another_label_or_too_short_windows_are_refused_in_one_line(folder, label, model, told):
    with pytest.raises(UserError, match=f"^models.pretrained: .*{told}") as error:
        pretrained.read(models(folder), label, model)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["absent", ".", "README.md"])
def test_what_holds_no_model_is_told_with_what_it_must_be(tmp_path, name):
    with pytest.raises(
        UserError, match=r"^models\.pretrained: there is no .*such as a copy of its data/models/shipped, or \S+$"
    ):
        pretrained.read(models(tmp_path / name), LABEL, MODEL)


def test_one_that_knows_a_day_of_the_stop_role_is_refused_with_both_days(folder, days):
    found = pretrained.read(models(folder), LABEL, MODEL)
    begins = days.of_roles("stop").index.min().strftime("%Y-%m-%d")
    late = found.regime.model_copy(update={"last": begins})
    shipped = pretrained.Shipped(**{**vars(found), "regime": late})
    with pytest.raises(UserError, match=f"up to {begins}, and the stop role begins on {begins}"):
        pretrained.contender(shipped, days)
