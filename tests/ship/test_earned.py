"""What ships on the test role: its days alone, beside the volatility logistic of its tier, and both files of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.returns import ewma_deviation
from buysignal.core.files import read_json
from buysignal.days.params import Label
from buysignal.judge.money import Trades
from buysignal.judge.params import Costs, Exit
from buysignal.judge.tear import COLUMNS
from buysignal.models.scores import Scored
from buysignal.ship.earned import sheet, write
from tests.features.samples import random_bars
from tests.judge.examples import RULES as ANY
from tests.judge.examples import card

LABEL = Label(kind="touch", stop=-1.0, horizon=2, threshold=0.01, barrier="fixed", multiple=1.0)
RULES = replace(ANY, horizon=LABEL.horizon)
BARS = random_bars(40)
COSTS, EXIT = Costs(bps=5), Exit(stop=-1)
TRADES = Trades.of(BARS, LABEL, COSTS, EXIT)
ROLE = np.array(["threshold"] * 20 + ["test"] * 18)


def scored(name, score):
    label = (np.arange(38) % 3 == 0).astype(np.int8)
    return Scored(card(name=name, tier="a50", seeds=()), BARS.index[:38], ROLE, label, np.array([score]))


MODEL = scored("a50-2M-T8", np.linspace(0, 1, 38))
LOGISTIC = scored("a50-volatility", np.linspace(1, 0, 38))


def made(threshold):
    return sheet(MODEL, threshold, {"a50": [LOGISTIC]}, BARS, RULES, TRADES, 1)


def test_only_the_days_of_the_test_role_are_traded():
    found = made(30 / 37)  # the last eight days; the logistic prefers the first eight of the role
    net = TRADES.gross.to_numpy() - 0.0005
    assert found.dates.equals(BARS.index[20:38]) and found.model.buys == found.volatility.buys == 8
    assert found.model.mean == pytest.approx(net[30:38].mean())
    assert found.volatility.mean == pytest.approx(net[20:28].mean())
    assert found.always.mean == pytest.approx(net[20:38].mean())
    assert found.horizon == 2 and found.cost == pytest.approx(0.0005)
    assert found.buckets[2].high == pytest.approx(ewma_deviation(BARS["close"])[20:38].max())


def test_of_many_symbols_each_has_its_own_deviation_and_a_day_stands_once():
    bars = pd.concat({"A": BARS, "B": random_bars(40, seed=3)}, names=["symbol", "date"])
    trades = Trades.of(bars, LABEL, COSTS, EXIT)
    role, label = np.tile(ROLE, 2), (np.arange(76) % 3 == 0).astype(np.int8)
    of = {"index": trades.gross.index, "role": role, "label": label}
    model, logistic = (
        Scored.of_rows(card(name=name, tier="a50", seeds=()), scores=np.array([score]), **of)
        for name, score in (("a50-2M-T8", np.linspace(0, 1, 76)), ("a50-volatility", np.linspace(1, 0, 76)))
    )
    found = sheet(model, 72 / 75, {"a50": [logistic]}, bars, RULES, trades, 1)  # the last four days of B
    net = trades.gross.to_numpy() - 0.0005
    assert found.dates.equals(BARS.index[20:38]) and found.model.buys == found.many.days_bought == 4
    assert found.model.mean == pytest.approx(net[72:76].mean())
    assert found.volatility.mean == pytest.approx(net[34:38].mean())  # A on the same days
    assert found.always.buys == 36 and {one.symbol for one in found.worst} == {"B"}
    deviation = ewma_deviation(bars.loc["B", "close"])
    assert [one.deviation for one in found.worst] == pytest.approx([deviation[one.date] for one in found.worst])


def test_a_model_that_never_buys_and_a_closed_role_write_null_and_a_header(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert made(2.0) is None
    write(None)
    assert read_json("metrics/tear.json") is None
    assert (tmp_path / "plots/tear/equity.csv").read_text() == ",".join(COLUMNS) + "\n"


def test_both_files_say_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(made(0.7))
    told, rows = read_json("metrics/tear.json"), pd.read_csv("plots/tear/equity.csv")
    assert list(rows) == list(COLUMNS) and len(rows) == told["days"] == 18
    for name in ("model", "always", "volatility"):
        assert rows[name].iloc[-1] == pytest.approx(1 + told[name]["total_return"], abs=2e-6)
