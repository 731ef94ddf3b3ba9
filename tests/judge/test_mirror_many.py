"""Rises and falls of many symbols: dates are drawn with all their symbols, so copies of one tell no more than it."""

from dataclasses import replace

import numpy as np
import pytest

from buysignal.judge.mirror import DRAWS, _drawn_aucs, compared, formula_of
from buysignal.judge.paired import counted_auc
from tests.judge.examples import card, scored
from tests.judge.panels import copies

RNG = np.random.default_rng(5)
N = 250
UP, DOWN = (RNG.random((2, N)) < 0.3).astype(np.int8)
SCORES = np.round(np.clip(0.3 * UP + 0.6 * RNG.random((3, N)), 0, 1), 2)  # some of them equal
THREE = [scored(label, score) for label, score in zip((UP, DOWN, UP), SCORES)]


def many(symbols):
    """The rise, the fall and the formula of some copies."""
    return [copies(model, symbols) for model in THREE]


@pytest.mark.parametrize("horizon", [1, 7])
def test_a_panel_of_one_symbol_gives_the_bytes_of_the_symbol(horizon):
    assert compared(*many(1), horizon, 3) == compared(*THREE, horizon, 3)


def test_copies_have_the_intervals_of_the_one():
    wide, one = compared(*many(4), 2, 3), compared(*THREE, 2, 3)
    assert (wide.pop("n"), wide.pop("rises"), wide.pop("falls")) == (4 * N, 4 * UP.sum(), 4 * DOWN.sum())
    for key, value in wide.items():
        assert value == (pytest.approx(one[key]) if isinstance(value, float) else one[key]), key


def test_a_drawn_area_is_that_of_the_rows_of_the_drawn_dates():
    """Three dates of two, one and three rows; the second is drawn twice, the first never."""
    label, score = np.array([1, 0, 1, 0, 1, 0], bool), np.array([0.9, 0.8, 0.4, 0.4, 0.6, 0.2])
    drawn = np.array([[0.0, 2.0, 1.0], [1.0, 1.0, 1.0], [0.0, 3.0, 0.0]])
    rows = [[2, 2, 3, 4, 5], range(6), [2, 2, 2]]
    expected = [counted_auc(label[r], np.unique(score, return_inverse=True)[1][r]) for r in map(list, rows)]
    found = _drawn_aucs(label, score, np.array([0, 2, 3]), drawn)
    assert found.tolist() == expected and expected[0] == 5 / 6 and expected[2] == 0.5


def test_symbols_that_move_together_leave_more_doubt_than_rows_would():
    """Of each day five symbols, whose labels and scores share what the day brings; days shuffled are rows alone."""
    day = np.repeat(RNG.standard_normal((3, N)), 5, axis=1)
    noise = RNG.standard_normal((3, 5 * N))
    said = 1 / (1 + np.exp(-(day + 0.3 * noise)))
    labels = (day + 0.3 * noise[::-1] > 0.8).astype(np.int8)
    rows = RNG.permutation(5 * N)
    widths = []
    for order in (np.arange(5 * N), rows):
        trio = [
            replace(model, label=labels[at][order], scores=said[at % 2][None, order])
            for model, at in zip(many(5), (0, 1, 0))
        ]
        row = compared(*trio, 1, 3)
        widths.append(row["cross_high"] - row["cross_low"])
    assert widths[0] > 1.3 * widths[1] and DRAWS == 2000


def test_symbols_of_other_days_are_refused():
    rise, fall, formula = many(2)
    other = replace(formula, index=formula.index.set_levels(["S0", "S9"], level="symbol"))
    with pytest.raises(ValueError, match="not judged on the same days"):
        compared(rise, fall, other, 1, 1)


def test_the_formula_is_the_garch_and_where_there_is_none_the_touch():
    garch, touch, other = (
        replace(THREE[2], card=card(name, family="formula")) for name in ("a50-garch", "a50-touch", "a50-boosting")
    )
    assert formula_of([touch, other, garch], "a50") is garch
    assert formula_of([other, touch], "a50") is touch
    assert formula_of([other], "a50") is None
