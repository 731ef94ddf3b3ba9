"""Days of the week that are missing, too many, or parts of a day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.bars.quality.samples import N, found, good, judged, kinds


def on_days(days) -> pd.DataFrame:
    return good().set_axis(pd.DatetimeIndex(days[:N], name="date"))


@pytest.mark.parametrize(("of", "share"), [(2, 50), (3, 33), (5, 21)])
def test_days_that_are_missing_all_along_are_said(of, share):
    days = pd.bdate_range("2015-01-05", periods=2 * N)
    gone = np.arange(2 * N) % of == 1
    gone = np.random.default_rng(1).permutation(gone) if of == 5 else gone  # else it is one weekday
    bars = on_days(days[~gone])
    one = found(bars, "sparse")
    assert one.level == "warning" and one.text.startswith(f"{share} % of the weekdays from 2015-01-05 to ")


@pytest.mark.parametrize("weekday", range(5))
def test_a_weekday_that_is_missing_for_a_year_is_named(weekday):
    days = pd.bdate_range("2015-01-05", periods=2 * N)
    gone = (days.day_of_week == weekday) & (days > "2015-06-01") & (days < "2016-01-20")
    one = found(on_days(days[~gone]), "sparse")
    name = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays")[weekday]
    assert one.level == "warning" and one.text.startswith(f"no bar is of {name} between 2015-0")


@pytest.mark.parametrize(
    "mask", ["Sun Mon Tue Wed Thu", "Mon Tue Wed Thu Fri Sat", "Mon Tue Wed Thu Fri", "Sat Sun Mon Tue Wed"]
)
def test_weeks_of_other_countries_and_their_holidays_lack_nothing(mask):
    days = pd.bdate_range("2015-01-05", periods=N + 20, freq="C", weekmask=mask)
    days = days.delete(np.random.default_rng(1).choice(N, 20, replace=False))
    assert not {"sparse", "weekend"} & set(kinds(on_days(days)))


def test_a_week_that_moves_lacks_nothing():
    days = pd.bdate_range("2013-01-01", "2013-06-28", freq="C", weekmask="Sat Sun Mon Tue Wed").append(
        pd.bdate_range("2013-06-30", periods=N, freq="C", weekmask="Sun Mon Tue Wed Thu")
    )
    assert "sparse" not in kinds(on_days(days))


def test_a_few_rows_of_weekends_are_a_note():
    days = good().index.to_series()
    days.iloc[50] = pd.Timestamp("2021-03-13")  # a Saturday, in the place of Monday the 15th
    one = found(on_days(pd.DatetimeIndex(days)), "weekend")
    assert (one.level, one.days) == ("note", ("2021-03-13",))


def test_sundays_of_an_hour_are_parts_of_a_day():
    bars = on_days(pd.bdate_range("2015-01-05", periods=N, freq="C", weekmask="Sun Mon Tue Wed Thu Fri"))
    assert judged(bars).findings == ()
    bars.loc[bars.index.day_of_week == 6, "volume"] /= 40
    one = found(bars, "weekend")
    assert one.level == "warning" and len(one.days) == 50 and "of the volume of other days: parts of a day" in one.text


def test_a_market_of_every_day_has_quieter_weekends():
    bars = on_days(pd.date_range("2015-01-05", periods=N))
    bars.loc[bars.index.day_of_week >= 5, "volume"] /= 3
    assert judged(bars).findings == ()
