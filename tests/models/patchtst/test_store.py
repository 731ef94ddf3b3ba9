"""Fits are kept as they finish, taken back bit for bit, and only ever a short cut."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from buysignal.core.errors import UserError
from buysignal.core.workers.engine import Engine
from buysignal.models.patchtst import store
from buysignal.models.patchtst.job import Fit, FitJob
from buysignal.models.patchtst.store import fit_all, load
from tests.small_tier import CONFIGURATION, job, same, tier_frame, write_tier


@pytest.fixture
def jobs(tmp_path) -> list[FitJob]:
    """Two jobs of one seed on a small tier."""
    one = replace(job(write_tier(tmp_path / "tier.parquet", tier_frame())), seeds=(11,))
    return [one, replace(one, configuration=replace(CONFIGURATION, dropout=0.5))]


def never(job: FitJob) -> Fit:
    raise AssertionError("trained again")


def equal(one: Fit, two: Fit) -> bool:
    arrays = all(np.array_equal(getattr(one.trained, n), getattr(two.trained, n)) for n in store.HISTORIES)
    return arrays and same(one, two)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def test_a_second_call_takes_every_fit_from_the_store_bit_for_bit(jobs, tmp_path, monkeypatch):
    first = fit_all(jobs, tmp_path / "fits", Engine(1))
    monkeypatch.setattr(store, "_trained", never)
    second = fit_all(jobs, tmp_path / "fits", Engine(1))
    assert all(equal(a, b) for a, b in zip(first, second))
    assert "test" not in second[0].role and "purged" not in second[0].role


STAGE = """
import importlib.util, sys
from buysignal.core.workers.engine import Engine
from buysignal.models.patchtst.store import fit_all
spec = importlib.util.spec_from_file_location("stage", sys.argv[1])
spec.loader.exec_module(importlib.util.module_from_spec(spec))
print([name for name in ("torch", "sklearn", "lightgbm") if name in sys.modules])
"""


@pytest.mark.parametrize("stage", ["candidate", "mirror", "train", "walk", "opened", "compare", "sweep"])
def test_a_stage_that_trains_nothing_waits_for_no_library_that_trains(stage):
    """An experiment runs eleven stages: torch alone would take each of five 1.7 s."""
    asked = [sys.executable, "-c", STAGE, f"stages/{stage}.py"]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_where_workers_train_the_process_that_asks_them_has_no_torch(jobs, tmp_path):
    code = (
        "import sys; from pathlib import Path; from tests.small_tier import CONFIGURATION, SHAPE\n"
        "from buysignal.core.workers.engine import Engine; from buysignal.models.patchtst.job import FitJob, Protocol\n"
        "from buysignal.models.patchtst.store import fit_all\n"
        "job = FitJob(sys.argv[1], CONFIGURATION, SHAPE, Protocol(1, 1, 0.001, 128), (11, 12))\n"
        "(fit,) = fit_all([job], Path(sys.argv[2]), Engine(2)); print(fit.scores.shape[0], 'torch' in sys.modules)"
    )
    asked = [sys.executable, "-c", code, jobs[0].tier_path, str(tmp_path / "fits")]
    done = subprocess.run(asked, capture_output=True, text=True, check=True)
    assert done.stdout == "2 False\n" and len(files(tmp_path / "fits")) == 2


def test_one_more_seed_trains_that_seed_alone_and_all_are_what_they_are_in_a_stack(jobs, tmp_path, monkeypatch):
    """Up to rounding: a stack computes its products in one batch."""
    first, trained, plain = jobs[0], [], store._trained
    fit_all([first], tmp_path / "fits", Engine(1))
    monkeypatch.setattr(store, "_trained", lambda job: trained.append(job.seeds) or plain(job))
    seen = []
    more = replace(first, seeds=(11, 12))
    (both,) = fit_all(
        [more], tmp_path / "fits", Engine(1), "two", lambda position, fit: seen.append(fit.scores.shape[0])
    )
    assert trained == [(12,)] and seen == [2]
    stack = plain(more)
    np.testing.assert_allclose(both.scores, stack.scores, atol=1e-4)
    np.testing.assert_allclose(both.trained.theta, stack.trained.theta, atol=1e-3)
    np.testing.assert_allclose(both.trained.loss_history, stack.trained.loss_history, rtol=1e-5)
    assert both.trained.best_epoch.tolist() == stack.trained.best_epoch.tolist()


def test_a_job_is_told_once_all_its_seeds_are_there_whatever_the_workers(jobs, tmp_path):
    wanted = [replace(one, seeds=(11, 12, 13)) for one in jobs]
    seen = []
    alone = fit_all(wanted, tmp_path / "one", Engine(1), "one", lambda position, _: seen.append(position))
    assert seen == [0, 1]
    assert all(equal(a, b) for a, b in zip(alone, fit_all(wanted, tmp_path / "two", Engine(2)), strict=True))
    assert len(files(tmp_path / "two")) == 6


def test_a_seed_that_ended_early_repeats_its_last_values(jobs, tmp_path):
    (found,) = fit_all(jobs[:1], tmp_path / "fits", Engine(1))
    short = replace(found, trained=found.trained.of(slice(0, 1)))
    histories = (found.trained.loss_history[:1], found.trained.auc_history[:1])
    short = replace(short, trained=replace(short.trained, loss_history=histories[0], auc_history=histories[1]))
    both = store.joined([short, found]).trained
    assert both.loss_history.shape == (2, 2)
    assert both.loss_history[1].tolist() == [histories[0][0, 0], found.trained.loss_history[1, 0]]


def test_on_another_device_the_seeds_are_one_stack(jobs, monkeypatch):
    monkeypatch.setenv("BUYSIGNAL_DEVICE", "cuda")
    assert store._parts(replace(jobs[0], seeds=(11, 12))) == [replace(jobs[0], seeds=(11, 12))]


def test_only_what_is_missing_is_trained(jobs, tmp_path, monkeypatch):
    fit_all(jobs[:1], tmp_path / "fits", Engine(1))
    trained = []
    plain = store._trained
    monkeypatch.setattr(store, "_trained", lambda job: trained.append(job) or plain(job))
    fit_all(jobs, tmp_path / "fits", Engine(1))
    assert trained == jobs[1:]


def test_a_fit_with_any_byte_flipped_or_cut_off_is_trained_again(jobs, tmp_path):
    fit_all(jobs[:1], tmp_path / "fits", Engine(1))
    (path,) = files(tmp_path / "fits")
    whole = path.read_bytes()
    rng = np.random.default_rng(20190101)
    for at in rng.integers(0, len(whole), 150).tolist():
        flipped = bytearray(whole)
        flipped[at] ^= 1 << int(rng.integers(8))
        for content in (bytes(flipped), whole[:at]):
            path.write_bytes(content)
            assert store._stored(path) is None, at


def test_a_fit_that_serves_is_as_young_as_its_last_use(jobs, tmp_path):
    fit_all(jobs[:1], tmp_path / "fits", Engine(1))
    (path,) = files(tmp_path / "fits")
    os.utime(path, (0, 0))
    fit_all(jobs[:1], tmp_path / "fits", Engine(1))
    assert path.stat().st_mtime > 0


@pytest.mark.parametrize("damage", ["cut", "empty", "garbage", "other"])
def test_a_torn_fit_is_trained_again_and_mended(jobs, tmp_path, damage):
    first = fit_all(jobs[:1], tmp_path / "fits", Engine(1))
    (path,) = files(tmp_path / "fits")
    whole = path.read_bytes()
    header = b'{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}'  # safetensors, but of something else
    other = len(header).to_bytes(8, "little") + header + b"\0"
    path.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "garbage": b"\xff" * 500, "other": other}[damage])
    with pytest.raises(UserError, match=r"is not a whole fit \(.+\): delete it and run `dvc repro`$"):
        load(path)
    assert equal(fit_all(jobs[:1], tmp_path / "fits", Engine(1))[0], first[0])
    assert path.read_bytes() == whole


def test_the_name_holds_the_data_and_not_its_path(jobs, tmp_path, monkeypatch):
    fit_all(jobs[:1], tmp_path / "fits", Engine(1))
    moved = tmp_path / "moved.parquet"
    moved.write_bytes(Path(jobs[0].tier_path).read_bytes())
    with monkeypatch.context() as patch:
        patch.setattr(store, "_trained", never)
        fit_all([replace(jobs[0], tier_path=str(moved))], tmp_path / "fits", Engine(1))
    frame = pd.read_parquet(moved)
    frame.iloc[0, 0] += 1.0
    frame.to_parquet(moved)
    fit_all([replace(jobs[0], tier_path=str(moved))], tmp_path / "fits", Engine(1))
    assert len(files(tmp_path / "fits")) == 2


def test_a_fit_that_fails_stops_the_stage_and_keeps_the_finished_ones(jobs, tmp_path):
    broken = replace(jobs[1], configuration=replace(CONFIGURATION, learning_rate=1e30))
    with pytest.raises(UserError, match=r"training Configuration\(d_model=8.*not finite"):
        fit_all([jobs[0], broken], tmp_path / "fits", Engine(1))
    assert len(files(tmp_path / "fits")) == 1
