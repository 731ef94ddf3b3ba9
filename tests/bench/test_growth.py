"""The growth study feeds the library what it would be fed, and tells growth from noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bench.growth.__main__ import main as growth_main
from bench.growth.features import alone, bars, exponent, featurize, windows
from bench.growth.imports import imports
from bench.growth.judged import CALIBRATE, THRESHOLD, analysis, models, sweep_and_select, trials

from buysignal.bars.validate import validate
from buysignal.features.tiers import n_features, warmup
from buysignal.io import read_json, stable
from buysignal.params import Params
from buysignal.search.setup import space_for

PARAMS = Params.load()


def test_generated_bars_are_valid_and_their_own():
    one, again, other = bars(300, 1), bars(300, 1), bars(300, 2)
    assert one.equals(again) and not one.equals(other)
    assert (one["high"] >= one[["open", "close"]].max(axis=1)).all()
    assert (one["low"] <= one[["open", "close"]].min(axis=1)).all()
    assert (one > 0).to_numpy().all()
    assert len(validate(one, "error", 10)[0]) == 300


def test_featurize_counts_every_row_of_every_symbol():
    found = featurize(2, 2)
    assert found["rows"] == 2 * (2 * 252 - warmup("a200"))
    assert found["tables_mib"] == pytest.approx(found["rows"] * n_features("a200") * 8 / 2**20)


def test_windows_take_less_than_their_copies_would():
    found = alone(windows, 2, 10)
    assert found["windows"] == 2 * (2520 - 79)
    assert found["copied_would_take_mib"] == pytest.approx(found["windows"] * 9 * 16 * 206 * 4 / 2**20)
    assert 0 <= found["added_mib"] < 0.2 * found["copied_would_take_mib"]


def test_exponent_is_one_for_a_cost_that_grows_with_size():
    rows = [{"n": 10, "s": 3.0}, {"n": 100, "s": 7.0}, {"n": 1000, "s": 300.0}]
    assert exponent(rows, "n", "s") == pytest.approx(1.0)
    assert exponent(rows[:1], "n", "s") == 0.0


def test_every_score_of_every_model_is_a_threshold():
    found = sweep_and_select(3, PARAMS)
    assert found["distinct_scores"] == 3 * THRESHOLD
    assert len(np.unique(models(1)[0].scores)) == CALIBRATE + THRESHOLD


def test_made_up_trials_are_legal_and_complete():
    space = space_for("2M", PARAMS.grids["2M"], PARAMS.hpo, PARAMS.shape, n_features("a50"))
    table = trials(space, 50, seed=0)
    assert (table["parameters"] <= space.cap).all()
    assert (table["d_model"] % table["n_heads"] == 0).all()


def test_analysis_of_made_up_trials_runs_to_the_end():
    found = analysis(120, PARAMS)
    assert set(found["parts"]) == {"coverage", "tiers", "scaling", "findings"}
    stable(found)


def test_a_script_that_imports_torch_is_found_out(tmp_path: Path):
    (tmp_path / "light.py").write_text("import json\n")
    (tmp_path / "heavy.py").write_text("import buysignal.windows\n")
    assert not imports(tmp_path / "light.py", 1)["torch"]
    heavy = imports(tmp_path / "heavy.py", 1)
    assert heavy["torch"] and heavy["through"] == ["buysignal.windows"]


@pytest.mark.full
def test_the_small_study_runs_to_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["growth", "--small", "--out", str(tmp_path / "growth.json")])
    growth_main()
    assert read_json(tmp_path / "growth.json")["one_symbol"]["features"] == 206
    assert (tmp_path / "growth.svg").exists()
