"""Baselines judge the models' rows, look at no later day, fit on train alone and do not depend on threads."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from buysignal.bars.returns import ewma_deviation
from buysignal.bars.sources import load
from buysignal.core.errors import UserError
from buysignal.days.labels import rises, touch_label
from buysignal.days.params import Label
from buysignal.days.roles import assign_roles
from buysignal.models import kept
from buysignal.models.contenders import load_all
from buysignal.models.dataset import TierData
from buysignal.models.days import Days
from buysignal.models.metrics import auc
from buysignal.models.rivals import baselines
from buysignal.models.rivals.formulas import close_probability, touch_probability, triple_probability
from buysignal.models.rivals.volatility import volatility_features

FIXED = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="fixed", multiple=1.0)
SHARES = {"train": 0.50, "stop": 0.08, "rank": 0.10, "calibrate": 0.08, "threshold": 0.12, "test": 0.12}
CONTEXT = 80


def market():
    """(bars, a tier's table with three features and a warm-up of 20 days)."""
    bars = load("sp500", csv="", symbol="", start="", end="").bars
    returns = np.log(bars["close"]).diff()
    features = pd.DataFrame(
        {
            "return": returns,
            "range": np.log(bars["high"] / bars["low"]),
            "volatility": returns.rolling(20).std(),
        }
    ).dropna()
    labels = touch_label(bars, 1, 0.01)
    return bars, features.join(labels.assign(role=assign_roles(labels, SHARES, 1)), how="inner")


def days(bars, frame, label=FIXED, context=CONTEXT, open_test=False):
    return Days.of(bars, frame, "a50", label, context, open_test)


def named(fits, seen):
    return {baseline.card.name: baseline.scored(seen) for baseline in fits}


def fitted(*args, **options):
    return named(baselines.fit(seen := days(*args, **options), 1), seen)


@pytest.fixture(scope="module")
def judged():
    return fitted(*market())


def test_ewma_deviation_by_hand():
    close = pd.Series(100 * np.exp(np.cumsum([0.0, 0.02, -0.01])))
    sigma = ewma_deviation(close)
    assert np.isnan(sigma[0])
    assert sigma[1] == pytest.approx(0.02)
    assert sigma[2] == pytest.approx(np.sqrt((0.01**2 + 0.94 * 0.02**2) / 1.94))


def test_touch_formula_by_hand():
    one = touch_probability(np.array([np.log(1.01)]), 1, 0.01)[0]
    assert one == pytest.approx(2 * norm.cdf(-1))
    assert touch_probability(np.array([np.log(1.01) / 2]), 4, 0.01)[0] == pytest.approx(one)  # sqrt(4) days
    assert touch_probability(np.array([0.0, 1e9]), 1, 0.01).round(6).tolist() == [0.0, 1.0]


def test_touch_formula_is_the_frequency_of_a_random_walk():
    rng = np.random.default_rng(0)
    steps = 0.02 / np.sqrt(200) * rng.standard_normal((20_000, 200))  # one day in 200 steps
    touched = (np.cumsum(steps, axis=1).max(axis=1) >= np.log(1.01)).mean()
    # a walk seen 200 times a day misses part of what it passes between looks: 0.5826 deviations of a step
    # (Broadie, Glasserman, Kou, 1997)
    shifted = np.exp(np.log(1.01) + 0.5826 * 0.02 / np.sqrt(200)) - 1
    assert touched == pytest.approx(touch_probability(np.array([0.02]), 1, shifted)[0], abs=0.01)


def test_the_formula_of_a_close_above_by_hand_and_of_a_random_walk():
    one = close_probability(np.array([np.log(1.01), 0.0, np.nan]), 1, np.array([0.01, 0.01, np.inf]))
    assert one[:2].tolist() == [pytest.approx(norm.sf(1)), 0.0]
    ends = 0.02 * 2 * np.random.default_rng(0).standard_normal(200_000)  # four days
    assert close_probability(np.array([0.02]), 4, 0.01)[0] == pytest.approx((ends > np.log(1.01)).mean(), abs=0.005)
    assert close_probability(np.array([0.02]), 4, np.array([np.inf])).tolist() == [0.0]


@pytest.mark.parametrize(("deviation", "stop"), [(0.004, -0.004), (0.01, -0.005), (0.01, -0.02), (0.06, -0.03)])
def test_the_formula_of_a_triple_barrier_is_the_frequency_of_a_random_walk(deviation, stop):
    """A walk that is seen 400 times passes by 0.5826 deviations of a step between looks (Broadie et al., 1997)."""
    unseen = 0.5826 * deviation / np.sqrt(400)
    steps = deviation / np.sqrt(400) * np.random.default_rng(1).standard_normal((20_000, 400))
    walk = np.cumsum(steps, axis=1)
    up, down = walk >= np.log(1.01), walk <= np.log1p(stop)
    first = [np.where(hit.any(axis=1), hit.argmax(axis=1), 400) for hit in (up, down)]
    level, floor = np.exp(np.log(1.01) + unseen) - 1, np.exp(np.log1p(stop) - unseen) - 1
    found = triple_probability(np.array([deviation / np.sqrt(4)]), 4, level, floor)[0]
    assert found == pytest.approx((first[0] < first[1]).mean(), abs=0.012)  # three standard errors


def test_both_series_of_the_triple_barrier_meet_and_end_in_what_is_known():
    width = np.log(1.01) - np.log(0.98)
    below, above = triple_probability(width * np.array([1 - 1e-9, 1 + 1e-9]), 1, 0.01, -0.02)
    assert below == pytest.approx(above, abs=1e-8)
    still, wild, never = triple_probability(np.array([0.0, 1e9, 0.01]), 1, np.array([0.01, 0.01, np.inf]), -0.02)
    assert still == never == 0.0 and wild == pytest.approx(-np.log(0.98) / width)  # a fair game
    sigma = np.array([0.001, 0.01, 0.1])
    np.testing.assert_array_equal(triple_probability(sigma, 3, 0.01, -1.0), touch_probability(sigma, 3, 0.01))
    np.testing.assert_allclose(triple_probability(sigma, 3, 0.01, -1 + 1e-15), touch_probability(sigma, 3, 0.01))


@given(deviation=st.floats(0, 10), move=st.floats(1e-4, 10), stop=st.floats(-0.99, -1e-4), horizon=st.integers(1, 250))
def test_the_formulas_are_shares_in_the_order_of_their_labels(deviation, move, stop, horizon):
    seen = (np.array([deviation]), horizon, move)
    touch, close, triple = touch_probability(*seen)[0], close_probability(*seen)[0], triple_probability(*seen, stop)[0]
    assert 0 <= close <= touch <= 1 and -1e-12 <= triple <= touch + 1e-12


def test_volatility_features_by_hand():
    close = [100.0, 110.0, 99.0]
    bars = pd.DataFrame({"close": close, "high": [101.0, 112.0, 111.0], "low": [99.0, 100.0, 98.0]})
    row = volatility_features(bars).loc[2]
    up, down = np.log(1.1), np.log(0.9)
    assert row["volatility_22"] == pytest.approx(np.sqrt((up**2 + down**2) / 2))
    assert row["range_1"] == pytest.approx(np.log(111 / 98))
    assert row["range_5"] == pytest.approx(np.mean(np.log([101 / 99, 112 / 100, 111 / 98])))
    assert row["return_1"] == pytest.approx(down)
    assert row["return_5"] == pytest.approx(up + down)
    assert row["below_high"] == pytest.approx(99 / 110 - 1)
    assert len(volatility_features(bars)) == 2


def test_rows_are_those_the_models_score(judged):
    data = TierData.of(market()[1], False, "a50")
    rows = np.flatnonzero(data.role != "purged")
    rows = rows[rows >= CONTEXT - 1]
    for model in judged.values():
        assert model.index.equals(data.index[rows])
        assert (model.role == data.role[rows]).all() and (model.label == data.label[rows]).all()
        assert "test" not in model.role
    assert list(judged) == ["a50-base-rate", "a50-boosting", "a50-garch", "a50-touch", "a50-volatility"]


def test_the_base_rate_is_that_of_the_train_rows(judged):
    model = judged["a50-base-rate"]
    assert (model.scores == model.of("train")[0].mean()).all()


def test_the_touch_score_is_the_formula_on_the_day(judged):
    bars, _ = market()
    model, day = judged["a50-touch"], pd.Timestamp("2014-06-02")
    sigma = ewma_deviation(bars["close"])[day]
    assert model.ensemble[model.index.get_loc(day)] == pytest.approx(2 * norm.cdf(-np.log(1.01) / sigma))


def test_the_formulas_take_the_threshold_of_the_day(judged):
    bars, frame = market()
    scaled = fitted(bars, frame, FIXED.model_copy(update={"barrier": "volatility", "multiple": 1.5}))
    # the level is 1.5 deviations off whatever the day: what is left is the curvature of ln(1 + x)
    sigma = ewma_deviation(bars["close"])[scaled["a50-touch"].index].to_numpy()
    expected = 2 * norm.cdf(-np.log1p(1.5 * sigma) / sigma)
    np.testing.assert_allclose(scaled["a50-touch"].ensemble, expected, rtol=1e-12)
    assert np.ptp(scaled["a50-touch"].ensemble) < 0.03 < np.ptp(judged["a50-touch"].ensemble)
    assert not np.array_equal(scaled["a50-garch"].scores, judged["a50-garch"].scores)
    for name in ("a50-base-rate", "a50-boosting", "a50-volatility"):
        np.testing.assert_array_equal(scaled[name].scores, judged[name].scores)


def test_garch_ranks_days_as_well_as_the_formula_and_says_what_it_fitted(judged):
    garch, formula = (auc(*judged[name].of("threshold")[:2]) for name in ("a50-garch", "a50-touch"))
    assert 0.70 < formula - 0.005 < garch
    card = judged["a50-garch"].card
    assert (card.parameters, card.seeds) == (4, (1,))


def test_bars_after_train_do_not_move_the_garch_fit(judged):
    bars, frame = market()
    last = frame.index[frame["role"] == "train"][-1]
    wild = bars.copy()
    after = wild.index > last
    wild.loc[after, ["high", "low", "close"]] *= np.exp(np.random.default_rng(0).normal(0, 0.1, after.sum()))[:, None]
    model = fitted(wild, frame)["a50-garch"]
    early = model.index <= last
    np.testing.assert_array_equal(model.scores[:, early], judged["a50-garch"].scores[:, early])


def test_a_garch_that_cannot_be_fitted_says_so_and_scores_all_the_same(capsys):
    bars, frame = market()
    few = frame[frame["role"] == "train"].index[-150:]
    models = fitted(bars.loc[few[0] :], frame.loc[few[0] :])
    said = "a50-garch: 149 returns are fewer than 250; exponentially weighted variance instead"
    assert capsys.readouterr().err.strip() == said
    assert models["a50-garch"].card.parameters == 1
    assert len(np.unique(models["a50-garch"].scores)) > 100


def test_volatility_alone_ranks_days_well(judged):
    label, score, _ = judged["a50-volatility"].of("threshold")
    assert auc(label, score) > 0.78  # the bar a model must pass


def test_cutting_the_bars_after_a_day_changes_no_score_up_to_it(judged):
    bars, frame = market()
    for day in ("2012-10-01", "2014-06-02"):
        early = fitted(bars.loc[:day], frame.loc[:day])
        for name, model in judged.items():
            n = len(early[name].index)
            assert early[name].index[-1] == pd.Timestamp(day)
            np.testing.assert_array_equal(early[name].scores, model.scores[:, :n])


def test_labels_after_the_roles_that_fit_change_no_score(judged):
    bars, frame = market()
    late = frame["role"].isin(["rank", "calibrate", "threshold", "test"])
    flipped = fitted(bars, frame.assign(label=frame["label"].where(~late, 1 - frame["label"])))
    for name, model in judged.items():
        np.testing.assert_array_equal(flipped[name].scores, model.scores)


def test_the_stop_role_only_says_when_the_boosting_stops(judged):
    bars, frame = market()
    stop = frame["role"] == "stop"
    flipped = fitted(bars, frame.assign(label=frame["label"].where(~stop, 1 - frame["label"])))
    for name, model in judged.items():
        assert (name == "a50-boosting") == (not np.array_equal(flipped[name].scores, model.scores))


def test_opening_the_test_role_scores_it_and_changes_nothing_else(judged):
    opened = fitted(*market(), open_test=True)
    for name, model in judged.items():
        n = len(model.index)
        assert opened[name].card == model.card
        assert set(opened[name].role[n:]) == {"test"}
        np.testing.assert_array_equal(opened[name].scores[:, :n], model.scores)


def test_one_class_in_train_is_refused():
    bars, frame = market()
    with pytest.raises(UserError, match=r"a50: \d+ train rows .* both labels"):
        fitted(bars, frame.assign(label=np.int8(0)))


@pytest.mark.parametrize(("kind", "stop"), [("close", -1.0), ("triple", -0.02)])
def test_the_formulas_ask_what_the_label_asks(kind, stop):
    bars, frame = market()
    label = FIXED.model_copy(update={"kind": kind, "stop": stop, "horizon": 5, "threshold": 0.02})
    labels = rises(bars, label)
    own = frame.drop(columns=["role", *labels]).join(labels.assign(role=assign_roles(labels, SHARES, 5)), how="inner")
    for name, model in fitted(bars, own, label).items():
        assert model.scores.mean() == pytest.approx(model.label.mean(), abs=0.1), name
        assert name == "a50-base-rate" or np.ptp(model.scores) > 0.05


def test_a_longer_horizon_and_bars_that_start_with_the_tier_work():
    bars, frame = market()
    five = Label(kind="touch", stop=-1.0, horizon=5, threshold=0.01, barrier="fixed", multiple=1.0)
    models = fitted(bars.loc[frame.index[0] :], frame, five, context=2)  # shortest history there can be
    assert len(models) == 5
    assert all(np.isfinite(model.scores).all() for model in models.values())


def test_the_baselines_are_kept_and_loaded_by_name(tmp_path):
    bars, frame = market()
    seen = days(bars, frame)
    fits = baselines.fit(seen, 1)
    for fit in fits:
        kept.save(tmp_path / fit.card.name, fit)
    opened, back = days(bars, frame, open_test=True), load_all(tmp_path)
    assert [fit.card for fit in back] == [fit.card for fit in fits]
    for fit, again in zip(fits, back, strict=True):
        assert again.scored(opened).scores.tobytes() == fit.scored(opened).scores.tobytes()
