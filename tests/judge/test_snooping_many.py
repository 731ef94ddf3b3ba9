"""Overfitting, snooping and the leaderboard of a panel: dates in blocks, one symbol as alone, copies as one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from buysignal.judge.dates import Dates
from buysignal.judge.leaderboard import leaderboard
from buysignal.judge.money import Trades
from buysignal.judge.operating import JUDGE, operating_point
from buysignal.judge.overfitting import pbo
from buysignal.judge.params import Certify
from buysignal.judge.snooping import snooping, snooping_tests
from tests.judge.examples import RULES, persistent, skilled
from tests.judge.panels import copies, panel, per_row

RNG = np.random.default_rng(13)
LABEL, SCORES = RNG.random(120) < 0.4, persistent(RNG, (5, 120)).round(1)
SIX = Dates(np.repeat(np.arange(120), 6), np.tile(np.arange(6), 120))
SIX_OF_200 = Dates(np.repeat(np.arange(200), 6), np.tile(np.arange(6), 200))
FEW = replace(RULES, points=9)


def board():
    models = [skilled("b", 0.3, 1, 200, family="logistic"), skilled("m0", 2.0, 2, 200), skilled("m1", 1.0, 3, 200)]
    models = [replace(model, label=models[0].label) for model in models]
    return [replace(m, scores=0.7 * m.scores + (0.0, 0.25, 0.1)[i] * m.label) for i, m in enumerate(models)]


@pytest.mark.parametrize("horizon", [1, 4])
def test_copies_overfit_as_the_one_and_so_does_one_symbol(horizon):
    one = pbo(LABEL, SCORES, horizon)
    assert pbo(np.repeat(LABEL, 6), np.repeat(SCORES, 6, axis=1), horizon, dates=SIX) == one
    assert pbo(LABEL, SCORES, horizon, dates=Dates(np.arange(120), np.zeros(120, int))) == one
    assert one.blocks > 2 and one.verdict


def test_blocks_are_of_dates_and_not_of_rows():
    """Forty dates of three rows at a horizon of 5 make 4 blocks of ten; as many rows of one symbol would make ten."""
    by = Dates(np.repeat(np.arange(40), 3), np.tile(np.arange(3), 40))
    assert (pbo(LABEL, SCORES, 5, dates=by).blocks, pbo(LABEL, SCORES, 5).blocks) == (4, 10)


def test_the_tests_of_one_symbol_are_those_of_it_alone():
    alone = board()
    one = [copies(model, 1) for model in alone]
    assert snooping(one[1:], one[:1], FEW, 0) == snooping(alone[1:], alone[:1], FEW, 0)


def test_a_day_gains_what_its_buys_gain_together():
    parts, others = board(), [replace(m, scores=m.scores[:, ::-1], label=m.label[::-1]) for m in board()]
    base, model = (panel([parts[i], others[i]]) for i in (0, 1))
    found = snooping([model], [base], FEW, 0)
    label, by_hand = model.of(JUDGE)[0], []
    for one in (model, base):
        bought = one.of(JUDGE)[1] >= operating_point(one, FEW).point.threshold
        by_hand.append(sum(bought * (label - label.mean())) / 200)
    assert found.advantage == pytest.approx(by_hand[0] - by_hand[1])
    assert (found.days, found.tested) == (200, 1)


def test_copies_are_no_surer_than_one():
    utility, base = persistent(RNG, (2, 200)) + 0.2, np.zeros(200)
    one = snooping_tests(["a", "b"], utility, "base", base, 1, 0)
    wide = snooping_tests(["a", "b"], SIX_OF_200.sums(np.repeat(utility, 6, axis=1)), "base", base, 1, 0)
    assert wide.advantage == pytest.approx(6 * one.advantage)
    assert (wide.spa_pvalue, wide.superior, wide.days) == (one.spa_pvalue, one.superior, 200)


def test_a_leaderboard_of_many_symbols_is_told_and_one_symbol_has_that_of_it_alone():
    alone = [ranked(model) for model in board()]
    gross = pd.Series(RNG.standard_normal(400) / 100, alone[0].index)
    promise = Certify(target="precision", precision=0.4, delta=0.2)

    def of(models, earned):
        return leaderboard(models[1:], models[:1], FEW, promise, 3, 1, Trades(earned, 0.001))

    one, four = [copies(model, 1) for model in alone], [copies(model, 4) for model in alone]
    first, single = of(alone, gross), of(one, per_row(one[0], gross))
    assert (single.rows, single.doubts()) == (first.rows, first.doubts())
    wide = of(four, per_row(four[0], gross))
    assert wide.rows[1]["n_eff"] < wide.rows[1]["n_buys"] / 2
    assert 0 < wide.rows[1]["precision_shrunk"] < 1 and wide.luck.shifts > 20


def ranked(model):
    """Also with days of the role rank."""
    role = model.role.astype("<U9")
    role[:50] = "rank"
    return replace(model, role=role)
