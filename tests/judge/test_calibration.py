"""Calibration informs and never decides: monotone maps, fitted on one role, judged on another, kept as JSON."""

import json
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mapie.calibration import VennAbers as MapieVennAbers
from scipy.special import expit, logit
from scipy.stats import rankdata
from sklearn.isotonic import isotonic_regression
from sklearn.metrics import roc_auc_score

from buysignal.core.files import stable
from buysignal.judge.calibration import (
    BINS,
    FITTERS,
    Bin,
    calibrate,
    calibration_row,
    expected_calibration_error,
    judge_map,
    reliability,
    reliability_table,
    shipped_map,
)
from buysignal.judge.calibration_maps import Identity, Isotonic, Platt, Temperature, VennAbers, from_dict, to_dict
from buysignal.judge.paired import precision_at_buys
from tests.judge.examples import scored

NAMES = ("none", "temperature", "platt", "isotonic", "venn_abers")
GRID = np.linspace(0, 1, 2001)


def distorted(slope, intercept, n=2000, seed=0):
    """Days of both roles whose true probability is ``expit(slope * logit(score) + intercept)``."""
    rng = np.random.default_rng(seed)
    score = expit(rng.normal(-0.5, 1.2, 2 * n))
    label = rng.random(2 * n) < expit(slope * logit(score) + intercept)
    return scored(label, score, np.repeat(["calibrate", "threshold"], n))


def on_role(model, role):
    label, score, _ = model.of(role)
    return label, score


MODEL = distorted(2.0, -1.0)
FOUND = calibrate(MODEL, 1)


def by_score(probability, score):
    """Ranks by probability, ties in the order of the raw score."""
    keys = np.lexsort((score, probability))
    steps = np.concatenate([[True], (np.diff(probability[keys]) != 0) | (np.diff(score[keys]) != 0)])
    rank = np.empty(len(score))
    rank[keys] = np.cumsum(steps)
    return rank


def test_every_map_is_fitted_and_judged():
    assert tuple(FOUND.maps) == tuple(FOUND.judged) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_maps_change_neither_ranking_nor_precision_once_ties_keep_the_order_of_the_scores(name):
    label, score = on_role(MODEL, "threshold")
    mapped = FOUND.maps[name].apply(score)
    strict = name in ("none", "temperature", "platt")  # the others have steps: ties to break
    assert (len(np.unique(mapped)) == len(np.unique(score))) == strict
    ranks = mapped if strict else by_score(mapped, score)
    np.testing.assert_array_equal(rankdata(ranks, method="dense"), rankdata(score, method="dense"))
    assert roc_auc_score(label, ranks) == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    for buys in (1, 30, 200, 1500):
        assert precision_at_buys(label, ranks, buys) == pytest.approx(precision_at_buys(label, score, buys), abs=1e-12)


def test_an_unknown_map_is_named():
    with pytest.raises(ValueError, match="no calibration map is named 'beta'; there are none, platt"):
        from_dict({"map": "beta"})


def test_maps_by_hand():
    assert Identity().apply(np.array([0.3])) == 0.3
    assert Platt(2.0, 0.0).apply(np.array([0.75])) == pytest.approx(0.9)  # odds 3, squared 9
    assert Temperature(2.0).apply(np.array([0.9])) == pytest.approx(0.75)  # odds 9, root 3
    steps = Isotonic((0.2, 0.6), (0.1, 0.5))
    assert steps.apply(np.array([0.0, 0.3, 0.9])) == pytest.approx([0.1, 0.2, 0.5])
    abers = VennAbers((0.5,), (0.2, 0.4), (0.5, 0.8))
    assert abers.between(np.array([0.5])) == (0.4, 0.5)
    assert abers.apply(np.array([0.1, 0.5, 0.9])) == pytest.approx([0.5 / 1.3, 0.5 / 1.1, 0.8 / 1.4])


def test_platt_finds_the_distortion_and_temperature_one_without_shift():
    assert (FOUND.maps["platt"].slope, FOUND.maps["platt"].intercept) == pytest.approx((2.0, -1.0), abs=0.25)
    assert calibrate(distorted(0.5, 0.0), 1).maps["temperature"].temperature == pytest.approx(2.0, abs=0.3)


def test_platt_is_the_optimum_of_its_smoothed_log_loss():
    label, score = on_role(MODEL, "calibrate")
    positives, n = label.sum(), len(label)
    target = np.where(label == 1, (positives + 1) / (positives + 2), 1 / (n - positives + 2))
    p = FOUND.maps["platt"].apply(score)
    assert np.abs([(p - target).mean(), ((p - target) * logit(score)).mean()]).max() < 1e-8  # the gradient


