"""Bars without volume go the whole way: narrower tiers, models that say so, and a doctor who agrees."""

import json

import pytest

from buysignal.features.tiers import features

pytestmark = [pytest.mark.pipeline, pytest.mark.full]


@pytest.fixture(scope="module")
def silent(tiny, tmp_path_factory):
    """The tiny project after ``ingest.volume`` was set to none and everything was built anew."""
    project = tiny.copy(tmp_path_factory.mktemp("silent") / "project")
    project.set(**{"ingest.volume": "none"})
    project.repro()
    project.commit("without volume")
    return project


def test_tier_and_models_have_the_features_that_need_no_volume(silent):
    names = [feature.name for feature in features("a20", volume=False)]
    assert silent.json("metrics/featurize/a20.json")["features"] == len(names) == 22
    for name in silent.json("data/models/models.json"):
        assert silent.json(f"data/models/{name}/model.json")["features"] == names


def test_the_model_predicts_and_the_doctor_finds_no_deception(silent):
    told = silent.run("python", "-m", "buysignal", "predict", "--bars", "data/raw/example.csv", "--format", "json")
    assert json.loads(told.stdout)["days"][0]["date"] == "2018-12-31"
    assert silent.run("python", "-m", "buysignal", "doctor").returncode == 0
