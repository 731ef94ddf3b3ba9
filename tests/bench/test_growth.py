"""The growth study feeds the library what it would be fed, and tells growth from noise."""

from __future__ import annotations

import subprocess
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import yaml
from bench.growth import dvc_noop
from bench.growth.__main__ import main as growth_main
from bench.growth.__main__ import told
from bench.growth.features import alone, bars, exponent, featurize, windows
from bench.growth.imports import imports
from bench.growth.judged import CALIBRATE, THRESHOLD, analysis, models, sweep_and_select, trials
from bench.growth.picture import draw
from bench.growth.wanted import lines

from buysignal.bars.validate import validate
from buysignal.cli.params import Params
from buysignal.core.files import read_json, stable
from buysignal.features.tiers import n_features, warmup
from buysignal.search.study.setup import space_for

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


def test_tables_that_are_dropped_count_as_many_rows_and_are_not_held():
    kept, dropped = alone(featurize, 12, 8), alone(featurize, 12, 8, False)
    assert (dropped["rows"], dropped["tables_mib"]) == (kept["rows"], kept["tables_mib"])
    assert kept["peak_mib"] - dropped["peak_mib"] > 0.5 * kept["tables_mib"]


def test_means_and_deviations_take_what_they_are_and_the_view_next_to_nothing():
    normalised, view = alone(windows, 10, 4), alone(windows, 10, 4, False)
    assert (view["windows"], view["copied_would_take_mib"]) == (
        normalised["windows"],
        normalised["copied_would_take_mib"],
    )
    assert normalised["added_mib"] - view["added_mib"] > 1.5 * view["values_mib"]


def test_the_peak_of_a_fresh_process_is_not_that_of_the_process_that_started_it():
    held = np.ones(2**26)  # 512 MiB
    assert alone(featurize, 1, 2)["peak_mib"] < held.nbytes / 2**20


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
    (tmp_path / "heavy.py").write_text("import buysignal.models.patchtst.windows\n")
    assert not imports(tmp_path / "light.py", 1)["torch"]
    heavy = imports(tmp_path / "heavy.py", 1)
    assert heavy["torch"] and heavy["through"] == ["buysignal.models.patchtst.windows"]


STAGES = {
    "first": {"cmd": "x", "deps": ["source.txt"], "outs": ["first.txt"]},
    "each": {
        "matrix": {"tier": "${tiers}", "budget": "${budgets}"},
        "cmd": "x ${item.tier}",
        "deps": ["first.txt"],
        "outs": ["each/${item.tier}/${item.budget}", {"each/${item.tier}-${item.budget}.json": {"cache": False}}],
    },
}
LOCK = {
    "first": {"outs": [{"path": "first.txt", "size": 11}]},
    "each@a-s": {"outs": [{"path": "each/a-s.json", "size": 30}, {"path": "each/a/s", "size": 70, "nfiles": 2}]},
    "each@b-s": {"outs": [{"path": "each/b-s.json", "size": 20}, {"path": "each/b/s", "size": 90, "nfiles": 3}]},
}


def test_a_matrix_is_written_out_with_the_largest_size_that_was_built():
    found = dvc_noop.outs(STAGES, LOCK, {"tiers": ("a", "c"), "budgets": ("s", "t")})
    pairs = [("a", "s"), ("a", "t"), ("c", "s"), ("c", "t")]
    folders = [dvc_noop.Out(f"each/{tier}/{budget}", 90, 3) for tier, budget in pairs]
    files = [dvc_noop.Out(f"each/{tier}-{budget}.json", 30, 0) for tier, budget in pairs]
    assert found == [dvc_noop.Out("first.txt", 11, 0), *folders, *files]
    assert [out.files for out in dvc_noop.outs(STAGES, {}, {"tiers": "a", "budgets": "s"})] == [0, 1, 0]


