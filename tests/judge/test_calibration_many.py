"""Copies of one symbol make no bin of the reliability table surer, and no role long enough to fit a map on."""

import numpy as np
import pytest

from buysignal.judge.calibration import calibrate, judge_map, reliability
from buysignal.judge.calibration_maps import Identity
from buysignal.judge.dates import Dates, dates_in
from tests.judge.examples import scored, skilled
from tests.judge.panels import copies

MODEL = skilled("m", 1.0)


def test_a_panel_of_one_symbol_gives_the_bytes_of_the_symbol():
    assert calibrate(copies(MODEL, 1), 2) == calibrate(MODEL, 2)


def judged(model):
    """The score itself on the threshold role, for labels that look two days ahead."""
    label, score, _ = model.of("threshold")
    return judge_map(Identity(), label, score, 2, dates_in(model, "threshold"))


def test_copies_fill_the_same_bins_and_are_no_surer():
    many, one = judged(copies(MODEL, 6)), judged(MODEL)
    for wide, alone in zip(many.bins, one.bins, strict=True):
        assert (wide.predicted, wide.observed) == pytest.approx((alone.predicted, alone.observed))
        assert wide.n == 6 * alone.n and wide.n_eff <= alone.n_eff + 1e-9
        assert wide.high - wide.low >= alone.high - alone.low - 1e-9
    assert (many.log_loss, many.brier, many.ece) == pytest.approx((one.log_loss, one.brier, one.ece))
    assert many.ece_by_chance >= one.ece_by_chance - 1e-9


def test_a_bin_of_one_day_is_one_toss_however_many_symbols_it_holds():
    """Twenty days of thirty symbols: the day's score is common to all, and a day is right as a whole or wrong."""
    by = Dates(np.repeat(np.arange(20), 30), np.tile(np.arange(30), 20))
    score, label = np.repeat(np.linspace(0.1, 0.9, 20), 30), np.repeat(np.tile([0, 1], 10), 30)
    bins = reliability(label, score, score, 1, by)
    assert [one.n for one in bins] == [60] * 10 and max(one.n_eff for one in bins) <= 2
    assert max(one.n_eff for one in reliability(label, score, score, 1)) > 2


@pytest.mark.parametrize(("role", "words"), [("calibrate", "too few to fit"), ("threshold", "too few to judge")])
def test_many_symbols_of_few_days_are_too_few(role, words):
    kept = [slice(None, 20), slice(None)] if role == "calibrate" else [slice(None), slice(None, 20)]
    parts = [(MODEL.role == name, chosen) for name, chosen in zip(("calibrate", "threshold"), kept)]
    rows = np.concatenate([np.flatnonzero(there)[chosen] for there, chosen in parts])
    model = scored(MODEL.label[rows], MODEL.scores[0, rows], MODEL.role[rows])
    found = calibrate(copies(model, 10), 1)
    assert found.chosen == "none" and found.reason.startswith("20 days of role " + role) and words in found.reason
