"""Schedules of fitting again are compared on the same days, with intervals, and the rest is counted by hand."""

import numpy as np
import pandas as pd
import pytest

from buysignal.judge.dates import Dates
from buysignal.judge.evidence import missing
from buysignal.judge.money import Trades
from buysignal.judge.operating import SelectionRules
from buysignal.judge.walked import (
    DRAWN,
    Walked,
    as_metrics,
    as_table,
    by_year,
    compared,
    drawn,
    precision_lead,
    recall_lead,
)
from buysignal.models.scores import ModelCard, Scored

RULES = SelectionRules(count=1, min_buys=5, min_recall=0.0, confidence=0.95, horizon=1, points=11)
CARD = ModelCard("a20-volatility", "a20", "logistic", "", "baseline", None, 10, 0, (), ())
DOUBT = (1, 0.95, 7)


def bits(text):
    return np.array([sign == "1" for sign in text])


def schedule(months, label, alert, index=None, score=None):
    index = pd.bdate_range("2001-01-01", periods=len(label), name="date") if index is None else index
    return Walked(months, 1, 0, index, label, np.asarray(alert, float) if score is None else score, alert)


def test_leads_are_differences_of_shares_however_many_each_buys():
    label, alert, other = bits("1100110011"), bits("1111000000"), bits("0000111001")
    lead = precision_lead(label, alert, other, *DOUBT)  # 2 of 4, 3 of 4 buys right
    assert lead.difference == 0.5 - 0.75 and lead.verdict == "cannot tell"
    one = precision_lead(label, bits("1000000000"), other, *DOUBT)
    assert one.difference == 1 - 0.75 and one.verdict == "cannot tell"
    assert recall_lead(label, alert, other, *DOUBT).difference == pytest.approx(2 / 6 - 3 / 6)


def test_without_a_buy_or_a_right_day_there_is_no_lead():
    label, none = bits("1010"), bits("0000")
    assert precision_lead(label, none, label, *DOUBT) is precision_lead(label, label, none, *DOUBT) is None
    assert recall_lead(none, label, label, *DOUBT) is None
    assert recall_lead(label, none, label, *DOUBT).difference == -1.0


def test_a_large_lead_is_told_and_one_by_few_buys_of_either_is_not():
    rng = np.random.default_rng(1)
    label = rng.random(1000) < 0.5
    right, wrong, few = label & (rng.random(1000) < 0.6), ~label & (rng.random(1000) < 0.6), np.arange(1000) == 3
    assert precision_lead(label, right, wrong, *DOUBT).verdict == "better"
    assert precision_lead(label, wrong, right, *DOUBT).verdict == "worse"
    assert recall_lead(label, right, wrong, *DOUBT).verdict == "better"
    assert precision_lead(label, right, few & ~label, *DOUBT).verdict == "cannot tell"
    assert recall_lead(label, few & label, few, *DOUBT).verdict == "cannot tell"


def test_rows_of_many_symbols_are_drawn_by_date():
    """Forty copies of one symbol tell as much as one of them; as rows of their own they would seem to tell far more."""
    rng = np.random.default_rng(2)
    label, alert, other = (rng.random(200) < p for p in (0.5, 0.4, 0.4))
    dates = Dates(np.repeat(np.arange(200), 40), np.tile(np.arange(40), 200))
    wide = [np.repeat(values, 40) for values in (label, alert, other)]
    for lead in (precision_lead, recall_lead):
        one, many = lead(label, alert, other, *DOUBT), lead(*wide, *DOUBT, dates)
        assert (one.difference, one.low, one.high) == pytest.approx((many.difference, many.low, many.high))


