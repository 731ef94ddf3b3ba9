"""What is measured on a GPU is kept part by part, told in words where it is not measured, and computed as it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from bench.gpu import __main__ as command
from bench.gpu import plan as plan_module
from bench.gpu import ratios
from bench.gpu.correctness import verdict
from bench.gpu.emulated import Graphs
from bench.gpu.loops import Naive
from bench.gpu.plan import DRY, Plan, planned
from bench.gpu.record import FAILED, MEASURED, NOT_MEASURED, PASSED, Record
from bench.gpu.recorders import Counted, Plain
from bench.gpu.worker import Worker
from bench.speed.naive import WindowDataset

from buysignal.cli.params import Params
from buysignal.core.files import read_json
from buysignal.core.workers.device import DEVICE
from buysignal.models.patchtst.job import Trained
from tests.pipeline.project import ROOT

MODELS, BUDGETS = ("d64 L4", "d128 L6", "d384 L12"), ("2M", "20M", "200M")


def dry(out: Path) -> subprocess.Popen:
    """The command of a dry run, begun where a device is asked for, which a dry run does not take."""
    command = [sys.executable, "-m", "bench.gpu", "--small", "--out", str(out)]
    environ = os.environ | {DEVICE: "cuda"}
    return subprocess.Popen(command, cwd=ROOT, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_killed_dry_run_keeps_what_it_has_and_the_next_one_measures_the_rest(tmp_path):
    out = tmp_path / "gpu.json"
    killed = dry(out)
    ends = time.monotonic() + 120
    while not out.exists() or read_json(out)["correctness"]["state"] == NOT_MEASURED:
        assert killed.poll() is None and time.monotonic() < ends
        time.sleep(0.02)
    killed.kill()
    killed.wait()
    before = read_json(out)
    assert before["searches"]["200M"]["seconds"] == NOT_MEASURED
    second = dry(out)
    said, _ = second.communicate(timeout=240)
    assert second.returncode == 0, said
    found = read_json(out)
    assert found["correctness"] == before["correctness"]  # with the moment it ended
    assert found["correctness"]["state"] == PASSED and found["correctness"]["recordings"] == 3
    assert found["device"]["name"] == DRY and found["device"]["driver"] == NOT_MEASURED
    for name in MODELS:
        part = found["ratios"][name]
        assert part["note"] == DRY
        rows = part["naive"] | part["ours"]
        assert list(rows) == ["eager", "graph", "E=1", "E=5", "E=20"]
        for label, row in rows.items():
            assert row["state"] == MEASURED and row["note"] == DRY and row["seconds"]["median"] > 0
            assert row.get("recordings", 0) == {"eager": 0, "graph": 2}.get(label, 3)
        for row in part["ours"].values():
            for other in ("eager", "graph"):
                ratio = row[f"per_model_ratio_to_{other}"]
                assert 0 < ratio["min"] <= ratio["median"] <= ratio["max"]
    for budget in BUDGETS:
        part = found["searches"][budget]
        assert part["state"] == MEASURED and part["note"] == DRY
        assert (part["trials_done"], part["trials_failed"]) == (4, 0)
        assert part["seconds"] > 0 and 0 <= part["best_auc"] <= 1


@pytest.mark.parametrize(
    ("cuda", "environ", "told"),
    [
        (None, "", "is built without CUDA"),
        ("13.0", "", "finds no CUDA device here"),
        ("13.0", "cpu", f"{DEVICE}=cpu is no GPU"),
    ],
)
def test_without_a_gpu_one_line_says_what_is_missing_and_what_runs_all_the_same(
    cuda, environ, told, monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setenv(DEVICE, environ)
    assert command.main(["--out", str(tmp_path / "gpu.json")]) == 1
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("error: ") and said.err.count("\n") == 1
    assert told in said.err and "python -m bench.gpu --small" in said.err
    assert not list(tmp_path.iterdir())


def fine(tell: Callable, limit_s: float) -> dict:
    return {"state": MEASURED, "why": "", "figure": os.getpid()}


def raises(tell: Callable, limit_s: float) -> dict:
    tell({"figure": 3})
    raise RuntimeError("CUDA error: an illegal memory access was encountered\nhints")


def dies(tell: Callable, limit_s: float) -> dict:
    os._exit(9)


def hangs(tell: Callable, limit_s: float) -> dict:
    tell({"state": MEASURED, "why": "", "figure": 2})
    time.sleep(600)
    return {}


def wrong(tell: Callable, limit_s: float) -> dict:
    return {"state": FAILED, "why": "the same seed gave other bytes", "largest_gap": 0.25}


WORKS = {"first": fine, "hangs": hangs, "raises": raises, "dies": dies, "last": fine}
EMPTY = {("works", name): {"figure": NOT_MEASURED, "other": NOT_MEASURED} for name in WORKS}


def test_a_part_that_raises_dies_or_hangs_says_so_and_the_others_go_on(tmp_path):
    record = Record(tmp_path / "gpu.json", {"device": "a"}, EMPTY)
    parts = [command.Part(("works", name), work, 0.01 if work is hangs else 0.5) for name, work in WORKS.items()]
    with Worker({}) as worker:
        command.measure(parts, record, worker, time.monotonic() + 400)
    found = read_json(tmp_path / "gpu.json")["works"]
    assert {name: part["state"] for name, part in found.items()} == {
        "first": MEASURED,
        "raises": FAILED,
        "dies": FAILED,
        "hangs": NOT_MEASURED,
        "last": MEASURED,
    }
    assert found["raises"]["why"] == "RuntimeError: CUDA error: an illegal memory access was encountered"
    assert found["raises"]["figure"] == 3 and found["raises"]["other"] == NOT_MEASURED
    assert "exit code 9" in found["dies"]["why"] and found["dies"]["figure"] == NOT_MEASURED
    assert "did not fit into the limit" in found["hangs"]["why"] and found["hangs"]["figure"] == 2
    assert found["last"]["figure"] != found["first"]["figure"] != os.getpid()


def test_without_time_nothing_is_begun():
    with Worker({}) as worker:
        assert worker.do(fine, 0.5) == {"state": NOT_MEASURED, "why": "no time was left"}
        assert worker.process is None


def test_recorded_steps_that_are_not_right_are_told_by_the_exit_code_after_all_is_measured(tmp_path, monkeypatch):
    parts = [command.Part(("correctness",), wrong, 0.5), command.Part(("works", "last"), fine, 0.5)]
    monkeypatch.setattr(command, "parts_of", lambda plan: parts)
    out = tmp_path / "gpu.json"
    assert command.main(["--small", "--out", str(out)]) == 1
    found = read_json(out)
    assert found["correctness"]["state"] == FAILED and found["correctness"]["largest_gap"] == 0.25
    assert found["works"]["last"]["state"] == MEASURED


def test_another_device_or_code_begins_anew_and_so_does_fresh(tmp_path):
    path, place = tmp_path / "gpu.json", ("works", "first")
    Record(path, {"device": "a"}, EMPTY).keep(place, {"state": MEASURED, "figure": 1})
    assert Record(path, {"device": "a"}, EMPTY).state(place) == MEASURED
    assert Record(path, {"device": "b"}, EMPTY).state(place) == NOT_MEASURED
    assert Record(path, {"device": "a"}, EMPTY, fresh=True).state(place) == NOT_MEASURED
    assert json.loads(path.read_text())["works"]["last"] == {"state": NOT_MEASURED, "why": "not begun"} | EMPTY[place]


def test_a_contestant_that_fails_is_told_in_words_and_has_no_ratio():
    """Naive eager, its graph that cannot be recorded, a stack without memory, and one that fails in its second lap."""

    def maker(fails_at: int = 0, error: Exception | None = None, counted: Counted | None = None):
        epochs = []

        def epoch() -> None:
            epochs.append(1)
            if len(epochs) == fails_at:
                raise error

        return lambda: (epoch, counted)

    able, unable = Counted(Plain()), Counted(Plain())
    able.recorded, unable.why = 3, "RuntimeError: operation not permitted"
    heat = ratios.Heat(
        {
            "eager": maker(),
            "graph": maker(counted=unable),
            "E=1": maker(counted=able),
            "E=5": maker(1, torch.OutOfMemoryError("CUDA out of memory. Tried"), able),
            "E=20": maker(4, FloatingPointError("the loss of seed 1 is not finite"), able),
        },
        torch.device("cpu"),
    )
    heat.round(0), heat.round(1)
    plan = SimpleNamespace(
        stacks=(1, 5, 20),
        note={},
        shape=Params.load().shape,
        number_format=lambda: torch.bfloat16,
        loaded=lambda: (SimpleNamespace(names=["a"]), None),
        rows=lambda role: np.arange(9),
    )
    heat.laps["eager"], heat.laps["E=1"] = {0: 2.0, 1: 6.0}, {0: 1.0, 1: 2.0}
    found = ratios.summary(plan, plan_module.MODELS["d64 L4"], heat)
    assert found["state"] == MEASURED and found["number_format"] == {"naive": "float32", "ours": "bfloat16"}
    assert found["ours"]["E=1"]["per_model_ratio_to_eager"] == {"min": 2.0, "median": 2.5, "max": 3.0}
    assert found["ours"]["E=1"]["per_model_ratio_to_graph"] == NOT_MEASURED
    assert "operation not permitted" in found["naive"]["graph"]["why"]
    assert found["ours"]["E=5"]["why"] == "OutOfMemoryError: CUDA out of memory. Tried"
    assert "seed 1 is not finite" in found["ours"]["E=20"]["why"]
    for label in ("E=5", "E=20"):
        row = found["ours"][label]
        assert (row["state"], row["seconds"], row["per_model_ratio_to_eager"]) == (FAILED, NOT_MEASURED, NOT_MEASURED)


def test_a_ratio_is_that_of_one_member_and_of_one_round():
    """Five members in 1 and 2 s, a naive model in 3 and 4 s: each took a fifth."""
    found = ratios.per_model(5, mine={0: 1.0, 1: 2.0}, theirs={0: 3.0, 1: 4.0, 2: 9.0})
    assert found == {"min": 10.0, "median": 12.5, "max": 15.0}
    assert ratios.per_model(5, mine={}, theirs={0: 3.0}) == NOT_MEASURED


def trained(auc: float, weight: float) -> Trained:
    return Trained(np.full((1, 2), weight), *[np.ones(1)] * 2, np.array([auc]), *[np.ones((1, 1))] * 2)


def counted(recorded: int, why: str = "") -> Counted:
    found = Counted(Plain())
    found.recorded, found.why = recorded, why
    return found


def test_correctness_asks_for_equal_auc_equal_bytes_and_a_recording():
    first = trained(0.7, 1.0)
    assert verdict(first, first, trained(0.7009, 2.0), counted(3))["state"] == PASSED
    for again, eager, how, why in (
        (first, trained(0.702, 1.0), counted(3), "differs by 0.002000"),
        (trained(0.7, 1.5), first, counted(3), "the same seed gave other bytes"),
        (first, first, counted(0, "RuntimeError: no"), "nothing was recorded (RuntimeError: no)"),
        (first, first, counted(1, "RuntimeError: no"), "not all was recorded (RuntimeError: no)"),
        (first, trained(np.nan, 1.0), counted(3), "differs by nan"),
    ):
        found = verdict(first, again, eager, how)
        assert found["state"] == FAILED and why in found["why"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Plan:
    """The plan of a dry run, of models that drop nothing."""
    found = planned(Params.load(), tmp_path_factory.mktemp("plan"), small=True, precision="float32")
    return replace(found, models={name: replace(c, dropout=0.0) for name, c in found.models.items()})


def test_the_naive_loop_as_a_graph_trains_what_it_trains_step_by_step(plan):
    configuration = replace(plan.models["d64 L4"], learning_rate=1e-3)
    graphs = Graphs()
    eager, graph = Naive(plan, configuration), Naive(plan, configuration, graphs)
    begun = [weight.detach().clone() for weight in eager.model.parameters()]
    torch.manual_seed(3)
    first = [eager.epoch() for _ in range(3)]
    torch.manual_seed(3)
    assert [graph.epoch() for _ in range(3)] == pytest.approx(first, abs=1e-6)
    assert len(graphs.recorded) == 2 and graphs.replays == 4  # 254 windows: a full and a last batch, in two epochs more
    for one, other, was in zip(eager.model.parameters(), graph.model.parameters(), begun):
        torch.testing.assert_close(one, other)
        assert not torch.equal(one, was)


def test_the_naive_loop_shows_its_model_the_days_that_the_afternoon_s_loop_shows(plan):
    loop = Naive(plan, plan.models["d64 L4"])
    data, rows = plan.loaded()[0], plan.rows("train")
    theirs = WindowDataset(data, rows, plan.shape.context)
    days, label = theirs[7]
    assert torch.equal(loop._days(loop.train[[7]])[0], days) and loop.labels[loop.train[7]] == label
    assert len(loop.train) == len(theirs)


def test_parts_are_told_in_the_order_in_which_they_are_measured(plan):
    places = [part.place for part in command.parts_of(plan)]
    wanted = [("correctness",), *(("ratios", name) for name in MODELS), *(("searches", name) for name in BUDGETS)]
    assert places == wanted
    assert plan.settings.epochs == 2 and plan.search.trials == 4


def test_the_whole_plan_is_the_reference_s(tmp_path):
    whole = planned(Params.load(), tmp_path, small=False)
    s = whole.settings
    assert (s.epochs, s.patience, s.min_delta, whole.search.trials) == (50, 10, 0.001, 50)
    assert whole.stacks == (1, 5, 20) and not whole.note
    shapes = [(c.d_model, c.n_layers, c.n_heads, c.d_ff_ratio, c.dropout) for c in whole.models.values()]
    assert shapes == [(64, 4, 4, 4, 0.3), (128, 6, 8, 4, 0.3), (384, 12, 8, 4, 0.3)]
    assert [space.cap for space in whole.spaces.values()] == [2_000_000, 20_000_000, 200_000_000]
