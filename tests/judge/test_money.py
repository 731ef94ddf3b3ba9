"""Money by hand on a dozen days, and what holds of it on any days."""

import doctest
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.core.errors import UserError
from buysignal.days.labels import rises, touch_label
from buysignal.days.params import Label
from buysignal.judge import money as module
from buysignal.judge import unskilled
from buysignal.judge.circle import shifted
from buysignal.judge.money import Trades, break_even, money, trade_returns
from buysignal.judge.params import Costs, Exit
from buysignal.judge.unskilled import best_unskilled
from tests.features.samples import bars, random_bars

DOZEN = bars(
    # what the day before gets at 1 % in one day:
    [100, 100, 103, 102, 98, 100, 102.5, 99, 99.5, 99.5, 98, 98.5],
    [100.5, 101.5, 104, 103.5, 103, 102, 103, 99.99, 100, 100.4, 98.9, 99],
    [99.5, 99.5, 102, 100, 97, 97.5, 98, 98.5, 99, 97.51, 97, 98],
    [100, 100.5, 103, 101, 100, 101, 99, 99.5, 99.5, 98, 98.5, 98],
    np.ones(12),
)
AT_CLOSE = {2: 101 / 103 - 1, 7: 0.0, 8: 98 / 99.5 - 1, 9: 98.5 / 98 - 1, 10: 98 / 98.5 - 1}
PLAIN = {0: 0.01, 1: 103 / 100.5 - 1, 3: 0.01, 4: 0.01, 5: 102.5 / 101 - 1, 6: 0.01} | AT_CLOSE
STOPPED = PLAIN | {2: -0.02, 3: 98 / 101 - 1, 4: -0.02, 8: -0.02}
DAYS = pd.RangeIndex(11)


def test_a_dozen_days_by_hand():
    assert trade_returns(DOZEN, 1, 0.01).to_list() == pytest.approx([PLAIN[day] for day in DAYS])


def test_with_a_stop_the_open_comes_first_and_then_the_stop():
    assert trade_returns(DOZEN, 1, 0.01, -0.02).to_list() == pytest.approx([STOPPED[day] for day in DAYS])


def test_within_two_days_the_first_day_that_ends_a_trade_does():
    two, stopped = trade_returns(DOZEN, 2, 0.01), trade_returns(DOZEN, 2, 0.01, -0.02)
    assert two.iloc[[0, 2, 7]].to_list() == pytest.approx([0.01, 100 / 103 - 1, 98 / 99.5 - 1])
    assert stopped.iloc[[0, 2, 7]].to_list() == pytest.approx([0.01, -0.02, -0.02])
    assert len(two) == 10 and two.index.equals(DOZEN.index[:10])


def test_a_level_of_its_own_for_each_day_which_may_be_out_of_reach():
    move = pd.Series([0.01, np.inf, *[0.5] * 10], DOZEN.index)
    assert trade_returns(DOZEN, 1, move).iloc[:3].to_list() == pytest.approx([0.01, 103 / 100.5 - 1, 101 / 103 - 1])


def test_bars_that_hold_no_trade_are_refused():
    with pytest.raises(UserError, match="12 bars hold no trade of 12 days: at least 13"):
        trade_returns(DOZEN, 12, 0.01)


def test_four_trades_by_hand():
    alert = np.isin(DAYS, [0, 2, 4, 8])
    label = touch_label(DOZEN, 1, 0.01)["label"].to_numpy()
    gross = trade_returns(DOZEN, 1, 0.01).to_numpy()
    found = money(gross, label, alert, 1, 0.0005, 0.95, seed=1, draws=200)
    miss = (101 / 103 - 1 + 98 / 99.5 - 1) / 2
    assert (found.trades, found.mean_hit, found.mean_miss) == (4, pytest.approx(0.01), pytest.approx(miss))
    assert found.mean == pytest.approx((0.02 + 2 * miss) / 4 - 0.0005)
    assert found.random == pytest.approx(np.mean(list(PLAIN.values())) - 0.0005)
    assert found.ahead == pytest.approx(found.mean - found.random)
    assert found.break_even == pytest.approx((0.0005 - miss) / (0.01 - miss)) == pytest.approx(0.6513, abs=1e-4)
    assert set(found.to_dict()) == set(vars(found)) and isinstance(found.to_dict()["mean_interval"], list)


