"""The growth study feeds the library what it would be fed, and tells growth from noise."""

from __future__ import annotations

import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from bench.growth import dvc_noop
from bench.growth.__main__ import main as growth_main
from bench.growth.__main__ import told
from bench.growth.features import alone, exponent, featurize
from bench.growth.picture import draw
from bench.growth.wanted import lines

from buysignal.core.files import read_json
from buysignal.features.tiers import warmup
from tests.pipeline.project import ROOT


def test_tables_that_are_dropped_count_as_many_rows_and_are_not_held():
    kept, dropped = alone(featurize, 12, 8), alone(featurize, 12, 8, False)
    assert kept["rows"] == 12 * (8 * 252 - warmup("a200"))
    assert (dropped["rows"], dropped["tables_mib"]) == (kept["rows"], kept["tables_mib"])
    assert kept["peak_mib"] - dropped["peak_mib"] > 0.5 * kept["tables_mib"]


def test_exponent_is_one_for_a_cost_that_grows_with_size():
    rows = [{"n": 10, "s": 3.0}, {"n": 100, "s": 7.0}, {"n": 1000, "s": 300.0}]
    assert exponent(rows, "n", "s") == pytest.approx(1.0)
    assert exponent(rows[:1], "n", "s") == 0.0


STAGES = {
    "code": {"cmd": "x", "deps": ["source.txt"], "outs": ["data/code"]},
    "first": {"cmd": "x", "deps": ["data/code/first.txt"], "outs": ["first.txt"]},
    "each": {
        "matrix": {"tier": "${tiers}", "budget": "${budgets}"},
        "cmd": "x ${item.tier}",
        "deps": ["first.txt"],
        "outs": ["each/${item.tier}/${item.budget}", {"each/${item.tier}-${item.budget}.json": {"cache": False}}],
    },
}


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


@pytest.mark.full
def test_an_idle_repro_is_timed_and_the_project_is_left_alone(tmp_path):
    root = small_project(tmp_path / "project")
    before = {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()}
    found = dvc_noop.noop(root, {"tiers": ("a", "b"), "budgets": ("s", "t")}, repeats=1)
    assert (found["stages"], found["dependencies_and_outs"]) == (6, 2 + 2 + 4 * 3)
    assert found["hashed_mib"] * 2**20 == 10 * 1000 + 1000 + len("source\n")
    seconds = found["seconds"]
    assert found["ratio"] == seconds["repro"] / seconds["bare"]
    assert found["ratio_to_hashing"] == seconds["repro"] / (seconds["version"] + seconds["hashing"])
    assert {path.name: path.read_bytes() for path in root.iterdir() if path.is_file()} == before
    for said in ("", f"{dvc_noop.IDLE}\nRunning stage 'first'"):
        with pytest.raises(RuntimeError, match="was not idle"):
            dvc_noop.idle(said)


def test_the_bare_pipeline_has_no_stage_and_no_dependency_for_code():
    stages = yaml.safe_load(dvc_noop.without_code((ROOT / "dvc.yaml").read_text(encoding="utf-8")))["stages"]
    assert "code" not in stages and len(stages) > 10
    assert not [dep for stage in stages.values() for dep in stage["deps"] if dep.startswith(dvc_noop.CODE)]


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
        "seconds": {"version": 0.3, "hashing": 0.1, "status": 1.5, "repro": 2.4, "bare": 0.4},
    },
}


def test_limits_are_held_against_the_largest_size_drawn_and_a_missed_one_is_said(tmp_path):
    shares = [line.share for line in lines(FOUND)]
    assert shares == pytest.approx([0.2, 30 / 24, 1.0, 0.1, 5.0])  # memory: the most symbols whose tables were kept
    text = told(FOUND | {"wanted": [asdict(line) | {"met": line.share <= 1} for line in lines(FOUND)]})
    assert [line.rsplit(": ", 1)[1] for line in text[-5:]] == ["met", "MISSED", "met", "met", "MISSED"]
    assert "stage sweep imports torch (1.0 s) through ['x']" in text
    draw(FOUND, tmp_path / "growth.svg")
    assert "wanted: at most 24" in (tmp_path / "growth.svg").read_text()


@pytest.mark.full
def test_the_small_study_runs_to_its_files(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["growth", "--small", "--out", str(tmp_path / "growth.json")])
    growth_main()
    assert read_json(tmp_path / "growth.json")["one_symbol"]["features"] == 206
    assert (tmp_path / "growth.svg").exists()
