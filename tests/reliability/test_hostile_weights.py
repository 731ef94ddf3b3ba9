"""A fit that is not what the manifest says is refused, though every hash vouches for it; `tests.models.contract` has
what a fit by itself may not be."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from buysignal.models.kept import WEIGHTS
from buysignal.ship.package import FITTED, load
from tests.reliability.hostile_model import INNER, PARAMETERS, forge, refusal


def counted(told):
    told["card"]["parameters"] += 1


def renamed(told):
    told["card"]["name"] = "a20-2M-T4"


def rows(seeds, width=PARAMETERS, kind=np.float32):
    return {"theta": np.zeros((seeds, width), kind)}


FORGED = {
    "more parameters in the manifest": (dict(manifest=counted), "is of another contender than model.json"),
    "another name beside the fit": (dict(fitted=renamed), "is of another contender than model.json"),
    "wider windows": (dict(manifest=lambda told: told["asks"].update(context=21)), "its windows have 20 days, not 21"),
    "a seed too few": (rows(1), "theta is float32 (1, "),
    "a weight too few": (rows(2, PARAMETERS - 1), "theta is float32 (2, "),
    "double": (rows(2, kind=np.float64), "theta is float64 (2, "),
    "more tensors": ({"code": np.zeros(3)}, "is no contender that was saved"),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_fit_that_is_not_what_is_said_of_it_is_refused_though_all_hashes_vouch_for_it(model, name):
    changes, says = FORGED[name]
    forge(model, **changes)
    assert says in refusal(model, INNER)


def test_the_same_with_other_weights_that_fit_is_a_model(model):
    forge(model, **rows(2))
    assert load(model).fitted.theta.sum() == 0


def test_the_fit_of_another_model_is_not_taken_for_this_ones(pair, model):
    shutil.copytree(pair[1] / FITTED, model / FITTED, dirs_exist_ok=True)
    assert "has SHA-256" in refusal(model, INNER)
    forge(model)
    assert "is of another contender than model.json" in refusal(model, INNER)


def test_weights_that_were_changed_are_found_behind_a_manifest_that_was_not(model):
    path = model / FITTED / WEIGHTS
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert "has SHA-256" in refusal(model, f"{FITTED}/{WEIGHTS}")
