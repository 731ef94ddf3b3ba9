"""Buys of many symbols in parts, counted by hand on a dozen rows of two of them."""

import numpy as np
import pandas as pd
import pytest

from buysignal.judge.dates import Dates
from buysignal.judge.evidence import missing
from buysignal.judge.intervals import precision_interval
from buysignal.judge.parts import (
    Bought,
    Counts,
    by_month,
    by_symbol,
    by_year,
    extremes,
    parts,
    symbols_drawn,
    with_evidence,
    years_drawn,
)

DATES = pd.to_datetime(["2019-12-30", "2019-12-31", "2020-01-02", "2020-01-03", "2020-02-03", "2020-02-04"])
INDEX = pd.MultiIndex.from_product([DATES, ["A", "B"]], names=["date", "symbol"]).swaplevel()


def rows(of_a, of_b):
    """Values of A and of B on each date, in the order of the rows."""
    return np.column_stack([of_a, of_b]).ravel()


LABEL = rows([1, 0, 1, 0, 1, 1], [0, 0, 1, 0, 0, 1]).astype(np.int8)
ALERT = rows([1, 1, 1, 0, 0, 1], [0, 1, 0, 0, 0, 1]).astype(bool)
NET = rows([0.02, -0.01, 0.03, 0.00, 0.01, 0.06], [0.00, 0.03, 0.01, -0.02, -0.01, 0.04])
BOUGHT = Bought(INDEX, LABEL, ALERT, NET)
# the average of the two on each date is .01, .01, .02, -.01, .00, .05


def told(one):
    """Counts and means of a part, rounded."""
    return (one.name, one.days, one.positives, one.n_buys, one.hits, round(one.mean_return, 6), round(one.ahead, 6))


def test_each_symbol_has_its_counts_its_mean_and_its_lead_over_the_average_of_the_same_dates():
    assert [told(one) for one in by_symbol(BOUGHT)] == [
        ("A", 6, 4, 4, 3, 0.025, 0.0025),  # (.02 - .01 + .03 + .06) / 4; (.01 - .02 + .01 + .01) / 4
        ("B", 6, 2, 2, 1, 0.035, 0.005),  # (.03 + .04) / 2; (.02 - .01) / 2
    ]


def test_each_year_has_the_same_and_the_interval_of_its_dates():
    before, after = by_year(BOUGHT, 1, 0.95, 3, 7)
    assert told(before) == ("2019", 4, 1, 3, 1, 0.013333, 0.003333)  # (.02 - .01 + .03) / 3; (.01 - .02 + .02) / 3
    assert told(after) == ("2020", 8, 5, 3, 3, 0.043333, 0.003333)  # (.03 + .06 + .04) / 3; (.01 + .01 - .01) / 3
    first = precision_interval(LABEL[:4], ALERT[:4], 1, 0.95, Dates.of(INDEX[:4]))
    assert before.evidence.precision_interval == (first.low, first.high) and before.evidence.precision == 1 / 3
    assert (after.evidence.seeds, after.evidence.configurations) == (3, 7)


def test_a_symbol_that_begins_late_and_buys_nothing_has_its_own_days_and_no_mean():
    late = np.concatenate([np.arange(12)[:-2:2], [10, 11]])
    alert = ALERT[late] & (INDEX[late].get_level_values("symbol") == "A")
    found = by_symbol(Bought(INDEX[late], LABEL[late], alert, NET[late]))
    assert found[1] == Counts("B", 1, 1, 0, 0, None, None)
    assert found[0].days == 6 and found[0].ahead == pytest.approx(0.01 / 4)  # alone on its dates but the last


def test_each_month_in_which_a_symbol_was_bought_has_its_buys_and_hits():
    assert by_month(BOUGHT).to_dict("split")["data"] == [
        ["A", "2019-12", 2, 1],
        ["A", "2020-01", 1, 1],
        ["A", "2020-02", 1, 1],
        ["B", "2019-12", 1, 0],
        ["B", "2020-02", 1, 1],
    ]
    none = by_month(Bought(INDEX, LABEL, ALERT & False, NET))
    assert none.empty and list(none) == ["symbol", "month", "n_buys", "hits"]


def test_what_is_drawn_is_what_was_bought_and_of_none_the_columns():
    rows = symbols_drawn([Counts("A", 50, 20, 10, 4, 0.1, 0.0), Counts("B", 50, 20, 0, 0, None, None)])
    assert rows.to_dict("records") == [{"symbol": "A", "days": 50, "positives": 20, "n_buys": 10, "hits": 4}]
    assert symbols_drawn(()).to_csv(index=False) == "symbol,days,positives,n_buys,hits\n"
    years = by_year(BOUGHT, 1, 0.95, 0, 1)
    rows = years_drawn(years).set_index("year")
    assert list(rows.index) == [one.name for one in years if one.n_buys] != []
    assert rows.loc["2020"].to_dict() == next(one for one in years if one.name == "2020").evidence.to_row()
    assert list(years_drawn(())) == ["year", *rows]


def earned(name, mean, buys=10):
    return Counts(name, 50, 20, buys, 5, mean, 0.0)


def test_the_worst_and_the_best_are_of_those_with_ten_buys_and_never_the_same():
    means = {"a": 0.03, "b": -0.02, "c": 0.00, "d": 0.01, "e": -0.01, "f": 0.02, "g": 0.00}
    symbols = [*(earned(name, mean) for name, mean in means.items()), earned("few", -0.9, buys=9)]
    assert extremes(symbols) == (("b", "e", "c"), ("a", "f", "d"))  # c before g, of the same mean
    assert extremes(symbols[:3]) == (("b",), ("a",))
    assert extremes(symbols[:1]) == extremes([Counts("none", 50, 20, 0, 0, None, None)]) == ((), ())


def test_symbols_may_be_asked_for_by_name_with_their_evidence():
    (one,) = with_evidence(["B"], BOUGHT, 1, 0.95, 0, 1)
    assert told(one) == told(by_symbol(BOUGHT)[1]) and one.evidence.recall == 0.5 and one.evidence.lift == 1.5


def test_all_of_it_is_plain_json_that_owes_no_evidence():
    found = parts("a20-T1", "test", BOUGHT, 1, 3, 1).to_dict()
    assert [found[key] for key in ("name", "role", "first", "last", "dates")] == [
        "a20-T1", "test", "2019-12-30", "2020-02-04", 6,
    ]  # fmt: skip
    assert "precision" not in found["symbols"][0] and found["years"][1]["precision"] == 1.0 and missing(found) == []
    assert [(one["name"], one["buys"]) for one in found["lumps"]] == [("2019-12", 3), ("A", 4)]
    silent = parts("a20-T1", "test", Bought(INDEX, LABEL, ALERT & False, NET), 1, 3, 1).to_dict()
    assert silent["lumps"] == [] and silent["years"][0]["mean_return"] is None and missing(silent) == []
