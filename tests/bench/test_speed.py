"""The race compares like with like, and its figures are what its laps say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from bench.speed import naive
from bench.speed.__main__ import main as speed_main
from bench.speed.race import NAIVE, ONE, TWO
from bench.speed.report import difference, summary

from buysignal.core.files import read_json, stable
from buysignal.models.patchtst.architecture import Configuration, Shape, count_parameters
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.windows import Windows
from tests.models.patchtst.reference import PlainPatchTST

SHAPE = Shape(context=11, patch=4, stride=3, revin=True)  # two days do not fall into a patch
CONFIGURATION = Configuration(8, 2, 2, 2, 0.0, 1e-3, 1e-4)
F = 3


def laps(seconds: dict[str, list[float]]) -> pd.DataFrame:
    """Two trials a lap, one lap a round."""
    rows = [
        {"round": k, "contestant": name, "batch": 0, "trials": 2, "seconds": s, "cpu": s / 2}
        for name, column in seconds.items()
        for k, s in enumerate(column)
    ]
    return pd.DataFrame(rows)


def trials(auc: dict[str, list[list[float]]]) -> pd.DataFrame:
    """AUC by contestant, configuration and round."""
    rows = [
        {"round": k, "contestant": name, "configuration": i, "auc": value, "epochs": 4}
        for name, table in auc.items()
        for i, row in enumerate(table)
        for k, value in enumerate(row)
    ]
    return pd.DataFrame(rows)


SECONDS = {NAIVE: [40.0, 20.0], ONE: [18.0, 9.0], TWO: [10.0, 5.0]}
AUC = {NAIVE: [[0.70, 0.72], [0.60, 0.62]], ONE: [[0.71, 0.73], [0.62, 0.64]], TWO: [[0.71, 0.73], [0.62, 0.64]]}


def test_rates_ratio_and_scaling_are_those_of_the_total_times():
    found = summary(laps(SECONDS), trials(AUC), [{ONE: 8.0, TWO: 5.0}, {ONE: 10.0, TWO: 5.0}])
    assert found["contestants"][TWO]["trials_per_hour"] == pytest.approx(4 * 3600 / 15)
    ratio = found["naive_to_ours_2_workers"]
    assert (ratio["value"], ratio["low"], ratio["high"], ratio["reached"]) == (4.0, 4.0, 4.0, True)
    assert found["scaling_of_the_search"]["value"] == pytest.approx(27 / 30)
    assert found["scaling_of_equal_jobs"]["value"] == pytest.approx(18 / 20)
    assert found["core_share"] == 0.5
    assert not found["workers_change_a_result"]
    stable(found)


def test_difference_pairs_configurations_and_pools_the_spread_of_seeds():
    found = difference(trials(AUC))
    assert found["mean"] == pytest.approx(0.015)
    assert found["seed_sd"] == pytest.approx(0.02 / np.sqrt(2))  # every pair of seeds is .02 apart
    assert found["interval"] == pytest.approx([0.015 - 12.7062 * 0.005, 0.015 + 12.7062 * 0.005], abs=1e-4)
    assert not found["inside_seed_spread"]


def test_the_naive_model_is_the_project_s_model():
    """As many weights, and with the same weights the same logits on the same windows."""
    model = naive.PatchTST(CONFIGURATION, SHAPE, F)
    assert sum(p.numel() for p in model.parameters()) == count_parameters(CONFIGURATION, SHAPE, F)
    stacked = StackedPatchTST(CONFIGURATION, SHAPE, F)
    theta = stacked.init([torch.Generator().manual_seed(1)])
    weights = {name: part[0] for name, part in stacked.unpack(theta).items()}
    model._block = PlainPatchTST._block
    PlainPatchTST.load_stacked(model, weights)  # the layers have the same names
    values = np.random.default_rng(0).standard_normal((30, F)).astype(np.float32)
    windows = Windows.over(values, SHAPE)
    index = torch.arange(20)
    ours = stacked.forward(theta, windows.gather(index)[None])[0]
    days = torch.stack([torch.tensor(values[i : i + SHAPE.context]) for i in index])
    torch.testing.assert_close(model.eval()(days), ours, atol=2e-5, rtol=2e-5)


@pytest.mark.full
def test_the_small_race_runs_to_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["speed", "--small", "--out", str(tmp_path / "speed.json")])
    speed_main()
    found = read_json(tmp_path / "speed.json")
    assert not found["workers_change_a_result"]
    assert sum(found["profile"]["shares"].values()) == pytest.approx(1.0, abs=1e-4)
    assert (tmp_path / "speed.svg").exists()
