"""Tiers nest, have the promised sizes, and drop exactly the rows they cannot compute."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.sources import load
from buysignal.core.errors import UserError
from buysignal.features.feature import BarArrays
from buysignal.features.tiers import FAMILIES, TIERS, compute, n_features, warmup
from tests.features.samples import random_bars

SIZES = {"a20": 25, "a50": 55, "a100": 105, "a200": 206}
BAR = ["open", "high", "low", "close", "volume"]


@pytest.fixture(scope="module")
def embedded():
    """Both embedded indices: bars and their a200 values."""
    bars = {name: load(name, csv="", symbol="", start="", end="").bars for name in ("sp500", "nasdaq")}
    return {name: (frame, compute(frame, "a200")) for name, frame in bars.items()}


def test_tiers_ascend_to_the_promised_sizes():
    assert {tier: n_features(tier) for tier in TIERS} == SIZES
    assert list(TIERS) == list(SIZES)


def test_a_tier_starts_with_the_whole_smaller_tier():
    for smaller, larger in pairwise(TIERS.values()):
        assert larger[: len(smaller)] == smaller


def test_the_bar_comes_first_and_unchanged():
    bars = random_bars(300)
    for tier in TIERS:
        assert [f.name for f in TIERS[tier]][:5] == BAR
        pd.testing.assert_frame_equal(compute(bars, tier)[BAR], bars[warmup(tier) :], check_freq=False)


def test_names_are_unique_and_every_family_is_used_whole():
    names = [f.name for f in TIERS["a200"]]
    assert len(set(names)) == len(names)
    assert sorted(names) == sorted(f.name for family in FAMILIES for f in family.FEATURES)


def test_every_feature_is_first_defined_right_after_its_warm_up():
    series = BarArrays(random_bars(300))
    first = {f.name: int(np.argmax(np.isfinite(f.function(series)))) for f in TIERS["a200"]}
    assert first == {f.name: f.warmup for f in TIERS["a200"]}


@pytest.mark.parametrize("tier", TIERS)
def test_exactly_the_warm_up_is_dropped(tier):
    bars = random_bars(300)
    table = compute(bars, tier)
    assert table.index.equals(bars.index[warmup(tier) :])
    assert table.shape == (300 - warmup(tier), SIZES[tier])
    assert (table.dtypes == "float64").all()
    last_dropped = warmup(tier) - 1
    assert any(np.isnan(f.function(BarArrays(bars))[last_dropped]) for f in TIERS[tier])


def test_warm_ups_grow_with_the_tier_and_stay_within_a_year():
    assert {tier: warmup(tier) for tier in TIERS} == {"a20": 49, "a50": 66, "a100": 199, "a200": 252}


def test_too_few_bars_are_refused_in_one_line():
    with pytest.raises(UserError, match=r"^252 bars are too few for tier a200: its warm-up is 252, so at least 253$"):
        compute(random_bars(252), "a200")
    assert len(compute(random_bars(253), "a200")) == 1
    with pytest.raises(UserError, match=r"^0 bars are too few"):
        compute(random_bars(5)[:0], "a20")


def test_an_unknown_tier_is_refused_with_the_nearest():
    with pytest.raises(
        UserError, match=r"^tier 'a55' is unknown: did you mean a50\? it is one of a20, a50, a100, a200$"
    ):
        n_features("a55")
    with pytest.raises(UserError, match=r"^tier 'large' is unknown: it is one of a20, a50, a100, a200$"):
        compute(random_bars(300), "large")


def test_bars_that_are_not_valid_are_named_not_filled():
    bars = random_bars(100)
    bars.iloc[80, 3] = np.nan
    with pytest.raises(ValueError, match=r"^not finite: close, "):
        compute(bars, "a20")


def test_other_columns_are_ignored_and_bars_are_left_as_they_are():
    bars = random_bars(300)
    before = bars.copy()
    table = compute(bars, "a200")
    pd.testing.assert_frame_equal(bars, before)
    pd.testing.assert_frame_equal(table, compute(bars.assign(adj_close=1.0)[["adj_close", *BAR[::-1]]], "a200"))


def test_only_the_bar_knows_the_price_level_and_the_number_of_shares():
    bars = random_bars(400)
    scaled = bars * [7.3, 7.3, 7.3, 7.3, 1000]
    one, two = compute(bars, "a200").drop(columns=BAR), compute(scaled, "a200").drop(columns=BAR)
    np.testing.assert_allclose(two, one, rtol=1e-6, atol=1e-6)


def test_no_column_is_constant_on_the_embedded_bars(embedded):
    for _, table in embedded.values():
        assert (table.nunique() > 1).all()


def test_every_candle_pattern_fires_on_at_least_twenty_days_of_both_indices(embedded):
    for _, table in embedded.values():
        fires = (table.filter(like="candle_") != 0).sum()
        assert len(fires) == 30
        assert fires.min() >= 20, fires[fires < 20]


def test_no_two_features_say_the_same(embedded):
    table = embedded["sp500"][1].drop(columns=["open", "high", "low"])  # near the close by nature
    correlation = np.abs(np.triu(table.corr().to_numpy(), 1))
    row, column = np.unravel_index(correlation.argmax(), correlation.shape)
    assert correlation.max() < 0.9999, (table.columns[row], table.columns[column])
