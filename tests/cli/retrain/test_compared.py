"""Two models on the same days: precision, recall and AUC are those of the rows, and a bound decides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from buysignal.cli.retrain.compared import as_blocks, of_rows
from buysignal.judge.evidence import evidence

DAYS = pd.bdate_range("2019-01-01", periods=4, name="date")


def rows(label, old, new, index=DAYS, floor: float = 0.5) -> pd.DataFrame:
    table = {
        "score_old": old,
        "above_old": np.array(old) >= floor,
        "score_new": new,
        "above_new": np.array(new) >= floor,
    }
    return pd.DataFrame(table | {"label": label}, index=index)


def test_precision_recall_and_auc_are_those_counted_by_hand():
    found = of_rows(rows([1, 0, 1, 0], [0.9, 0.8, 0.2, 0.1], [0.9, 0.3, 0.6, 0.1]), 1, (3, 1))
    assert (found.old.precision, found.old.recall, found.old.n_buys) == (0.5, 0.5, 2)
    assert (found.new.precision, found.new.recall, found.new.n_buys) == (1.0, 1.0, 2)
    assert found.difference.difference == 1.0 - 0.75  # of four pairs the old one has three in order
    assert (found.first, found.last, found.n) == (DAYS[0], DAYS[-1], 4)
    assert (found.old.seeds, found.new.seeds) == (3, 1)


def drawn(n: int, old_noise: float, new_noise: float, symbols: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2019-01-01", periods=n, name="date")
    index = (
        days if symbols == 1 else pd.MultiIndex.from_product([days, list("ab")], names=["date", "symbol"]).swaplevel()
    )
    hidden = np.repeat(rng.normal(size=n), symbols)
    scores = [1 / (1 + np.exp(-(hidden + rng.normal(size=len(index)) * noise))) for noise in (old_noise, new_noise)]
    return rows((hidden > 0.5).astype(int), *scores, index=index)


def test_a_better_one_is_shown_not_worse_and_a_worse_one_is_not():
    assert of_rows(drawn(250, 2.0, 0.5), 1, (1, 1)).not_worse(0.0)
    assert not of_rows(drawn(250, 0.5, 2.0), 1, (1, 1)).not_worse(0.02)


def test_the_same_scores_lose_nothing_and_few_days_of_equals_show_little():
    same = of_rows(drawn(60, 1.0, 1.0).assign(score_new=lambda x: x["score_old"]), 1, (1, 1))
    assert same.difference.difference == same.difference.low == 0.0 and same.not_worse(0.02)
    assert not of_rows(drawn(60, 1.0, 1.0), 1, (1, 1)).not_worse(0.02)


def test_the_bound_is_the_one_sided_one():
    found = of_rows(drawn(250, 2.0, 0.5), 1, (1, 1))
    assert found.difference.confidence == pytest.approx(0.90)  # 5 % lie below its lower end
    assert not found.not_worse(-found.difference.low) and found.not_worse(-found.difference.low + 1e-9)


def test_days_of_one_label_show_nothing():
    found = of_rows(rows([0, 0, 0, 0], [0.9, 0.8, 0.2, 0.1], [0.9, 0.3, 0.6, 0.1]), 1, (1, 1))
    assert found.difference.low == 0.0 and not found.not_worse(0.5)
    assert "every day has the same label: nothing is shown" in as_blocks(found, {"old": "x", "new": "y"}, 0.5)[-1]


def test_of_many_symbols_dates_are_counted_and_drawn():
    table = drawn(120, 2.0, 0.5, symbols=2)
    found = of_rows(table, 1, (1, 1))
    assert found.n == 120 and found.old.n_buys == int(table["above_old"].sum())
    alone = of_rows(table.xs("a", level="symbol"), 1, (1, 1))
    width = found.difference.difference - found.difference.low
    assert width > 0.5 * (alone.difference.difference - alone.difference.low)  # twins are no second half of the days


def test_the_text_has_precision_first_and_what_must_be_reached():
    found = of_rows(drawn(250, 2.0, 0.5), 1, (1, 1))
    days, both, shown = as_blocks(found, {"old": "a50-x", "new": "a50-y"}, 0.02)
    table = drawn(250, 2.0, 0.5)
    right = evidence(table["label"].to_numpy(), table["above_new"].to_numpy(), 1, 0.95, 1, 1)
    assert days.startswith("250 trading days that neither has seen, 2019-01-01 to ")
    new = f"- new (a50-y): precision {right.precision:.3f} ({right.precision_interval[0]:.3f} to "
    assert both.splitlines()[1].startswith(new)
    assert shown == "the new one is shown not worse: that bound must be above -0.020 (retrain.margin)"
