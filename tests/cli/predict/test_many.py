"""`predict` for many symbols: ranked by probability, each as its file alone would be answered."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from buysignal.bars.reading import Wanted
from buysignal.cli.main import main
from buysignal.cli.predict import Predictor
from buysignal.cli.predict.answer import as_json
from buysignal.cli.predict.asked import answered
from buysignal.cli.predict.ranking import Ranking, ranked, summed
from buysignal.cli.predict.written import blocks
from buysignal.cli.told import terminal
from buysignal.core.errors import UserError
from buysignal.judge.params import DO_NOT_USE, USE
from tests.bars.panels import folder, long

TODAY = date(2014, 12, 20)  # the day after the last bar


def many(bars: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The run's market under one name, its last years, a part that ends early, and one that is too short."""
    return {"ALL": bars, "LATE": bars[-900:], "OLD": bars[:2000], "SHORT": bars[-30:]}


@pytest.fixture(scope="module")
def path(bars, tmp_path_factory):
    return folder(many(bars), tmp_path_factory.mktemp("many") / "folder")


def ranking(predictor, path, asked=None, today=TODAY, on_bad_symbol="error") -> Ranking:
    return ranked(
        predictor,
        path,
        asked,
        today,
        Wanted(volume=predictor.volume, spelled="--{} {}"),
        predictor.rules(),
        on_bad_symbol,
    )


def said(capsys, path, *words: str) -> tuple[int, str, str]:
    status = main(["predict", "--bars", str(path), *words])
    return status, *capsys.readouterr()


def test_each_symbol_is_answered_as_its_file_alone_and_the_most_probable_is_first(predictor, path):
    found = ranking(replace(predictor, anyway=True), path)
    assert set(found.rows.index) == {"ALL", "LATE", "OLD"}
    for symbol, row in found.rows.iterrows():
        alone = answered(replace(predictor, anyway=True), path / f"{symbol}.csv", None, None, TODAY)
        day = alone.days.iloc[0]
        assert row["date"] == alone.days.index[0] and row["bars"] == len(alone.bars)
        assert row[["score", "probability", "above", "buy", "volatility"]].tolist() == day.tolist()[:5]
    order = list(zip(-found.rows["probability"], -found.rows["score"], found.rows.index))
    assert order == sorted(order)


def test_a_symbol_too_short_is_named_and_the_others_are_answered(here, path, capsys):
    status, out, _ = said(capsys, path)
    short = "left out: SHORT: 30 bars up to 2014-12-19 are too few: the first answer of this model takes 69 (warm-up 49"
    assert status == 0 and f"{short} of tier a20, context 20)" in " ".join(out.split())
    assert out.index("verdict: ") == 0 and max(map(len, out.splitlines())) <= 100


def test_that_another_market_trained_the_model_is_said_once(here, path, capsys):
    words = "the model was trained on csv alone: of any other symbol nothing is promised"
    assert " ".join(said(capsys, path)[1].split()).count(words) == 1
    _, out, err = said(capsys, path, "--format", "csv")
    assert words not in out and err.count(words) == 1


def test_a_last_bar_is_old_by_the_latest_of_the_others(predictor, path):
    found = ranking(predictor, path)
    assert found.rows.loc["OLD", "warnings"].split() == ["stale", "used"] and found.rows.loc["ALL", "warnings"] == ""
    days = (pd.Timestamp("2014-12-19") - found.rows.loc["OLD", "date"]).days
    last = f"the last bar is of {found.rows.loc['OLD', 'date']:%Y-%m-%d}"
    assert found.cautions["OLD"][0].text == f"{last}, {days:,} days before the latest of all, 2014-12-19"
    assert [kind for kind, _, _ in summed(found)] == ["stale", "used"]
    assert [one.kind for one in found.general] == ["market"]
    later = ranking(predictor, path, today=date(2015, 1, 20))
    assert [one.text for one in later.general][1:] == ["the latest bar of all is of 2014-12-19, 32 days before today"]
    assert [one.kind for one in later.cautions["ALL"]] == []


def test_no_bar_after_the_day_that_is_asked_for_is_looked_at(predictor, path):
    found = ranking(predictor, path, asked=date(2011, 8, 6))  # a Saturday
    assert set(found.rows.index) == {"ALL", "OLD"} and set(found.rows["date"]) == {pd.Timestamp("2011-08-05")}
    assert found.rows.loc["ALL", "score"] == found.rows.loc["OLD", "score"]
    assert set(found.left_out) == {"LATE", "SHORT"}
    assert found.left_out["SHORT"].startswith("it has no bar on or before 2011-08-06: it begins on 2014-")
    assert found.general[1].text == "no symbol has a bar of 2011-08-06: the latest before it is of 2011-08-05"


