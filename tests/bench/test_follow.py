"""The study of the promise in small, and what its committed results must say."""

import numpy as np
import pytest
from bench.follow import ALPHA, DAYS, DROPS, Buying, above, broken, calm_years, moved, null
from bench.follow import main as follow_main

from buysignal.core.files import read_json
from tests.pipeline.project import ROOT


@pytest.mark.parametrize("placed", ["even", "bursts"])
@pytest.mark.parametrize("symbols", [1, 3])
def test_hits_have_the_chance_and_buys_the_rate_that_are_told(placed, symbols):
    hits = Buying(0.4, 0.15, 5, placed, symbols).sample(np.random.default_rng(1), (DAYS, 100), 0.4)
    assert np.nanmean(hits) == pytest.approx(0.4, abs=0.02)
    assert (~np.isnan(hits)).mean() == pytest.approx(0.15, abs=0.02)
    assert set(np.unique(hits[~np.isnan(hits)] * symbols).round()) == set(range(symbols + 1))


def test_chances_above_the_floor_are_never_below_it():
    assert above(0.4)(np.array([-3.0, 0.0, 1.0, 9.0])) == pytest.approx([0.4, 0.4, 0.5, 0.6])


def test_a_broken_promise_is_found_and_a_kept_one_is_left_alone():
    buying = Buying(0.4, 0.4, 1, "bursts")
    found = broken(buying, 0.15, 0, 100, np.random.default_rng(2))
    assert found["found"] > 0.95 and found["before"] == 0 and 50 < found["median_buys"] < found["needed_told"]
    later = broken(buying, 0.15, 750, 100, np.random.default_rng(3))
    assert later["before"] < 0.1 and later["median_days"] > 0 and later["found"] > 0.9
    assert null(buying, 100, np.random.default_rng(4), "above")["false_alarms"] <= 0.05


def test_calm_years_are_on_average_above_the_floor():
    row = calm_years(Buying(0.4, 0.4, 1, "bursts"), 100, np.random.default_rng(5))
    assert row["mean_hits"] == pytest.approx(0.45, abs=0.02) and row["alarms"] > 0


def test_a_feature_that_moved_is_told_from_one_that_remembers():
    still, shifted = (moved(5.0, 60, shift, 4, np.random.default_rng(6)) for shift in (0.0, 3.0))
    assert still["beyond"] <= 0.2 < 0.5 < still["usual"] and shifted["beyond"] > 0.8


@pytest.mark.full
def test_the_small_study_runs_to_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["follow", "--small", "--out", str(tmp_path / "follow.json")])
    follow_main()
    assert read_json(tmp_path / "follow.json")["paths"] == 100 and (tmp_path / "follow.svg").exists()


def test_what_was_measured_is_what_the_documents_say():
    found = read_json(ROOT / "bench" / "results" / "follow.json")
    assert all(row["false_alarms"] <= ALPHA for row in found["kept"]) and found["paths"] >= 2000
    assert all(row.get("bounds_missed", 0) <= ALPHA for row in found["kept"])
    assert {row["drop"] for row in found["broken"]} == set(DROPS)
    assert all(row["found_by_then"] >= 0.75 for row in found["broken"] if row.get("found_by_then") is not None)
    assert all(
        row["beyond"] <= 0.05 < row["usual"] for row in [*found["market"], *found["drift"]] if not row.get("shift")
    )
