"""GARCH: the variance of arch, and the chance to touch a level as brute force and the closed form have it."""

import numpy as np
import pytest
from arch.univariate import arch_model
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from buysignal.models.rivals.formulas import close_probability, touch_probability, triple_probability
from buysignal.models.rivals.garch import MIN_RETURNS, Garch, by_simulation, fit_garch, next_variance

MODEL = Garch(omega=0.02, alpha=0.08, beta=0.9, nu=6.0, start=1.0, fitted=4)
NORMAL = 1e9  # degrees of freedom that make a t distribution normal


def simulated(n, seed=0, model=MODEL):
    """Percent returns of the model."""
    rng = np.random.default_rng(seed)
    shocks = rng.standard_t(model.nu, n) * np.sqrt((model.nu - 2) / model.nu)
    variance, returns = model.start, np.zeros(n)
    for day, shock in enumerate(shocks):
        returns[day] = np.sqrt(variance) * shock
        variance = model.omega + model.alpha * returns[day] ** 2 + model.beta * variance
    return returns


def touch(model, variance, horizon, threshold, seed=1, paths=2000):
    n = len(variance)
    return by_simulation(model, np.asarray(variance, float), horizon, np.full(n, threshold), seed, paths)


def test_the_variance_by_hand():
    first = 0.02 + 0.08 * 1.0**2 + 0.9 * 1.0
    second = 0.02 + 0.08 * 2.0**2 + 0.9 * first
    assert next_variance(MODEL, np.array([1.0, -2.0])) == pytest.approx([first, second])


def test_the_variance_is_that_of_arch_once_the_start_is_forgotten():
    returns = simulated(2000)
    fixed = arch_model(returns, mean="Zero", vol="GARCH", dist="t", rescale=False).fix([0.02, 0.08, 0.9, 6.0])
    np.testing.assert_allclose(next_variance(MODEL, returns)[999:-1], fixed.conditional_volatility[1000:] ** 2)


def test_the_fit_finds_the_model_that_made_the_returns():
    found = fit_garch(simulated(20_000))
    assert found.reason == "" and found.fitted == 4
    assert found.alpha == pytest.approx(MODEL.alpha, abs=0.015)
    assert found.beta == pytest.approx(MODEL.beta, abs=0.025)
    assert found.nu == pytest.approx(MODEL.nu, abs=0.7)


def test_a_day_that_is_not_yet_there_changes_no_variance():
    returns = simulated(300)
    np.testing.assert_array_equal(next_variance(MODEL, returns)[:200], next_variance(MODEL, returns[:200]))


@pytest.mark.parametrize("horizon", [1, 5])
def test_constant_normal_variance_gives_the_reflection_principle(horizon):
    still = Garch(omega=0.0, alpha=0.0, beta=1.0, nu=NORMAL, start=1.0, fitted=0)
    deviation = np.array([0.3, 0.8, 1.5, 4.0])
    found = touch(still, deviation**2, horizon, 0.01, paths=40_000)
    assert found == pytest.approx(touch_probability(deviation / 100, horizon, 0.01), abs=0.006)


@pytest.mark.parametrize("horizon", [1, 5])
def test_constant_normal_variance_gives_the_formula_of_a_close_above(horizon):
    still = Garch(omega=0.0, alpha=0.0, beta=1.0, nu=NORMAL, start=1.0, fitted=0)
    deviation = np.array([0.0, 0.3, 0.8, 1.5, 4.0])
    found = by_simulation(still, deviation**2, horizon, np.full(5, 0.01), 1, 40_000, "close")
    assert found == pytest.approx(close_probability(deviation / 100, horizon, 0.01), abs=0.004 * (horizon > 1) + 1e-6)


def test_the_next_close_needs_no_path_and_has_the_tails_of_t():
    found = by_simulation(MODEL, np.array([2.0, 2.0]), 1, np.array([0.015, np.inf]), 1, kind="close")
    scale = np.sqrt(2.0 * (MODEL.nu - 2) / MODEL.nu)
    assert found.tolist() == [pytest.approx(t.sf(100 * np.log(1.015) / scale, MODEL.nu)), 0.0]


