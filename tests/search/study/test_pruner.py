"""A trial is stopped when its best so far lies below the median of the earlier ones at the same epoch."""

from __future__ import annotations

import pytest

from buysignal.search.study.pruner import should_prune

CURVES = [(0.50, 0.60), (0.52, 0.64), (0.54, 0.70)]  # medians: 0.52 in epoch 0, 0.64 in epoch 1


@pytest.mark.parametrize(
    ("own", "pruned"),
    [((0.51,), True), ((0.53,), False), ((0.53, 0.63), True), ((0.53, 0.65), False), ((0.66, 0.1), False)],
)
def test_the_best_so_far_is_compared_with_the_median(own, pruned):
    assert should_prune(CURVES, own, startup=3, warmup=0) is pruned


def test_nothing_is_pruned_before_enough_trials_or_epochs():
    assert not should_prune(CURVES, (0.1,), startup=4, warmup=0)
    assert not should_prune(CURVES, (0.1,), startup=3, warmup=1)
    assert not should_prune([], (0.1,), startup=0, warmup=0)
