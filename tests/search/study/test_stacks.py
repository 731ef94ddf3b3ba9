"""A trial gives in a stack what it gives alone, and no trial of a stack can spoil another."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from bench.gpu.recorders import Plain
from torch.utils._python_dispatch import TorchDispatchMode

from buysignal.core.errors import UserError
from buysignal.core.workers.device import named_device, usable_device
from buysignal.core.workers.engine import WHOLE, Engine
from buysignal.core.workers.job import Failure
from buysignal.models.patchtst import encoder, training
from buysignal.models.patchtst.architecture import Configuration, Shape, batch_size
from buysignal.models.patchtst.dropout import Dropout
from buysignal.models.patchtst.job import Protocol
from buysignal.models.patchtst.network import StackedPatchTST
from buysignal.models.patchtst.training import Member
from buysignal.models.patchtst.windows import Windows
from buysignal.search.study import objective, stacks
from buysignal.search.study.objective import ObjectiveSettings, evaluate
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.record import COMPLETE, FAILED, PRUNED, Outcome, Trial
from buysignal.search.study.run import Study, run_study
from buysignal.search.study.stacks import evaluate_stack, grouped, member_bytes, stack_size
from tests.search.study.toy import small_space
from tests.small_tier import SHAPE, tier_frame, write_tier

SETTINGS = ObjectiveSettings(
    (3, 4), epochs=4, patience=2, min_delta=0.0, objective="auc", threshold=0.35, recall_floor=0.1, prune=False,
)  # fmt: skip
BASE = Configuration(8, 1, 2, 2, 0.1, 1e-3, 1e-4)
ALIKE = [replace(BASE, dropout=d, learning_rate=r) for d, r in [(0.1, 1e-3), (0.5, 3e-3), (0.3, 1e-5), (0.1, 3e-3)]]
NEVER_FINITE = replace(BASE, learning_rate=1e30)


@pytest.fixture(scope="module")
def tier(tmp_path_factory) -> str:
    return write_tier(tmp_path_factory.mktemp("tier") / "a20.parquet", tier_frame())


def together(tier: str, configurations, settings=SETTINGS, curves=()) -> list[Outcome]:
    return evaluate_stack([Trial(c, curves) for c in configurations], tier, SHAPE, settings)


def alone(tier: str, configurations, settings=SETTINGS, curves=()) -> list[Outcome]:
    return [evaluate(Trial(c, curves), tier, SHAPE, settings) for c in configurations]


def alike(one: Outcome, other: Outcome) -> bool:
    """Equal up to rounding, and in all that counts or names exactly."""
    counted = (one.state, one.seeds, one.epochs, one.error, len(one.intermediate), len(one.scores))
    assert counted == (other.state, other.seeds, other.epochs, other.error, len(other.intermediate), len(other.scores))
    if one.state != FAILED:
        assert one.auc == pytest.approx(other.auc, abs=1e-6)
        assert one.value == pytest.approx(other.value, abs=1e-6)
        assert one.intermediate == pytest.approx(other.intermediate, abs=1e-6)
        assert one.scores == pytest.approx(other.scores, abs=2e-6)
    return True


def test_a_trial_of_a_stack_gives_what_it_gives_alone(tier):
    found, expected = together(tier, ALIKE), alone(tier, ALIKE)
    assert all(alike(one, other) for one, other in zip(found, expected, strict=True))
    assert len({len(outcome.intermediate) for outcome in expected}) > 1  # some end early, and their histories with them
    assert len({outcome.auc for outcome in expected}) == len(ALIKE)


def test_a_trial_below_the_median_ends_and_the_others_of_its_stack_go_on(tier):
    pruning = replace(SETTINGS, prune=True, patience=4)
    values = [outcome.intermediate for outcome in alone(tier, ALIKE, pruning)]
    second = sorted(max(curve[:2]) for curve in values)
    bar = ((0.0, (second[1] + second[2]) / 2, 0.0, 0.0),) * 5  # between the second and the third of the four
    found, expected = together(tier, ALIKE, pruning, bar), alone(tier, ALIKE, pruning, bar)
    assert sorted(outcome.state for outcome in found) == [COMPLETE, COMPLETE, PRUNED, PRUNED]
    assert {outcome.epochs for outcome in found if outcome.state == PRUNED} == {(2, 2)}
    assert all(alike(one, other) for one, other in zip(found, expected, strict=True))


def test_a_trial_whose_loss_is_not_finite_fails_and_its_neighbours_do_not(tier):
    configurations = [ALIKE[0], NEVER_FINITE, ALIKE[1], ALIKE[2], ALIKE[3]]
    found = together(tier, configurations)
    assert [outcome.state for outcome in found] == [COMPLETE, FAILED, COMPLETE, COMPLETE, COMPLETE]
    assert found[1].error.startswith("FloatingPointError: the loss of seed 3 is not finite")
    assert all(alike(one, other) for one, other in zip(found, alone(tier, configurations), strict=True))


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), MemoryError(), RuntimeError("kernel")])
def test_a_stack_that_is_too_large_is_halved_until_it_fits_says_so_and_loses_no_trial(tier, monkeypatch, capsys, error):
    sizes = []
    real = training.train_stack

    def small_device(*arguments):
        sizes.append(len(arguments[6]) // len(SETTINGS.seeds))
        if sizes[-1] > 1:
            raise error
        return real(*arguments)

    monkeypatch.setattr("buysignal.models.patchtst.fit.train_stack", small_device)
    found = together(tier, ALIKE)
    assert sizes == [4, 2, 1, 1, 2, 1, 1]
    lines = capsys.readouterr().err.splitlines()
    starts = [f"warning: a stack of {n} trials is halved, which takes longer and changes no trial" for n in (4, 2, 2)]
    assert [line.startswith(start) for line, start in zip(lines, starts, strict=True)] == [True] * 3
    assert f"({type(error).__name__}: {error})" in lines[0]
    monkeypatch.undo()
    assert [replace(o, duration_s=0.0) for o in found] == [replace(o, duration_s=0.0) for o in alone(tier, ALIKE)]


def test_a_trial_that_does_not_fit_alone_is_a_failed_outcome_with_its_reason(tier, monkeypatch):
    def no_memory(*arguments):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("buysignal.models.patchtst.fit.train_stack", no_memory)
    found = together(tier, ALIKE[:2])
    assert [o.error for o in found] == ["OutOfMemoryError: CUDA out of memory"] * 2


def test_a_missing_tier_file_is_the_users_and_not_the_trials_failure(tmp_path):
    with pytest.raises(UserError, match=r"none\.parquet cannot be read"):
        together(str(tmp_path / "none.parquet"), ALIKE)


def test_only_one_architecture_is_trained_together_and_the_longest_goes_first():
    wide, deep = replace(BASE, d_model=16), replace(BASE, n_layers=2)
    asked = [wide, BASE, deep, replace(wide, dropout=0.7), replace(BASE, d_ff_ratio=4), replace(wide, n_heads=4), wide]
    assert grouped(asked, WHOLE) == [[0, 3, 6], [1], [2], [4], [5]]
    assert grouped(asked, 2) == [[0, 3], [1], [2], [4], [5], [6]]
    assert grouped(asked, 1) == [[i] for i in range(7)]


SPACE = small_space(dropout=(0.1, 0.3, 0.5), learning_rate=(1e-3, 3e-3))  # 4 architectures, 24 configurations
SEARCH = SearchSettings(trials=16, batch=4, startup=10, seed=3)


@pytest.mark.parametrize(("workers", "stack"), [(1, 3), (2, WHOLE)])
def test_a_study_of_stacks_has_the_trials_of_one_without(tier, tmp_path, monkeypatch, workers, stack):
    job = partial(evaluate, tier_path=tier, shape=SHAPE, settings=replace(SETTINGS, epochs=2))
    sizes, run = [], Engine.run
    monkeypatch.setattr(Engine, "run", lambda self, f, jobs: sizes.extend(map(size, jobs)) or run(self, f, jobs))
    found, expected = (
        run_study(SPACE, SEARCH, Study(job, Engine(*engine), tmp_path / str(engine[2]), "study", prune=False))
        for engine in [(workers, "", stack), (1, "", 1)]
    )
    assert max(sizes) == min(stack, 5) and len(found) == SEARCH.trials
    for one, other in zip(found, expected, strict=True):
        assert replace(one, outcome=other.outcome) == other and alike(one.outcome, other.outcome)


def test_variants_are_what_fills_a_stack(tier, tmp_path, monkeypatch):
    """A space of as many architectures as there are groups: without variants no two trials have one shape."""
    space = small_space(d_model=(8, 16, 32), dropout=(0.1, 0.3, 0.5), learning_rate=(1e-3, 3e-3))
    job = partial(evaluate, tier_path=tier, shape=SHAPE, settings=replace(SETTINGS, seeds=(3,), epochs=1))
    sizes, run = [], Engine.run
    monkeypatch.setattr(
        Engine, "run", lambda self, f, jobs: sizes.append(sorted(map(size, jobs))) or run(self, f, jobs)
    )
    for variants, trials in ((1, 6), (3, 18)):
        search = SearchSettings(trials, batch=trials, startup=trials, seed=3, variants=variants)
        found = run_study(space, search, Study(job, Engine(1, "", WHOLE), tmp_path / str(variants), "study"))
        assert len({r.configuration for r in found}) == trials
    assert sizes == [[1] * 6, [3] * 6]


def size(job) -> int:
    return len(job) if isinstance(job, tuple) else 1


def dies_in_company(trials, tier_path, shape, settings):
    os._exit(9)


def test_a_stack_whose_worker_dies_is_run_trial_by_trial(tier, monkeypatch):
    monkeypatch.setattr(stacks, "evaluate_stack", dies_in_company)
    job = partial(evaluate, tier_path=tier, shape=SHAPE, settings=SETTINGS)
    found = dict(stacks.run(Engine(2, "", WHOLE), job, [Trial(c) for c in ALIKE]))
    assert sorted(found) == [0, 1, 2, 3]
    assert all(alike(found[i], outcome) for i, outcome in enumerate(alone(tier, ALIKE)))


def test_a_users_mistake_in_a_stack_is_told_as_such(tmp_path):
    job = partial(evaluate, tier_path=str(tmp_path / "none.parquet"), shape=SHAPE, settings=SETTINGS)
    found = dict(stacks.run(Engine(1, "", WHOLE), job, [Trial(c) for c in ALIKE]))
    assert {failure.type for failure in found.values()} == {"UserError"} and isinstance(found[0], Failure)


def test_what_cannot_be_stacked_goes_to_the_engine_as_it_is():
    found = dict(stacks.run(Engine(1, "", WHOLE), lambda trial: trial.configuration, [Trial(c) for c in ALIKE]))
    assert found == dict(enumerate(ALIKE))


def test_a_stack_is_as_large_as_four_fifths_of_the_free_memory_hold():
    assert stack_size(free=80 << 30, trial=1 << 30) == 64
    assert stack_size(free=10, trial=8) == 1 and stack_size(free=9, trial=8) == 1  # one is always tried
    assert stack_size(free=20, trial=8) == 2


def test_the_bytes_of_a_member_by_hand():
    """Width 8, one block of two heads and ratio 2, two patches of ten days of three features.

    Parameters: 30 x 8 + 8 embed, 2 x 8 positions, the block 16 + 8 x 24 + 24 + 64 + 8 + 16 + 128 + 16 + 128 + 8,
    16 in the last norm, 16 + 1 in the head: 897. A step keeps per patch 2 x 30 + 8 x 8 + (20 x 8 + 4 x 16 + 2 x 2 x 2)
    = 356 floats, for 128 windows of 2 patches; a look holds 64 + 32 + 8 = 104 for 512 windows of 2.
    """
    assert batch_size(8) == 128
    assert member_bytes(BASE, SHAPE, 3) == 4 * (7 * 897 + max(128 * 2 * 356, 512 * 2 * 104))


def tensors(what):
    """Every tensor in nested tuples, lists and a tape."""
    if isinstance(what, encoder.Tape):
        what = (what.blocks, what.last)
    if isinstance(what, torch.Tensor):
        yield what
    elif isinstance(what, (tuple, list)):
        for part in what:
            yield from tensors(part)


@pytest.mark.parametrize(("d_model", "n_layers", "n_heads", "ratio"), [(32, 2, 4, 2), (96, 4, 8, 4), (128, 3, 4, 2)])
def test_the_estimate_covers_what_a_step_keeps_and_is_not_far_above(d_model, n_layers, n_heads, ratio):
    """Against the bytes of the tensors that the way forth leaves for the way back, each storage counted once."""
    shape, features = Shape(80, 16, 8, True), 55
    configuration = Configuration(d_model, n_layers, n_heads, ratio, 0.3, 1e-4, 0.0)
    model = StackedPatchTST(configuration, shape, features)
    weights = model.folded(model.init([torch.Generator().manual_seed(1)]), torch.float32)
    windows = Windows.over(np.random.default_rng(0).standard_normal((400, features)), shape)
    patches, tape = windows.gather(torch.arange(batch_size(d_model))[None]), encoder.Tape()
    masks = Dropout([0.3], [1], torch.device("cpu")).masks(encoder.sizes(batch_size(d_model), weights), torch.float32)
    encoder.forth(weights, patches, n_heads, masks, tape)
    kept = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors(tape)}
    kept |= {patches.untyped_storage().data_ptr(): patches.untyped_storage().nbytes()}
    step = member_bytes(configuration, shape, features) - 4 * (stacks.WEIGHT_COPIES - 1) * model.n_parameters
    assert sum(kept.values()) <= step <= 3 * sum(kept.values())


def test_on_a_gpu_the_stack_is_chosen_from_its_free_memory(tier, monkeypatch):
    """With a device that says how much is free, and the windows left where they are."""

    class OnCuda:
        patches = type("Patches", (), {"device": torch.device("cuda:1")})

    data, _ = stacks.loaded(objective.fit_job(Trial(BASE), tier, SHAPE, SETTINGS))
    each = len(SETTINGS.seeds) * member_bytes(BASE, SHAPE, len(data.names))
    monkeypatch.setattr(stacks, "loaded", lambda job: (data, OnCuda()))
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: None)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: ({1: 4 * each}[device.index], 1 << 40))
    sizes = []
    monkeypatch.setattr(stacks, "_halving", lambda trials, *rest: sizes.append(len(trials)) or [None] * len(trials))
    assert len(together(tier, [*ALIKE, *ALIKE])) == 8
    assert sizes == [3, 3, 2]  # 0.8 x 4 holds three


def test_nothing_inside_an_epoch_waits_for_the_device(tier):
    """No number leaves the device before the epoch's end: on a GPU each would stop the queue of kernels."""
    names = []

    class Watched(TorchDispatchMode):
        def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
            names.append(function.overloadpacket.__name__)
            return function(*arguments, **keywords or {})

    data, windows = stacks.loaded(objective.fit_job(Trial(BASE), tier, SHAPE, SETTINGS))
    members = [Member(c, 1) for c in ALIKE]
    protocol = Protocol(1, 1, 0.0, 128)
    run = training._Run(  # a recorder: masks are drawn as on a GPU
        windows,
        data.label[19:],
        np.arange(300),
        np.arange(60),
        SHAPE,
        len(data.names),
        members,
        protocol,
        recorder=Plain(),
    )
    with Watched():
        run._pass()
    assert "bmm" in names or "baddbmm" in names
    assert {"_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select"} & set(names) == set()


