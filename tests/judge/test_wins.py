"""Areas from pairs of dates are those of counting rows, to the bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from buysignal.judge import paired
from buysignal.judge.dates import Dates
from buysignal.judge.paired import auc_difference, auc_interval, counted_auc
from buysignal.judge.wins import area_of_dates, wins

CELLS = st.lists(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=5), min_size=1, max_size=6)


def rows(cells) -> tuple[np.ndarray, np.ndarray, Dates]:
    """Label, place of the score and dates of cells of (label, score), one list a date."""
    positive, score = (np.array([cell[at] for date in cells for cell in date]) for at in (0, 1))
    day = np.repeat(np.arange(len(cells)), [len(date) for date in cells])
    symbol = np.concatenate([np.arange(len(date)) for date in cells])
    return positive.astype(bool), np.unique(score, return_inverse=True)[1], Dates(day, symbol)


@given(CELLS, st.data())
def test_a_draw_of_dates_has_the_area_of_its_rows(cells, data):
    positive, place, dates = rows(cells)
    drawn = np.array(data.draw(st.lists(st.integers(0, len(cells) - 1), min_size=1, max_size=12)))
    times = np.bincount(drawn, minlength=len(dates))[dates.day]
    assert area_of_dates(positive, place, dates)(drawn) == counted_auc(positive, place, times)


@given(CELLS)
def test_wins_are_those_of_every_pair(cells):
    positive, place, dates = rows(cells)
    found = np.zeros((len(dates), len(dates)))
    for i in np.flatnonzero(positive):
        for j in np.flatnonzero(~positive):
            found[dates.day[i], dates.day[j]] += (np.sign(place[i] - place[j]) + 1) / 2
    assert np.array_equal(wins(positive, place, dates), found)


def test_intervals_are_the_same_with_more_dates_than_have_pairs(monkeypatch):
    rng = np.random.default_rng(0)
    days, symbols = 60, 7
    dates = Dates(np.repeat(np.arange(days), symbols), np.tile(np.arange(symbols), days))
    label = rng.random(days * symbols) < 0.3
    scores = [np.round(rng.random(label.size) + 0.3 * label, 2) for _ in range(2)]
    asked = dict(horizon=1, confidence=0.95, seed=3, draws=200, dates=dates)
    pairs = auc_interval(label, scores[0], **asked), auc_difference(label, *scores, **asked)
    monkeypatch.setattr(paired, "MOST", days - 1)
    assert pairs == (auc_interval(label, scores[0], **asked), auc_difference(label, *scores, **asked))
