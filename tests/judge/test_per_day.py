"""The best of each day are bought: no day has more, no threshold is chosen, and every doubt sees the same buys."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.judge.best_of_day import held
from buysignal.judge.certified import Precision, certify
from buysignal.judge.choice import choose
from buysignal.judge.compared import compared
from buysignal.judge.dates import Dates, dates_in
from buysignal.judge.intervals import precision_lower
from buysignal.judge.leaderboard import leaderboard
from buysignal.judge.luck import luck_bar
from buysignal.judge.money import Trades
from buysignal.judge.operating import JUDGE, PROPOSE, alerts, operating_point
from buysignal.judge.paired import as_many_buys
from buysignal.judge.params import Certify, Select
from buysignal.judge.row import evidence_at, judge, rules_of
from buysignal.judge.shrinkage import shift_count
from buysignal.judge.snooping import snooping
from buysignal.judge.thresholds import curve_at
from tests.judge.examples import RULES, named, scored, skilled
from tests.judge.panels import panel

TWO = replace(RULES, per_day=2, min_recall=0.0)
SYMBOLS = 4
ROLES = np.repeat(["calibrate", "threshold"], [60, 90])


def noisy(seed, skill=1.0, count=SYMBOLS, name="m", **of_card):
    """A panel of symbols of a score that follows the label."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(count):
        label = rng.random(150) < 0.3
        score = 1 / (1 + np.exp(-(skill * (label - 0.5) + rng.standard_normal((2, 150)))))
        role = np.r_[np.repeat("rank", 20), ROLES[20:]]
        parts.append(scored(label, score, role, name=name, **of_card))
    return panel(parts)


RAGGED = Dates(np.array([0, 0, 0, 1, 2, 2, 2, 2]), np.array([0, 1, 2, 1, 0, 1, 2, 3]))
SCORE = st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.5, 1.0]) | st.floats(0, 1), min_size=8, max_size=8)


@given(SCORE, st.integers(1, 5), st.floats(0, 1))
def test_no_date_has_more_buys_and_a_higher_threshold_has_some_of_those_of_a_lower_one(score, per_day, threshold):
    seen = held(np.array(score), RAGGED, per_day)
    made = RAGGED.sums(seen >= 0.0)
    assert made.tolist() == [min(per_day, rows) for rows in (3, 1, 4)]
    assert (seen[seen >= threshold] >= 0).all() and RAGGED.sums(seen >= threshold).max() <= per_day
    for date in range(3):
        bought, left = (np.array(score)[(RAGGED.day == date) & chosen] for chosen in (seen >= 0, seen < 0))
        assert not len(left) or left.max() <= bought.min()


@given(SCORE, st.floats(0, 1))
def test_as_many_a_day_as_there_are_symbols_is_every_row_above_the_threshold(score, threshold):
    score = np.array(score)
    assert ((held(score, RAGGED, 4) >= threshold) == (score >= threshold)).all()
    assert held(score, RAGGED, 0) is score and held(score, None, 3) is score  # one symbol: each row is its date's best


def test_the_order_in_which_symbols_are_given_decides_nothing_and_of_equal_scores_the_first_name_is_bought():
    label, score = np.array([1, 0, 1]), np.array([0.5, 0.5, 0.5])
    parts = {name: scored(label, score * weight) for name, weight in (("S0", 1), ("S1", 1), ("S2", 1.2), ("S3", 1))}
    one = panel(list(parts.values()))
    assert one.index[alerts(one, JUDGE, 0.0, 2)].get_level_values("symbol").tolist() == ["S0", "S2"] * 3
    shuffled = pd.Series(one.ensemble, one.index).sample(frac=1, random_state=1)
    again = replace(one, scores=shuffled.loc[one.index].to_numpy()[None])
    assert (alerts(again, JUDGE, 0.0, 2) == alerts(one, JUDGE, 0.0, 2)).all()