def test_json_is_one_object_with_a_list_of_symbols(here, path, capsys):
    status, out, _ = said(capsys, path, "--format", "json")
    content, alone = json.loads(out), json.loads(said(capsys, path / "ALL.csv", "--format", "json")[1])
    keys = ["verdict", "model", "predicts", "bars", "since", "as_of", "threshold", "expected", "regime"]
    assert status == 0 and list(content) == [*keys, "symbols", "left_out", "warnings"]
    assert all(content[key] == alone[key] for key in keys if key != "bars")
    assert content["bars"] == {"file": "folder", "symbols": 4, "n": 5530, "first": "2005-01-03", "last": "2014-12-19"}
    day = alone["days"][0]
    [one] = [one for one in content["symbols"] if one["symbol"] == "ALL"]
    assert one == {"symbol": "ALL", "bars": 2600, **day, "buy": False} and list(one)[:3] == ["symbol", "date", "bars"]
    assert list(content["left_out"]) == ["SHORT"]
    assert {warning["kind"] for warning in content["warnings"]} >= {"market", "stale", "used"}


def test_csv_has_a_row_a_symbol(here, path, capsys):
    _, out, err = said(capsys, path, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["symbol"]: row["date"] for row in rows}["ALL"] == "2014-12-19" and len(rows) == 3
    assert {row["above"] for row in rows} <= {"0", "1"}
    first, *others = err.splitlines()
    assert first == "folder: plain form: 4 symbols, 5,530 bars 2005-01-03 to 2014-12-19"
    assert others[0].startswith("left out: SHORT: ") and others[1].startswith("warning: the model was trained on csv ")


def test_a_long_file_is_ranked_as_the_folder_and_one_of_its_symbols_as_one_market(here, bars, path, tmp_path, capsys):
    long(many(bars)).to_parquet(tmp_path / "folder.parquet")
    of_file, of_folder = (
        json.loads(said(capsys, one, "--format", "json")[1]) for one in (tmp_path / "folder.parquet", path)
    )
    assert of_file["symbols"] == of_folder["symbols"] and of_file["left_out"] == of_folder["left_out"]
    one = json.loads(said(capsys, tmp_path / "folder.parquet", "--symbol", "OLD", "--format", "json")[1])
    assert one["days"] == json.loads(said(capsys, path / "OLD.csv", "--format", "json")[1])["days"]


def test_held_is_said_of_symbols_above_the_threshold_of_a_model_not_to_be_used(predictor, path):
    model = predictor.model
    verdict = predictor.seen.verdict.model_copy(update={"word": DO_NOT_USE})
    chosen = model.expected.chosen.model_copy(update={"verdict": verdict})
    doubted = replace(model, threshold=0.0, expected=model.expected.model_copy(update={"chosen": chosen}))
    found = ranking(Predictor(doubted), path)
    assert found.rows["above"].all() and not found.rows["buy"].any()
    told = terminal(blocks(found, "folder", None))
    assert told.count("  held") == 3 and "\nabove the threshold: 3 of 3 symbols\n\nheld: the score reaches" in told
    assert ranking(Predictor(doubted, anyway=True), path).rows["buy"].all()


def test_a_verdict_earned_on_one_market_buys_no_other(predictor, path):
    model = predictor.model
    verdict = predictor.seen.verdict.model_copy(update={"word": USE})
    chosen = model.expected.chosen.model_copy(update={"verdict": verdict})
    regime = model.regime.model_copy(update={"market": "LATE"})
    used = replace(model, threshold=0.0, regime=regime, expected=model.expected.model_copy(update={"chosen": chosen}))
    found = ranking(Predictor(used), path)
    assert found.rows["above"].all() and found.rows["buy"].to_dict() == {"ALL": False, "LATE": True, "OLD": False}
    assert found.general[0].text.endswith("No buy is said of it without --anyway")
    anyway = ranking(Predictor(used, anyway=True), path)
    assert anyway.rows["buy"].all() and "--anyway" not in anyway.general[0].text


