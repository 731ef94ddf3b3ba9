"""A space holds what is legal and fits the cap, and says why when that is nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.models.patchtst.architecture import Configuration
from tests.search.study.toy import reference_space, small_space, weight


def test_architectures_are_those_whose_heads_divide_the_width():
    space = small_space(d_model=(6, 8), n_layers=(1,), n_heads=(2, 3, 4))
    assert space.architectures == ((6, 1, 2), (6, 1, 3), (8, 1, 2), (8, 1, 4))


def test_the_cap_bounds_the_true_count_and_is_still_inside():
    # counts d_model x n_layers x ratio: (8, 1) 16 and 32, (8, 2) 32 and 64, (16, 1) 32 and 64, (16, 2) 64 and 128
    space = small_space(d_ff_ratio=(2, 4), cap=32)
    assert space.ratios == {(8, 1, 2): (2, 4), (8, 2, 2): (2,), (16, 1, 2): (2,)}
    assert space.size == (2 + 1 + 1) * 2
    assert all(weight(c) <= 32 for c in space.configurations())


def test_a_configuration_off_the_grid_or_above_the_cap_is_not_in_the_space():
    space = small_space(d_ff_ratio=(2, 4), cap=32)
    inside = Configuration(8, 2, 2, 2, 0.1, 1e-4, 0.0)
    assert inside in space
    assert Configuration(8, 2, 2, 4, 0.1, 1e-4, 0.0) not in space  # above the cap
    assert Configuration(8, 2, 2, 2, 0.2, 1e-4, 0.0) not in space  # no such dropout
    assert Configuration(8, 2, 4, 2, 0.1, 1e-4, 0.0) not in space  # no such heads


def test_grids_are_sorted_and_without_repeats():
    assert small_space(d_model=(16, 8, 16)).d_model == (8, 16)


@pytest.mark.parametrize(("budget", "architectures"), [("2M", 75), ("20M", 50), ("200M", 40)])
def test_the_reference_grids_fit_their_budgets_whole(budget, architectures):
    space = reference_space(budget)
    assert len(space.architectures) == architectures
    assert space.size == architectures * 2 * 4 * 4 * 4


def test_no_dividing_head_count_is_told():
    with pytest.raises(UserError, match=r"none of n_heads \[3\] divides any d_model of \[8, 16\]"):
        small_space(n_heads=(3,))


def test_a_cap_that_nothing_fits_is_told_with_the_smallest_count():
    with pytest.raises(UserError, match="no grid entry fits the cap of 15 parameters; the smallest has 16"):
        small_space(cap=15)


def test_an_empty_grid_is_told():
    with pytest.raises(UserError, match="the grid of dropout is empty"):
        small_space(dropout=())


@given(
    d_model=st.sets(st.integers(1, 24), min_size=1, max_size=4),
    n_heads=st.sets(st.integers(1, 6), min_size=1, max_size=3),
    cap=st.integers(1, 200),
)
def test_every_configuration_is_legal_in_the_space_and_counted(d_model, n_heads, cap):
    try:
        space = small_space(d_model=tuple(d_model), n_heads=tuple(n_heads), d_ff_ratio=(1, 3), cap=cap)
    except UserError:
        legal = [d for d in d_model for h in n_heads if d % h == 0]
        assert not legal or min(legal) > cap  # the smallest has one layer and ratio 1
        return
    found = list(space.configurations())
    assert len(found) == len(set(found)) == space.size
    assert found == sorted(found)
    assert all(c.d_model % c.n_heads == 0 and weight(c) <= cap and c in space for c in found)
