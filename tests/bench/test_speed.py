"""The race compares like with like, and its figures are what its laps say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from bench.speed import naive
from bench.speed.__main__ import main as speed_main
from bench.speed.machine import cpu_model, described
from bench.speed.profile import attribute, products
from bench.speed.race import CONTESTANTS, NAIVE, ONE, TWO
from bench.speed.report import difference, draw, summary
from bench.speed.search import compared

from buysignal.core.files import read_json, stable
from buysignal.models.dataset import Scaler, TierData
from buysignal.models.patchtst.architecture import Configuration, Shape, count_parameters
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.training import Protocol
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


def test_a_worker_that_changes_a_result_is_told():
    changed = {**AUC, TWO: [[0.71, 0.73], [0.62, 0.6401]]}
    assert summary(laps(SECONDS), trials(changed), [{ONE: 2.0, TWO: 1.0}])["workers_change_a_result"]


def test_difference_pairs_configurations_and_pools_the_spread_of_seeds():
    found = difference(trials(AUC))
    assert found["mean"] == pytest.approx(0.015)
    assert found["seed_sd"] == pytest.approx(0.02 / np.sqrt(2))  # every pair of seeds is .02 apart
    assert found["interval"] == pytest.approx([0.015 - 12.7062 * 0.005, 0.015 + 12.7062 * 0.005], abs=1e-4)
    assert not found["inside_seed_spread"]


def test_one_seed_has_no_spread_to_be_inside_of():
    found = difference(trials({name: [row[:1] for row in table] for name, table in AUC.items()}))
    assert found["seed_sd"] == 0.0 and not found["inside_seed_spread"]


HISTORIES = {"naive": [(4.0, 0.60), (9.0, 0.66), (12.0, 0.70)], "ours": [(2.0, 0.65), (3.0, 0.68), (5.0, 0.67)]}


def test_the_level_to_reach_is_the_lower_of_the_two_bests():
    found = compared(HISTORIES)
    assert found["auc_reached_by_both"] == 0.68
    assert found["seconds_to_it"] == {"naive": 12.0, "ours": 3.0}
    assert (found["ratio_to_it"], found["ratio"]) == (4.0, 12.0 / 5.0)


def test_chart_shows_all_contestants(tmp_path):
    found = summary(laps(SECONDS), trials(AUC), [{ONE: 2.0, TWO: 1.0}])
    found["search"] = [compared(HISTORIES)]
    draw(found, trials(AUC), tmp_path / "speed.svg")
    picture = (tmp_path / "speed.svg").read_text()
    assert all(name in picture for name in CONTESTANTS)


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


def learnable(days: int = 240) -> TierData:
    """Rows whose label is the sign of the last day's first feature; train, stop and rank role."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal((days, F)).astype(np.float32)
    role = np.repeat(["train", "stop", "rank"], days // 3)
    scaler = Scaler(np.zeros(F), np.ones(F))
    dates = pd.bdate_range("2000-01-03", periods=days)
    return TierData(("a", "b", "c"), values, (values[:, 0] > 0).astype(np.int8), role, dates, scaler)


def test_naive_training_learns_stops_early_and_repeats_itself():
    data, rates = learnable(), Configuration(8, 2, 2, 2, 0.1, 1e-2, 1e-4)
    protocol = Protocol(epochs=15, patience=15, min_delta=0.001, batch_size=32)
    first = naive.train(data, rates, SHAPE, protocol, seed=1, threshold=0.5)
    assert first.auc > 0.8 and first.epochs == 15
    assert naive.train(data, rates, SHAPE, protocol, seed=1, threshold=0.5) == first
    impatient = Protocol(epochs=15, patience=2, min_delta=1.0, batch_size=32)
    assert (
        naive.train(data, rates, SHAPE, impatient, seed=1, threshold=0.5).epochs == 3
    )  # the first improves on nothing


def test_products_are_those_of_the_linear_layers():
    c = Configuration(8, 3, 2, 4, 0.1, 1e-3, 0.0)
    sizes = {(k, n): times for m, k, n, times in products(c, SHAPE, F, rows=5) if m == 5 * SHAPE.n_patches}
    assert sizes == {(12, 8): 1, (8, 24): 3, (8, 8): 3, (8, 32): 3, (32, 8): 3}


class Event:
    """What `attribute` reads of a profiler event."""

    def __init__(self, name: str, microseconds: float, parent: Event | None = None) -> None:
        self.name, self.self_cpu_time_total, self.cpu_parent = name, microseconds, parent


def test_time_goes_to_the_innermost_part_but_prediction_keeps_all_of_its_own():
    predicted = Event("prediction and metrics", 1e6)
    backward = Event("MulBackward0", 0.0)
    events = [
        predicted,
        Event("aten::baddbmm", 2e6, Event("data gather", 0.0, predicted)),
        Event("aten::baddbmm", 3e6),
        Event("aten::mul", 4e6, backward),
        Event("aten::index", 5e6, Event("data gather", 0.0)),
        Event("aten::copy_", 6e6),
    ]
    assert attribute(events) == {
        "prediction and metrics": 3.0,
        "matrix products": 3.0,
        "dropout masks": 4.0,
        "data gather": 5.0,
        "other operators of forward and backward": 6.0,
    }


def test_the_machine_is_described_without_its_name(tmp_path):
    (tmp_path / "cpuinfo").write_text("processor : 0\nmodel name\t: A CPU: fast\n")
    assert cpu_model(tmp_path / "cpuinfo") == "A CPU: fast"
    assert cpu_model(tmp_path / "missing")
    assert set(described()) == {"cores", "cpu", "load_before", "versions", "date"}


@pytest.mark.full
def test_the_small_race_runs_to_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["speed", "--small", "--out", str(tmp_path / "speed.json")])
    speed_main()
    found = read_json(tmp_path / "speed.json")
    assert not found["workers_change_a_result"]
    assert sum(found["profile"]["shares"].values()) == pytest.approx(1.0, abs=1e-4)
    assert (tmp_path / "speed.svg").exists()