def scored(days, score, label):
    """Days of the roles calibrate, threshold and walked, in this order, as many of each."""
    role = np.repeat(["calibrate", "threshold", "walked"], len(days) // 3)
    return Scored(CARD, days, role, label.astype(np.int8), np.asarray(score, float)[None, :])


def test_each_fit_buys_by_its_own_threshold_until_the_next_and_one_without_never_buys():
    days = pd.bdate_range("2001-01-01", periods=90, name="date")
    label = np.tile(bits("10"), 45)
    good = scored(days, np.where(label, 0.8, 0.2), label)
    later = scored(days + pd.Timedelta(days=14), np.where(label, 0.2, 0.1), label)
    silent = scored(days + pd.Timedelta(days=28), np.full(90, 0.5), np.zeros(90, bool))
    ends = [days[70], later.index[80], silent.index[-1] + pd.Timedelta(days=1)]
    rules = SelectionRules(**{**vars(RULES), "min_recall": 0.1})
    found = Walked.of(3, list(zip((good, later, silent), ends)), rules, "walked")
    assert (found.months, found.fits, found.silent) == (3, 3, 1)
    own = [days[60:70], later.index[60:80], silent.index[60:]]
    assert found.index.tolist() == [day for part in own for day in part]
    assert found.alert.tolist() == [*label[60:70], *label[60:80], *[False] * 30]


def test_rows_say_all_that_a_precision_is_read_with_and_never_has_no_lead_on_itself():
    rng = np.random.default_rng(3)
    label, alert, other = (rng.random(300) < p for p in (0.4, 0.3, 0.2))
    never, yearly = schedule(0, label, alert), schedule(12, label, other)
    silent = schedule(6, label, np.zeros(300, bool))
    gross = pd.Series(np.where(label, 0.01, -0.01), never.index)
    rows = compared(never, yearly, silent, rules=RULES, trades=Trades(gross, 0.001), seed=7, card=CARD, tried=4)
    assert [row["months"] for row in rows] == [0, 12, 6] and rows[0]["against_never"] is None
    assert rows[1]["against_never"]["precision"]["difference"] == pytest.approx(
        label[other].mean() - label[alert].mean()
    )
    assert rows[1]["money"]["mean"] == pytest.approx(gross[other].mean() - 0.001)
    assert rows[2]["against_never"]["precision"] is rows[2]["money"] is None
    assert {row["configurations"] for row in rows} == {4}
    told = as_metrics(CARD, never, rows)
    assert missing(told) == [] and (told["name"], told["days"], told["first"]) == (CARD.name, 300, "2001-01-01")
    with pytest.raises(ValueError, match="did not walk the same days"):
        other_days = schedule(3, label, alert, never.index + pd.Timedelta(days=1))
        compared(never, other_days, rules=RULES, trades=Trades(gross, 0.001), seed=7, card=CARD, tried=4)


def test_years_are_counted_by_themselves():
    index = pd.DatetimeIndex(["2001-12-28", "2001-12-31", "2002-01-02"], name="date")
    first, second = by_year(schedule(0, bits("101"), bits("110"), index), 1, 3, 1)
    assert [first[key] for key in ("year", "precision", "recall", "n_buys", "seeds")] == ["2001", 0.5, 1.0, 2, 3]
    assert [second[key] for key in ("year", "precision", "recall", "n_buys")] == ["2002", 0.0, 0.0, 0]


def test_the_drawing_is_the_lead_of_who_is_fitted_most_often_at_the_end_of_each_month():
    label = np.tile(bits("10"), 30)  # 60 days: 23 in January, 20 in February, 17 in March
    never, yearly = schedule(0, label, np.ones(60, bool)), schedule(12, label, label)
    monthly = schedule(1, label, np.arange(60) % 4 > 0)
    found = drawn([never, yearly, monthly])
    assert found["day"].tolist() == [23, 43, 60] and found["date"].tolist() == [
        "2001-01-31",
        "2001-02-28",
        "2001-03-23",
    ]
    hits, buys = np.cumsum(monthly.alert & label)[[22, 42, 59]], np.cumsum(monthly.alert)[[22, 42, 59]]
    assert found["lead"].tolist() == pytest.approx((hits / buys - np.array([12 / 23, 22 / 43, 0.5])).tolist())
    few = schedule(1, label, np.arange(60) < 9)
    assert len(drawn([never, few])) == 0  # nine buys are too few to be drawn
    assert list(drawn(()).columns) == list(DRAWN) and len(drawn(())) == len(as_table(())) == 0


def test_the_table_has_every_row_of_every_schedule():
    one = schedule(0, bits("101"), bits("110"))
    table = as_table([one, schedule(12, bits("101"), bits("011"))])
    assert table["months"].tolist() == [0, 0, 0, 12, 12, 12] and table["alert"].tolist() == [1, 1, 0, 0, 1, 1]
    assert list(table.columns) == ["months", "date", "label", "score", "alert"]