def small_project(folder: Path) -> Path:
    """A git repository with DVC stages like those above, never built."""
    folder.mkdir()
    (folder / ".dvc").mkdir()
    (folder / ".dvc" / "config").write_text("[core]\n    analytics = false\n")
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": STAGES}))
    (folder / "params.yaml").write_text("tiers: [a]  # what is built\nbudgets: [s]\n")
    (folder / "source.txt").write_text("source\n")
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


def test_an_idle_repro_is_timed_and_the_project_is_left_alone(tmp_path):
    root = small_project(tmp_path / "project")
    before = {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()}
    found = dvc_noop.noop(root, {"tiers": ("a", "b"), "budgets": ("s", "t")}, repeats=1)
    assert (found["stages"], found["dependencies_and_outs"]) == (5, 1 + 1 + 4 * 3)
    assert found["hashed_mib"] * 2**20 == 9 * 1000 + len("source\n")
    seconds = found["seconds"]
    assert found["ratio"] == seconds["repro"] / (seconds["version"] + seconds["hashing"]) > 1
    assert {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()} == before


def test_a_repro_that_has_something_to_do_is_not_timed(tmp_path):
    folder = tmp_path / "copy"
    dvc_noop.prepare(small_project(tmp_path / "project"), folder, {"tiers": ("a",), "budgets": ("s",)})
    dvc_noop.idle(dvc_noop.dvc(folder, "repro")[2])
    (folder / "source.txt").write_text("another\n")
    (folder / "dvc.yaml").write_text((folder / "dvc.yaml").read_text().replace("cmd: x\n", "cmd: touch first.txt\n"))
    with pytest.raises(RuntimeError, match="was not idle: Running stage 'first'"):
        dvc_noop.idle(dvc_noop.dvc(folder, "repro", "first")[2])
    with pytest.raises(RuntimeError, match="was not idle"):
        dvc_noop.idle("")


FOUND = {
    "features": [
        {"symbols": n, "kept": kept, "rows": n, "seconds": n / 8, "peak_mib": 1024 * n}
        for n, kept in ((1, True), (30, True), (500, False))
    ],
    "windows": [{"windows": 9, "revin": True, "added_mib": 1.0, "copied_would_take_mib": 9.0}],
    "analysis": [{"trials": 100, "seconds": 1.0}, {"trials": 1000, "seconds": 3.0}],
    "one_symbol": {"features": 206, "rows": 5031, "seconds": 0.1},
    "sweep_and_select": {"models": 100, "seconds": 2.0},
    "imports": [{"stage": "sweep", "torch": True, "trains": False, "seconds": 1.0, "through": ["x"]}],
    "years": 30,
    "features_time_exponent": 1.0,
    "dvc_noop": {
        "stages": 43,
        "ratio": 6.0,
        "seconds": {"version": 0.3, "hashing": 0.1, "status": 1.5, "repro": 2.4},
    },
}


def test_limits_are_held_against_the_largest_size_and_a_missed_one_is_said():
    shares = [line.share for line in lines(FOUND)]
    assert shares == pytest.approx([0.2, 30 / 24, 1.0, 0.1, 3.0])  # memory: the most symbols whose tables were kept
    text = told(FOUND | {"wanted": [asdict(line) | {"met": line.share <= 1} for line in lines(FOUND)]})
    assert [line.rsplit(": ", 1)[1] for line in text[-5:]] == ["met", "MISSED", "met", "met", "MISSED"]
    assert "stage sweep imports torch (1.0 s) through ['x']" in text


def test_the_picture_shows_the_limits(tmp_path):
    draw(FOUND, tmp_path / "growth.svg")
    svg = (tmp_path / "growth.svg").read_text()
    for text in (
        "wanted: at most 24",
        "wanted: at most 30",
        "wanted of repro: 0.8",
        "analysis of 1,000 trials: 3 of 30 s",
    ):
        assert text in svg


@pytest.mark.full
def test_the_small_study_runs_to_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["growth", "--small", "--out", str(tmp_path / "growth.json")])
    growth_main()
    assert read_json(tmp_path / "growth.json")["one_symbol"]["features"] == 206
    assert (tmp_path / "growth.svg").exists()
