"""The growth of panels is that of the stages' own work on bars whose symbols move together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from bench.growth.features import DAYS_OF_A_YEAR, alone
from bench.growth.panel.__main__ import main as panel_main
from bench.growth.panel.__main__ import summed, told
from bench.growth.panel.picture import draw
from bench.growth.panel.simulated import COMMON, write_market
from bench.growth.panel.steps import STEPS, simulate, within

from buysignal.core.files import read_json
from buysignal.features.tiers import warmup

YEARS = 6


def test_symbols_lie_one_below_the_other_and_share_a_factor(tmp_path):
    assert write_market(tmp_path / "long.parquet", 12, YEARS) == 12 * YEARS * DAYS_OF_A_YEAR
    bars = pd.read_parquet(tmp_path / "long.parquet").set_index(["symbol", "date"])
    assert bars.index.is_monotonic_increasing and bars.index.is_unique
    moves = np.log(bars["close"].unstack("symbol")).diff().iloc[1:]
    pairs = moves.corr().to_numpy()[np.triu_indices(12, 1)]
    assert pairs.mean() == pytest.approx(COMMON, abs=0.05)


@pytest.mark.parametrize("symbols", [1, 3])
def test_every_step_does_the_work_of_its_stage_on_what_the_one_before_left(tmp_path, symbols):
    rows = simulate(tmp_path, symbols, YEARS)["rows"]
    found = {name: step(tmp_path) for name, step in STEPS.items()}
    labelled = rows - symbols * (warmup("a50") + 1)
    assert (found["ingest"]["rows"], found["featurize"]["rows"]) == (rows, labelled)
    assert found["epoch"]["rows"] < found["days"]["rows"] < labelled
    assert found["judge"]["days"] == found["judge"]["rows"] / symbols == found["days"]["test"] / symbols
    assert set(found["judge"]["parts"]) > {"operating point", "best of day", "AUC by day", "money"}
    for row in found.values():
        assert row["seconds"] == pytest.approx(sum(part["seconds"] for part in row["parts"].values()))


def greedy() -> dict:
    return {"sum": float(np.ones(2**28).sum())}


def test_a_step_that_wants_more_memory_than_it_may_says_so_and_takes_nobody_with_it():
    row = alone(within, 1024.0, greedy)
    assert row["failed"].startswith("MemoryError: Unable to allocate 2.00 GiB")
    assert told(5000, "days", row).startswith("5,000 symbols: days      FAILED within 1.0 GiB: MemoryError")


def size(symbols: int, seconds: float, gib: float) -> dict:
    row = {"rows": symbols, "seconds": seconds, "peak_mib": 1024 * gib, "before_mib": 0.0, "parts": {}}
    return {"symbols": symbols, "years": 16, "steps": {"ingest": row}}


def test_growth_is_told_from_a_hundred_symbols_on_and_drawn(tmp_path):
    sizes = [size(1, 1.0, 1.0), size(100, 2.0, 1.5), size(5000, 100.0, 12.0)]
    found = {"years": 16, "sizes": sizes, "growth": summed(sizes)}
    assert found["growth"]["ingest"]["seconds_exponent"] == pytest.approx(1.0)
    assert found["growth"]["ingest"]["symbols"] == [100, 5000] and list(found["growth"]) == ["ingest"]
    failed = sizes[-1] | {"steps": {"ingest": {"failed": "MemoryError: no", "peak_mib": 1.0, "limit_mib": 1.0}}}
    assert summed([*sizes[:2], failed])["ingest"]["symbols"] == [1, 100]
    draw(found, tmp_path / "growth.svg")
    assert "wanted: at most 24" in (tmp_path / "growth.svg").read_text()


@pytest.mark.full
def test_the_small_study_runs_to_its_files_and_keeps_what_was_there(tmp_path, monkeypatch):
    out = tmp_path / "growth.json"
    for more in (["--steps", "days"], ["--steps", "judge"]):
        monkeypatch.setattr("sys.argv", ["panel", "--small", "--out", str(out), "--work", str(tmp_path), *more])
        panel_main()
    found = read_json(out)
    assert [one["symbols"] for one in found["sizes"]] == [1, 3]
    assert all(set(one["steps"]) == {"ingest", "featurize", "days", "judge"} for one in found["sizes"])
    assert found["years"] == YEARS and out.with_suffix(".svg").exists()