def test_nothing_bought_is_no_money_and_not_zero():
    assert money(np.full(90, 0.01), np.ones(90), np.zeros(90, bool), 1, 0.0005, 0.95, seed=1) is None


@pytest.mark.parametrize(("hit", "miss"), [(None, -0.01), (0.01, None), (0.01, 0.01), (0.01, 0.02)])
def test_without_both_kinds_or_a_gain_no_precision_breaks_even(hit, miss):
    assert break_even(hit, miss, 0.0005) is None


@given(hit=st.floats(0.001, 0.5), miss=st.floats(-0.5, 0.0), cost=st.floats(0, 0.1))
def test_at_the_break_even_precision_the_costs_are_earned(hit, miss, cost):
    p = break_even(hit, miss, cost)
    assert p * hit + (1 - p) * miss == pytest.approx(cost, abs=1e-9)


MARKETS = st.builds(random_bars, st.integers(40, 80), seed=st.integers(0, 10**6))


@given(market=MARKETS, horizon=st.integers(1, 5), move=st.floats(0.001, 0.05))
def test_a_trade_earns_the_level_or_more_where_the_label_is_1_and_less_elsewhere(market, horizon, move):
    label = touch_label(market, horizon, move)["label"].to_numpy()
    assert ((trade_returns(market, horizon, move).to_numpy() >= move * (1 - 1e-9)) == label).all()


@given(market=MARKETS, horizon=st.integers(1, 5), stop=st.floats(-0.05, -0.001))
def test_a_stop_changes_only_trades_that_reach_it_and_is_missed_only_at_an_open(market, horizon, stop):
    free, held = (trade_returns(market, horizon, 0.01, at).to_numpy() for at in (None, stop))
    lows = market["low"][::-1].rolling(horizon).min()[::-1].shift(-1).to_numpy()[: len(free)]
    reaches = lows <= (1 + stop) * market["close"].to_numpy()[: len(free)] * (1 + 1e-9)
    assert (held[~reaches] == free[~reaches]).all()
    opens = market["open"][::-1].rolling(horizon).min()[::-1].shift(-1).to_numpy()[: len(free)]
    floor = np.minimum(stop, opens / market["close"].to_numpy()[: len(free)] - 1)
    assert (held >= floor - 1e-9).all()


@given(market=MARKETS, factor=st.floats(0.01, 100))
def test_returns_know_no_units(market, factor):
    scaled = market.assign(**{name: market[name] * factor for name in ("open", "high", "low", "close")})
    np.testing.assert_allclose(trade_returns(scaled, 2, 0.01, -0.02), trade_returns(market, 2, 0.01, -0.02), atol=1e-9)


@settings(max_examples=10)
@given(market=MARKETS, cost=st.floats(0, 0.05), seed=st.integers(0, 99))
def test_costs_lower_every_return_by_themselves_and_change_no_lead(market, cost, seed):
    gross, label = trade_returns(market, 1, 0.01).to_numpy(), touch_label(market, 1, 0.01)["label"].to_numpy()
    alert = np.random.default_rng(seed).random(len(gross)) < 0.5
    alert[0] = True
    free, paid = (money(gross, label, alert, 1, c, 0.95, seed, draws=50) for c in (0.0, cost))
    assert free.mean - paid.mean == pytest.approx(cost) and free.random - paid.random == pytest.approx(cost)
    assert paid.ahead == pytest.approx(free.ahead) and paid.ahead_interval == pytest.approx(free.ahead_interval)
    for found in (free, paid):
        assert found.mean_interval[0] <= found.mean <= found.mean_interval[1]


