"""Transfer: the matrix and its gap by hand, architectures moved to the nearest legal ones, honest verdicts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.judge.evidence import missing
from buysignal.models.patchtst.architecture import Configuration
from buysignal.report.pages.budgets import transfer_text, verdict
from buysignal.search.rounds.transfer import cells, found, matrix, snapped, transfer_gap
from buysignal.search.study.record import Outcome
from tests.search.study.toy import REFERENCE, WORTH, reference_space, small_space

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


def outcomes(*aucs) -> list[Outcome]:
    rates = WORTH | dict(precision=(0.5, 0.7), recall=(0.1, 0.3), n_buys=(10, 30))
    return [Outcome(seeds=(1, 2), auc=auc, value=0.5, **rates) for auc in aucs]


AUC = [(0.70, 0.72), (0.66, 0.67), (0.64, 0.65), (0.68, 0.70)]
"""Two budgets, two seeds. By seed: diagonal means .69 .71, others .65 .66, so gaps .04 and .05."""


def test_matrix_and_gap_by_hand():
    auc = matrix(outcomes(*AUC), 2, "auc")
    assert auc[0, 1].tolist() == [0.66, 0.67] and auc[1, 0].tolist() == [0.64, 0.65]
    gap = transfer_gap(auc, 0.01, 0.95)
    half = 12.7062 * (0.01 / 2**0.5) / 2**0.5  # t of 1 degree at 97.5 %, sd .00707, n = 2
    assert gap.gap.mean == pytest.approx(0.045)
    assert (gap.gap.low, gap.gap.high) == pytest.approx((0.045 - half, 0.045 + half), abs=1e-6)
    assert gap.verdict == "cannot tell"


@pytest.mark.parametrize(
    ("gaps", "verdict"),
    [
        ((0.040, 0.041, 0.042), "specialised"),
        ((0.000, 0.001, 0.002), "transfers"),
        ((-0.05, -0.04, -0.03), "transfers"),
        ((0.002, 0.003, 0.004), "transfers"),  # above 0, but within the margin
        ((-0.02, 0.01, 0.05), "cannot tell"),
        ((0.3,), "cannot tell"),  # one seed
    ],
)
def test_the_verdict_comes_from_the_interval(gaps, verdict):
    home = np.full(len(gaps), 0.7)
    away = home - np.array(gaps)
    assert transfer_gap(np.array([[home, away], [away, home]]), 0.01, 0.95).verdict == verdict


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 3, 3), (2, 2)])
def test_a_matrix_of_another_form_is_refused(shape):
    with pytest.raises(ValueError, match="auc must be"):
        transfer_gap(np.full(shape, 0.7), 0.01, 0.95)


def test_what_was_found_reads_precision_first_and_each_metric_on_its_own():
    chosen = cells({"2M": SMALL, "20M": replace(SMALL, n_layers=4)}, SPACES)
    usable = {"2M": True, "20M": True, "200M": False}
    result = found("a50", usable, chosen, outcomes(*AUC), [1, 2, 3, 4], 0.01, 0.95, 40)
    assert result["gap"]["mean"] == pytest.approx(0.045) and result["verdict"] == "cannot tell"
    assert [result["cells"][0][metric] for metric in ("precision", "recall", "n_buys")] == [0.6, 0.2, 20]
    assert result["unchanged_elsewhere"] == 1  # 4 layers are legal in 2M too; 3 layers are not in 20M
    assert missing(result) == [] and {cell["configurations"] for cell in result["cells"]} == {40}
    text = transfer_text(result | {"threshold": 0.35})
    shown = next(line for line in text.splitlines() if line.startswith("| 2M under 2M")).split("|")[2:9]
    assert [cell.strip() for cell in shown] == ["0.600", "0.20–0.85", "0.200", "0.05–0.30", "20", "3", "0.200"]
    assert "Means over 2 seeds on the rank role, of the best of 40 trials" in text
    assert "at home the mean AUC is 0.0450 above that in other budgets (difference +0.0450, " in text
    assert "In 1 of 2 cells off the diagonal it is the same configuration" in text
    assert "Without a usable trial, so not among them: 200M." in text
    header = next(line for line in text.splitlines() if line.startswith("| cell"))
    assert header.index("precision") < header.index("recall") < header.index("buys") < header.index("AUC")


def test_a_gap_below_zero_is_called_below():
    chosen = cells({"2M": SMALL, "20M": replace(SMALL, n_layers=4)}, SPACES)
    turned = outcomes(AUC[1], AUC[0], AUC[3], AUC[2])  # the diagonal lies where the other cells lay
    result = found("a50", {"2M": True, "20M": True}, chosen, turned, [1, 2, 3, 4], 0.01, 0.95, 40)
    assert "the mean AUC is 0.0450 below that in other budgets (difference -0.0450, " in verdict(result)


@pytest.mark.parametrize(
    ("usable", "says"),
    [
        ({"2M": True}, "only 2M has a usable trial"),
        ({"2M": False, "20M": True}, "only 20M has a usable trial"),
        ({"2M": False, "20M": False}, "no budget has a usable trial"),
    ],
)
def test_with_fewer_than_two_budgets_nothing_can_be_transferred(usable, says):
    result = found("a50", usable, [], [], [], 0.01, 0.95, 40)
    assert result["gap"] is None and result["verdict"] == "cannot tell"
    assert f"**Nothing can be transferred**: {says}, and a gap needs two budgets." in transfer_text(result)
