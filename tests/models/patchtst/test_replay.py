"""Recorded steps do what steps do one by one; `bench.gpu.emulated.Graphs` stands for CUDA graphs, which need a GPU."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from bench.gpu.emulated import Graphs
from bench.gpu.recorders import Plain

from buysignal.models.patchtst import replay, training
from buysignal.models.patchtst.job import Protocol
from buysignal.models.patchtst.replay import Replayed
from tests.models.patchtst.test_training import N_FEATURES, SHAPE, market, member


def trained(recorder, members, epochs=4, patience=10, offset=False, precision="float32"):
    windows, labels, train, stop = market()
    protocol = Protocol(epochs, patience, 0.001, 64, precision)
    known = np.random.default_rng(5).standard_normal(len(labels)).astype(np.float32) if offset else None
    run = training._Run(windows, labels, train, stop, SHAPE, N_FEATURES, members, protocol, known, recorder)
    for number in range(1, epochs + 1):
        run.epoch(number)
        if not run.alive.any():
            break
        run.drop_ended()
    return run.result()


def same(one, other) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in vars(one))


MEMBERS = [member(1, 0.1), member(2, 0.5, 5e-3, 0.1), member(3, 0.0, 1e-4)]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("offset", [False, True])
def test_recorded_steps_give_the_bytes_of_steps_one_by_one(offset, precision):
    """350 windows in batches of 64: five whole ones and one of 30, and the look at the stop role: three recordings."""
    graphs = Graphs()
    found = trained(graphs, MEMBERS, offset=offset, precision=precision)
    assert same(found, trained(Plain(), MEMBERS, offset=offset, precision=precision))
    assert len(graphs.recorded) == 3
    # six steps and a look in each of four epochs, a look at the offset alone; the first of each kind is not replayed
    assert graphs.replays == 4 * 7 - 3 + offset


def test_a_step_is_drawn_forth_back_and_moved_in_this_order():
    graphs = Graphs()
    trained(graphs, MEMBERS[:2])
    (step,) = [names for names in graphs.recorded[:2] if "_fused_adamw_" in names][:1]
    order = ["index_select", "ge", "native_layer_norm", "native_layer_norm_backward", "_fused_adamw_"]
    assert [step.index(name) for name in order] == sorted(step.index(name) for name in order)
    assert step.count("_fused_adamw_") == 2  # one per member
    assert not {"sort", "searchsorted"} & set(step)


def test_what_is_recorded_takes_the_step_and_the_rates_of_its_time():
    """A counter or a rate that was a float when it was recorded would make every later step the second one again."""
    members = [replace(one, configuration=replace(one.configuration, dropout=0.5)) for one in MEMBERS[:1]]
    rising = trained(Graphs(), members, epochs=1).theta
    assert not np.array_equal(rising, trained(Graphs(), members, epochs=2).theta)
    windows, labels, train, stop = market()
    run = training._Run(
        windows, labels, train, stop, SHAPE, N_FEATURES, members, Protocol(9, 9, 0.0, 64), None, Graphs()
    )
    run.epoch(1), run.epoch(2)
    before = run.optimizer.theta.clone()
    run.optimizer.learning_rate.zero_()
    run.epoch(3)
    assert torch.equal(run.optimizer.theta, before)
    assert int(run.dropout.step) == 18 == int(run.optimizer.steps)


def test_a_member_that_has_ended_is_computed_on_and_not_looked_at():
    """The stack keeps its size; what is told of the ended one is what it was when it ended."""
    frozen, learning = member(1, learning_rate=1e-9), member(2, 0.2)
    found = trained(Graphs(), [frozen, learning], epochs=6, patience=2)
    assert found.epochs[0] == 3 and found.best_epoch[0] == 1 and found.epochs[1] > 3
    assert (found.loss_history[3:, 0] == found.loss_history[2, 0]).all()
    alone = trained(Graphs(), [learning], epochs=6, patience=2)
    np.testing.assert_allclose(found.of(slice(1, 2)).theta, alone.theta, atol=2e-3)
    assert found.epochs[1] == alone.epochs[0]


def test_variants_of_one_architecture_in_one_stack_are_what_they_are_alone():
    """Learning rate, dropout, weight decay and seed all differ."""
    together = trained(Graphs(), MEMBERS)
    for position, one in enumerate(MEMBERS):
        alone = trained(Graphs(), [one])
        assert together.stop_auc[position] == pytest.approx(alone.stop_auc[0], abs=1e-3)
        np.testing.assert_allclose(together.theta[position], alone.theta[0], atol=2e-3)


class Fails(Plain):
    def __init__(self, error):
        self.error = error

    def record(self, work):
        raise self.error


def test_a_recording_that_fails_is_told_once_and_training_goes_on_with_the_same_bytes(capsys):
    replay._told.cache_clear()
    found = trained(Fails(RuntimeError("CUDA error: operation not permitted\nhints")), MEMBERS)
    assert capsys.readouterr().err == (
        "warning: trained without CUDA graphs, several times more slowly: CUDA error: operation not permitted\n"
    )
    assert same(found, trained(Plain(), MEMBERS))


def test_memory_that_runs_out_while_recording_is_for_the_stack_to_halve():
    with pytest.raises(torch.OutOfMemoryError):
        trained(Fails(torch.OutOfMemoryError("CUDA out of memory")), MEMBERS)


def test_work_is_done_once_for_each_call():
    done, kept = [], []

    class Counted(Plain):
        def record(self, work):
            kept.append(work)
            return lambda: done.append("again")

    work = Replayed(lambda: done.append("as it is"), Counted())
    for _ in range(4):
        work()
    assert done == ["as it is", "again", "again", "again"] and len(kept) == 1


def test_a_processor_records_nothing():
    assert replay.recorder(torch.device("cpu")) is None
