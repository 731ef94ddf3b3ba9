"""A High, Low or Open that no day of that market has is said: the label is made of the High."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bars.quality.samples import DAY, ON, N, found, good, judged, kinds
from tests.features.samples import random_bars


@pytest.mark.parametrize("row", [0, 1, DAY, N - 1])
@pytest.mark.parametrize(
    ("names", "times", "told"),
    [
        (["high"], 10, "High"),
        (["high"], 1.5, "High"),
        (["low"], 0.1, "Low"),
        (["open", "high"], 2, "Open"),
        (["open", "low"], 0.5, "Open"),
        (["high", "low"], np.array([3, 1 / 3]), "High and Low"),
    ],
)
def test_a_price_far_from_the_others_of_its_day_is_named(row, names, times, told):
    bars = good()
    bars.loc[bars.index[row], names] = bars[names].iloc[row] * times
    one = found(bars, "off-range")
    assert one.level == "warning" and one.days == (f"{bars.index[row]:%Y-%m-%d}",)
    assert one.text.startswith(f"prices far from the others of their day: {told} on {one.days[0]} (Open ")
    assert judged(bars).bars.equals(bars)


def test_several_are_one_finding_that_names_three():
    bars = good()
    rows = [40, 90, DAY, 200, 250]
    bars.iloc[rows, 1] *= 1.5
    one = found(bars, "off-range")
    assert len(one.days) == 5 and one.text.endswith(" and 2 more") and f"High on {ON} (Open " in one.text


def test_a_wide_day_is_a_note():
    bars = good()
    bars.iloc[DAY, 1] *= 1.2
    one = found(bars, "off-range")
    assert (one.level, one.days) == ("note", (ON,))


@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.1))
def test_walks_have_none(seed, move):
    assert "off-range" not in kinds(random_bars(300, seed, move=move))
