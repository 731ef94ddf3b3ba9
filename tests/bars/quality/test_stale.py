"""Prices that stand still, bars of one price, volume that tells nothing, opens that nobody recorded."""

from __future__ import annotations

import pytest

from buysignal.bars.sources import load
from tests.bars.quality.samples import DAY, PRICES, N, found, good, judged, kinds


def test_a_price_that_stands_still_is_said_with_its_first_day():
    bars = good()
    bars.loc[bars.index[DAY : DAY + 6], PRICES] = bars["close"].iloc[DAY]
    one = found(bars, "stale")
    assert (one.level, one.days) == ("warning", ("2021-08-02",))
    assert one.text == "1 run of 5 or more equal Closes, the longest 6 rows from 2021-08-02"
    bars = good()
    bars.loc[bars.index[DAY : DAY + 4], PRICES] = bars["close"].iloc[DAY]
    assert kinds(bars) == []


def test_bars_of_one_price_are_counted_with_the_last_of_them():
    bars = good()
    for name in ("open", "high", "low"):
        bars.loc[bars.index[:60], name] = bars["close"].iloc[:60]
    one = found(bars, "flat")
    assert (one.level, len(one.days)) == ("warning", 60)
    assert one.text == "60 of 300 rows have one price for Open, High, Low and Close, the last 2021-03-26"


@pytest.mark.parametrize("volume", [0.0, 1000.0])
def test_volume_that_never_changes_is_said_with_the_way_out(volume):
    one = found(good().assign(volume=volume), "volume")
    assert one.level == "warning" and one.text == f"volume is {volume:g} on every row: volume features are constant"
    assert "ingest.volume to none" in one.advice


def test_some_days_without_volume_are_a_note_and_bars_without_volume_nothing():
    bars = good()
    bars.iloc[[DAY, 200], 4] = 0
    one = found(bars, "volume")
    assert one.level == "note" and one.text == "2 of 300 rows have volume 0 (2021-08-02, 2021-10-11)"
    assert kinds(good().drop(columns="volume")) == []


def echoed(rows: slice):
    """Good bars whose Opens are the Closes before on some rows."""
    bars = good()
    opens = bars["close"].shift(1).fillna(bars["open"])
    bars.iloc[rows, 0] = opens.iloc[rows]
    return bars.assign(high=bars[PRICES].max(axis=1), low=bars[PRICES].min(axis=1))


def test_opens_that_are_the_close_before_for_a_time_are_a_warning():
    one = found(echoed(slice(0, 180)), "echoed-open")  # 179 of 299 days
    assert one.level == "warning" and len(one.days) == 179
    # 179 of the first 198 days after the first are 90.4 %, of 199 89.9 %
    assert (
        one.text
        == f"Open is the Close of the day before on 60 % of days, and on nearly all up to {good().index[198]:%Y-%m-%d}"
    )


def test_opens_that_always_are_the_close_before_are_a_note():
    assert found(echoed(slice(0, N)), "echoed-open").level == "note"


def test_what_is_found_in_the_embedded_indices():
    for source, told in (
        ("sp500", ["Open is the Close of the day before on 40 % of days, and on nearly all up to 2006-12-15"]),
        ("nasdaq", ["2 of 5,031 rows have volume 0 (2015-05-12, 2018-01-09)"]),
    ):
        raw = load(source, csv="", symbol="", start="", end="").bars
        result = judged(raw)
        assert [one.text for one in result.findings] == told
        assert result.bars is raw or result.bars.equals(raw)
