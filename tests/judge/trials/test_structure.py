"""Two good depths are told from one by a test, and rank correlations carry their interval."""

import numpy as np
import pytest

from buysignal.judge.trials.structure import _one_peak, correlation, correlations, modality
from buysignal.search.rounds.trends import CANNOT_TELL, HOLDS, VIOLATED, trends
from tests.search.study.tables import TOP, reference_space_of_all, reference_table, trial_table


def depth_of(table, top=TOP):
    return trends(table, reference_space_of_all(), top, 0.95).dimensions["n_layers"]


def depths(shares: dict[int, float], per_depth: int):
    """Trials of which, at each depth, a share is good."""
    layers = np.repeat(list(shares), per_depth)
    good = np.concatenate([np.arange(per_depth) < round(share * per_depth) for share in shares.values()])
    return trial_table(np.where(good, 0.8, 0.6) + 1e-6 * np.arange(len(layers)), n_layers=layers), int(good.sum())


def test_the_references_two_depths_are_found():
    found = modality(depth_of(reference_table()), 0.95, 0)
    assert (found.peaks, found.verdict) == (((2,), (6, 7)), HOLDS)


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        ({2: 0.6, 3: 0.1, 4: 0.1, 5: 0.1, 6: 0.6}, HOLDS),
        ({2: 0.1, 3: 0.3, 4: 0.6, 5: 0.3, 6: 0.1}, CANNOT_TELL),
        ({2: 0.6, 3: 0.4, 4: 0.3, 5: 0.2, 6: 0.1}, CANNOT_TELL),
        ({2: 0.3, 3: 0.3, 4: 0.3, 5: 0.3, 6: 0.3}, CANNOT_TELL),
    ],
)
def test_a_valley_between_two_peaks_holds_and_one_peak_does_not(shares, verdict):
    table, top = depths(shares, 30)
    assert modality(depth_of(table, top), 0.95, 0).verdict == verdict


def test_a_valley_in_few_trials_cannot_be_told():
    table, top = depths({2: 0.6, 3: 0.2, 4: 0.6}, 5)
    found = modality(depth_of(table, top), 0.95, 0)
    assert found.verdict == CANNOT_TELL
    assert found.p_value > 0.05


def test_level_shares_seldom_seem_to_have_two_peaks():
    calls = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        table = trial_table(rng.random(60), n_layers=rng.choice([2, 3, 4, 5, 6], 60))
        calls += modality(depth_of(table, 15), 0.95, seed).verdict == HOLDS
    assert calls <= 4  # P(more | 20 tables at 5 %) = 0.3 %


def test_the_likeliest_shares_with_one_peak_by_hand():
    """5/10 4/10 6/10 with the peak last: the first two pool to 9/20; with it first, the last two to 10/20."""
    count = np.array([10, 10, 10])
    assert _one_peak(np.array([5, 4, 6]), count) == pytest.approx([0.45, 0.45, 0.6])
    assert _one_peak(np.array([1, 8, 2]), count) == pytest.approx([0.1, 0.8, 0.2])


@pytest.mark.parametrize("top", [0, 6])
def test_nothing_to_test_is_no_verdict(top):
    table = trial_table(np.arange(6.0), n_layers=[2, 3, 4] * 2).assign(collapsed=top == 0)
    assert modality(depth_of(table, 6), 0.95, 0).p_value is None
    two = trial_table(np.arange(6.0), n_layers=[2, 3] * 3)
    assert modality(depth_of(two, 2), 0.95, 0).p_value is None


def test_rank_correlation_and_its_interval_by_hand():
    """rho = 1 - 6 * 8 / (8 * 63) = 0.904762; atanh ln(20) / 2 = 1.4979, half 1.95996 * sqrt(1.4093 / 5) = 1.0406."""
    y = np.array([2, 1, 4, 3, 6, 5, 8, 7.0])
    found = correlation("d_model", "auc", np.arange(8.0), y, 0.95)
    assert found.rho == pytest.approx(0.904762, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((0.4279, 0.9876), abs=1e-4)
    assert found.verdict == HOLDS
    assert correlation("d_model", "auc", np.arange(8.0), -y, 0.95).verdict == VIOLATED


@pytest.mark.parametrize(
    ("x", "y", "rho"),
    [
        ([], [], None),
        ([1], [2], None),
        ([1, 1, 1], [1, 2, 3], None),
        ([1, 2, 3], [5, 5, 5], None),
        ([1, 2, 3], [1, 2, 3], 1),
    ],
)
def test_too_little_for_a_correlation_is_no_verdict(x, y, rho):
    found = correlation("d_model", "auc", np.array(x, float), np.array(y, float), 0.95)
    assert (found.rho, found.low, found.verdict) == (rho, None, CANNOT_TELL)


def test_a_perfect_order_has_a_finite_interval():
    found = correlation("d_model", "auc", np.arange(20.0), np.arange(20.0), 0.95)
    assert 0.9 < found.low < found.high <= 1


def test_a_trial_without_a_buy_has_no_precision_to_correlate():
    table = trial_table(np.linspace(0.6, 0.7, 12), parameters=np.arange(12), precision=np.linspace(0.3, 0.5, 12))
    table.loc[:2, ["n_buys", "precision"]] = 0.0
    precision, *rest = correlations(table, 0.95)
    assert (precision.n, precision.n_buys, rest[-1].n) == (9, 40.0, 12)
