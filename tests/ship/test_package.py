"""A shipped model: everything that predicting needs, every bit of it, and nothing that runs code."""

from __future__ import annotations

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from buysignal.cli.predict import Predictor
from buysignal.core.files import read_json
from buysignal.days.columns import LABEL_COLUMNS
from buysignal.features.tiers import features
from buysignal.models.dataset import Scaler, TierData
from buysignal.models.patchtst.architecture import Configuration, Shape, count_parameters
from buysignal.models.patchtst.fit import fit
from buysignal.models.patchtst.inference import predict
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.windows import Windows
from buysignal.models.scores import ModelCard
from buysignal.ship.opening import score_test
from buysignal.ship.package import MANIFEST, WEIGHTS, hand_on, load, ship
from tests.cli.predict.examples import REGIME, evidence, expected, unexamined
from tests.features.samples import random_bars
from tests.small_tier import CONFIGURATION, LABEL, SHAPE, TIER, job, tier_frame, write_tier

RATE = 1e-3 / 3  # not a number that six decimals keep
CARD = ModelCard(
    "a20-2M-T3", TIER, "patchtst", "2M", "tpe", replace(CONFIGURATION, learning_rate=RATE), 9, 99, (11, 12), (2, 2)
)
FULL = replace(CARD, parameters=count_parameters(CARD.configuration, SHAPE, 25))
CALIBRATION = {"name": CARD.name, "tier": TIER, "reason": "lowest log loss", "map": "temperature", "temperature": RATE}


def chosen(threshold=0.123457, certified=None):
    promise = {"threshold": certified, "target": 0.4, "delta": 0.1, "reason": "none is certified", "precision": 0.0}
    return {"point": {"threshold": threshold}, "certified": promise}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tier")
    frame = tier_frame()
    path = write_tier(folder / "a20.parquet", frame)
    data = TierData.load(path, open_test=True)
    return fit(job(path, configuration=CARD.configuration)), data, frame


@pytest.fixture
def shipped(made, tmp_path):
    fitted, data, _ = made
    folder = tmp_path / "01-a20-2M-T3"
    ship(folder, CARD, fitted, data, SHAPE, LABEL, chosen(), CALIBRATION, REGIME, expected())
    return folder


def test_weights_and_scaler_keep_every_bit(made, shipped):
    fitted, data, _ = made
    tensors = load_file(shipped / WEIGHTS)
    assert set(tensors) == {"theta", "scaler.mean", "scaler.deviation"}
    for name, value in {
        "theta": fitted.trained.theta,
        "scaler.mean": data.scaler.mean,
        "scaler.deviation": data.scaler.deviation,
    }.items():
        assert tensors[name].dtype == value.dtype and tensors[name].shape == value.shape
        assert tensors[name].tobytes() == np.ascontiguousarray(value).tobytes()


def test_the_manifest_keeps_every_bit_of_the_card_and_names_the_features_in_order(made, shipped):
    manifest = read_json(shipped / MANIFEST)
    assert ModelCard.from_dict(manifest["card"]) == CARD
    assert manifest["card"]["configuration"]["learning_rate"] == RATE
    assert manifest["features"] == [c for c in made[2].columns if c not in LABEL_COLUMNS]
    assert Shape(**manifest["shape"]) == SHAPE
    assert manifest["label"] == vars(LABEL) and manifest["threshold"] == 0.123457
    assert manifest["calibration"] == CALIBRATION
    assert manifest["regime"] == vars(REGIME) and manifest["expected"] == expected()
    assert manifest["best_epoch"] == made[0].trained.best_epoch.tolist()


def test_nothing_in_the_files_runs_code(shipped):
    assert sorted(path.name for path in shipped.iterdir()) == [MANIFEST, WEIGHTS]
    content = (shipped / WEIGHTS).read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    # a header of names and places, then numbers to the last byte: no room for a pickle
    assert {entry["dtype"] for entry in header.values()} == {"F32", "F64"}
    assert max(entry["data_offsets"][1] for entry in header.values()) == len(content) - 8 - length


