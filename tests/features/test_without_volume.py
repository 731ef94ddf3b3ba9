"""Bars without volume have every feature but those that read it, and none is filled in."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from buysignal.features import volume
from buysignal.features.feature import BarArrays, NoVolume
from buysignal.features.tiers import TIERS, compute, features, n_features, of_volume, warmup
from tests.features.samples import random_bars

BARS = random_bars(320)
WITHOUT = BARS.drop(columns="volume")


def test_the_features_of_volume_are_those_that_change_with_it():
    changed = compute(BARS.assign(volume=random_bars(320, seed=1)["volume"]), "a200") != compute(BARS, "a200")
    assert of_volume() == set(changed.columns[changed.any()])


def test_they_are_the_family_the_bar_and_a_rank():
    assert of_volume() == {f.name for f in volume.FEATURES} | {"volume", "volume_rank_126"}


@pytest.mark.parametrize("tier", TIERS)
def test_what_is_left_has_the_same_values_and_the_same_days(tier):
    table = compute(WITHOUT, tier)
    pd.testing.assert_frame_equal(table, compute(BARS, tier).drop(columns=of_volume(), errors="ignore"))
    assert table.shape == (320 - warmup(tier), n_features(tier, volume=False))
    assert np.isfinite(table.to_numpy()).all()


def test_tiers_without_volume_nest():
    tiers = [features(tier, volume=False) for tier in TIERS]
    assert [len(tier) for tier in tiers] == [22, 49, 93, 185]
    for smaller, larger in pairwise(tiers):
        assert larger[: len(smaller)] == smaller


@pytest.mark.parametrize("tier", TIERS)
def test_no_tier_owes_its_warm_up_to_volume(tier):
    assert max(f.warmup for f in features(tier, volume=False)) == warmup(tier)


def test_a_feature_of_volume_is_refused_and_not_filled():
    for feature in TIERS["a200"]:
        if feature.name in of_volume():
            with pytest.raises(NoVolume):
                feature.function(BarArrays(WITHOUT))
