"""Transfer: architectures are moved to the nearest legal ones, and what is at home stays as it is."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.rounds.transfer import cells, snapped
from tests.search.study.toy import REFERENCE, reference_space, small_space

SMALL = Configuration(64, 3, 4, 2, 0.5, 1e-4, 1e-3)
LARGE = Configuration(192, 8, 8, 4, 0.3, 5e-5, 0.0)
SPACES = {budget: reference_space(budget) for budget in REFERENCE}


def test_an_architecture_moves_to_the_nearest_legal_one_and_training_values_stay():
    assert snapped(SMALL, SPACES["20M"]) == replace(SMALL, n_layers=4)
    assert snapped(LARGE, SPACES["2M"]) == replace(LARGE, d_model=96, n_layers=6)
    assert snapped(SMALL, SPACES["200M"]) == replace(SMALL, d_model=128, n_layers=6, n_heads=8)
    assert snapped(SMALL, SPACES["2M"]) == SMALL


def test_the_cap_holds_after_the_move():
    """Width 16 and ratio 4 have weight 16 x 2 x 4 = 128; the cap leaves the ratio 2 alone."""
    space = small_space(d_ff_ratio=(2, 4), cap=70)
    moved = snapped(Configuration(16, 2, 2, 4, 0.1, 1e-4, 0.0), space)
    assert (moved.architecture, moved.d_ff_ratio) == ((16, 2, 2), 2)


@given(
    st.integers(1, 64).map(lambda n: 8 * n),
    st.integers(1, 14),
    st.sampled_from([1, 2, 4, 8]),
    st.sampled_from([1, 2, 3, 4, 8]),
    st.sampled_from(sorted(REFERENCE)),
)
def test_wherever_it_comes_from_it_is_legal_there(d_model, n_layers, n_heads, ratio, budget):
    moved = snapped(Configuration(d_model, n_layers, n_heads, ratio, 0.42, 7e-5, 3e-4), SPACES[budget])
    moved.check("moved")
    assert moved.architecture in SPACES[budget].ratios
    assert SPACES[budget].count(moved) <= SPACES[budget].cap
    assert (moved.dropout, moved.learning_rate, moved.weight_decay) == (0.42, 7e-5, 3e-4)
    assert snapped(moved, SPACES[budget]) == moved


def test_cells_stand_row_by_row_and_home_is_untouched():
    off_grid = replace(SMALL, d_model=72)
    chosen = cells({"2M": off_grid, "20M": LARGE}, SPACES)
    assert [(c.source, c.target) for c in chosen] == [("2M", "2M"), ("2M", "20M"), ("20M", "2M"), ("20M", "20M")]
    assert chosen[0].configuration == off_grid and chosen[3].configuration == LARGE
    assert cells({"2M": SMALL}, SPACES) == []
    entry = chosen[1].entry("a50")
    assert (entry.name, entry.tier, entry.budget) == ("2M under 20M", "a50", "20M")
    assert entry.configuration == chosen[1].configuration