@pytest.mark.parametrize("stop", [-0.004, -0.02, -0.3])
def test_a_day_of_two_barriers_is_the_share_of_days_drawn_that_reach_the_level_alone(stop):
    """A day that reaches both is a stop: the share counts days, by their highest and lowest, not which came first."""
    rng = np.random.default_rng(5)
    variance, steps, paths = 1.2, 400, 20_000
    moved = np.sqrt(variance * (MODEL.nu - 2) / MODEL.nu) * rng.standard_t(MODEL.nu, paths)
    walk = np.cumsum(rng.standard_normal((paths, steps)), axis=1) * np.sqrt(variance / steps)
    time = np.arange(1, steps + 1) / steps
    day = walk - time * walk[:, -1:] + time * moved[:, None]
    unseen = 0.5826 * np.sqrt(variance / steps)  # between two looks (Broadie et al., 1997)
    high, low = np.maximum(day.max(axis=1) + unseen, moved), np.minimum(day.min(axis=1) - unseen, moved)
    share = ((high >= 100 * np.log(1.01)) & (low > 100 * np.log1p(stop))).mean()
    found = by_simulation(MODEL, np.array([variance]), 1, np.array([0.01]), 1, 40_000, "triple", stop)[0]
    assert found == pytest.approx(share, abs=0.012)


def test_over_many_calm_days_the_triple_barrier_is_the_formula():
    """A day of a tenth of the width hardly reaches both, so that the day's rule and the walk's agree."""
    still = Garch(omega=0.0, alpha=0.0, beta=1.0, nu=NORMAL, start=1.0, fitted=0)
    found = by_simulation(still, np.array([0.04, 0.09]), 30, np.full(2, 0.01), 1, 20_000, "triple", -0.02)
    assert found == pytest.approx(triple_probability(np.array([0.002, 0.003]), 30, 0.01, -0.02), abs=0.012)


@given(
    variance=st.lists(st.floats(0, 1e6), min_size=1, max_size=5),
    horizon=st.integers(1, 4),
    threshold=st.one_of(st.floats(1e-6, 10), st.just(np.inf)),
    stop=st.floats(-0.99, -1e-6),
)
@settings(deadline=None, max_examples=50)
def test_a_stop_takes_chances_away_and_without_one_the_triple_barrier_is_the_touch(variance, horizon, threshold, stop):
    told = (MODEL, np.array(variance), horizon, np.full(len(variance), threshold), 1, 200)
    touched, triple, none = (by_simulation(*told), *(by_simulation(*told, "triple", at) for at in (stop, -1.0)))
    assert none.tobytes() == touched.tobytes() and np.isfinite(triple).all()
    assert (triple >= -1e-12).all() and (triple <= touched + 1e-6).all()


def brute_force(model, variance, horizon, level, paths, steps, seed):
    """Share of paths over the level (percent), each day a bridge seen ``steps`` times between its closes."""
    rng = np.random.default_rng(seed)
    closes, spread, highest = np.zeros(paths), np.full(paths, variance), np.full(paths, -np.inf)
    time = np.arange(1, steps + 1) / steps
    for _ in range(horizon):
        shock = rng.standard_t(model.nu, paths) * np.sqrt((model.nu - 2) / model.nu)
        moved = np.sqrt(spread) * shock
        walk = np.cumsum(rng.standard_normal((paths, steps)) / np.sqrt(steps), axis=1)
        bridge = (walk - time * walk[:, -1:]) * np.sqrt(spread)[:, None] + time * moved[:, None]
        # between two looks a walk passes 0.5826 deviations of a step above what is seen (Broadie et al., 1997)
        unseen = 0.5826 * np.sqrt(spread / steps)
        highest = np.maximum(highest, closes + np.maximum(bridge.max(axis=1) + unseen, moved))
        closes += moved
        spread = model.omega + model.alpha * moved**2 + model.beta * spread
    return (highest >= level).mean()


@pytest.mark.parametrize(("variance", "horizon"), [(0.5, 1), (2.0, 1), (1.0, 4)])
def test_the_probability_is_the_frequency_of_paths_walked_step_by_step(variance, horizon):
    frequency = brute_force(MODEL, variance, horizon, 100 * np.log(1.015), 20_000, 100, seed=7)
    # four standard errors of 20,000 paths, which are below 0.0036
    assert touch(MODEL, [variance], horizon, 0.015, paths=40_000)[0] == pytest.approx(frequency, abs=0.015)


def test_the_averaged_crossing_is_the_share_of_drawn_maxima():
    # M = (r + sqrt(r^2 - 2 sigma^2 ln U)) / 2: the form that draws instead of averaging
    rng = np.random.default_rng(3)
    shock = rng.standard_t(MODEL.nu, 400_000) * np.sqrt((MODEL.nu - 2) / MODEL.nu)
    moved, variance, level = 0.9 * shock, 0.9**2, 100 * np.log(1.01)
    maximum = (moved + np.sqrt(moved**2 - 2 * variance * np.log(rng.random(len(shock))))) / 2
    assert touch(MODEL, [variance], 1, 0.01, paths=100_000)[0] == pytest.approx((maximum >= level).mean(), abs=0.004)