def test_venn_abers_is_two_isotonic_regressions_with_the_new_day():
    """Against regressions fitted anew with the day added, as the paper defines it."""
    label, score = (values[:150] for values in on_role(MODEL, "calibrate"))
    score = score.round(2)  # with ties
    fitted = next(fit for fit in (fitter(label, score) for fitter in FITTERS) if fit.name == "venn_abers")
    for new in (0.0, 0.005, 0.31, float(score[7]), float(score.max()), 1.0):
        expected = []
        for outcome in (0, 1):
            values, at = np.unique(np.append(score, new), return_inverse=True)
            weight = np.bincount(at).astype(float)
            mean = np.bincount(at, weights=np.append(label, outcome)) / weight
            expected.append(isotonic_regression(mean, sample_weight=weight)[np.searchsorted(values, new)])
        low, high = fitted.between(np.array([new]))
        assert (low[0], high[0]) == (pytest.approx(expected[0]), pytest.approx(expected[1]))


@pytest.mark.parametrize("n", [3, 60, 20_000])
def test_venn_abers_keeps_the_scores_at_which_it_moves_and_says_the_same(n):
    rng = np.random.default_rng(n)
    score = rng.random(n).round(5)
    label = (rng.random(n) < 0.2 + 0.4 * score).astype(int)
    fitted = next(fit for fit in (fitter(label, score) for fitter in FITTERS) if fit.name == "venn_abers")
    whole = MapieVennAbers()
    with np.errstate(all="ignore"):
        whole.fit(np.column_stack([1 - score, score]), label)
    low, high = (np.maximum.accumulate(np.clip(steps[:, 1], 0, 1)) for steps in (whole.p0, whole.p1))
    every = VennAbers(tuple(whole.c), tuple(low), tuple(high))
    asked = np.concatenate([score, whole.c - 1e-7, whole.c + 1e-7, [0, 1]])
    assert np.array_equal(fitted.between(asked), every.between(asked))
    steps = list(zip(fitted.low, fitted.high))
    assert all(one != other for one, other in pairwise(steps)) and (n < 20_000 or len(steps) < n / 50)


def test_isotonic_is_never_certain():
    label = np.repeat([0, 1], 50)
    fitted = next(fit for fit in (fitter(label, GRID[:100]) for fitter in FITTERS) if fit.name == "isotonic")
    assert (fitted.probability[0], fitted.probability[-1]) == pytest.approx((1 / 102, 101 / 102))


def test_the_lowest_log_loss_on_the_threshold_role_is_chosen():
    losses = {name: found.log_loss for name, found in FOUND.judged.items()}
    assert FOUND.chosen == min(losses, key=losses.get) != "none"
    assert FOUND.map is FOUND.maps[FOUND.chosen]
    assert FOUND.reason.startswith("lowest log loss of 5 on the threshold role")
    assert FOUND.judged["platt"].ece < FOUND.judged["none"].ece / 2


def test_labels_of_the_threshold_role_never_enter_a_fit():
    label = MODEL.label.copy()
    label[MODEL.role == "threshold"] = 1 - label[MODEL.role == "threshold"]
    other = calibrate(scored(label, MODEL.ensemble, MODEL.role), 1)
    assert other.maps == FOUND.maps and other.judged != FOUND.judged


def test_a_score_that_is_right_is_left_alone():
    """A market that changes between the roles: what was fitted misleads, and "none" wins."""
    good, bad = distorted(1.0, 0.0, seed=1), distorted(1.0, 2.0, seed=2)
    label = np.where(good.role == "calibrate", bad.label, good.label)
    score = np.where(good.role == "calibrate", bad.ensemble, good.ensemble)
    found = calibrate(scored(label, score, good.role), 1)
    assert found.chosen == "none" and found.map == Identity()
    assert found.reason.endswith("no map beats the score itself")


def test_figures_by_hand():
    label, score = np.array([0, 1, 1, 0]), np.array([0.2, 0.8, 0.6, 0.4])
    found = judge_map(Identity(), label, score, 1)
    assert found.log_loss == pytest.approx(-np.log([0.8, 0.8, 0.6, 0.6]).mean())
    assert found.brier == pytest.approx((0.04 + 0.04 + 0.16 + 0.16) / 4)
    assert found.ece == pytest.approx((0.2 + 0.2 + 0.4 + 0.4) / 4)  # a bin per day
    assert [b.predicted for b in found.bins] == [0.2, 0.4, 0.6, 0.8]


