"""A range of days in one call: to the bit what each day was answered by itself, whatever came later."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.bars.panel import read_panel
from buysignal.bars.reading import Wanted
from buysignal.cli.predict import Predictor
from buysignal.cli.predict.asked import answered
from buysignal.cli.predict.blocks import SIZE
from buysignal.cli.predict.history import EVERY, answers_between, settled
from buysignal.cli.predict.many_days import ranged
from buysignal.cli.predict.ranking import ranked
from buysignal.core.files import read_json
from buysignal.models.rivals.garch import Garch, GarchTouch
from tests.bars.panels import folder
from tests.cli.predict.test_many import TODAY, of_day

FIRST = pd.Timestamp.min


@pytest.fixture(scope="module")
def everybody(run, searched) -> dict[str, Predictor]:
    """Every contender of the run by its folder, one of the search, and a GARCH, which buys nothing there."""
    found = {name: Predictor.load(run / "data/models" / name) for name in read_json(run / "data/models/models.json")}
    model = found["a20-touch"].model
    fitted = GarchTouch(GarchTouch.card_of("a20", 4, (7,)), asdict(Garch(0.02, 0.08, 0.9, 5.0, 0.6, 4)))
    return found | {
        "searched": found[searched],
        "a20-garch": Predictor(replace(model, card=fitted.card, fitted=fitted)),
    }


def one_by_one(predictor, bars, days) -> pd.DataFrame:
    """The same by bars that end with each day."""
    return pd.concat([predictor.predict(bars.loc[:day], 1) for day in days])


def test_every_kind_of_contender_is_there(everybody):
    families = {one.model.card.family for one in everybody.values()}
    assert families == {"formula", "logistic", "garch", "boosting", "transformer", "blend"}
    assert any(getattr(one.model.fitted, "under", None) for one in everybody.values())


def test_a_range_has_the_bits_of_its_days_asked_one_by_one(everybody, bars):
    """The first answers, over the edges of two blocks, and the last."""
    for predictor in everybody.values():
        start = predictor.needed - 1
        for days in (bars.index[start : start + 3], bars.index[start + SIZE - 2 : start + 2 * SIZE + 2 : 9]):
            found = answers_between(predictor, bars, days[0], days[-1])
            assert found.loc[days].equals(one_by_one(predictor, bars, days))
        days = bars.index[-4:]
        found = answers_between(predictor, bars, bars.index[-2 * SIZE], days[-1])
        assert len(found) == 2 * SIZE and found.loc[days].equals(one_by_one(predictor, bars, days))


@given(
    st.sampled_from(["searched", "a20-added", "a20-blend", "a20-garch", "a20-volatility"]),
    st.integers(0, 300),
    st.integers(0, 70),
    st.integers(0, 400),
)
@settings(max_examples=15, deadline=None)
def test_neither_where_a_range_begins_nor_where_it_ends_changes_a_bit(everybody, bars, name, begin, length, more):
    predictor = everybody[name]
    days = bars.index[predictor.needed - 1 + begin :][: length + 1]
    found = answers_between(predictor, bars, days[0], days[-1])
    wider = answers_between(predictor, bars.iloc[: predictor.needed + begin + length + more], FIRST, bars.index[-1])
    assert found.index.equals(days) and found.equals(wider.loc[days])


def test_no_answer_of_a_range_knows_a_later_bar(everybody, bars):
    cut, rng = 1200, np.random.default_rng(3)
    wild = bars.copy()
    wild.iloc[cut:] *= np.exp(rng.normal(0, 0.2, (len(bars) - cut, 1)))
    for predictor in everybody.values():
        days = bars.index[cut - 50], bars.index[cut + 9]
        right, found = (answers_between(predictor, some, *days) for some in (bars, wild))
        assert found.iloc[:50].equals(right.iloc[:50]) and not found.iloc[50:].equals(right.iloc[50:])


def test_a_range_without_bars_enough_has_no_row_and_all_columns(predictor, bars):
    day = bars.index[predictor.needed - 1]
    none = answers_between(predictor, bars, FIRST, bars.index[predictor.needed - 2])
    one = answers_between(predictor, bars, FIRST, day)
    assert len(none) == 0 and one.index.tolist() == [day] and one.index.name == none.index.name
    assert none.dtypes.equals(one.dtypes)
    assert len(answers_between(predictor, bars, day + pd.Timedelta(days=1), day)) == 0


@pytest.mark.parametrize("told_by", ["adj_close", "splits"])
def test_a_day_before_a_split_is_answered_by_the_prices_that_were_known_on_it(everybody, bars, tmp_path, told_by):
    """A transformer that sees prices answers otherwise by those that the split rescales."""
    predictor, at = everybody["searched"], 1500
    whole = bars.copy()
    before = whole.index < whole.index[at]
    whole["adj_close"] = whole["close"]
    whole.loc[before, ["open", "high", "low", "close"]] *= 4
    whole.loc[before, "volume"] /= 4
    if told_by == "splits":
        whole["Stock Splits"] = np.where(np.arange(len(whole)) == at, 4.0, 0.0)
        whole = whole.drop(columns="adj_close")
    whole.to_csv(tmp_path / "split.csv")
    days = whole.index[at - 3 : at + 3]
    begin, end = days[0].date(), days[-1].date()
    found = answered(predictor, tmp_path / "split.csv", end, begin).days
    alone = [answered(predictor, tmp_path / "split.csv", day.date()).days for day in days]
    assert found.equals(pd.concat(alone))
    adjusted = answered(predictor, tmp_path / "split.csv", end, begin, rules=predictor.rules("splits"))
    later = answers_between(predictor, bars, days[0], days[-1])
    assert (adjusted.days["score"].iloc[:3] != later["score"].iloc[:3]).all()
    np.testing.assert_allclose(adjusted.days["score"].iloc[3:], later["score"].iloc[3:], rtol=0, atol=1e-6)


@pytest.fixture(scope="module")
def path(bars, tmp_path_factory):
    """One market under two names, one that begins late, one that ends early, one too short, one unknown."""
    parts = {"A": bars, "B": bars, "LATE": bars[1200:], "OLD": bars[:1290], "SHORT": bars[-30:], "NEW": bars[100:]}
    return folder(parts, tmp_path_factory.mktemp("days") / "folder")


def how(predictor) -> tuple:
    return TODAY, Wanted(volume=predictor.volume, spelled="--{} {}"), predictor.rules(), "error"


@pytest.mark.parametrize(("per_day", "anyway"), [(0, False), (1, False), (2, False), (2, True)])
def test_many_symbols_are_answered_on_each_day_as_the_ranking_of_that_day(predictor, path, per_day, anyway):
    one = of_day(predictor, ("A", "B", "LATE", "OLD"), per_day, anyway)
    begin, end = date(2009, 10, 30), date(2010, 1, 5)
    found = ranged(one, path, begin, end, *how(one)).rows
    days = found.index.unique("date")
    sizes = [len(found.loc[day]) for day in days]
    assert (sizes[0], max(sizes), sizes[-1]) == (4, 5, 4)  # LATE begins, and OLD ends
    for day in days[::4]:
        ranking = ranked(one, path, day.date(), *how(one)).rows
        ranking = ranking[ranking["date"] == day]
        columns = ["score", "probability", "above", "buy", "volatility"]
        assert found.loc[day][columns].equals(ranking[columns])


def test_many_symbols_have_the_bits_of_their_files_alone_and_of_one_frame(predictor, path, bars):
    one = of_day(predictor, ("A", "B", "LATE", "OLD"), 2)
    panel = read_panel(path, Wanted(volume=predictor.volume), one.rules(), "error").bars
    found = answers_between(one, panel, bars.index[1280], bars.index[1295])
    assert found.index.names == ["symbol", "date"] and found.index.is_monotonic_increasing
    alone = answers_between(one, bars, bars.index[1280], bars.index[1295])
    assert found.loc["B", "score"].equals(alone["score"]) and len(found.loc["OLD"]) == 10
    rows = ranged(one, path, bars.index[1280].date(), bars.index[1295].date(), *how(one)).rows
    assert found.equals(rows.swaplevel().sort_index())


def test_the_best_of_a_day_are_those_that_may_be_bought_and_of_equal_scores_the_first_name(predictor):
    day, next_day = pd.Timestamp("2020-01-02"), pd.Timestamp("2020-01-03")
    scores = {("A", day): 0.5, ("B", day): 0.5, ("X", day): 0.9, ("A", next_day): 0.1, ("B", next_day): 0.2}
    rows = pd.Series(scores, name="score").rename_axis(["symbol", "date"]).to_frame().assign(above=True)
    assert settled(of_day(predictor, ("A", "B")), rows)["buy"].tolist() == [True, False, False, False, True]
    by_threshold = settled(of_day(predictor, ("A", "B"), 0), rows)
    assert by_threshold["above"].all() and by_threshold["buy"].tolist() == [True, True, False, True, True]
    assert settled(of_day(predictor, ("A", "B"), 1, True), rows)["buy"].tolist() == [False, False, True, False, True]


def test_since_every_day_is_since_the_first_that_has_an_answer(predictor, run, bars):
    found = answered(predictor, run / "new.csv", None, EVERY)
    assert found.since is None and found.days.index.equals(bars.index[predictor.needed - 1 :])
