"""Copies of one symbol are no further evidence that precision rises, and no more points of a plot."""

import numpy as np
import pytest

from buysignal.judge.dates import Dates
from buysignal.judge.intervals import bandwidth, long_run_variance
from buysignal.judge.sweep import PLOTTED_BUYS, exact_table, plot_curve, rising_table
from buysignal.judge.thresholds import rising
from tests.judge.examples import persistent, scored, skilled
from tests.judge.panels import copies

MODEL = skilled("m", 0.5)


def flat(rows):
    """The numbers of a rising table, one after another."""
    return [value for row in rows for value in (row["trend_z"], row["spearman"], *(f["z"] for f in row["falls"]))]


def test_a_panel_of_one_symbol_gives_the_bytes_of_the_symbol():
    alone = copies(MODEL, 1)
    assert rising_table([alone], 2) == rising_table([MODEL], 2)
    assert plot_curve(alone, 51, 2).equals(plot_curve(MODEL, 51, 2))
    assert exact_table([alone]).equals(exact_table([MODEL]))


@pytest.mark.parametrize("skill", [0.5, 0.0, -0.5])
def test_copies_rise_and_fall_by_as_many_standard_errors_as_the_one(skill):
    model = skilled("m", skill)
    many, one = rising_table([copies(model, 7)], 2), rising_table([model], 2)
    assert flat(many) == pytest.approx(flat(one)) and many[0]["verdict"] == one[0]["verdict"]


def test_rows_taken_for_days_would_be_too_sure():
    many = copies(MODEL, 9)
    label, score, _ = many.of("threshold")
    assert rising(label, score, 1).trend_z > 1.3 * rising_table([many], 1)[0]["trend_z"]


def test_the_size_of_a_fall_over_two_symbols_by_hand():
    """Sixty days of two symbols, one scored low and one high; the high one is right on every third day of the low."""
    by = Dates(np.repeat(np.arange(60), 2), np.tile([0, 1], 60))
    score, low = np.tile([0.1, 0.9], 60), np.tile([1, 1, 0], 20)
    label = np.stack([low, np.tile([1, 0, 0], 20)], axis=1).ravel()
    fall = rising(label, score, 1, dates=by).falls[0]
    u = ((low - 0.5) - (np.tile([1, 0, 0], 20) - 0.5)) / 60  # one number a day
    assert fall.z == pytest.approx((40 / 60 - 20 / 60) / np.sqrt(long_run_variance(u, bandwidth(60, 1))))


def test_copies_are_plotted_at_the_same_thresholds_with_no_narrower_bands():
    many, one = plot_curve(copies(MODEL, 5), 48, 1), plot_curve(MODEL, 48, 1)
    assert many["threshold"].tolist() == one["threshold"].tolist()
    assert (many["n_buys"] == 5 * one["n_buys"]).all() and many["precision"].tolist() == one["precision"].tolist()
    assert (many["n_eff"] <= one["n_eff"] + 1e-9).all()
    width = [curve["precision_interval_high"] - curve["precision_interval_low"] for curve in (many, one)]
    assert (width[0] >= width[1] - 1e-9).all()


def test_many_buys_of_few_days_are_not_plotted():
    model = copies(scored(np.tile([1, 0], 50), np.linspace(0, 1, 100)), 8)
    curve = plot_curve(model, 201, 1)
    assert curve["n_buys"].min() == 8 * PLOTTED_BUYS


@pytest.mark.full
@pytest.mark.parametrize("weight", [0.0, 0.9])
def test_scores_without_skill_rarely_pass_for_rising_or_falling_where_symbols_move_together(weight):
    """Of 200 panels of 20 symbols, half of whose scores and of whose labels is common to all on a day."""
    by = Dates(np.repeat(np.arange(600), 20), np.tile(np.arange(20), 600))
    verdicts = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        common = np.repeat(persistent(rng, (2, 600), weight), 20, axis=1)
        score, drive = common + rng.standard_normal((2, 12_000))
        verdicts.append(rising((drive > 0.85).astype(np.int8), score, 1, dates=by).verdict)
    assert verdicts.count("rises") <= 20  # nominal 10
    assert verdicts.count("falls") <= 36  # nominal 10 for the trend, at most 10 for all steps