def of_day(predictor, symbols, per_day=1, anyway=False) -> Predictor:
    """The model as one to be used that was trained on some symbols and buys the best of each day."""
    model = predictor.model
    verdict = predictor.seen.verdict.model_copy(update={"word": USE})
    chosen = model.expected.chosen.model_copy(update={"verdict": verdict})
    expected = model.expected.model_copy(update={"chosen": chosen})
    regime = model.regime.model_copy(update={"symbols": symbols, "market": f"{len(symbols)}-symbols"})
    return Predictor(replace(model, threshold=0.0, per_day=per_day, regime=regime, expected=expected), anyway)


def test_the_best_of_the_newest_day_are_bought_and_of_equal_scores_the_first_name(predictor, bars, tmp_path):
    """B and A are one market under two names; OLD ends earlier, and NEW is none that the model was trained on."""
    path = folder({"B": bars, "A": bars, "OLD": bars[:2000], "NEW": bars}, tmp_path / "folder")
    found = ranking(of_day(predictor, ("A", "B", "OLD")), path)
    assert found.rows["above"].to_dict() == found.rows["buy"].to_dict()
    assert found.rows.index[found.rows["buy"]].tolist() == ["A"] and found.among == ("A", "B")
    told = terminal(blocks(found, "folder", None))
    assert "\nthe best of 2 symbols on 2014-12-19; the model was trained on 3\n" in told
    assert "\nbuy the best of each day, whatever their scores; no threshold is certified\n" in told
    older = "1 of 4 symbols without a bar of 2014-12-19, the latest day of all (OLD): the best of that day cannot be"
    assert f"{older} of these" in [one.text for one in found.general] and older in " ".join(told.split())
    anyway = ranking(of_day(predictor, ("A", "B", "OLD"), 3, anyway=True), path)
    assert set(anyway.rows.index[anyway.rows["buy"]]) == {"A", "B", "NEW"}


@pytest.mark.parametrize("per_day", [1, 2, 3, 9])
def test_no_more_are_bought_than_the_model_buys_a_day(predictor, bars, tmp_path, per_day):
    path = folder({name: bars.iloc[start:] for start, name in enumerate("FDBACE")}, tmp_path / "folder")
    found = ranking(of_day(predictor, tuple("ABCDEF"), per_day), path)
    best = found.rows.sort_index().sort_values("score", ascending=False, kind="stable").index[:per_day]
    assert set(found.rows.index[found.rows["buy"]]) == set(best) and len(best) == min(per_day, 6)


def test_one_symbol_by_itself_has_no_place_among_others_and_is_no_buy(predictor, path):
    asked = (path / "ALL.csv", None, None, TODAY)
    alone, anyway = (answered(of_day(predictor, ("ALL", "X"), 1, say), *asked) for say in (False, True))
    assert not alone.days["buy"].any() and anyway.days["buy"].all()
    said = "this model buys the best of each day among 2 symbols: one by itself has a score and no place among them"
    assert alone.cautions[0].text == f"{said}, and no buy is said of it without --anyway"
    assert anyway.cautions[0].text == said
    assert json.loads(as_json(alone))["threshold"]["per_day"] == 1


def test_a_bad_symbol_is_one_line_that_names_no_key_of_params_or_is_left_out(here, bars, tmp_path, capsys):
    path = folder({"ALL": bars, "BAD": bars.iloc[[*range(2600), 2599]]}, tmp_path / "folder")
    status, out, err = said(capsys, path)
    assert (status, out, len(err.splitlines())) == (2, "", 1) and "ingest." not in err
    assert err.startswith("error: symbol BAD is bad: ") and err.endswith("; or give --on-bad-symbol drop\n")
    status, out, _ = said(capsys, path, "--on-bad-symbol", "drop")
    assert status == 0 and "left out: BAD: " in " ".join(out.split())


def test_where_no_symbol_has_an_answer_it_is_told(here, bars, tmp_path, capsys):
    short = folder({"A": bars[:30], "B": bars[:40]}, tmp_path / "short")
    assert "none of 2 symbols has an answer; A: 30 bars up to" in said(capsys, short)[2]


def test_moves_too_wild_for_a_feature_are_a_bad_symbol(predictor, path, monkeypatch):
    def wild(self, bars, days=None):
        raise UserError("the bars make features of tier a20 too large: their moves are too wild")

    monkeypatch.setattr(Predictor, "answers", wild)
    with pytest.raises(UserError, match=r"symbol ALL: the bars make .* too wild; or give --on-bad-symbol drop"):
        ranking(predictor, path)
    with pytest.raises(UserError, match="none of 4 symbols has an answer"):
        ranking(predictor, path, on_bad_symbol="drop")
