"""A kept contender: everything that predicting needs, every bit of it, and nothing that runs code."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from buysignal.cli.predict import Predictor
from buysignal.core.errors import UserError
from buysignal.core.files import read_json
from buysignal.core.sealed import SEAL, write_sealed
from buysignal.core.settings import of
from buysignal.days.columns import LABEL_COLUMNS
from buysignal.features.tiers import features
from buysignal.models.days import Days
from buysignal.models.kept import FITTED as SEALED
from buysignal.models.kept import WEIGHTS
from buysignal.models.patchtst.architecture import count_parameters
from buysignal.models.patchtst.contender import Transformer
from buysignal.models.patchtst.fit import fit
from buysignal.models.rivals.blend import Blend
from buysignal.models.rivals.formulas import Touch
from buysignal.models.rivals.volatility import Volatility
from buysignal.models.scores import ModelCard
from buysignal.ship.manifest import Asks
from buysignal.ship.package import FITTED, MANIFEST, folder_of, hand_on, load, ship
from tests.cli.predict.examples import EARNED, REGIME, evidence, expected, unexamined
from tests.features.samples import random_bars
from tests.small_tier import CONFIGURATION, LABEL, SHAPE, TIER, job, tier_frame, write_tier

RATE = 1e-3 / 3  # not a number that six decimals keep
EPOCHS, SEEDS, CONTEXT = (2, 2), (11, 12), SHAPE.context
ASKS = of(Asks, CONTEXT, 49, (), {})


def configured(width):
    size = count_parameters(CONFIGURATION, SHAPE, width)
    return ModelCard("a20-2M-T3", TIER, "transformer", "2M", "tpe", CONFIGURATION, size, 2_000_000, SEEDS, EPOCHS)


def chosen(card, threshold=0.123457, certified=None, rank=None):
    promise = {"threshold": certified, "target": 0.4, "delta": 0.1, "reason": "none is certified", "precision": 0.0}
    own = {"name": card.name, "tier": TIER, "reason": "lowest log loss", "map": "temperature", "temperature": RATE}
    return {"rank": rank, "card": card.to_dict(), "point": {"threshold": threshold}, "certified": promise, "map": own}


def days_of(frame, volume=True):
    bars = random_bars(500, seed=9)
    return Days.of(bars if volume else bars.drop(columns="volume"), frame, TIER, LABEL, CONTEXT, open_test=True)


def put(folder, one, days, told=None, **entry):
    """The folder, with the contender kept in it."""
    ship(folder, one, days, ASKS, LABEL, chosen(one.card, **entry), REGIME, told or expected())
    return folder


@pytest.fixture(scope="module")
def days():
    return days_of(tier_frame())


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    path = write_tier(tmp_path_factory.mktemp("tier") / "a20.parquet", tier_frame())
    return Transformer.of(configured(25), fit(job(path)), SHAPE)


@pytest.fixture(scope="module")
def everybody(stack, days):
    """A contender of each of several families, one of others among them."""
    known = days.known()
    simple = [kind.fit(known, 1) for kind in (Volatility, Touch)]
    blend = Blend.of([*simple, stack], [one.scored(days) for one in (*simple, stack)], TIER, f"{TIER}-blend")
    return {one.card.family: one for one in (stack, *simple, blend)}


FAMILIES = ("transformer", "logistic", "formula", "blend")


@pytest.mark.parametrize("family", FAMILIES)
def test_the_files_alone_give_the_scores_that_were_examined(everybody, days, tmp_path, family):
    one, tested = everybody[family], days.of_roles("test")
    found = load(put(tmp_path, one, days))
    assert found.card == found.fitted.card == one.card
    assert found.fitted.scored(tested).scores.tobytes() == one.scored(tested).scores.tobytes()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_contender_is_kept_as_the_same_bytes_and_handed_on_as_the_same(everybody, days, tmp_path, family):
    one = put(tmp_path / "one", everybody[family], days, unexamined())
    put(tmp_path / "again", everybody[family], days, unexamined())
    hand_on(one, tmp_path / "handed")
    assert contents(one) == contents(tmp_path / "again") == contents(tmp_path / "handed")


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_manifest_keeps_every_bit_and_names_the_features_in_order(stack, days, tmp_path):
    manifest = read_json(put(tmp_path, stack, days) / MANIFEST)
    assert ModelCard.from_dict(manifest["card"]) == stack.card and manifest["asks"] == ASKS.model_dump(mode="json")
    assert manifest["features"] == [c for c in tier_frame().columns if c not in LABEL_COLUMNS]
    assert manifest["scaler"] == {"mean": days.scaler.mean.tolist(), "deviation": days.scaler.deviation.tolist()}
    assert manifest["label"] == vars(LABEL) and manifest["threshold"] == 0.123457
    assert manifest["calibration"] == chosen(stack.card)["map"] and manifest["calibration"]["temperature"] == RATE
    assert manifest["regime"] == {key: value for key, value in REGIME if key != "symbols"}  # of one it names none
    assert manifest["expected"] == expected()
    found = load(tmp_path)
    assert found.scaler.mean.tobytes() == days.scaler.mean.tobytes()
    assert found.scaler.deviation.tobytes() == days.scaler.deviation.tobytes()


def test_a_model_that_was_shipped_before_labels_had_kinds_asks_for_a_touch(stack, days, tmp_path):
    path = put(tmp_path, stack, days) / MANIFEST
    content = read_json(path)
    old = {key: content["label"][key] for key in ("horizon", "threshold", "barrier", "multiple")}
    write_sealed(path, {**{key: content[key] for key in content if key != SEAL}, "label": old})
    assert load(tmp_path).label == LABEL


def test_how_many_are_bought_a_day_is_kept_of_many_symbols_and_a_manifest_without_it_buys_by_threshold(
    stack, days, tmp_path
):
    assert "per_day" not in read_json(put(tmp_path, stack, days) / MANIFEST) and load(tmp_path).per_day == 0
    of_many = REGIME.model_copy(update={"symbols": ("AAA", "BBB", "CCC")})
    ship(tmp_path, stack, days, ASKS, LABEL, chosen(stack.card, 0.0), of_many, expected(), 2)
    assert load(tmp_path).per_day == 2
    ship(tmp_path, stack, days, ASKS, LABEL, chosen(stack.card, 0.0), REGIME, expected(), 2)
    with pytest.raises(UserError, match="per_day must not be there: the model was trained on one market"):
        load(tmp_path)


@pytest.mark.parametrize(("kind", "stop"), [("close", -1.0), ("triple", -0.02)])
def test_a_model_keeps_the_kind_of_its_label(stack, days, tmp_path, kind, stop):
    label = LABEL.model_copy(update={"kind": kind, "stop": stop})
    ship(tmp_path, stack, days, ASKS, label, chosen(stack.card), REGIME, expected())
    assert load(tmp_path).label == label


def test_nothing_in_the_files_runs_code(stack, days, tmp_path):
    folder = put(tmp_path, stack, days)
    assert {str(name) for name in contents(folder)} == {MANIFEST, f"{FITTED}/{SEALED}", f"{FITTED}/{WEIGHTS}"}
    content = (folder / FITTED / WEIGHTS).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    # a header of names and places, then numbers to the last byte: no room for a pickle
    assert {entry["dtype"] for entry in header.values()} == {"F32"}
    assert max(entry["data_offsets"][1] for entry in header.values()) == len(content) - 8 - length


def test_a_contender_is_handed_on_with_what_the_test_role_showed(stack, days, tmp_path):
    put(tmp_path / "one", stack, days, unexamined())
    before = load(tmp_path / "one").expected
    assert not before.examined and before.chosen.money is None and before.chosen.verdict.word == "cannot tell"
    tested = stack.scored(days.of_roles("test"))
    row = evidence(0.5, 12, 6) | EARNED | {"calibration": {"none": {"log_loss": 0.3}, "platt": {"log_loss": 0.25}}}
    hand_on(tmp_path / "one", tmp_path / "examined", tested, row)
    found = load(tmp_path / "examined").expected
    assert found.examined and found.n == len(tested.dates) and (found.log_loss, found.score_log_loss) == (0.25, 0.3)
    assert found.chosen.money.to_dict() == EARNED["money"] and found.chosen.verdict.word == "use"
    assert found.chosen.test["hits"] == 6 and found.chosen.threshold["n_buys"] == 8


def test_a_baseline_was_not_found_by_luck_and_none_is_taken_out(everybody, days, tmp_path):
    put(tmp_path, everybody["logistic"], days, expected() | {"precision_shrunk": None})
    assert load(tmp_path).expected.precision_shrunk is None


def test_a_contender_of_bars_without_volume_is_read_back_with_its_own_features(tmp_path):
    frame = tier_frame(volume=False)
    path, days = write_tier(tmp_path / "a20.parquet", frame), days_of(frame, volume=False)
    names = tuple(feature.name for feature in features(TIER, volume=False))
    one = Transformer.of(configured(len(names)), fit(job(path)), SHAPE)
    model = load(put(tmp_path / "model", one, days))
    assert model.features == names == days.names and len(names) == 22
    bars = random_bars(500, seed=9)
    with_it, without = (Predictor(model).predict(frame) for frame in (bars, bars.drop(columns="volume")))
    assert len(without) == 500 - model.needed + 1 and with_it.equals(without)


def test_a_folder_is_named_by_the_contender_and_begins_with_the_rank_if_it_has_one(stack):
    assert folder_of(chosen(stack.card)) == "a20-2M-T3"
    assert folder_of(chosen(stack.card, rank=3)) == "03-a20-2M-T3"


def test_a_threshold_that_is_not_finite_is_never_kept(stack, days, tmp_path):
    with pytest.raises(ValueError):
        put(tmp_path, stack, days, threshold=float("inf"))
    assert not (tmp_path / MANIFEST).exists()


@pytest.mark.parametrize("certified", [None, 0.25])
def test_a_contender_says_whether_a_threshold_is_certified_and_what_it_promises(stack, days, tmp_path, certified):
    said = read_json(put(tmp_path, stack, days, certified=certified) / MANIFEST)["certified"]
    assert said == {"threshold": certified, "target": 0.4, "delta": 0.1, "reason": "none is certified"}


def test_a_certificate_of_money_keeps_its_kind(stack, days, tmp_path):
    entry = chosen(stack.card)
    entry["certified"] |= {"kind": "expectancy", "target": 0.0}
    ship(tmp_path, stack, days, ASKS, LABEL, entry, REGIME, expected())
    assert load(tmp_path).certified.words == "a trade earns more than its costs with probability 0.9"


def test_scores_of_a_day_know_nothing_of_later_days(stack, days):
    early = np.flatnonzero(days.role == "threshold")[-1] + 1
    found, known = stack.scored(days), stack.scored(days.judged().of_roles("stop", "rank", "calibrate", "threshold"))
    np.testing.assert_allclose(found.scores[:, :early][:, -len(known.dates) :], known.scores, atol=1e-6)
