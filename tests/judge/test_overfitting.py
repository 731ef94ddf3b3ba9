"""Probability of backtest overfitting: by hand, on noise, on one good trial, and where nothing can be told."""

from dataclasses import asdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from buysignal.core.files import stable
from buysignal.judge.overfitting import pbo
from buysignal.models.metrics import auc


def noise(seed, trials=20, n=300, base=0.3):
    rng = np.random.default_rng(seed)
    return rng.random(n) < base, rng.standard_normal((trials, n))


def test_two_trials_on_four_blocks_by_hand():
    """A is right on blocks 0 and 1 and wrong on 2 and 3, B the other way round; each block has one day of each class.

    Taking 01 chooses A, which is last on 23; taking 23 chooses B, last on 01; the four mixed splits are
    ties with AUC .5 in both halves, at the median: probability (2 + 4 / 2) / 6.
    """
    label = np.tile([0, 1], 4)
    a = np.array([0.5, 0.9, 0.5, 0.9, 0.5, 0.1, 0.5, 0.1])
    found = pbo(label, np.array([a, a[::-1][[1, 0, 3, 2, 5, 4, 7, 6]]]), horizon=1)
    assert (found.trials, found.blocks, found.splits) == (2, 4, 6)
    assert found.probability == pytest.approx(4 / 6)
    assert (found.auc_in, found.auc_out) == (pytest.approx(4 / 6), pytest.approx(2 / 6))
    assert (found.rank, found.verdict) == (0.5, "overfit")


@pytest.mark.parametrize("horizon", [1, 3])
def test_counting_pairs_of_blocks_equals_sorting_every_half(horizon):
    label, scores = noise(1, trials=5, n=83)
    scores = scores.round(1)  # days of equal score
    blocks = np.array_split(np.arange(83), 6)
    blocks = [b[: len(b) - (horizon - 1)] for b in blocks]
    below = []
    for half in combinations(range(6), 3):
        inside = np.concatenate([blocks[b] for b in half])
        outside = np.concatenate([blocks[b] for b in range(6) if b not in half])
        winner = np.argmax([round(auc(label[inside], s[inside]), 6) for s in scores])
        place = rankdata([round(auc(label[outside], s[outside]), 6) for s in scores])[winner]
        below.append(1.0 if place < 3 else 0.5 if place == 3 else 0.0)
    found = pbo(label, scores, horizon, blocks=6)
    assert (found.splits, found.probability) == (20, pytest.approx(np.mean(below)))


def test_ten_blocks_make_252_splits():
    found = pbo(*noise(2), horizon=1)
    assert (found.blocks, found.splits) == (10, 252)


def test_pure_noise_gives_about_one_half_on_average():
    found = [pbo(*noise(seed), horizon=1) for seed in range(60)]
    assert np.mean([f.probability for f in found]) == pytest.approx(0.5, abs=0.08)
    assert np.mean([f.auc_out for f in found]) == pytest.approx(0.5, abs=0.01)
    assert np.mean([f.auc_in for f in found]) > 0.57  # the winner of twenty looks good where it was chosen
    assert not any(f.verdict == "holds" for f in found)


def test_one_clearly_better_trial_is_never_overfit():
    label, scores = noise(3)
    scores[7] += 2.0 * label
    found = pbo(label, scores, horizon=1)
    assert (found.probability, found.rank, found.verdict) == (0.0, 1.0, "holds")
    assert found.auc_out > 0.85


def test_a_block_of_one_class_is_no_trouble():
    label, scores = noise(4)
    label[:60] = False  # the first two of ten blocks
    found = pbo(label, scores, horizon=1)
    assert found.splits == 252 and 0 < found.probability < 1


def test_a_half_of_one_class_leaves_its_splits_out():
    label, scores = noise(5, n=40)
    label[:] = False
    label[[0, 35]] = True  # blocks 0 and 3 of 4: the splits 03|12 and 12|03 have a half without positives
    found = pbo(label, scores, horizon=1, blocks=4)
    assert found.splits == 4


def test_fewer_days_cut_fewer_blocks():
    label, scores = noise(6, n=100)
    assert pbo(label, scores, horizon=5).blocks == 10
    assert pbo(label, scores, horizon=6).blocks == 8  # 8 blocks of 12 days
    assert pbo(label, scores, horizon=12).blocks == 4


CASES = {
    "no trial": (*noise(7, trials=0), 1, "0 trials, two are needed"),
    "one trial": (*noise(7, trials=1), 1, "1 trials, two are needed"),
    "few days": (*noise(7, n=39), 5, "39 days make 2 blocks of 10 or more, 4 are needed"),
    "no day": (np.zeros(0), np.zeros((3, 0)), 1, "0 days make 0 blocks"),
    "one class": (np.zeros(100), noise(7, n=100)[1], 1, "days of one class only"),
    "one positive": (np.arange(100) == 4, noise(7, n=100)[1], 1, "days of one class only"),
    "constant scores": (noise(7)[0], np.full((4, 300), 0.5), 1, "all trials rank the days alike"),
    "copies": (noise(7)[0], np.tile(noise(7)[1][0], (4, 1)), 1, "all trials rank the days alike"),
}


@pytest.mark.parametrize("case", CASES)
def test_where_nothing_can_be_told_words_say_so(case):
    label, scores, horizon, reason = CASES[case]
    found = pbo(label, scores, horizon)
    assert (found.verdict, found.probability, found.splits) == ("cannot tell", 0.5, 0)
    assert found.reason.startswith("cannot tell: ") and reason in found.reason
    assert stable(asdict(found))


@given(st.integers(0, 10_000), st.integers(2, 8), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_the_order_and_the_scale_of_the_trials_do_not_matter(seed, trials, horizon):
    label, scores = noise(seed, trials, n=60)
    found = pbo(label, scores, horizon)
    again = pbo(label, np.exp(scores[::-1]), horizon)
    assert asdict(again) == pytest.approx(asdict(found))
    assert 0 <= found.probability <= 1 and 0 <= found.rank <= 1


def test_a_copy_of_every_trial_changes_no_winner():
    label, scores = noise(8)
    once, twice = pbo(label, scores, 1), pbo(label, np.concatenate([scores, scores]), 1)
    assert (twice.auc_in, twice.auc_out) == (pytest.approx(once.auc_in), pytest.approx(once.auc_out))
    assert twice.probability == pytest.approx(once.probability)
