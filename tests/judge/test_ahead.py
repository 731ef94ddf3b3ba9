"""What follows a day, and what follows that."""

import doctest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.judge import ahead as module
from buysignal.judge.ahead import next_day, rank_correlations
from tests.judge.test_money import DOZEN


def test_the_next_day_by_hand():
    found = next_day(DOZEN)
    assert list(found) == ["return", "High", "Low", "gap"]
    assert found.iloc[1].tolist() == pytest.approx([103 / 100.5, 104 / 100.5, 102 / 100.5, 103 / 100.5])
    assert found.iloc[-1].isna().all()


@given(seed=st.integers(0, 10**6), digits=st.integers(0, 3))
def test_ranks_are_correlated_as_pandas_does_it_ties_and_all(seed, digits):
    one, other = np.random.default_rng(seed).normal(size=(2, 50)).round(digits)
    found = rank_correlations(np.column_stack([one, -one]), other[:, None])
    rho = pd.Series(one).corr(pd.Series(other), method="spearman")
    assert found.ravel() == pytest.approx([rho, -rho])


def test_the_examples_hold():
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