def test_calibration_error_weights_the_bins_by_their_days():
    bins = (Bin(0.1, 0.3, 0, 1, 30, 30), Bin(0.5, 0.4, 0, 1, 10, 10))
    assert expected_calibration_error(bins) == pytest.approx((30 * 0.2 + 10 * 0.1) / 40)


def test_bins_are_equally_full_and_hold_every_day():
    label, score = on_role(MODEL, "threshold")
    bins = reliability(label, score, score, 1)
    assert len(bins) == BINS and {b.n for b in bins} == {200}
    assert sum(b.observed * b.n for b in bins) == pytest.approx(label.sum())
    assert all(b.low <= b.observed <= b.high for b in bins)


def test_days_of_one_score_share_a_bin():
    score = np.repeat([0.1, 0.5, 0.9], [50, 3, 47])
    bins = reliability(np.tile([0, 1], 50), score, score, 1)
    assert [(b.predicted, b.n) for b in bins] == [(pytest.approx(0.1), 50), (0.5, 3), (pytest.approx(0.9), 47)]


def test_a_perfect_map_shows_about_the_error_by_chance():
    found = [calibrate(distorted(1.0, 0.0, 600, seed), 1).judged["none"] for seed in range(20)]
    shown, expected = (np.mean([getattr(one, key) for one in found]) for key in ("ece", "ece_by_chance"))
    assert shown > 0.01 and expected == pytest.approx(shown, rel=0.35)


POOR = {
    "no positives": (np.zeros(60), np.linspace(0, 1, 60), "labelled 0"),
    "no negatives": (np.ones(60), np.linspace(0, 1, 60), "labelled 1"),
    "constant scores": (np.tile([0, 1], 30), np.full(60, 0.4), "the same score"),
    "few days": (np.tile([0, 1], 14), np.linspace(0, 1, 28), "28 days of role calibrate are too few"),
    "no day": (np.zeros(0), np.zeros(0), "0 days of role calibrate are too few"),
}


@pytest.mark.parametrize("case", POOR)
def test_what_cannot_be_fitted_is_none_with_a_reason(case):
    label, score, words = POOR[case]
    judged = np.linspace(0, 1, 100)
    role = np.repeat(["calibrate", "threshold"], [len(label), 100])
    model = scored(np.append(label, judged > 0.5), np.append(score, judged), role)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = calibrate(model, 5)
    assert (found.chosen, found.map) == ("none", Identity()) and words in found.reason
    stable(calibration_row("m", "a50", found))
    json.dumps(shipped_map("m", "a50", found), allow_nan=False)


@pytest.mark.parametrize("days", [0, 10])
def test_too_few_days_to_judge_is_none_and_the_tables_stay_whole(days):
    label, score = on_role(MODEL, "calibrate")
    role = np.repeat(["calibrate", "threshold"], [100, days])
    found = calibrate(scored(label[: 100 + days], score[: 100 + days], role), 1)
    assert found.chosen == "none" and found.judged == {} and "too few to judge" in found.reason
    assert reliability_table(found).empty


def test_the_reliability_table_has_before_and_after():
    table = reliability_table(FOUND)
    assert list(table) == list(reliability_table(None)) == ["predicted", "observed", "n", "low", "high", "map"]
    assert table["map"].unique().tolist() == ["none", FOUND.chosen] and len(table) == 2 * BINS
    assert table["observed"][:BINS].tolist() == table["observed"][BINS:].tolist()


DAYS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1000)), min_size=30, max_size=80)


@given(DAYS, st.integers(1, 5))
@settings(deadline=None, max_examples=60)
def test_whatever_the_days_maps_are_monotone_finite_and_silent(days, horizon):
    label, score = np.array([d[0] for d in days]), np.array([d[1] for d in days]) / 1000
    role = np.repeat(["calibrate", "threshold"], len(days))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = calibrate(scored(np.tile(label, 2), np.tile(score, 2), role), horizon)
    stable(found.to_dict())
    for fitted in found.maps.values():
        probability = fitted.apply(GRID)
        assert np.isfinite(probability).all() and (np.diff(probability) >= 0).all()
        assert probability.min() >= 0 and probability.max() <= 1
        assert from_dict(json.loads(json.dumps(to_dict(fitted)))) == fitted
