"""Volume of another unit is said, and volume of a market that is traded more is not."""

from __future__ import annotations

import pytest

from tests.bars.quality.samples import DAY, found, good, judged, kinds


@pytest.mark.parametrize(
    ("factor", "told", "how"),
    [
        (1e-3, "times smaller and stays so", "divide the volumes before it by 1,000"),
        (1e3, "times larger and stays so", "multiply the volumes before it by 1,000"),
        (1e6, "times larger and stays so", "multiply the volumes before it by 1,000,000"),
    ],
)
@pytest.mark.parametrize("row", [10, DAY, 290])
def test_another_unit_from_a_day_on(factor, told, how, row):
    bars = good()
    bars.loc[bars.index[row:], "volume"] *= factor
    one = found(bars, "volume-unit")
    assert one.level == "warning" and one.days == (f"{bars.index[row]:%Y-%m-%d}",)
    assert told in one.text and one.advice == f"another unit, as thousands: {how}"
    bars.loc[bars.index[:row], "volume"] *= factor  # as it says
    assert "volume-unit" not in kinds(bars)


@pytest.mark.parametrize("row", [0, DAY, 299])
def test_one_day_of_another_unit(row):
    bars = good()
    bars.loc[bars.index[row], "volume"] *= 1e6
    one = found(bars, "volume-unit")
    assert one.days == (f"{bars.index[row]:%Y-%m-%d}",) and "than 1,000 times that of the days around" in one.text


def test_a_market_that_is_traded_more_is_not_of_another_unit():
    bars = good()
    bars.loc[bars.index[DAY:], "volume"] *= 20
    bars.loc[bars.index[200], "volume"] *= 200
    bars.loc[bars.index[40:45], "volume"] = 0
    assert "volume-unit" not in kinds(bars)
    assert judged(bars.drop(columns="volume")).findings == ()