def test_the_same_model_is_shipped_as_the_same_bytes(made, shipped, tmp_path):
    fitted, data, _ = made
    ship(tmp_path / "again", CARD, fitted, data, SHAPE, LABEL, chosen(), CALIBRATION, REGIME, expected())
    for name in (WEIGHTS, MANIFEST):
        assert (tmp_path / "again" / name).read_bytes() == (shipped / name).read_bytes()


def test_the_files_alone_give_the_scores_that_were_examined(made, shipped):
    fitted, data, frame = made
    manifest, tensors = read_json(shipped / MANIFEST), load_file(shipped / WEIGHTS)
    raw = frame[manifest["features"]].to_numpy(np.float64)
    values = Scaler(tensors["scaler.mean"], tensors["scaler.deviation"]).transform(raw)
    shape = Shape(**manifest["shape"])
    model = StackedPatchTST(Configuration(**manifest["card"]["configuration"]), shape, len(manifest["features"]))
    rows = np.flatnonzero(frame["role"] == "test") - (shape.context - 1)
    found = predict(model, torch.as_tensor(tensors["theta"]), Windows.over(values, shape), rows)
    np.testing.assert_array_equal(found, score_test(CARD, fitted.trained.theta, data, SHAPE).scores)


def test_a_model_is_handed_on_with_what_the_test_role_showed_or_without(made, tmp_path):
    fitted, data, _ = made
    ship(tmp_path / "one", FULL, fitted, data, SHAPE, LABEL, chosen(), CALIBRATION, REGIME, unexamined())
    hand_on(tmp_path / "one", tmp_path / "same")
    for name in (WEIGHTS, MANIFEST):
        assert (tmp_path / "same" / name).read_bytes() == (tmp_path / "one" / name).read_bytes()
    assert not load(tmp_path / "same").expected.examined
    tested = score_test(FULL, fitted.trained.theta, data, SHAPE)
    row = evidence(0.5, 12, 6) | {"calibration": {"none": {"log_loss": 0.3}, "platt": {"log_loss": 0.25}}}
    hand_on(tmp_path / "one", tmp_path / "examined", tested, row)
    found = load(tmp_path / "examined").expected
    assert found.examined and found.n == len(tested.dates) and (found.log_loss, found.score_log_loss) == (0.25, 0.3)
    assert found.chosen.test["hits"] == 6 and found.chosen.threshold["n_buys"] == 8


def test_a_model_of_bars_without_volume_is_read_back_with_its_own_features(tmp_path):
    path = write_tier(tmp_path / "a20.parquet", tier_frame(volume=False))
    data = TierData.load(path, open_test=True)
    names = tuple(feature.name for feature in features(TIER, volume=False))
    card = replace(CARD, configuration=CONFIGURATION, parameters=count_parameters(CONFIGURATION, SHAPE, len(names)))
    ship(tmp_path / "model", card, fit(job(path)), data, SHAPE, LABEL, chosen(), CALIBRATION, REGIME, expected())
    model = load(tmp_path / "model")
    assert model.features == names == data.names and len(names) == 22
    bars = random_bars(500, seed=9)
    with_it, without = (Predictor(model).predict(frame) for frame in (bars, bars.drop(columns="volume")))
    assert len(without) == 500 - model.needed + 1 and with_it.equals(without)


def test_a_threshold_that_is_not_finite_is_never_shipped(made, tmp_path):
    fitted, data, _ = made
    with pytest.raises(ValueError):
        ship(tmp_path, CARD, fitted, data, SHAPE, LABEL, chosen(float("inf")), CALIBRATION, REGIME, expected())
    assert not (tmp_path / MANIFEST).exists()


@pytest.mark.parametrize("certified", [None, 0.25])
def test_a_model_says_whether_a_threshold_is_certified_and_what_it_promises(made, tmp_path, certified):
    fitted, data, _ = made
    ship(tmp_path, CARD, fitted, data, SHAPE, LABEL, chosen(certified=certified), CALIBRATION, REGIME, expected())
    said = read_json(tmp_path / MANIFEST)["certified"]
    assert said == {"threshold": certified, "target": 0.4, "delta": 0.1, "reason": "none is certified"}