@given(
    variance=st.lists(st.floats(0, 1e4), min_size=2, max_size=5),
    horizon=st.integers(1, 4),
    threshold=st.floats(1e-6, 10),
)
@settings(deadline=None, max_examples=50)
def test_a_wilder_day_a_longer_wait_and_a_nearer_level_are_never_less_likely(variance, horizon, threshold):
    still = Garch(omega=0.0, alpha=0.0, beta=1.0, nu=NORMAL, start=1.0, fitted=0)
    found = touch(still, variance := np.sort(variance), horizon, threshold, paths=200)
    assert np.isfinite(found).all() and (found >= 0).all() and (found <= 1).all()
    assert (touch(still, variance, horizon + 1, threshold, paths=200) >= 0).all()
    assert (found <= touch(still, variance, horizon, threshold / 2, paths=200) + 1e-12).all()
    assert (np.diff(found) >= -1e-9).all() if horizon == 1 else True


def test_each_day_has_its_own_level_and_an_infinite_one_is_never_reached():
    found = by_simulation(MODEL, np.ones(3), 2, np.array([0.01, 0.02, np.inf]), seed=1)
    assert found[0] == pytest.approx(touch(MODEL, [1.0], 2, 0.01)[0], abs=1e-15)
    assert found[1] == pytest.approx(touch(MODEL, [1.0], 2, 0.02)[0], abs=1e-15)
    assert found[2] == 0.0


def test_a_day_does_not_depend_on_the_days_scored_with_it():
    variance = np.linspace(0.1, 9, 1000)
    whole = touch(MODEL, variance, 1, 0.01)
    np.testing.assert_allclose(touch(MODEL, variance[400:600], 1, 0.01), whole[400:600], rtol=1e-12)
    np.testing.assert_array_equal(touch(MODEL, variance, 1, 0.01), whole)
    assert not np.array_equal(touch(MODEL, variance, 1, 0.01, seed=2), whole)


def test_days_that_differ_in_variance_do_not_tie():
    found = touch(MODEL, np.linspace(0.2, 4, 2000), 1, 0.01)
    assert (np.diff(found) > 0).all()


def test_no_day_is_no_error():
    assert touch(MODEL, [], 1, 0.01).shape == (0,)


ODD = {
    "still": np.zeros(600),
    "a constant move": np.full(600, 0.5),
    "one move": np.eye(1, 600, 250)[0],
    "mostly still": np.where(np.random.default_rng(0).random(600) < 0.97, 0, simulated(600)),
    "still, then not": np.r_[np.zeros(300), simulated(300)],
    "moving, then still": np.r_[simulated(300), np.zeros(300)],
    "tiny": 1e-9 * simulated(600),
    "huge": 1e6 * simulated(600),
    "without a mean": np.random.default_rng(0).standard_cauchy(600),
    "exploding": np.exp(np.linspace(0, 20, 600)) * simulated(600),
    "few": simulated(20),
    "one": np.ones(1),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_returns_give_a_probability_and_never_an_error(name):
    returns = ODD[name]
    model = fit_garch(returns)
    found = touch(model, next_variance(model, returns), 2, 0.01, paths=200)
    assert np.isfinite(found).all() and (found >= 0).all() and (found <= 1).all()
    assert model.nu > 2 and bool(model.reason) == (model.fitted == 1)


def test_the_fallback_is_the_riskmetrics_variance_and_says_why():
    few = fit_garch(simulated(MIN_RETURNS - 1))
    assert (few.omega, few.alpha, few.beta) == (0.0, pytest.approx(0.06), 0.94)
    assert few.reason == "249 returns are fewer than 250"
    assert fit_garch(np.zeros(300)).reason == "the returns never change"
    assert "did not converge" in fit_garch(ODD["tiny"]).reason
    assert fit_garch(simulated(MIN_RETURNS)).reason == ""


def test_the_tails_of_the_fallback_follow_the_kurtosis():
    heavy = simulated(249, seed=4)
    before, variance = [], np.mean(heavy**2)
    for move in heavy:
        before.append(variance)
        variance = 0.06 * move**2 + 0.94 * variance
    standard = heavy / np.sqrt(before)
    excess = np.mean((standard - standard.mean()) ** 4) / standard.var() ** 2 - 3
    assert excess > 0.5 and fit_garch(heavy).nu == pytest.approx(4 + 6 / excess)
    assert fit_garch(np.random.default_rng(1).uniform(-1, 1, 249)).nu == 200  # thinner than normal: no heavy tail
