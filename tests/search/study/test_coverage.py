"""A repeat is sent to the nearest thing that is new."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.coverage import Tried, nearest_indices, nearest_value, redirect
from tests.search.study.toy import small_space

RATES = (0.1, 1e-4, 0.0)  # dropout, learning rate, weight decay


def at(*architecture: int, ratio: int = 2, dropout: float = 0.1) -> Configuration:
    return Configuration(*architecture, ratio, dropout, *RATES[1:])


def test_distance_is_counted_in_grid_steps():
    candidates = np.array([[0, 0, 0], [2, 1, 0], [1, 2, 1], [0, 2, 0]])
    # from (1, 1, 0): 2, 1, 2 and 2 steps
    assert nearest_indices([1, 1, 0], candidates).tolist() == [1]
    # from (0, 1, 0): 1, 2, 3 and 1 steps
    assert nearest_indices([0, 1, 0], candidates).tolist() == [0, 3]


@pytest.mark.parametrize(
    ("name", "grid", "target", "nearest"),
    [
        ("dropout", (0.1, 0.3, 0.5), 0.41, 0.5),
        ("dropout", (0.125, 0.375), 0.25, 0.125),  # a tie goes to the smaller
        ("learning_rate", (1e-5, 1e-3), 2e-4, 1e-3),  # 20 times away against 5: ratios, not differences
        ("weight_decay", (0.0, 1e-3), 1e-9, 1e-3),  # zero is no ratio away from anything
        ("weight_decay", (0.0, 1e-3), 0.0, 0.0),
    ],
)
def test_the_nearest_value_is_by_ratio_for_rates_and_by_difference_else(name, grid, target, nearest):
    assert nearest_value(name, grid, target) == nearest


def test_a_new_architecture_stays():
    space = small_space()
    tried = Tried(space, [at(8, 1, 2)])
    assert redirect(at(8, 2, 2), tried, space, None) == at(8, 2, 2)


def test_a_tried_architecture_moves_to_the_nearest_and_keeps_its_training_values():
    space = small_space(d_model=(8, 16, 32), n_layers=(1, 2, 3))
    tried = Tried(space, [at(8, 1, 2), at(8, 2, 2), at(16, 1, 2)])
    # left: (8,3) 2 steps, (16,2) 2, (16,3) 3, (32,*) 2, 3, 4; without a generator the first of the nearest
    assert redirect(at(8, 1, 2, dropout=0.3), tried, space, None) == at(8, 3, 2, dropout=0.3)
    rng = np.random.default_rng(0)
    near = {redirect(at(8, 1, 2), tried, space, rng).architecture for _ in range(50)}
    assert near == {(8, 3, 2), (16, 2, 2), (32, 1, 2)}


def test_a_ratio_that_breaks_the_cap_there_gives_way():
    # (16, 1) has 32 parameters at ratio 2 and 64 at ratio 4
    space = small_space(n_layers=(1,), d_ff_ratio=(2, 4), cap=32)
    tried = Tried(space, [at(8, 1, 2, ratio=4)])
    assert redirect(at(8, 1, 2, ratio=4), tried, space, None) == at(16, 1, 2, ratio=2)


def test_an_illegal_architecture_moves_to_a_legal_one():
    space = small_space(d_model=(6, 8), n_layers=(1,), n_heads=(2, 4))
    assert redirect(at(6, 1, 4), Tried(space), space, None) == at(6, 1, 2)


def test_once_every_architecture_was_tried_the_nearest_untrained_configuration_is_taken():
    space = small_space(n_layers=(1,))  # (8) and (16), dropout 0.1 and 0.3
    tried = Tried(space, [at(8, 1, 2), at(16, 1, 2)])
    assert redirect(at(8, 1, 2, dropout=0.3), tried, space, None) == at(8, 1, 2, dropout=0.3)
    assert redirect(at(8, 1, 2), tried, space, None) == at(8, 1, 2, dropout=0.3)
    tried.add(at(8, 1, 2, dropout=0.3))
    assert redirect(at(8, 1, 2), tried, space, None) == at(16, 1, 2, dropout=0.3)
    tried.add(at(16, 1, 2, dropout=0.3))
    assert redirect(at(8, 1, 2), tried, space, None) is None


def test_untried_configurations_are_of_untried_architectures_while_there_are_any():
    space = small_space(n_layers=(1,))
    tried = Tried(space, [at(8, 1, 2)])
    assert tried.untried() == [at(16, 1, 2), at(16, 1, 2, dropout=0.3)]
    tried.add(at(16, 1, 2))
    assert tried.untried() == [replace(at(8, 1, 2), dropout=0.3), at(16, 1, 2, dropout=0.3)]