def test_the_device_comes_from_the_environment(monkeypatch):
    assert named_device({}) == "cpu" == usable_device({"BUYSIGNAL_DEVICE": "cpu"})
    assert named_device({"BUYSIGNAL_DEVICE": " cuda:12 "}) == "cuda:12"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert usable_device({"BUYSIGNAL_DEVICE": "cuda"}) == "cuda"
    assert usable_device({"BUYSIGNAL_DEVICE": "cuda:1"}) == "cuda:1"
    with pytest.raises(UserError, match=r"^BUYSIGNAL_DEVICE=cuda:2, but the last CUDA device here is cuda:1$"):
        usable_device({"BUYSIGNAL_DEVICE": "cuda:2"})


@pytest.mark.parametrize("text", ["gpu", "CUDA", "cuda:", "cuda:-1", "cuda:x", "mps", "cpu:0", "cuda:١"])
def test_a_device_that_is_none_is_one_line(text):
    with pytest.raises(UserError) as told:
        named_device({"BUYSIGNAL_DEVICE": text})
    expected = f"BUYSIGNAL_DEVICE={text} is not a device; write cpu, cuda or cuda:0, or unset it"
    assert str(told.value) == expected


def test_cuda_that_is_absent_is_one_line_before_anything_is_trained(tier, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    expected = (
        "BUYSIGNAL_DEVICE=cuda, but torch finds no CUDA device here (it was built without CUDA); write cpu, or unset it"
    )
    with pytest.raises(UserError) as told:
        Engine.from_environment({"BUYSIGNAL_DEVICE": "cuda"})
    assert str(told.value) == expected
    monkeypatch.setenv("BUYSIGNAL_DEVICE", "cuda")  # of a Dask worker, which asks when it trains
    job = partial(evaluate, tier_path=tier, shape=SHAPE, settings=SETTINGS)
    with pytest.raises(UserError) as told:
        run_study(SPACE, SEARCH, Study(job, Engine(1), tmp_path, "study"))
    assert str(told.value) == expected


def test_a_driver_that_is_too_old_is_named(monkeypatch):
    def too_old():
        warnings.warn("CUDA initialization: The NVIDIA driver on your system is too old.\nUpdate it", stacklevel=1)
        return False

    monkeypatch.setattr(torch.cuda, "is_available", too_old)
    with pytest.raises(
        UserError, match="here: CUDA initialization: The NVIDIA driver on your system is too old; write"
    ):
        usable_device({"BUYSIGNAL_DEVICE": "cuda"})


def test_the_engine_of_a_gpu_is_one_process_with_whole_stacks(monkeypatch, capsys):
    monkeypatch.setattr("buysignal.core.workers.engine.usable_device", named_device)
    assert Engine.from_environment({"BUYSIGNAL_DEVICE": "cuda:1"}) == Engine(1, "", WHOLE)
    assert Engine.from_environment({"BUYSIGNAL_DEVICE": "cuda", "BUYSIGNAL_STACK": "8"}) == Engine(1, "", 8)
    assert capsys.readouterr().err == ""
    assert Engine.from_environment({"BUYSIGNAL_DEVICE": "cuda", "BUYSIGNAL_WORKERS": "4"}).workers == 1
    assert capsys.readouterr().err == "warning: BUYSIGNAL_WORKERS=4: running 1, BUYSIGNAL_DEVICE=cuda is one device\n"


def test_on_a_processor_a_stack_is_one_trial_unless_the_environment_says_more():
    assert Engine.from_environment({}).stack == 1
    assert Engine.from_environment({"BUYSIGNAL_STACK": "6"}).stack == 6
    remote = {"BUYSIGNAL_SCHEDULER": "tcp://127.0.0.1:1", "BUYSIGNAL_DEVICE": "cuda", "BUYSIGNAL_STACK": "5"}
    assert Engine.from_environment(remote).stack == 5  # whether the workers have a device, they find out


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5", "²", "٣"])
def test_a_malformed_stack_is_one_line(value):
    with pytest.raises(UserError) as told:
        Engine.from_environment({"BUYSIGNAL_STACK": value})
    assert str(told.value) == f"BUYSIGNAL_STACK={value} is not a number of trials; write 1 or more, or unset it"