def test_the_operating_point_is_the_rule_itself_and_was_chosen_among_one():
    """Day 0: 0.9 right and 0.8 wrong of 0.9, 0.8, 0.1. Day 1: 0.7 right and 0.6 wrong. Day 2: 0.5 wrong, 0.4 right."""
    labels = [[1, 1, 0], [0, 0, 1], [1, 0, 1]]
    scores = [[0.9, 0.7, 0.5], [0.8, 0.2, 0.4], [0.1, 0.6, 0.3]]
    parts = [
        scored([0, 1, *label], [0.5, 0.6, *score], ["calibrate"] * 2 + ["threshold"] * 3)
        for label, score in zip(labels, scores)
    ]
    found = operating_point(panel(parts), replace(TWO, min_buys=6))
    point = found.point
    assert (point.threshold, point.n_buys, point.hits, point.candidates, point.qualified) == (0.0, 6, 3, 1, 1)
    assert (point.precision, point.recall, point.base_rate, point.alert_rate) == (0.5, 3 / 5, 5 / 9, 6 / 9)
    none = operating_point(panel(parts), replace(TWO, min_buys=7))
    assert none.point is None and none.reason.endswith("6 buys of the 2 best of each day, 7 are needed")


def test_the_bound_the_row_and_the_choice_are_of_the_same_buys():
    model = noisy(1)
    label, alert, dates = model.of(JUDGE)[0], alerts(model, JUDGE, 0.0, 2), dates_in(model, JUDGE)
    low, n_eff = precision_lower(label, alert, 1, 0.95, dates)
    row, [one] = judge(model, TWO), choose([model], TWO).standings
    for found in (row, vars(operating_point(model, TWO).point), one.seen.to_dict()):
        assert (found["n_buys"], found["hits"]) == (alert.sum(), label[alert].sum()) and alert.sum() == 180
        assert (found["precision_low"], found["n_eff"]) == pytest.approx((float(low), float(n_eff)))
    assert evidence_at(model, JUDGE, 0.0, TWO, 0.95, 1)["n_buys"] == 180
    each = [
        label[held(seed, dates, 2) >= 0].mean() for seed in model.of(JUDGE)[2]
    ]  # each seed buys its own best, not those of the mean
    assert row["precision_sd"] == pytest.approx(np.std(each, ddof=1))
    assert choose([model], TWO).rule.endswith("each buying the 2 best of each day, ships")
    assert choose([model], RULES).rule.endswith("each at its own threshold, ships")


def test_recall_is_asked_for_only_where_a_threshold_is_chosen():
    select = Select(count=3, min_buys=20, min_recall=0.9, confidence=0.9, per_day=0)
    assert rules_of(select, 5).min_recall == 0.9 and rules_of(select, 5).per_day == 0
    few = rules_of(select.model_copy(update={"per_day": 1}), 5)
    assert (few.min_recall, few.per_day) == (0.0, 1) and operating_point(noisy(1), few).point.recall < 0.9


def test_a_certified_threshold_is_one_of_the_best_and_buys_no_other():
    model, claim = noisy(2, skill=3.0, count=6), Precision(0.5)
    found = certify(model, claim, 0.1, TWO)
    best = held(model.of(PROPOSE)[1], dates_in(model, PROPOSE), 2)
    assert found.threshold is not None and best[np.isfinite(best)].min() - 1e-6 <= found.threshold
    alert = alerts(model, JUDGE, found.threshold, 2)
    assert found.evidence.n_buys == alert.sum() and dates_in(model, JUDGE).sums(alert).max() <= 2
    curve = curve_at(model.of(JUDGE)[0], held(model.of(JUDGE)[1], dates_in(model, JUDGE), 2), np.array([0.0, 0.9]))
    assert curve.n_buys[0] == 180 > curve.n_buys[1] and curve.hits[0] >= curve.hits[1]


