"""A split is told from a bad day, a unit from a fall, a wrong digit from a market that moved."""

from __future__ import annotations

import numpy as np
import pytest

from buysignal.bars.quality.fractions import LOGS, SPLITS, nearest
from tests.bars.quality.samples import DAY, ON, PRICES, N, found, good, judged, kinds, split


def moved(ratio, volume=1.0):
    """Good bars whose prices are ``ratio`` times as high from a day on, of which the volume is so many times."""
    bars = good()
    bars.loc[bars.index[DAY:], PRICES] *= ratio
    bars.loc[bars.index[DAY], "volume"] *= volume
    return bars


def test_good_bars_have_nothing_to_be_said():
    assert judged(good()).findings == ()


@pytest.mark.parametrize("at", [3, DAY, N - 1], ids=["begin", "middle", "last day"])
@pytest.mark.parametrize(
    ("ratio", "called"),
    [
        (4, "split of 4:1"),
        (2, "split of 2:1"),
        (1.5, "split of 3:2"),
        (20, "split of 20:1"),
        (0.1, "reverse split of 1:10"),
        (0.5, "reverse split of 1:2"),
    ],
)
def test_a_jump_between_calm_days_is_likely_a_split_and_nothing_is_changed(ratio, called, at):
    bars = split(ratio, at=at)
    one = found(bars, "unadjusted-split")
    assert one.level == "warning" and one.days == (f"{bars.index[at]:%Y-%m-%d}",)
    assert f"likely a {called}" in one.text and "nothing was changed" in one.advice
    assert judged(bars).bars is not None and judged(bars).bars.equals(bars)


def test_the_words_of_a_split():
    one = found(split(4), "unadjusted-split")
    fall, times = one.text.split(" between calm days, and volume rises ")
    assert fall == f"on {ON} Close falls by 75 %" and times.startswith(("3", "4"))
    assert "divide prices before it by 4 and multiply volume" in one.advice


def test_volume_that_does_not_move_inversely_is_said_to_tell_nothing():
    assert (
        "calm days (volume does not tell): likely a split of 4:1"
        in found(split(4, volume=False), "unadjusted-split").text
    )
    bars = split(4).drop(columns="volume")
    assert "between calm days: likely" in found(bars, "unadjusted-split").text


@pytest.mark.parametrize(
    ("ratio", "volume"),
    [
        (0.48, 1),  # no split is near
        (0.48, 9),
        (0.5, 20),  # half, but twenty times the shares were traded, and ten times the value
        (2.0, 10),
    ],
)
def test_a_true_day_is_an_outlier_and_no_split(ratio, volume):
    bars = moved(ratio, volume)
    one = found(bars, "outlier")
    assert one.level == "warning" and one.days == (ON,)
    assert f"{ON} {'-' if ratio < 1 else '+'}" in one.text and "nothing was changed" in one.advice
    assert judged(bars).bars.equals(bars)


def test_half_the_price_on_a_wide_day_or_before_wild_ones_is_no_split():
    wide = moved(0.5)
    wide.iloc[DAY, PRICES.index("high")] *= 1.12  # it opened high and fell all day
    assert kinds(wide) == ["outlier"]
    wild = moved(0.5)
    swings = np.exp(0.06 * np.where(np.arange(6) % 2, 1, -1))[:, None]
    wild.iloc[DAY + 1 : DAY + 7, :4] *= swings
    assert "unadjusted-split" not in kinds(wild)


def test_three_days_in_pounds_among_pence_must_not_be_read():
    bars = good()
    bars.loc[bars.index[DAY : DAY + 3], PRICES] /= 100
    one = found(bars, "units")
    assert (one.level, one.days) == ("error", (ON, "2021-08-03", "2021-08-04"))
    assert one.text == f"prices are 100 times too small on 3 days, {ON} to 2021-08-04"
    bars = good()
    bars.loc[bars.index[DAY], PRICES] *= 100
    assert found(bars, "units").text == f"prices are 100 times too large on 1 days, {ON}"


def test_another_unit_from_a_day_on_may_be_a_split():
    one = found(moved(0.01), "units")
    assert (one.level, one.days) == ("warning", (ON,)) and "become 100 times smaller and stay so" in one.text


def test_a_wrong_digit_leaves_and_comes_back():
    bars = good()
    bars.loc[bars.index[DAY], ["close", "high"]] *= 10
    one = found(bars, "spike")
    assert (one.level, one.days) == ("warning", (ON,)) and f"comes back ({ON})" in one.text


def test_a_wild_day_of_a_calm_market_is_a_note():
    one = found(moved(0.85), "outlier")
    assert (one.level, one.days) == ("note", (ON,))


@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_the_nearest_split_of_its_own_ratio_is_the_split_itself(split):
    assert SPLITS[nearest(np.log([split.ratio]))[0]] == split
    assert (np.diff(LOGS) > 0).all()
    assert split.called.startswith("reverse") == (split.ratio < 1)


def test_a_pegged_price_moves_without_a_word():
    bars = good()
    bars[PRICES] = 7.75 * (1 + 1e-5 * (bars[PRICES] / bars["close"].mean() - 1))
    assert kinds(bars) == []
