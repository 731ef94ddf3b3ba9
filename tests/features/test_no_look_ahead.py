"""A feature may know the bars up to its own day, and nothing later."""

import numpy as np
import pandas as pd
import pytest

from buysignal.features.feature import BarArrays, Feature
from buysignal.features.rolling import mean
from buysignal.features.tiers import TIERS
from tests.features.samples import random_bars

N = 420
BARS = random_bars(N, seed=1, flat=[(300, 312)], silent=[(290, 330)])
CUTS = sorted({1, 2, N - 1, *np.random.default_rng(2).choice(np.arange(3, N - 1), 57, replace=False).tolist()})


def looks_ahead(features, whole, other, cut):
    """Names of features whose first ``cut`` values differ between two sets of bars that agree so far."""
    one, two = BarArrays(whole), BarArrays(other)
    return [
        f.name
        for f in features
        if not np.allclose(f.function(one)[:cut], f.function(two)[:cut], rtol=1e-9, atol=0.0, equal_nan=True)
    ]


def with_another_future(cut, seed):
    changed = BARS.copy()
    changed.iloc[cut:] = random_bars(N, seed, price=300.0, move=0.05).iloc[cut:]
    return changed


def test_values_on_bars_cut_at_a_day_equal_those_on_all_bars():
    assert len(CUTS) >= 50
    for cut in CUTS:
        assert looks_ahead(TIERS["a200"], BARS, BARS.iloc[:cut], cut) == [], f"cut at {cut}"


def test_another_future_changes_nothing():
    for cut in CUTS[::3]:
        assert looks_ahead(TIERS["a200"], BARS, with_another_future(cut, seed=cut), cut) == [], f"cut at {cut}"


MUTANTS = {
    "tomorrow's close": lambda x: np.append(x.close[1:], np.nan),
    "mean of all closes": lambda x: x.close - x.close.mean(),
    "centred average": lambda x: np.convolve(x.close, np.ones(3) / 3, mode="same"),
    "rank among all days": lambda x: np.argsort(np.argsort(x.close)).astype(float),
    "warm-up filled from behind": lambda x: pd.Series(mean(x.close, 50)).bfill().to_numpy(),
    "fires when a later day confirms": lambda x: (x.close < np.append(x.close[1:], x.close[-1])).astype(float),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_check_catches_a_feature_that_looks_ahead(name):
    mutant = Feature("mutant", name, 0, "", "", MUTANTS[name])
    cut_found = any(looks_ahead([mutant], BARS, BARS.iloc[:cut], cut) for cut in CUTS)
    future_found = any(looks_ahead([mutant], BARS, with_another_future(cut, seed=cut), cut) for cut in CUTS[::3])
    assert cut_found and future_found


def test_changing_the_day_itself_changes_its_values():
    """The check above would pass features that never move; each must react to some recent bar."""
    changed = BARS.copy()
    changed.iloc[200:] = random_bars(N, 9, price=300.0, move=0.05).iloc[200:]
    one, two = BarArrays(BARS), BarArrays(changed)
    still = [f.name for f in TIERS["a200"] if np.array_equal(f.function(one)[200:], f.function(two)[200:])]
    assert still == []
