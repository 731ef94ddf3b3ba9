"""The learning curve of many symbols: every cell is judged on the same rows and knows no day of them."""

import numpy as np
import pandas as pd
import pytest
from bench.panel.cells import DRAWS, JUDGED_TO, STOPPED_TO, TRAINED_TO, YEARS, Cell, cells
from bench.panel.curve import CONTENDERS, LOGISTIC, PER_DAY, row
from bench.panel.fitted import FEWEST, MOST, ROWS, SEEN, protocol

from buysignal.bars.symbols import dates_of
from buysignal.days.columns import PURGED


@pytest.fixture(scope="module")
def table():
    """Five symbols from 1999 to 2015, of which E is listed in 2009."""
    dates = pd.bdate_range("1999-01-04", "2015-12-31", name="date")
    parts = {name: pd.DataFrame({"x": 0.0}, dates[2600:] if name == "E" else dates) for name in "ABCDE"}
    return pd.concat(parts, names=["symbol", "date"])


@pytest.mark.parametrize("cell", [Cell(1, 2, 0), Cell(3, 9, 1)], ids=lambda cell: cell.name)
def test_a_cell_trains_on_its_own_symbols_and_years_and_is_judged_on_all(table, cell):
    found = cell.table(table, 1, 7)
    dates, names = dates_of(found.index), found.index.get_level_values("symbol")
    own = cell.chosen(table.index, 7)
    assert len(own) == cell.symbols and "E" not in own
    train, stop, judged = (found["role"] == role for role in ("train", "stop", "rank"))
    assert set(names[train]) == set(names[stop]) == set(own) and set(names[judged]) == set("ABCDE")
    begin = TRAINED_TO - pd.DateOffset(years=cell.years)
    assert begin < dates[train].min() <= begin + pd.Timedelta(days=4) and dates[train].max() < TRAINED_TO
    assert dates[stop].min() > TRAINED_TO and dates[stop].max() < STOPPED_TO < dates[judged].min()
    assert dates.max() <= JUDGED_TO


def test_the_last_days_of_a_role_whose_label_looks_into_the_next_have_none(table):
    found = Cell(2, 4, 0).table(table, 3, 7)
    last = dates_of(found.index[found["role"] == "train"]).max()
    assert last == pd.bdate_range(end=TRAINED_TO, periods=4)[0]
    between = (dates_of(found.index) > last) & (dates_of(found.index) <= TRAINED_TO)
    assert (found["role"][between] == PURGED).all()


def test_every_cell_is_judged_on_the_same_rows(table):
    judged = [
        (one := Cell(n, years, 0).table(table, 1, 7)).index[one["role"] == "rank"] for n, years in ((1, 2), (3, 9))
    ]
    assert judged[0].equals(judged[1])


def test_all_symbols_of_a_panel_are_one_draw_and_few_are_drawn_anew():
    assert [cell.draw for cell in cells() if cell.symbols == 475] == [0] * len(YEARS)
    assert sum(1 for _ in cells()) == len(YEARS) * sum(DRAWS.values())


def test_a_small_cell_has_more_epochs_within_bounds():
    assert protocol(500).epochs == MOST and protocol(ROWS).epochs == protocol(10 * ROWS).epochs == SEEN // ROWS
    assert protocol(20_000).epochs == 20 and protocol(10**9).epochs >= FEWEST


def test_a_lead_is_that_of_the_mean_over_the_draws_and_a_perfect_score_leads_a_wrong_one():
    rng = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [[f"S{i}" for i in range(9)], pd.bdate_range("2010-01-04", periods=60)], names=["symbol", "date"]
    ).sort_values()
    index = index[np.lexsort((index.get_level_values("symbol"), index.get_level_values("date")))]
    label = (rng.random(len(index)) < 0.5).astype(np.int8)
    chance = pd.DataFrame({name: rng.random(len(index)) for name in (LOGISTIC, *CONTENDERS)}, index)
    perfect = chance.assign(transformer=label + chance["transformer"])
    found = row([perfect.assign(label=label), chance.assign(label=label)], 1)
    assert (found["draws"], found["buys"]) == (2, PER_DAY * 60)
    alone = row([chance.assign(label=label)], 1)["precision"]["transformer"]
    best = row([perfect.assign(label=label)], 1)["precision"]["transformer"]
    assert best > 0.9 and found["precision"]["transformer"] == pytest.approx((best + alone) / 2)
    assert found["lead"]["transformer"]["low"] > 0.1
    assert found["lead"]["boosting"]["low"] < 0 < found["lead"]["boosting"]["high"]
