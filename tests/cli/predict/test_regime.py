"""What a model was trained in, and what its buys came to, as the manifest keeps them."""

from __future__ import annotations

import doctest

import numpy as np
import pandas as pd
import pytest

from buysignal.core.files import read_json
from buysignal.judge.evidence import EVIDENCE as KEYS
from buysignal.judge.evidence import missing
from buysignal.models import scores
from buysignal.ship import regime
from buysignal.ship.regime import regime_of, volatility


def test_the_example_of_the_documentation_is_what_happens():
    assert doctest.testmod(regime).failed == 0 < doctest.testmod(regime).attempted


def test_a_volatility_looks_back_twenty_returns_and_not_further():
    close = pd.Series(np.exp([0.0] * 21 + [0.1] * 21))
    found = volatility(close)
    assert found.iloc[:20].isna().all() and found.iloc[20] == 0
    # one return of 0.1 among twenty: mean 0.005, deviation 0.1 sqrt(0.05 * 0.95)
    once = 0.1 * np.sqrt(0.05 * 0.95) * np.sqrt(252)
    np.testing.assert_allclose(found.iloc[21:41], once)
    assert found.iloc[41] == pytest.approx(0, abs=1e-12)


def test_the_range_is_that_of_the_days_trained_on_alone():
    days = pd.bdate_range("2001-01-01", periods=300, name="date")
    move = np.where(np.arange(300) < 200, 0.01, 0.5) * np.where(np.arange(300) % 2, 1, -1)
    bars = pd.DataFrame({"close": np.exp(np.cumsum(move))}, index=days)
    found = regime_of(bars, days[30:150], "csv", 7)
    assert (found.market, found.max_gap_days) == ("csv", 7)
    assert [found.first, found.last, found.seen] == [f"{days[at]:%Y-%m-%d}" for at in (30, 149, 299)]
    assert found.low == pytest.approx(0.01 * np.sqrt(252)) and found.high == pytest.approx(found.low)
    # the close is e^-0.01 and 1 in turn up to bar 199; later it is lower, but not in the train role
    assert found.largest_move == pytest.approx(0.01)  # the moves of 0.5 come later
    assert found.least_close == pytest.approx(np.exp(-0.01)) and bars["close"].min() < 0.7


def test_the_range_leaves_out_a_hundredth_at_each_end(run, bars):
    said = read_json(run / "data/models/shipped/model.json")["regime"]
    inside = volatility(bars["close"]).loc[said["first"] : said["last"]].between(said["low"], said["high"])
    assert inside.mean() == pytest.approx(0.98, abs=0.002)
    assert said["seen"] == f"{bars.index[-1]:%Y-%m-%d}" and said["market"] == "csv"


def test_what_is_expected_is_what_the_test_role_showed(run):
    """The manifest against metrics/train.json, and against the scores of the threshold role."""
    train = read_json(run / "metrics/train.json")
    rows = {row["name"]: row for row in (*train["models"], *train["others"])}
    judged = {row["name"]: row for row in read_json(run / "metrics/selection.json")}
    tested = {model.card.name: model for model in scores.read(run / "data/tested")}
    for folder in read_json(run / "data/models/models.json"):
        manifest = read_json(run / f"data/models/{folder}/model.json")
        said, name = manifest["expected"], manifest["card"]["name"]
        assert missing(said) == []
        assert said["chosen"]["test"] == {key: rows[name][key] for key in KEYS}
        assert said["confidence"] == pytest.approx(rows[name]["interval_confidence"])
        for key in ("precision", "recall", "n_buys", "hits", "base_rate"):
            assert said["chosen"]["threshold"][key] == judged[name][key]
        assert said["precision_shrunk"] == pytest.approx(judged[name]["precision_shrunk"], abs=1e-6)
        days = tested[name].dates
        assert (said["n"], said["first"], said["last"]) == (len(days), f"{days[0]:%Y-%m-%d}", f"{days[-1]:%Y-%m-%d}")
