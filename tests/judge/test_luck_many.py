"""The luck of a panel: all symbols shifted together by dates, one as alone, copies of a day no more than a day."""

from dataclasses import replace

import numpy as np
import pytest

from buysignal.judge.circle import met, shifts
from buysignal.judge.dates import Dates, dates_in
from buysignal.judge.luck import auc_luck, luck_bar
from buysignal.judge.operating import JUDGE, operating_point
from buysignal.judge.shrinkage import shift_count, shrink, shrink_leaderboard
from buysignal.models.metrics import auc
from tests.judge.examples import RULES, persistent, skilled
from tests.judge.panels import copies, panel

RNG = np.random.default_rng(11)
FEW = replace(RULES, points=15)
ALONE = [skilled(f"m{i}", 1.0, i, 90) for i in range(3)]
SIX = Dates(np.repeat(np.arange(90), 6), np.tile(np.arange(6), 90))
LABEL, SCORES = persistent(RNG, (90,)) > 0.5, persistent(RNG, (3, 90)).round(1)


def like(model, label):
    return replace(model, label=label)


def late(model, days):
    """The model without its first days of the threshold role, as of a symbol that was listed later."""
    kept = np.ones(len(model.index), bool)
    kept[np.flatnonzero(model.role == JUDGE)[:days]] = False
    return replace(
        model, index=model.index[kept], role=model.role[kept], label=model.label[kept], scores=model.scores[:, kept]
    )


def moved(model, days):
    """A panel whose scores of the threshold role are moved on by dates; where no score comes to it never buys."""
    judged = model.role == JUDGE
    dates, scores = dates_in(model, JUDGE), model.scores.copy()
    there = dates.wide(model.ensemble[judged])  # scores are above 0
    scores[:, judged] = np.roll(there, days, axis=1)[dates.symbol, dates.day]
    return replace(model, scores=scores)


def test_one_symbol_has_the_bar_it_has_alone():
    models = [like(model, ALONE[0].label) for model in ALONE]
    assert luck_bar([copies(model, 1) for model in models], FEW) == luck_bar(models, FEW)
    one = Dates(np.arange(90), np.zeros(90, int))
    assert auc_luck(LABEL, SCORES, 1, one) == auc_luck(LABEL, SCORES, 1)
    assert shift_count(LABEL, SCORES > 0, 1, one).tobytes() == shift_count(LABEL, SCORES > 0, 1).tobytes()


@pytest.mark.parametrize("rules", [{}, {"min_recall": 0.4}, {"min_buys": 60}, {"horizon": 3}, {"per_day": 2}])
def test_the_bar_of_a_panel_is_that_of_choosing_again_at_every_shift(rules):
    rules, parts = replace(FEW, **rules), [skilled(f"s{i}", 0.5, 20 + i, 90) for i in range(4)]
    model = panel([*parts[:3], late(parts[3], 30)])
    points = [operating_point(moved(model, days), rules).point for days in shifts(90, rules.horizon)]
    points = [point for point in points if point]
    found = luck_bar([model], rules)
    assert (found.shifts, found.shifts + found.empty) == (len(points), len(shifts(90, rules.horizon)))
    for bar, name in ((found.precision, "precision"), (found.precision_low, "precision_low")):
        values = [getattr(point, name) for point in points]
        assert (bar.mean, bar.p95) == pytest.approx((np.mean(values), np.quantile(values, 0.95)), abs=2e-6)
    made, hits = sum(point.n_buys for point in points), sum(point.hits for point in points)
    chosen = 0.0 if rules.per_day else hits / made - found.base_rate  # no threshold is chosen of the best of each day
    assert found.optimism["s0"] == pytest.approx(chosen)


def test_a_common_factor_is_not_taken_for_skill_and_real_skill_is_seen():
    common = persistent(RNG, (180,), 0.9)
    label = [(common + RNG.standard_normal(180) > 0.7).astype(np.int8) for _ in range(8)]
    chance = persistent(RNG, (180,), 0.9)
    blind = [like(skilled("m", 0.0, i, 90), label[i]) for i in range(8)]
    blind = [replace(m, scores=1 / (1 + np.exp(-(chance + m.scores)))) for m in blind]
    assert luck_bar([panel(blind)], FEW).verdict != "beyond luck"
    seeing = [replace(m, scores=0.5 * m.scores + 0.4 * m.label) for m in blind]
    assert luck_bar([panel(seeing)], FEW).verdict == "beyond luck"


def test_the_best_area_of_copies_is_that_of_one():
    wide = auc_luck(np.repeat(LABEL, 6), np.repeat(SCORES, 6, axis=1), 1, SIX)
    one = auc_luck(LABEL, SCORES, 1)
    assert wide.verdict == one.verdict and wide.shifts == one.shifts
    assert vars(wide.auc) == pytest.approx(vars(one.auc), abs=2e-6)


def test_the_observed_area_is_that_of_all_rows_also_where_a_symbol_was_listed_late():
    model = panel([skilled("a", 1.0, 1, 90), late(skilled("b", 1.0, 2, 90), 40), skilled("c", 1.0, 3, 90)])
    label, score, _ = model.of(JUDGE)
    found = auc_luck(label, score[None], 1, dates_in(model, JUDGE))
    assert found.auc.observed == pytest.approx(auc(label, score), abs=1e-6)
    assert found.auc.mean == pytest.approx(0.5, abs=0.05) and found.verdict == "beyond luck"


def test_copies_of_a_day_count_as_the_day():
    alert = SCORES > 0.5
    one = shift_count(LABEL, alert, 1)
    wide = shift_count(np.repeat(LABEL, 6), np.repeat(alert, 6, axis=1), 1, SIX)
    capped = one == alert.sum(axis=1)  # by its number of buys; copies have more of them
    assert wide[~capped] == pytest.approx(one[~capped]) and (~capped).any() and (wide[capped] >= one[capped]).all()
    label, alert = np.repeat(LABEL, 6), np.repeat(alert, 6, axis=1)
    precision = (alert & label).sum(axis=1) / alert.sum(axis=1)
    expected = shrink(precision, np.minimum(25.0, wide))
    found = shrink_leaderboard(label, alert, np.full(3, 25.0), np.zeros(3), 1, SIX)
    assert found.precision == pytest.approx(expected.precision)


def test_what_meets_on_a_circle_is_summed_over_symbols():
    value, other = RNG.random((3, 7)), RNG.random((3, 7))
    expected = [(np.roll(value, -d, axis=1) * other).sum() for d in range(7)]
    assert met(value, other) == pytest.approx(expected)
