"""The day of a moment is the exchange's; said where its clock has another, asked for where nothing tells."""

from __future__ import annotations

import pandas as pd
import pytest

from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from tests.bars.forms.test_catalogue import read
from tests.bars.forms.written import BARS, DAYS

HEAD = "Date,Open,High,Low,Close,Volume\n"


def stamped(zone: str, time: str = "00:00", written: str = "%Y-%m-%d %H:%M:%S+00:00", days=DAYS) -> str:
    """The bars at a time of day of a zone, kept in UTC."""
    moments = pd.DatetimeIndex([pd.Timestamp(f"{day:%Y-%m-%d} {time}", tz=zone) for day in days]).tz_convert("UTC")
    return HEAD + BARS.loc[days].set_axis(moments.strftime(written)).to_csv(header=False)


@pytest.mark.parametrize("written", ["%Y-%m-%d %H:%M:%S+00:00", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("Europe/Berlin", "22:00 or 23:00"),
        ("Europe/London", "23:00"),
        ("Europe/Moscow", "21:00"),
        ("Asia/Kolkata", "18:30"),
        ("Asia/Shanghai", "16:00"),
        ("Asia/Tokyo", "15:00"),
        ("Australia/Sydney", "13:00 or 14:00"),
        ("Pacific/Auckland", "11:00 or 12:00"),
    ],
)
def test_midnight_of_an_exchange_kept_in_utc_is_the_day_after_and_said(tmp_path, zone, hours, written):
    text = stamped(zone, written=written)
    if zone in ("Asia/Shanghai", "Asia/Tokyo") and written == "%Y-%m-%d %H:%M:%S":  # or of an exchange open on Sundays
        with pytest.raises(UserError, match="whether that day or the one after is meant"):
            read(tmp_path, text)
        pd.testing.assert_frame_equal(read(tmp_path, text, Wanted(zone=zone)).bars, BARS)
        return
    reading = read(tmp_path, text)
    pd.testing.assert_frame_equal(reading.bars, BARS)
    assert reading.understood == (f"{hours} is midnight at the exchange: the day after is meant",)
    assert len(reading.zoned) == len(BARS)


@pytest.mark.parametrize(
    ("zone", "time"),
    [
        ("America/New_York", "00:00"),
        ("America/New_York", "09:30"),
        ("America/New_York", "16:00"),
        ("Europe/Berlin", "17:30"),
        ("Asia/Tokyo", "15:00"),
        ("UTC", "00:00"),
        ("UTC", "23:59:59"),
    ],
)
def test_a_time_of_the_exchange_s_own_day_is_that_day(tmp_path, zone, time):
    reading = read(tmp_path, stamped(zone, time))
    pd.testing.assert_frame_equal(reading.bars, BARS)
    assert reading.understood == ()


def test_a_week_of_sunday_to_thursday_stays_what_its_clock_says(tmp_path):
    days = pd.DatetimeIndex([day for day in pd.date_range("2021-01-03", "2021-12-30") if day.weekday() not in (4, 5)])
    cells = "".join(f"{day:%Y-%m-%d} 15:00:00+03:00,10,12,9,11,100\n" for day in days)
    assert list(read(tmp_path, HEAD + cells).bars.index) == list(days)


SUNDAYS = pd.DatetimeIndex([day for day in pd.date_range("2021-01-03", "2021-12-30") if day.weekday() not in (4, 5)])


@pytest.mark.parametrize("zone", ["Asia/Riyadh", "Asia/Jerusalem", "Africa/Cairo", "Asia/Dhaka"])
@pytest.mark.parametrize("time", ["12:00", "14:30", "15:00", "16:00", "17:30"])
@pytest.mark.parametrize("written", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S+00:00", "%d/%m/%Y %H:%M", "%s"])
@pytest.mark.parametrize("length", [len(SUNDAYS), 60])
def test_the_hours_of_an_exchange_that_is_open_on_sundays_never_move_a_day(tmp_path, zone, time, written, length):
    local = [pd.Timestamp(f"{day:%Y-%m-%d} {time}", tz=zone) for day in SUNDAYS[:length]]
    utc = "+00:00" in written or written == "%s"
    moments = [at.tz_convert("UTC") if utc else at.tz_localize(None) for at in local]
    cells = [str(int(at.timestamp())) if written == "%s" else at.strftime(written) for at in moments]
    text = HEAD + "".join(f"{cell},10,12,9,11,100\n" for cell in cells)
    try:
        bars = read(tmp_path, text).bars
    except UserError as told:
        assert "whether that day or the one after is meant" in str(told) and "ingest.zone: " in str(told)
        bars = read(tmp_path, text, Wanted(zone=zone)).bars
    assert list(bars.index) == list(SUNDAYS[:length])


@pytest.mark.parametrize("days", [DAYS[:3], pd.date_range("2021-01-04", periods=60)])
def test_evenings_whose_days_of_the_week_do_not_tell_are_asked_for(tmp_path, days):
    text = HEAD + "".join(f"{day:%Y-%m-%d}T22:00:00Z,10,12,9,11,100\n" for day in days)
    with pytest.raises(
        UserError, match="bars are of 22:00 UTC, and their days of the week do not tell whether"
    ) as told:
        read(tmp_path, text)
    assert "ingest.zone: Europe/Berlin" in str(told.value)
    for zone, late in (("America/New_York", 0), ("Asia/Tokyo", 1)):
        assert read(tmp_path, text, Wanted(zone=zone)).bars.index[0] == days[0] + pd.Timedelta(days=late)


def test_bars_on_saturdays_and_none_on_mondays_ask_for_the_zone(tmp_path):
    text = stamped("America/Los_Angeles", "17:00")  # 0 or 1 o'clock of the day after
    with pytest.raises(UserError, match="bars on Saturdays and none on Mondays: the day before is meant"):
        read(tmp_path, text)
    pd.testing.assert_frame_equal(read(tmp_path, text, Wanted(zone="America/Los_Angeles")).bars, BARS)


def test_moments_are_kept_in_the_order_of_the_bars(tmp_path):
    lines = stamped("Europe/Berlin").splitlines()
    reading = read(tmp_path, "\n".join([lines[0], *lines[:0:-1]]))
    assert reading.zoned.is_monotonic_increasing and reading.zoned[0] == pd.Timestamp("2021-01-03 23:00", tz="UTC")
