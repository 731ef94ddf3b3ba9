"""The test role of many symbols: doubted by dates, told by dates, and one symbol is as it was."""

import numpy as np
import pandas as pd
import pytest

from buysignal.ship.opening import against, episodes, examine
from buysignal.ship.regime import regime_of
from tests.judge.examples import RULES, skilled
from tests.judge.panels import copies, panel


def opened(one):
    return one.__class__(one.card, one.index, np.full(len(one.role), "test"), one.label, one.scores)


MODEL = opened(skilled("a50-m", 1.0))
OTHER = opened(skilled("a50-volatility", 0.5))


def test_a_panel_of_one_symbol_is_examined_as_that_symbol():
    assert examine(copies(MODEL, 1), 0.5, RULES) == examine(MODEL, 0.5, RULES)
    alone = against(MODEL, OTHER, 0.5, RULES, 1)
    assert against(copies(MODEL, 1), copies(OTHER, 1), 0.5, RULES, 1) == alone


def test_five_symbols_that_are_alike_are_no_more_sure_than_one():
    one, five = examine(MODEL, 0.5, RULES), examine(copies(MODEL, 5), 0.5, RULES)
    assert five["n"] == 5 * one["n"] and five["n_buys"] == 5 * one["n_buys"]
    assert five["precision_interval"] == pytest.approx(one["precision_interval"], abs=0.02)
    assert five["auc_interval"] == pytest.approx(one["auc_interval"], abs=0.02)
    pair, many = (against(*(copies(m, k) for m in (MODEL, OTHER)), 0.5, RULES, 1) for k in (1, 5))
    for key in ("precision", "auc"):
        assert many[key]["low"] == pytest.approx(pair[key]["low"], abs=0.02)


def test_models_of_other_symbols_are_not_compared():
    with pytest.raises(ValueError, match="not judged on the same days"):
        against(copies(MODEL, 2), copies(OTHER, 3), 0.5, RULES, 1)


def test_an_episode_is_of_days_and_a_year_counts_buys():
    days = pd.bdate_range("2017-12-28", periods=12).repeat(2)
    alert = np.zeros(24, bool)
    alert[[0, 1, 3, 6, 23]] = True  # both symbols on the first day, one on the second, fourth and last
    assert episodes(days, alert) == {"episodes": 2, "by_year": {"2017": 3, "2018": 2}}


def test_a_regime_ranges_over_the_days_of_all_symbols():
    days = pd.bdate_range("2010-01-01", periods=300, name="date")
    rng = np.random.default_rng(0)
    one, other = (pd.DataFrame({"close": c * np.exp(np.cumsum(s * rng.standard_normal(300)))}, days)
                  for c, s in ((10.0, 0.01), (1000.0, 0.03)))  # fmt: skip
    bars = pd.concat({"A": one, "B": other.iloc[100:]}, names=["symbol", "date"])
    dates = bars.index.get_level_values("date")
    trained = bars.index[(dates > days[130]) & (dates < days[200])]
    found, calm, wild = (
        regime_of(rows, at, "panel", 7)
        for rows, at in ((bars, trained), (one, days[131:200]), (other.iloc[100:], days[131:200]))
    )
    assert (found.first, found.last, found.seen) == (calm.first, calm.last, calm.seen)
    assert found.least_close == calm.least_close and found.largest_move == wild.largest_move
    assert calm.low <= found.low < calm.high < wild.low < found.high <= wild.high


def test_a_panel_may_be_of_symbols_that_differ_in_their_days():
    shorter = opened(skilled("a50-m", 1.0))
    shorter = shorter.__class__(MODEL.card, *(part[60:] for part in (shorter.index, shorter.role, shorter.label)),
                                shorter.scores[:, 60:])  # fmt: skip
    row = examine(panel([MODEL, shorter]), 0.5, RULES)
    assert row["n"] == 2 * len(MODEL.index) - 60
