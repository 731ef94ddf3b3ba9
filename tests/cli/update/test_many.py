"""Many symbols at once: one line a day, the best of it, and symbols that cannot be used by name."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.symbols import dates_of
from buysignal.cli.update.command import STATUS
from buysignal.ship.journal import lines
from buysignal.ship.journal.followed import followed
from buysignal.ship.journal.table import table
from tests.cli.doctor.planted import build_many
from tests.cli.update.conftest import by_hand, updated
from tests.shared import once

LATER = 12
NEEDED = 50  # bars of an answer, or a few less; the planted panel has a symbol of 15


@pytest.fixture
def panel(tmp_path_factory, tmp_path, monkeypatch) -> dict[str, pd.DataFrame]:
    """Symbol -> its known bars and `LATER` days more; the test is in the folder of a project of many symbols."""
    built = once(tmp_path_factory, "planted_many", build_many)
    for name in ("models", "bars"):
        shutil.copytree(built / "data" / name, tmp_path / "data" / name)
    shutil.copy(built / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    known, found = pd.read_parquet("data/bars/bars.parquet"), {}
    days = pd.bdate_range(dates_of(known.index).max(), periods=LATER + 1, name="date")[1:]
    for at, (symbol, part) in enumerate(known.groupby(level="symbol")):
        close = part["close"].iloc[-1] * np.exp(np.cumsum(np.random.default_rng(at).normal(0, 0.01, LATER)))
        prices = {"open": close, "high": close * 1.008, "low": close * 0.992, "close": close, "volume": 1e6}
        found[symbol] = pd.concat([part.droplevel("symbol"), pd.DataFrame(prices, days)])
    return found


def folder(panel: dict[str, pd.DataFrame], days: int) -> str:
    shutil.rmtree("new", ignore_errors=True)
    for symbol, bars in panel.items():
        path = lines.PATH.parents[1] / "new" / f"{symbol}.csv"
        path.parent.mkdir(exist_ok=True)
        bars.iloc[-60 : len(bars) - LATER + days].to_csv(path)
    return "new"


def test_a_day_is_a_line_with_all_symbols_and_days_one_by_one_are_the_days_at_once(panel):
    for day in range(1, 5):
        by_hand(folder(panel, day))
    slowly = lines.read()
    lines.PATH.unlink()
    by_hand(folder(panel, 4))
    assert [line["answers"] for line in slowly.of("day")] == [line["answers"] for line in lines.read().of("day")]
    enough = {symbol for symbol, bars in panel.items() if len(bars) - LATER >= NEEDED}
    assert len(slowly.of("day")) == 4 and 1 < len(enough) < len(panel)
    for line in slowly.of("day"):
        assert set(line["bars"]) == set(panel) and set(line["answers"]) == enough
    assert len(followed(slowly).known) == 3 * len(enough)


def test_of_each_day_as_many_are_above_as_the_model_buys(panel):
    by_hand(folder(panel, 5))
    journal = lines.read()
    per_day = journal.of("model")[0]["promise"]["per_day"]
    found = table(journal, many=True)
    above = found["above"].groupby(level="date").sum()
    assert (above == per_day).all() if per_day else above.max() <= len(panel)


def test_one_bad_symbol_is_named_and_can_be_left_out(panel, capsys):
    symbol = sorted(panel)[1]
    panel[symbol].iloc[-LATER - 3, 3] *= 1.001
    assert updated(folder(panel, 2)) == STATUS["bad data"]
    assert capsys.readouterr().err.startswith(f"error: new: {symbol}: the known past has changed: another bar on ")
    assert not lines.PATH.exists()


def test_a_symbol_that_is_missing_or_new_is_told_and_the_others_are_answered(panel, capsys):
    gone, *_ = sorted(panel)
    panel["ZZZ"] = panel.pop(gone)
    updated(folder(panel, 2))
    out = capsys.readouterr().out
    assert "left out: " in out and gone in out and "ZZZ" in out
    assert gone not in lines.read().of("day")[-1]["answers"]


def test_one_market_for_a_model_of_many_is_refused(panel, capsys):
    one = next(iter(panel.values()))
    one.to_csv("one.csv")
    assert updated("one.csv") == STATUS["bad data"]
    assert "one.csv holds one symbol, and the model was trained on many: give them all" in capsys.readouterr().err