def test_another_model_buys_as_many_of_each_day():
    label = np.array([1, 0, 0, 1, 0, 0, 0, 1])
    alert = np.array([1, 1, 0, 1, 1, 0, 0, 0], bool)
    other = np.array([0.1, 0.2, 0.3, 0.9, 0.5, 0.6, 0.7, 0.7])
    # of the three of day 0 its two highest, the one of day 1, and of day 2 half of either of the two that tie
    assert as_many_buys(other, alert, RAGGED, True).tolist() == [0, 1, 1, 1, 0, 0, 0.5, 0.5]
    assert as_many_buys(other, alert, RAGGED, False).tolist() == [0, 0, 0, 1, 0, 1, 1, 1]  # its four highest
    assert (
        as_many_buys(other, alert & False, RAGGED, True).sum()
        == as_many_buys(other, alert & False, None, True).sum()
        == 0
    )

    model, rival = noisy(3), noisy(3, skill=0.0)
    days = model.index[model.role == JUDGE]
    registered = pd.DataFrame({"label": model.of(JUDGE)[0], "score": rival.of(JUDGE)[1]}, days).sort_index()
    found = compared(model, registered, TWO, 1)
    mine, theirs = (alerts(one, JUDGE, 0.0, 2) for one in (model, replace(rival, label=model.label)))
    label = model.of(JUDGE)[0]
    assert found["precision"]["difference"] == pytest.approx(label[mine].mean() - label[theirs].mean())


def test_without_a_threshold_there_is_no_choice_to_take_off_and_skill_is_beyond_luck():
    models = [noisy(4, skill, name=f"m{skill:g}", count=8) for skill in (0.0, 3.0)]
    models = [replace(one, label=models[1].label) for one in models]
    bar = luck_bar(models, TWO)
    assert set(bar.optimism.values()) == {0.0} and bar.empty == 0
    assert bar.verdict == "beyond luck" and abs(bar.precision.mean - bar.base_rate) < 0.1
    assert luck_bar(models[:1], TWO).verdict == "within luck"


def test_both_sides_of_the_tests_over_all_models_buy_as_many_a_day():
    """A good day is one for both: what it adds to either leaves their difference."""
    models = [noisy(5, 3.0, name="good", count=8), noisy(5, 0.0, name="base", family="logistic", count=8)]
    models[1] = replace(models[1], label=models[0].label)
    found = snooping(models[:1], models[1:], TWO, 1)
    label = models[0].of(JUDGE)[0]
    right = [label[alerts(one, JUDGE, 0.0, 2)].sum() / 90 for one in models]  # hits a day, of two buys
    assert found.advantage == pytest.approx(right[0] - right[1]) and found.superior == ("good",)


def test_the_leaderboard_of_models_that_buy_the_best_has_as_many_buys_in_every_row():
    models = [named(noisy(6 + at), name=f"m{at}") for at in range(2)]
    models = [replace(one, label=models[0].label) for one in models]
    base = named(replace(noisy(9, 0.0), label=models[0].label), name="base", origin="baseline")
    gross = pd.Series(np.random.default_rng(1).normal(0, 0.01, len(base.index)), base.index)
    promise = Certify(target="precision", precision=0.9, delta=0.1)
    board = leaderboard(models, [base], TWO, promise, 5, 1, Trades(gross, 0.0005))
    assert [row["n_buys"] for row in board.rows] == [180] * 3 == [row["money"]["trades"] for row in board.rows]
    assert {row["threshold"] for row in board.rows} == {0.0} and {row["candidates"] for row in board.rows} == {1}


def test_symbols_that_are_bought_on_most_days_do_not_make_the_days_fewer():
    """The symbols have base rates of .2 and .8, their labels are tosses; the model buys the latter two and knows no
    day. At every shift it is right in .8, so about the base rate of .5 the shifts would seem to vary: by few buys."""
    rng = np.random.default_rng(3)
    dates = Dates(np.repeat(np.arange(400), 4), np.tile(np.arange(4), 400))
    label, alert = rng.random(1600) < np.tile([0.2, 0.2, 0.8, 0.8], 400), np.tile([False, False, True, True], 400)
    alert[::4], alert[2::4] = (swap := rng.random(400) < 0.1), ~swap  # else every shift buys the same rows
    many, few = (shift_count(label, alert[None], 1, dates, of_day)[0] for of_day in (True, False))
    assert few < 10 and many > 400


def test_one_symbol_and_a_rule_of_none_a_day_are_as_they_were():
    model = skilled("m", 1.5, 1, 200)
    assert operating_point(model, replace(RULES, per_day=0)) == operating_point(model, RULES)
    assert (alerts(model, JUDGE, 0.6, 0) == (model.of(JUDGE)[1] >= 0.6)).all()
    assert not alerts(model, JUDGE, None, 0).any()
