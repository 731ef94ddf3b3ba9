"""Transfer: the matrix and its gap by hand, and verdicts that say no more than the interval."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from buysignal.judge.evidence import missing
from buysignal.judge.trials.again import Again
from buysignal.judge.trials.transfer import transfer, transfer_gap
from buysignal.report.pages.budgets import transfer_text, verdict
from tests.judge.trials.examples import CELLS, CONFIGURATION, EVIDENCE, over_seeds

AUC = [(0.70, 0.72), (0.66, 0.67), (0.64, 0.65), (0.68, 0.70)]
"""Two budgets, two seeds. By seed: diagonal means .69 .71, others .65 .66, so gaps .04 and .05."""
DEEP = replace(CONFIGURATION, n_layers=4)  # of 20M, legal in 2M too; the one layer of 2M is not in 20M


def cells(aucs) -> dict[tuple[str, str], Again]:
    """Row by row, sizes 1 to 4."""
    placed = [("2M", "2M", CONFIGURATION), ("2M", "20M", DEEP), ("20M", "2M", DEEP), ("20M", "20M", DEEP)]
    return {(s, t): over_seeds(auc, None, c, n) for n, ((s, t, c), auc) in enumerate(zip(placed, aucs), start=1)}


def test_the_gap_by_hand():
    gap = transfer_gap(np.array(AUC).reshape(2, 2, 2), 0.01, 0.95)
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
    usable = {"2M": True, "20M": True, "200M": False}
    result = transfer("a50", usable, cells(AUC), 0.35, 0.01, 0.95, 40)
    assert result["gap"]["mean"] == pytest.approx(0.045) and result["verdict"] == "cannot tell"
    assert [result["cells"][0][metric] for metric in ("precision", "recall", "n_buys")] == [0.55, 0.15, 3.5]
    assert [cell["parameters"] for cell in result["cells"]] == [1, 2, 3, 4]
    assert [(cell["best_of"], cell["under"]) for cell in result["cells"]] == list(cells(AUC))
    assert result["cells"][1]["auc_per_seed"] == [0.66, 0.67]
    assert result["unchanged_elsewhere"] == 1
    assert missing(result) == [] and {cell["configurations"] for cell in result["cells"]} == {40}
    text = transfer_text(result)
    shown = next(line for line in text.splitlines() if line.startswith("| 2M under 2M")).split("|")[2:9]
    assert [cell.strip() for cell in shown] == [*CELLS, f"{EVIDENCE['base_rate']:.3f}"]
    assert "Means over 2 seeds on the rank role, of the best of 40 trials" in text
    assert "at home the mean AUC is 0.0450 above that in other budgets (difference +0.0450, " in text
    assert "In 1 of 2 cells off the diagonal it is the same configuration" in text
    assert "Without a usable trial, so not among them: 200M." in text
    header = next(line for line in text.splitlines() if line.startswith("| cell"))
    assert header.index("precision") < header.index("recall") < header.index("buys") < header.index("AUC")


def test_a_gap_below_zero_is_called_below():
    turned = [AUC[1], AUC[0], AUC[3], AUC[2]]  # the diagonal lies where the other cells lay
    result = transfer("a50", {"2M": True, "20M": True}, cells(turned), 0.35, 0.01, 0.95, 40)
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
    result = transfer("a50", usable, {}, 0.35, 0.01, 0.95, 40)
    assert result["gap"] is None and result["verdict"] == "cannot tell"
    assert f"**Nothing can be transferred**: {says}, and a gap needs two budgets." in transfer_text(result)
