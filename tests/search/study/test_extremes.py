"""Six forced trials: the ends of each architecture dimension, the others at their middle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.search.study.extremes import extremes, middle
from tests.search.study.toy import reference_space, small_space

BY_HAND = {
    # middle: 64 wide, 4 layers, 4 heads
    "2M": [(32, 4, 4), (96, 4, 4), (64, 2, 4), (64, 6, 4), (64, 4, 2), (64, 4, 8)],
    # middle: 128 wide, 6 layers, 8 heads (the upper of two), which is also the most heads
    "20M": [(64, 6, 8), (192, 6, 8), (128, 4, 8), (128, 8, 8), (128, 6, 4), (128, 6, 8)],
    # middle: 256 wide, 10 layers (the upper middle of four), 16 heads
    "200M": [(128, 10, 16), (384, 10, 16), (256, 6, 16), (256, 12, 16), (256, 10, 8), (256, 10, 16)],
}


@pytest.mark.parametrize("budget", BY_HAND)
def test_the_six_of_the_reference_grids_are_those_found_by_hand(budget):
    found = extremes(reference_space(budget))
    assert [c.architecture for c in found] == BY_HAND[budget]
    assert {(c.d_ff_ratio, c.dropout, c.learning_rate, c.weight_decay) for c in found} == {(4, 0.3, 5e-5, 1e-4)}


def test_the_middle_is_the_upper_one_of_an_even_grid():
    assert middle((1, 2, 3)) == 2
    assert middle((1, 2, 3, 4)) == 3


def test_heads_that_do_not_divide_the_width_are_replaced_by_the_nearest_that_do():
    space = small_space(d_model=(6, 10, 12), n_layers=(1, 2, 3), n_heads=(2, 3, 6))
    # middle: 10 wide, 2 layers, 3 heads; 10 is not divisible by 3 or 6, so it has 2 heads
    found = [c.architecture for c in extremes(space)]
    assert found[:4] == [(6, 2, 3), (12, 2, 3), (10, 1, 2), (10, 3, 2)]
    assert found[4] == (10, 2, 2)  # fewest heads
    assert found[5] == (6, 2, 2)  # most heads: only 2 divide 10, which was the fewest; one grid step beside it


def test_an_end_above_the_cap_steps_inward():
    # width x 2 layers x ratio 2: 32 wide has 128 parameters, 16 wide has 64
    space = small_space(d_model=(8, 16, 32), n_layers=(1, 2, 3), cap=100)
    assert [c.architecture for c in extremes(space)][:2] == [(8, 2, 2), (16, 2, 2)]


def test_training_values_off_the_grid_are_replaced_by_the_nearest():
    rates = dict(dropout=(0.2, 0.7), learning_rate=(1e-6, 1e-4), weight_decay=(0.0, 1e-2))
    found = extremes(small_space(d_model=(8, 16, 32), n_layers=(1, 2, 3), **rates))
    assert {(c.d_ff_ratio, c.dropout, c.learning_rate, c.weight_decay) for c in found} == {(2, 0.2, 1e-4, 1e-2)}


@given(
    d_model=st.sets(st.integers(2, 24), min_size=1, max_size=5),
    n_layers=st.sets(st.integers(1, 6), min_size=1, max_size=4),
    n_heads=st.sets(st.integers(1, 8), min_size=1, max_size=3),
    cap=st.integers(10, 400),
)
def test_there_are_six_different_legal_ones_wherever_the_space_has_six(d_model, n_layers, n_heads, cap):
    try:
        space = small_space(d_model=tuple(d_model), n_layers=tuple(n_layers), n_heads=tuple(n_heads), cap=cap)
    except UserError:
        return
    found = extremes(space)
    assert len(found) == len(set(found)) == min(6, space.size)
    assert all(c in space for c in found)
    assert len({c.architecture for c in found}) == min(6, len(space.architectures))
