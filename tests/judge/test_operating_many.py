"""Operating points, rows, choice and money of a panel: one symbol as alone, copies of a day no more than a day."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from buysignal.judge.choice import choose
from buysignal.judge.compared import compared
from buysignal.judge.dates import Dates, dates_in
from buysignal.judge.intervals import precision_lower
from buysignal.judge.money import Trades
from buysignal.judge.operating import JUDGE, operating_point, require_same_days
from buysignal.judge.paired import auc_difference, auc_interval, precision_difference
from buysignal.judge.row import evidence_at, judge
from buysignal.judge.worth import worth_at
from tests.judge.examples import RULES, named, skilled
from tests.judge.panels import copies, panel, per_row


def ranked(model, **changes):
    """Also with days of the role rank."""
    role = model.role.astype("<U9")
    role[:50] = "rank"
    return replace(model, role=role, **changes)


ALONE = ranked(skilled("m", 1.5, 1, 200))
RIVAL = ranked(skilled("b", 0.5, 2, 200, family="logistic"), label=ALONE.label)
GROSS = pd.Series(np.random.default_rng(3).standard_normal(400) / 100, ALONE.index)


def kept(model):
    """What `register` keeps of a candidate: of many symbols in order of symbol, then date."""
    label, score, _ = model.of(JUDGE)
    return pd.DataFrame({"label": label, "score": score}, index=model.index[model.role == JUDGE]).sort_index()


def test_one_symbol_gives_what_it_gives_alone():
    one, rival = copies(ALONE, 1), copies(RIVAL, 1)
    assert operating_point(one, RULES) == operating_point(ALONE, RULES)
    assert judge(one, RULES) == judge(ALONE, RULES)
    assert choose([one, rival], RULES) == choose([ALONE, RIVAL], RULES)
    assert compared(one, kept(rival), RULES, 1) == compared(ALONE, kept(RIVAL), RULES, 1)
    trades = Trades(GROSS, 0.001), Trades(per_row(one, GROSS), 0.001)
    for tried in (1, 5):
        assert worth_at(one, JUDGE, 0.6, trades[1], RULES, 1, tried) == worth_at(
            ALONE, JUDGE, 0.6, trades[0], RULES, 1, tried
        )


def test_copies_of_a_symbol_are_no_surer_than_one():
    many = copies(ALONE, 8)
    wide, one = (evidence_at(model, JUDGE, 0.6, RULES, 0.95, 1) for model in (many, ALONE))
    assert (wide["precision"], wide["recall"], wide["n_buys"]) == (one["precision"], one["recall"], 8 * one["n_buys"])
    assert wide["n_eff"] <= one["n_eff"] + 1e-9 and wide["precision_low"] <= one["precision_low"] + 1e-9
    found = choose([many, copies(RIVAL, 8)], RULES).standings[0].seen
    assert found.n_eff == judge(many, RULES)["n_eff"] < found.n_buys / 3


def test_the_operating_point_has_the_highest_bound_by_dates():
    many = panel([skilled(f"m{i}", 1.0, i, 120) for i in range(3)])
    point = operating_point(many, RULES).point
    label, score, _ = many.of(JUDGE)
    low, n_eff = precision_lower(label, score >= point.threshold, 1, 0.95, dates_in(many, JUDGE))
    assert (point.precision_low, point.n_eff) == pytest.approx((float(low), float(n_eff)))


def test_the_same_dates_of_other_symbols_are_other_days():
    two = copies(ALONE, 2)
    renamed = named(replace(two, index=two.index.set_levels(["S0", "S9"], level="symbol")), name="x")
    require_same_days([two, two])
    with pytest.raises(ValueError, match="x and m are not judged on the same days"):
        require_same_days([two, renamed])
    assert "other days" in compared(two, kept(renamed), RULES, 1)["reason"]
    assert "other days" in compared(two, kept(ALONE), RULES, 1)["reason"]


def test_money_and_its_luck_are_those_of_dates():
    """Copies earn on a day what the day's one symbol earns, and lead over the average symbol by nothing."""
    many = copies(ALONE, 8)
    wide = worth_at(many, JUDGE, 0.6, Trades(per_row(many, GROSS), 0.001), RULES, 1, 5)
    one = worth_at(ALONE, JUDGE, 0.6, Trades(GROSS, 0.001), RULES, 1, 5)
    assert wide["money"]["mean"] == pytest.approx(one["money"]["mean"])
    assert wide["money"]["mean_interval"] == pytest.approx(one["money"]["mean_interval"])
    assert wide["money"]["ahead"] == pytest.approx(0, abs=1e-12)


def test_nine_days_with_a_buy_are_too_few_to_tell_by_however_many_buys():
    many = copies(ALONE, 20)
    score = np.sort(ALONE.of(JUDGE)[1])[-9]
    gross = pd.Series(0.02 + np.arange(len(many.index)) % 20 / 1000, many.index)
    told = worth_at(many, JUDGE, score, Trades(gross, 0.0), RULES, 1)["verdict"]
    assert told["word"] == "cannot tell" and told["reason"].startswith("9 days with a buy are too few")


@pytest.mark.parametrize("horizon", [1, 5])
def test_differences_of_copies_are_those_of_one(horizon):
    (label, score, _), other = ALONE.of(JUDGE), RIVAL.of(JUDGE)[1]
    by = Dates(np.repeat(np.arange(200), 6), np.tile(np.arange(6), 200))
    wide = [np.repeat(values, 6) for values in (label, score, other)]
    asked = (horizon, 0.95, 1, 200)
    assert vars(auc_difference(*wide, *asked, by)) == pytest.approx(vars(auc_difference(label, score, other, *asked)))
    assert vars(auc_interval(*wide[:2], *asked, by)) == pytest.approx(vars(auc_interval(label, score, *asked)))
    perfect = (label.astype(float), np.repeat(label, 6).astype(float))
    assert auc_interval(wide[0], perfect[1], *asked, by) == auc_interval(label, perfect[0], *asked)
    found, alone = (
        precision_difference(x, y > 0.7, z, *asked, dates)
        for x, y, z, dates in ((*wide, by), (label, score, other, None))
    )
    assert vars(found) == pytest.approx(vars(alone))
