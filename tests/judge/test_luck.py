"""The luck bar: every threshold of every model tried again at every shift, and words where nothing can be told."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.files import stable
from buysignal.judge.circle import shifted, shifts
from buysignal.judge.luck import Bar, auc_luck, luck_bar
from buysignal.judge.operating import operating_point
from buysignal.judge.selection import select
from buysignal.models.metrics import auc
from tests.judge.examples import RULES, named, persistent, scored, skilled


def leaderboard(seed, skill=0.0, models=3, n=120):
    """Models with a common part, calibrate role first, then the threshold role; both n days."""
    rng = np.random.default_rng(seed)
    latent, common, own = persistent(rng, (2 * n,)), persistent(rng, (2 * n,)), persistent(rng, (models, 2 * n))
    score = 1 / (1 + np.exp(-(skill * latent + 0.7 * common + 0.7 * own)))
    role = np.repeat(["calibrate", "threshold"], n)
    return [scored(latent > 0.5, row, role, name=f"m{i}") for i, row in enumerate(score)]


def moved(model, days):
    """The model with its scores of the threshold role moved on by some days round the circle."""
    scores, judged = model.scores.copy(), model.role == "threshold"
    scores[:, judged] = np.roll(scores[:, judged], days, axis=1)
    return replace(model, scores=scores)


def first_place(models, rules):
    points = [p for m in models if (p := operating_point(m, rules).point)]
    return max(points, key=lambda p: (round(p.precision_low, 6), round(p.recall, 6)), default=None)


def test_shifts_by_hand():
    assert shifts(12, 1).tolist() == [5, 6, 7]  # bandwidth of 12 days is 5
    assert shifts(12, 3).tolist() == [6]  # 2 x 3 days on both sides
    assert shifts(12, 4).tolist() == []
    assert shifts(0, 1).tolist() == []


def test_many_days_give_two_hundred_shifts_spread_evenly_and_away_from_zero():
    by = shifts(600, 1)
    assert (len(by), by[0], by[-1]) == (200, 32, 568)
    assert set(np.diff(by)) <= {2, 3}


def test_a_shift_moves_the_series_on_round_the_circle():
    assert shifted(np.array([1, 2, 3, 4]), np.array([0, 1, 3])).tolist() == [[1, 2, 3, 4], [4, 1, 2, 3], [2, 3, 4, 1]]


@pytest.mark.parametrize("rules", [{}, {"min_recall": 0.5}, {"min_buys": 40}, {"horizon": 5}])
def test_the_bar_is_that_of_choosing_again_at_every_shift(rules):
    rules = replace(RULES, points=31, **rules)
    models = leaderboard(1, skill=0.4)
    best = [first_place([moved(m, days) for m in models], rules) for days in shifts(120, rules.horizon)]
    best = [point for point in best if point]
    found = luck_bar(models, rules)
    assert (found.models, found.shifts) == (3, len(best))
    assert found.shifts + found.empty == len(shifts(120, rules.horizon))
    for bar, values in (
        (found.precision, [p.precision for p in best]),
        (found.precision_low, [p.precision_low for p in best]),
    ):
        assert bar.mean == pytest.approx(np.mean(values), abs=1e-6)
        assert bar.p95 == pytest.approx(np.quantile(values, 0.95), abs=1e-6)


def test_optimism_is_the_share_of_right_buys_at_all_shifts_above_the_base_rate():
    rules = replace(RULES, points=31)
    models = leaderboard(2)
    found = luck_bar(models, rules)
    for model in models:
        points = [operating_point(moved(model, days), rules).point for days in shifts(120, 1)]
        hits, made = sum(p.hits for p in points if p), sum(p.n_buys for p in points if p)
        assert found.optimism[model.card.name] == pytest.approx(hits / made - found.base_rate)
        assert found.optimism[model.card.name] > 0  # the best of many thresholds flatters


def test_the_observed_headline_is_the_one_selection_ranks_first():
    models = leaderboard(3, skill=0.5)
    first = select(models, RULES).selected[0].point
    found = luck_bar(models, RULES)
    assert (found.precision.observed, found.precision_low.observed) == (first.precision, first.precision_low)


def test_real_skill_is_beyond_luck():
    found = luck_bar(leaderboard(4, skill=3.0, n=300), RULES)
    assert found.verdict == "beyond luck"
    assert found.precision_low.observed > found.precision_low.p95 > found.precision_low.mean
    assert found.precision_low.chance == 1 / (1 + found.shifts)  # no shift reaches it
    assert found.reason.startswith("beyond luck: the best lower bound of precision is ")


def test_without_skill_the_best_is_seldom_beyond_luck():
    rules = replace(RULES, points=11)
    verdicts = [luck_bar(leaderboard(seed), rules).verdict for seed in range(40)]
    assert verdicts.count("beyond luck") <= 6  # of 40 at 5 % each: more than this once in 300
    assert set(verdicts) <= {"beyond luck", "within luck"}


def test_more_models_need_more_luck():
    many = leaderboard(5, models=12)
    few, all_of_them = luck_bar(many[:1], RULES), luck_bar(many, RULES)
    assert all_of_them.precision_low.mean > few.precision_low.mean


def test_the_order_of_the_models_and_a_second_call_change_nothing():
    models = leaderboard(6)
    assert luck_bar(models, RULES) == luck_bar(models[::-1], RULES) == luck_bar(models, RULES)


ALWAYS = np.repeat(["calibrate", "threshold"], 100)
RISING = np.linspace(0.1, 0.9, 200)
DEGENERATE = {
    "no model": ([], "no model has scores that differ from day to day"),
    "constant scores": ([scored([0, 1] * 100, [0.5] * 200, ALWAYS)], "no model has scores that differ"),
    "no calibrate role": ([scored([0, 1] * 100, RISING)], "no model has scores that differ"),
    "few days": ([skilled("m", 2.0, n=25)], "25 days allow 12 shifts, 20 are needed"),
    "no positive": ([scored([0] * 200, RISING, ALWAYS)], "all days have the same label"),
    "no negative": ([scored([1] * 200, np.tile([0.2, 0.8], 100), ALWAYS)], "all days have the same label"),
    "too few buys": ([skilled("m", 2.0, n=100)], "a model qualifies at 0 of"),
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_where_nothing_can_be_told_words_say_so(case):
    models, reason = DEGENERATE[case]
    found = luck_bar(models, replace(RULES, min_buys=1000 if case == "too few buys" else 5))
    assert found.verdict == "cannot tell" and reason in found.reason
    assert found.shifts == 0 and stable(asdict(found))


def test_one_model_with_one_seed_has_a_bar():
    found = luck_bar([skilled("alone", 2.0, n=150)], RULES)
    assert found.models == 1 and found.verdict == "beyond luck"


def test_models_on_other_days_cannot_be_shifted_alike():
    one, other = skilled("a", 1.0, n=100), skilled("b", 1.0, n=101)
    with pytest.raises(ValueError, match="b and a are not judged on the same days"):
        luck_bar([one, other], RULES)


def test_a_copy_of_a_model_adds_no_luck():
    models = leaderboard(7, models=1)
    alone, twice = luck_bar(models, RULES), luck_bar([*models, named(models[0], name="copy")], RULES)
    assert (alone.precision, alone.precision_low) == (twice.precision, twice.precision_low)


def trials(seed, count=4, n=90, decimals=1):
    rng = np.random.default_rng(seed)
    return rng.random(n) < 0.3, rng.random((count, n)).round(decimals)  # rounded, so that days tie


def test_the_bar_of_trials_is_the_best_auc_at_every_shift():
    label, scores = trials(1)
    best = [max(auc(label, np.roll(s, days)) for s in scores) for days in shifts(90, 1)]
    observed = max(auc(label, s) for s in scores)
    chance = (1 + sum(b >= observed - 1e-9 for b in best)) / (1 + len(best))
    found = auc_luck(label, scores, 1)
    assert found.auc == Bar(
        pytest.approx(observed, abs=1e-6),
        pytest.approx(np.mean(best), abs=1e-6),
        pytest.approx(np.quantile(best, 0.95), abs=1e-6),
        chance,
    )
    assert (found.trials, found.shifts) == (4, len(best))


def test_a_trial_that_knows_is_beyond_luck():
    label, scores = trials(2)
    scores[2] += label
    found = auc_luck(label, scores, 1)
    assert (found.verdict, found.auc.chance) == ("beyond luck", 1 / (1 + found.shifts))


@given(st.integers(0, 10_000), st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_more_trials_never_lower_the_bar_and_scales_do_not_matter(seed, count):
    label, scores = trials(seed, count + 1)
    few, many = auc_luck(label, scores[:-1], 1), auc_luck(label, scores, 1)
    assert many.auc.mean >= few.auc.mean and many.auc.p95 >= few.auc.p95 and many.auc.observed >= few.auc.observed
    assert auc_luck(label, np.exp(3 * scores), 1) == many


@pytest.mark.parametrize(
    ("label", "scores", "reason"),
    [
        (np.arange(90) % 2, np.zeros((0, 90)), "no trial has scores that differ"),
        (np.arange(90) % 2, np.full((3, 90), 0.4), "no trial has scores that differ"),
        (np.zeros(90), np.random.default_rng(0).random((2, 90)), "all days have the same label"),
        (np.arange(30) % 2, np.random.default_rng(0).random((2, 30)), "30 days allow 15 shifts, 20 are needed"),
        (np.zeros(0), np.zeros((2, 0)), "no trial has scores that differ"),
    ],
)
def test_trials_that_cannot_be_judged_get_words(label, scores, reason):
    found = auc_luck(label, scores, 1)
    assert found.verdict == "cannot tell" and reason in found.reason
    assert stable(asdict(found))["auc"] == {"observed": 0.5, "mean": 0.5, "p95": 0.5, "chance": 1.0}