def test_one_unskilled_model_is_the_shifted_alerts_counted_one_by_one():
    rng = np.random.default_rng(2)
    value, alert = rng.random(200), rng.random(200) < 0.2
    near = 19  # 1.3 sqrt(200), rounded up
    luck = (shifted(alert, np.arange(near, 200 - near + 1)) @ value) / alert.sum()
    bar = best_unskilled(value, alert, 1, 1)
    assert bar.observed == pytest.approx(value[alert].mean()) and bar.mean == pytest.approx(luck.mean())
    assert bar.chance == pytest.approx((1 + (luck >= bar.observed).sum()) / (1 + len(luck)))
    assert bar.p95 == pytest.approx(np.quantile(luck, 0.95, method="inverted_cdf"))


def test_the_more_models_were_tried_the_higher_the_bar():
    rng = np.random.default_rng(3)
    value, alert = rng.random(400), rng.random(400) < 0.2
    bars_ = [best_unskilled(value, alert, 1, tried) for tried in (1, 10, 100)]
    for low, high in pairwise(bars_):
        assert low.mean < high.mean and low.p95 <= high.p95 and low.chance < high.chance


def test_few_days_and_no_buys_tell_nothing_of_luck():
    assert best_unskilled(np.ones(30), np.ones(30, bool), 1, 1) is None
    assert best_unskilled(np.ones(300), np.zeros(300, bool), 1, 1) is None


def test_a_trade_ends_as_its_label_asks():
    """A day that touches is sold at the level, one that is held to its Close there, one with a stop at that."""

    def of_kind(kind, stop, threshold=0.01):
        label = Label(kind=kind, horizon=1, threshold=threshold, barrier="fixed", multiple=1.0, stop=-0.02)
        return Trades.of(DOZEN, label, Costs(bps=5.0), Exit(stop=stop)).gross.to_list()

    close = DOZEN["close"].to_numpy()
    assert of_kind("touch", -1.0) == pytest.approx([PLAIN[day] for day in DAYS])
    assert of_kind("touch", -0.02) == of_kind("triple", -1.0) == pytest.approx([STOPPED[day] for day in DAYS])
    assert of_kind("triple", -0.5) == of_kind("triple", -1.0)
    assert of_kind("close", -1.0) == pytest.approx((close[1:] / close[:-1] - 1).tolist())
    stopped = dict(enumerate(close[1:] / close[:-1] - 1)) | {2: -0.02, 3: 98 / 101 - 1, 4: -0.02, 5: -0.02, 8: -0.02}
    assert of_kind("close", -0.02) == pytest.approx([stopped[day] for day in DAYS])


@given(market=MARKETS, horizon=st.integers(1, 5), move=st.floats(0.001, 0.05), stop=st.floats(-0.05, -0.001))
def test_of_each_kind_the_right_buys_are_those_that_earn_what_is_asked(market, horizon, move, stop):
    for kind in ("touch", "close", "triple"):
        label = Label(kind=kind, horizon=horizon, threshold=move, barrier="fixed", multiple=1.0, stop=stop)
        gross = Trades.of(market, label, Costs(bps=0.0), Exit(stop=-1.0)).gross.to_numpy()
        assert ((gross >= move * (1 - 1e-9)) == rises(market, label)["label"].to_numpy()).all()


def test_the_examples_in_the_docstrings():
    for one in (module, unskilled):
        result = doctest.testmod(one)
        assert result.attempted and not result.failed


def test_the_trades_of_a_run_are_those_of_its_settings():
    """100 to 102: the level at 101 is reached, less 10 hundredths of a percent; 102 to 98 stops at -2 %."""
    days = pd.bdate_range("2020-01-01", periods=3)
    close = [100.0, 102.0, 98.0]
    bars = pd.DataFrame(
        {"open": close, "high": [100.0, 102.0, 102.0], "low": [100.0, 100.5, 97.0], "close": close}, days
    )
    bars["open"] = [100.0, 100.5, 101.5]
    label = Label(kind="touch", stop=-1.0, horizon=1, threshold=0.01, barrier="fixed", multiple=1.0)
    trades = Trades.of(bars, label, Costs(bps=10.0), Exit(stop=-0.02))
    assert trades.cost == pytest.approx(0.001)
    assert trades.on(days[:2]) == pytest.approx([0.01, -0.02])
    with pytest.raises(KeyError):
        trades.on(days)  # the last day has no label
