"""A stack as a contender: the scores of its fit to the bit, blind to later days, and refused when it is none."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from buysignal.core.errors import UserError
from buysignal.core.sealed import read_sealed, write_sealed
from buysignal.models import contenders, kept
from buysignal.models.contender import logit
from buysignal.models.days import Days
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.fit import fit
from buysignal.models.patchtst.offset import write_offset
from buysignal.models.rivals.volatility import Volatility
from buysignal.models.scores import ModelCard
from tests.features.samples import random_bars
from tests.small_tier import CONFIGURATION, LABEL, SHAPE, TIER, job, tier_frame, write_tier

QUICK = replace(CONFIGURATION, learning_rate=1e-2)


def card_of(found, family="transformer"):
    seeds, epochs = (11, 12), tuple(found.trained.epochs.tolist())
    return ModelCard("a20-added", TIER, family, "2M", "built", QUICK, found.trained.theta.shape[1], 0, seeds, epochs)


def days(open_test=False, spoil_from=None):
    """The days of the small tier; with ``spoil_from`` all that is of that day or later is wild."""
    bars, frame = random_bars(900, seed=9), tier_frame(900)
    if spoil_from is not None:
        late = bars.index >= spoil_from
        bars.loc[late, ["high", "low", "close"]] *= 1.3
        frame.loc[
            frame.index >= spoil_from, frame.columns.drop(["label", "fall", "label_start", "label_end", "role"])
        ] = 7
    return Days.of(bars, frame, TIER, LABEL, SHAPE.context, open_test)


@pytest.fixture(scope="module")
def fits(tmp_path_factory):
    """(transformer, its fit) that stands alone, and one that is added to the volatility logistic."""
    folder = tmp_path_factory.mktemp("tier")
    path, under = write_tier(folder / "a20.parquet", tier_frame(900)), Volatility.fit(days().known(), 1)
    offset = write_offset(folder / "offset.parquet", days().index, logit(under.scored(days()).ensemble))
    alone, added = fit(job(path, configuration=QUICK)), fit(job(path, configuration=QUICK, offset=str(offset)))
    return {
        "alone": (Transformer.of(card_of(alone), alone, SHAPE), alone),
        "added": (Transformer.of(card_of(added), added, SHAPE, under), added),
    }


@pytest.fixture(params=["alone", "added"])
def pair(fits, request):
    return fits[request.param]


def test_the_scores_are_those_of_the_fit_to_the_bit_on_any_number_of_threads(pair):
    model, found = pair
    scored = model.scored(days())
    assert scored.index.equals(found.index) and scored.role.tolist() == found.role.tolist()
    assert scored.label.tolist() == found.label.tolist()
    assert scored.scores.tobytes() == found.scores.tobytes()
    with threadpool_limits(2):
        assert model.score(days()).tobytes() == found.scores.tobytes()


def test_what_it_adds_to_is_part_of_its_scores(fits):
    model, found = fits["added"]
    assert np.abs(replace(model, under=None).score(days()) - found.scores).max() > 0.01


def test_a_day_is_scored_alike_whatever_comes_later(pair):
    model, found = pair
    opened = days(open_test=True)
    n = len(found.index)
    assert len(opened.index) > n and opened.index[:n].equals(found.index)
    np.testing.assert_allclose(model.score(opened)[:, :n], found.scores, rtol=0, atol=1e-6)
    known = days().known()
    np.testing.assert_allclose(model.score(known), found.scores[:, : len(known.index)], rtol=0, atol=1e-6)
    first = int(np.argmax(found.role == "rank"))  # the scaler is of the train role
    wild = model.score(days(spoil_from=found.index[first]))
    assert wild[:, :first].tobytes() == found.scores[:, :first].tobytes()
    assert (wild[:, first:] != found.scores[:, first:]).any()


def test_a_saved_one_is_read_back_in_every_bit_without_torch(pair, tmp_path):
    model, found = pair
    kept.save(tmp_path / "one", model)
    loaded = contenders.load(tmp_path / "one")
    assert isinstance(loaded, Transformer) and loaded.card == model.card
    assert loaded.shape == SHAPE and loaded.best_epoch == model.best_epoch
    assert loaded.theta.tobytes() == model.theta.tobytes() and loaded.n_features == len(days().names)
    assert loaded.score(days()).tobytes() == found.scores.tobytes()
    kept.save(tmp_path / "two", loaded)
    names = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert len(names) == (2 if model.under is None else 4)
    code = (
        "import sys; from buysignal.models import contenders; "
        "contenders.load(sys.argv[1]); print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code, tmp_path / "one"], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_a_member_that_adds_nothing_keeps_epoch_zero(fits, tmp_path):
    added, _ = fits["added"]
    kept.save(tmp_path, replace(added, best_epoch=(0, 1)))
    assert contenders.load(tmp_path).best_epoch == (0, 1)


def test_days_that_it_was_not_made_for_are_refused(fits):
    model, _ = fits["alone"]
    with pytest.raises(ValueError, match="the days have 24 features; it was trained on 25"):
        model.score(replace(days(), names=days().names[1:]))
    early = replace(days(), rows=days().rows - 1)
    with pytest.raises(ValueError, match="has no window of 20 days"):
        model.score(early)
    assert model.score(days().of_roles("nothing")).shape == (2, 0)


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("card.configuration.d_model", 10, "no number of features makes"),
        ("card.configuration.n_layers", 10**12, "n_layers is"),
        ("card.configuration.n_heads", 3, "n_heads 3 does not divide"),
        ("card.configuration.dropout", "0.1", "dropout is '0.1'"),
        ("card.configuration", None, "asdict"),
        ("card.family", "boosting", "its family is boosting"),
        ("card.seeds", [11], "theta is float32 (2, "),
        ("card.parameters", 7, "theta is float32 (2, "),
        ("card.epochs", [2], "epochs or best_epoch has not 2 values"),
        ("plain.shape.patch", 30, "patch 30"),
        ("plain.shape.revin", 1, "revin is 1"),
        ("plain.shape.more", 1, "unknown key"),
        ("plain.shape", None, ""),
        ("plain.best_epoch", [0, 1], "best_epoch is [0, 1], of"),
        ("plain.best_epoch", [1, 3], "best_epoch is [1, 3], of"),
        ("plain.best_epoch", [1, True], "best_epoch is [1, True], of"),
        ("plain.best_epoch", [1], "epochs or best_epoch has not 2 values"),
        ("plain.best_epoch", 1, ""),
        ("plain.under", "volatility", "under is no contender"),
        ("plain.more", 1, "unexpected keyword"),
    ],
)
def test_a_folder_whose_values_no_training_gives_is_one_line(fits, tmp_path, place, value, reason):
    kept.save(tmp_path, fits["alone"][0])
    path = tmp_path / kept.FITTED
    content = json.loads(json.dumps(read_sealed(path)))
    *sections, last = place.split(".")
    inner = content
    for section in sections:
        inner = inner[section]
    inner[last] = value
    write_sealed(path, content)
    with pytest.raises(UserError) as told:
        contenders.load(tmp_path)
    assert str(told.value).startswith(f"{path} is no contender that was saved (") and "\n" not in str(told.value)
    assert reason in str(told.value)


@pytest.mark.parametrize(
    ("theta", "reason"),
    [
        (lambda theta: theta.astype(np.float64), "theta is float64"),
        (lambda theta: theta[:, 1:], "theta is float32 (2, "),
        (lambda theta: theta[:1], "theta is float32 (1, "),
        (lambda theta: np.where(np.arange(theta.shape[1]) == 5, np.float32(np.nan), theta), "no training gives"),
    ],
)
def test_weights_that_are_not_those_of_the_card_are_one_line(fits, tmp_path, theta, reason):
    model, _ = fits["alone"]
    kept.save(tmp_path, replace(model, theta=theta(model.theta)))
    with pytest.raises(UserError) as told:
        contenders.load(tmp_path)
    assert reason in str(told.value) and "\n" not in str(told.value) and str(tmp_path) in str(told.value)
