"""The test role, opened: every number by hand, each with its interval, and days that differ refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from buysignal.core.files import write_json
from buysignal.judge.calibration_maps import Temperature
from buysignal.judge.intervals import recall_interval
from buysignal.judge.money import Trades
from buysignal.ship.opening import against, examine, examine_chosen, opened
from buysignal.ship.promise import simultaneous
from tests.judge.examples import RULES, scored, skilled

LABEL = [1, 0, 1, 1, 0, 0, 1, 0, 1, 0]
SCORES = [[0.9, 0.2, 0.8, 0.1, 0.3, 0.2, 0.7, 0.6, 0.1, 0.4], [0.7, 0.2, 0.6, 0.3, 0.1, 0.2, 0.5, 0.8, 0.3, 0.0]]
# the mean buys days 0, 2, 6 and 7 at .5: three of four right, three of five found


def model(role="test", **of_card):
    return scored(LABEL, SCORES, [role] * 10, **of_card)


def test_precision_and_recall_by_hand_with_their_intervals():
    row = examine(model(), 0.5, RULES)
    assert (row["n"], row["n_buys"], row["hits"], row["no_buys"], row["threshold"]) == (10, 4, 3, False, 0.5)
    assert (row["precision"], row["recall"], row["base_rate"], row["lift"]) == (0.75, 0.6, 0.5, 1.5)
    low, high = row["precision_interval"]
    assert low < 0.75 < high
    n_eff = row["n_eff"]
    assert 0 < n_eff <= 4
    assert low == pytest.approx(beta.ppf(0.025, 0.75 * n_eff, 0.25 * n_eff + 1))
    bought = np.isin(np.arange(10), [0, 2, 6, 7])
    found = recall_interval(np.array(LABEL), bought, RULES.horizon, 0.95)
    assert row["recall_interval"] == [found.low, found.high] and found.low < 0.6 < found.high
    assert list(row).index("precision") < list(row).index("recall") < list(row).index("auc")


def test_the_bound_means_what_it_means_on_the_threshold_role():
    row = examine(model(), 0.5, replace(RULES, confidence=0.8))
    n_eff = row["n_eff"]
    assert row["precision_low"] == pytest.approx(beta.ppf(0.2, 0.75 * n_eff, 0.25 * n_eff + 1))  # one-sided
    assert row["precision_low"] > row["precision_interval"][0]


def test_ranking_by_hand_for_the_average_and_for_each_seed():
    row = examine(model(), 0.5, RULES)
    # means .8 .7 .6 .2 .2 for days labelled 1 and .2 .2 .2 .7 .2 for the others: of the 25 pairs .8 wins 5,
    # .7 wins 4.5, .6 wins 4 and each .2 wins 4 halves
    assert row["auc"] == pytest.approx((5 + 4.5 + 4 + 2 + 2) / 25)
    # first seed: .9 .8 .7 win 5 each, .1 and .1 none; second: each of .7 .6 .3 .5 .3 loses to .8 alone
    low, high = row["auc_interval"]
    assert 0 <= low <= row["auc"] <= high <= 1
    assert row["auc_per_seed"] == [pytest.approx(15 / 25), pytest.approx(20 / 25)]


def test_without_a_threshold_it_never_buys_and_no_number_is_nan(tmp_path):
    row = examine(model(), None, RULES)
    assert row["threshold"] is None and row["no_buys"] and row["n_buys"] == 0
    assert (row["precision"], row["recall"], row["lift"], row["precision_low"], row["n_eff"]) == (0, 0, 0, 0, 0)
    assert row["precision_interval"] == [0.0, 1.0]
    assert row["auc"] == examine(model(), 0.5, RULES)["auc"]
    write_json(tmp_path / "row.json", row)  # refuses NaN and infinity


def test_a_score_at_the_threshold_is_a_buy():
    row = examine(scored([1, 0], [[0.25, 0.2]], ["test"] * 2), 0.25, RULES)
    assert (row["n_buys"], row["hits"], row["n_eff"]) == (1, 1, 1.0)
    assert row["precision_interval"] == [pytest.approx(0.025), 1.0]  # one toss, won


def test_only_the_test_role_counts():
    both = scored(LABEL * 2, np.tile(SCORES, 2), ["threshold"] * 10 + ["test"] * 10)
    alone = examine(model(), 0.5, RULES)
    assert examine(both, 0.5, RULES) == alone


def test_a_baseline_is_compared_at_as_many_buys_by_hand():
    baseline = scored(LABEL, [[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.0]], ["test"] * 10, name="a50-volatility")
    threshold = float(np.sort(model().ensemble)[-4])  # four buys
    found = against(model(), baseline, threshold, RULES, seed=1)
    assert found["baseline"] == "a50-volatility"
    assert found["precision_at_buys"] == 0.75  # days 0 to 3: labels 1 0 1 1
    ours = examine(model(), threshold, RULES)
    assert ours["n_buys"] == 4 and found["precision"]["difference"] == pytest.approx(ours["precision"] - 0.75)
    assert found["auc"]["difference"] == pytest.approx(17.5 / 25 - 16 / 25)  # 5 4 4 2 1 pairs won
    assert found["auc"]["low"] <= found["auc"]["difference"] <= found["auc"]["high"]


def test_a_model_against_itself_cannot_be_told_apart():
    one = skilled("m", 2.0)
    one = replace(one, role=np.full(len(one.role), "test"))
    assert against(one, one, 0.5, RULES, seed=1)["auc"]["verdict"] == "cannot tell"


def test_models_of_different_days_are_not_compared():
    other = replace(model(name="other"), index=pd.bdate_range("2015-01-01", periods=10, name="date"))
    with pytest.raises(ValueError, match="m and other are not judged on the same days"):
        against(model(), other, 0.5, RULES, seed=1)  # though every label is the same
    with pytest.raises(ValueError, match="not judged on the same days"):
        against(model(), scored(LABEL[:9], [SCORES[0][:9]], ["test"] * 9), 0.5, RULES, seed=1)


def test_the_interval_of_what_ships_stands_alone_and_the_others_hold_together():
    assert simultaneous(True, 10) == simultaneous(True, 1) == 0.95
    assert simultaneous(False, 10) == pytest.approx(1 - 0.05 / 9)
    assert simultaneous(False, 2) == 0.95
    alone, together = (examine(model(), 0.5, RULES, simultaneous(ships, 10)) for ships in (True, False))
    for share in ("precision_interval", "recall_interval", "auc_interval"):
        assert together[share][0] <= alone[share][0] and alone[share][1] <= together[share][1]
    assert together["precision_interval"][0] < alone["precision_interval"][0]
    assert together["precision_low"] == alone["precision_low"]


def test_a_test_role_of_one_class_is_flagged():
    assert examine(scored([0] * 10, SCORES, ["test"] * 10), 0.5, RULES)["one_class"]
    assert not examine(model(), 0.5, RULES)["one_class"]


@pytest.mark.parametrize("certified", [None, 0.7])
def test_a_contender_that_buys_is_tested_against_what_was_promised(certified):
    entry = {"point": {"threshold": 0.5}, "configurations": 46, "precision_shrunk": 0.6}
    entry |= {"certified": {"threshold": certified}}
    rivals = [model(name="a50-volatility"), model(name="a50-touch")]
    trades = Trades(pd.Series(np.linspace(-0.02, 0.025, 10), model().dates), 0.0005)
    row = examine_chosen(model(), entry, rivals, Temperature(2.0), RULES, 0.95, 7, trades)
    assert (row["precision"], row["configurations"], row["precision_shrunk"]) == (0.75, 46, 0.6)
    alert = model().ensemble >= 0.5
    assert row["money"]["mean"] == pytest.approx(trades.gross[alert].mean() - 0.0005)
    assert row["money"]["random"] == pytest.approx(0.002) and row["money"]["trades"] == 4
    assert row["verdict"]["reason"].startswith("4 buys are too few to tell by, it takes 10")
    if certified is None:
        assert row["certified"] is None
    else:  # means .8 .7 are bought, and the miss at .7
        assert row["certified"]["money"]["trades"] == 3 and row["certified"]["verdict"]["word"] == "cannot tell"
        assert (row["certified"]["n_buys"], row["certified"]["hits"]) == (3, 2)
    assert row["at_as_many_buys"] == {"a50-volatility": 0.75, "a50-touch": 0.75}
    assert (row["episodes"], row["by_year"]) == (1, {"2014": 4})
    assert set(row["calibration"]) == {"none", "temperature"}
    assert row["calibration"]["none"]["brier"] == pytest.approx(np.mean((model().ensemble - np.array(LABEL)) ** 2))


def test_what_was_opened_is_named_by_its_market_and_its_days():
    bars, manifest = (
        pd.DataFrame({"close": np.arange(1.0, 41.0)}),
        {"symbol": "^GSPC", "source": "sp500", "sha256": "ab"},
    )
    both = "2014-01-15 to 2014-01-28"
    found = opened(both, manifest, bars)
    assert found == {"market": "^GSPC", "bars": "ab", "first": "2014-01-15", "last": "2014-01-28"}
    own = {"symbol": None, "source": "csv", "sha256": "ab"}
    name = opened(both, own, bars)["market"]
    assert name.startswith("csv ") and name == opened(both, own, bars.iloc[:30])["market"]  # a longer file, one market
    assert name != opened(both, own, bars + 1.0)["market"]
