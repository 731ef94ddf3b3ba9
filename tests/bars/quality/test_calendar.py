"""Days that are missing, too many, a day early, or not over."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest

from buysignal.core.errors import UserError
from tests.bars.quality.samples import N, found, good, judged, kinds


def moved(days: int) -> pd.DataFrame:
    bars = good()
    return bars.set_axis(bars.index + pd.Timedelta(days=days))


def test_bars_a_day_early_have_sundays_and_no_fridays():
    one = found(moved(-1), "day-early")
    assert (one.level, len(one.days)) == ("warning", 60)
    assert one.text.startswith("60 bars are on Sundays and none on Fridays: every bar looks a day early")
    assert one.advice == "move the dates by a day, unless the exchange is open from Sunday to Thursday"


def test_with_times_of_the_evening_they_must_not_be_read():
    bars = moved(-1)
    one = found(bars, "day-early", reading={"zoned": (bars.index + pd.Timedelta(hours=22)).tz_localize("UTC")})
    assert (one.level, one.advice) == ("error", "move the dates by a day")


def test_bars_a_day_late_have_saturdays_and_no_mondays():
    assert found(moved(1), "day-late").level == "warning"


def test_gaps_are_told_by_the_longest():
    bars = good().drop(good().index[[*range(50, 60), *range(100, 130)]])
    one = found(bars, "gap")
    assert one.days == ("2021-03-12", "2021-05-21")
    assert one.text == "2 gaps of more than 10 days, the longest 45 from 2021-05-21 to 2021-07-05"
    assert kinds(bars, max_gap_days=45) == []


class CalendarError(Exception):
    pass


@pytest.fixture
def exchanges(monkeypatch):
    """A stand-in for exchange_calendars that knows one exchange, open on the days of the good bars."""

    def get_calendar(name, start):
        if name != "XNYS":
            raise CalendarError(f"The requested ExchangeCalendar, {name}, does not exist.")
        assert start == "2021-01-04"
        return SimpleNamespace(sessions=pd.bdate_range("2021-01-04", periods=N + 250))

    module = ModuleType("exchange_calendars")
    module.get_calendar, module.errors = get_calendar, SimpleNamespace(CalendarError=CalendarError)
    monkeypatch.setitem(sys.modules, "exchange_calendars", module)


def test_sessions_without_a_bar_and_bars_without_a_session_are_named(exchanges):
    assert kinds(good(), calendar="XNYS") == []
    days = good().index.to_series()
    days.iloc[50] = pd.Timestamp("2021-03-13")  # a Saturday, in the place of Monday the 15th
    bars = good().set_axis(pd.DatetimeIndex(days, name="date")).drop(good().index[100])
    findings = judged(bars, calendar="XNYS").findings
    assert [(one.kind, one.level, one.days) for one in findings] == [
        ("missing", "warning", ("2021-03-15", "2021-05-24")),
        ("no-session", "warning", ("2021-03-13",)),
    ]
    assert findings[0].text == "2 sessions of XNYS have no bar (2021-03-15, 2021-05-24)"


def test_an_exchange_that_is_not_known_or_a_package_that_is_not_there_is_one_line(exchanges, monkeypatch):
    with pytest.raises(UserError, match=r"^ingest\.calendar XXXX: The requested .*; name one such as XNYS, or none$"):
        judged(good(), calendar="XXXX")
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(UserError, match=r"^ingest\.calendar XNYS needs exchange_calendars: pip install exchange_cal"):
        judged(good(), calendar="XNYS")
