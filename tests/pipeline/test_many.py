"""Bars of many symbols go through every stage: registered, opened, reported, and used on a folder of today's bars."""

import json

import pandas as pd
import pytest

from buysignal.judge.evidence import missing
from tests.features.samples import random_bars
from tests.pipeline.project import Project
from tests.shared import once

LENGTHS = {"S0": 900, "S1": 900, "S2": 800, "S3": 700, "S4": 30}


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A project built on five symbols, of which one is too short for a row, then registered and opened."""
    return Project.at(once(tmp_path_factory, "many", _built) / "project")


def _built(folder):
    (folder / "project").mkdir()
    project = Project(folder / "project", workers=2)
    (folder / "project/stocks").mkdir()
    for seed, (symbol, days) in enumerate(LENGTHS.items()):
        random_bars(900, seed).iloc[:days].to_csv(folder / f"project/stocks/{symbol}.csv")
    by_day = {"hpo.objective": "precision_per_day", "hpo.per_day": 2, "boosting.trials": 2}
    project.set(**{"ingest.source": "folder", "ingest.csv": "stocks"} | by_day)
    project.commit("many")
    project.repro()
    project.commit("built")
    project.run("python", "-m", "buysignal", "register")
    project.repro()
    project.commit("registered")


def read(project, name):
    return json.loads((project.folder / name).read_text())


def test_every_symbol_with_enough_bars_has_rows_of_the_same_dates_in_a_role(many):
    table = pd.read_parquet(many.folder / "data/features/a20.parquet")
    assert table.index.names == ["symbol", "date"] and set(table.index.unique("symbol")) == {"S0", "S1", "S2", "S3"}
    dates = table.index.get_level_values("date")
    spans = pd.Series(dates, table["role"].to_numpy()).groupby(level=0).agg(["min", "max"]).drop("purged")
    spans = spans.sort_values("min")
    assert (spans["max"].to_numpy()[:-1] < spans["min"].to_numpy()[1:]).all()
    assert read(many, "metrics/ingest.json")["symbols"] == list(LENGTHS)


def test_boosting_and_transformers_were_searched_for_the_best_of_each_day(many):
    tuning = pd.read_parquet(many.folder / "data/baseline/a20/tuning.parquet")
    assert len(tuning) == 2 and (tuning["value"] != tuning["auc"]).all()
    rows = {row["name"]: row for row in read(many, "metrics/selection.json")}
    counts = {name: rows[f"a20-{name}"]["configurations"] for name in ("boosting", "boosting-tuned")}
    assert counts == {"boosting": 1, "boosting-tuned": 2}
    trials = pd.read_parquet(many.folder / "data/trials/trials.parquet")
    assert len(trials) > 2 and (trials["value"] != trials["auc"]).all()
    assert read(many, "metrics/analyze.json")["objective"] == "precision_per_day"
    assert "precision_per_day" in read(many, "metrics/rounds.json")["supplement"][0]["difference"]


def test_what_ships_was_opened_once_and_has_a_verdict_by_dates(many):
    told = read(many, "metrics/train.json")
    assert len((many.folder / "metrics/ledger.jsonl").read_text().splitlines()) == 1
    assert told["look"] and told["shipped"] and told["verdict"]["word"] in ("use", "do not use", "cannot tell")
    scores = pd.read_parquet(many.folder / "data/tested/scores.parquet")
    assert list(scores.columns)[:4] == ["model", "member", "symbol", "date"]
    row = next(one for one in (*told["models"], *told["others"]) if one["name"] == told["shipped"])
    one = scores[scores["model"] == told["shipped"]]
    assert row["n"] == len(one) > one["date"].nunique()
    sheet, curve = read(many, "metrics/tear.json"), pd.read_csv(many.folder / "plots/tear/equity.csv")
    assert sheet["model"]["buys"] == row["n_buys"] and sheet["many"]["rows"] == row["n"]
    assert len(curve) == sheet["days"] == one["date"].nunique() and sheet["worst"][0]["symbol"] in LENGTHS


def test_what_ships_is_told_by_symbol_and_year_of_the_test_role(many):
    told, row = read(many, "metrics/symbols.json"), read(many, "metrics/test.json")["test"]
    assert (told["name"], told["role"]) == (read(many, "metrics/train.json")["shipped"], "test")
    table = pd.read_parquet(many.folder / "data/features/a20.parquet").query("role == 'test'")
    days = table.groupby("symbol")["label"].agg(["count", "sum"]).reset_index().to_numpy().tolist()
    assert [[one["name"], one["days"], one["positives"]] for one in told["symbols"]] == days
    assert [name for name, *_ in days] == ["S0", "S1", "S2"]  # S3 ends before
    months = pd.read_parquet(many.folder / "data/symbols.parquet")
    for parts in (told["symbols"], told["years"], months.to_dict("records")):
        assert sum(one["n_buys"] for one in parts) == row["n_buys"]
    assert missing(told) == []
    report, page = ((many.folder / f"metrics/{name}.md").read_text() for name in ("report", "pages/symbols"))
    assert "<summary>By symbol and year</summary>" in report and page.startswith("# By symbol") and "| S2 " in page


def test_the_views_by_symbol_and_year_are_drawn_and_compared(many):
    told = read(many, "metrics/symbols.json")
    for kind in ("symbol", "year"):
        bought = [[one["name"], one["n_buys"], one["hits"]] for one in told[f"{kind}s"] if one["n_buys"]]
        table = pd.read_csv(many.folder / f"plots/{kind}s.csv", dtype={kind: str})
        assert table[[kind, "n_buys", "hits"]].to_numpy().tolist() == bought != []
    compared = json.loads(many.run("dvc", "plots", "diff", "HEAD~1", "HEAD", "--json").stdout)
    assert "errors" not in compared
    for name in ("hits by symbol", "precision by year", "buys by year"):
        [panel] = compared["data"][name]
        assert "HEAD" in panel["revisions"]


def test_before_the_test_role_is_opened_it_is_told_of_the_threshold_role(many, tmp_path):
    project = many.copy(tmp_path / "project")
    project.run("git", "checkout", "HEAD~1", "--", "registered.yaml")
    project.run("dvc", "repro", "symbols")
    told, headline = read(project, "metrics/symbols.json"), read(project, "metrics/headline.json")["headline"]
    assert told["role"] == "threshold"
    for parts in (told["symbols"], told["years"]):
        assert sum(one["n_buys"] for one in parts) == headline["n_buys"]
    hits = sum(one["hits"] for one in told["years"])
    assert hits / headline["n_buys"] == pytest.approx(headline["precision"], abs=1e-6)  # as many digits are kept


def test_the_report_says_what_a_day_is(many):
    page = (many.folder / "metrics/report.md").read_text()
    assert page.index("**Of 5 symbols**") < page.index("## ") and "5 symbols (S0, S1, S2, S3, S4)" in page


def test_nothing_is_left_to_do_and_the_symbols_are_ranked_by_what_ships(many):
    assert many.repro() == []
    answer = json.loads(many.run("python", "-m", "buysignal", "predict", "--bars", "stocks", "--format", "json").stdout)
    assert [one["symbol"] for one in answer["symbols"]] != [] and list(answer["left_out"]) == ["S4"]
    assert "market" not in [one["kind"] for one in answer["warnings"]]  # they are those it was trained on


def test_the_gate_reads_it_and_the_doctor_says_no_more_than_that_random_bars_show_no_skill(many):
    assert many.run("python", "-m", "buysignal", "gate", check=False).returncode in (0, 1, 2)
    verdicts = json.loads(many.run("python", "-m", "buysignal", "doctor", "--format", "json", check=False).stdout)
    worse = {one["name"]: one["text"] for one in verdicts if one["level"] in ("deception", "cannot judge")}
    assert worse.keys() <= {"threshold-near-zero", "always-buy", "precision-not-rising", "best-of-many"}, worse


def test_a_bad_symbol_is_refused_before_anything_is_touched_and_left_out_if_so_asked(many, tmp_path):
    project = many.copy(tmp_path / "project")
    (project.folder / "stocks/BAD.csv").write_text("date,open,high,low,close,volume\n2001-01-01,1,1,1,1,1\n" * 2)
    kept = ("metrics", "data/bars", "data/features", "data/models")
    before = project.digests(*kept)
    refused = project.run("dvc", "repro", "ingest", check=False)
    assert refused.returncode and "symbol BAD is bad" in refused.stderr + refused.stdout
    assert project.digests(*kept) == before
    project.set(**{"ingest.on_bad_symbol": "drop"})
    project.run("dvc", "repro", "ingest")
    assert list(read(project, "metrics/ingest.json")["left_out"]) == ["BAD"]


def test_the_best_of_each_day_are_what_every_contender_buys_and_what_predict_says(many, tmp_path):
    """No registration of a run by threshold opens the test role to it; 2 of the 4 symbols are bought on every date."""
    project = many.copy(tmp_path / "project")
    project.set(**{"select.per_day": 2})
    project.run("dvc", "repro", "symbols")
    why = "it buys by another rule: the 2 best of each day here, by threshold in registered.yaml"
    assert read(project, "metrics/train.json")["unopened"] == why
    table = pd.read_parquet(project.folder / "data/features/a20.parquet").query("role == 'threshold'")
    made = table.groupby("date").size().clip(upper=2).sum()
    assert {row["n_buys"] for row in read(project, "metrics/selection.json")} == {made}
    told = read(project, "metrics/symbols.json")
    assert told["role"] == "threshold" and sum(one["n_buys"] for one in told["symbols"]) == made
    said = ("python", "-m", "buysignal", "predict", "--bars", "stocks", "--anyway", "--format", "json")
    answer = json.loads(project.run(*said).stdout)
    assert answer["threshold"]["per_day"] == 2
    bought = {one["symbol"] for one in answer["symbols"] if one["buy"]}
    assert bought == {"S0", "S1"} and "older" in [one["kind"] for one in answer["warnings"]]  # S2, S3 end before
    project.set(**{"select.per_day": 5})
    refused = project.run("dvc", "repro", "check", check=False)
    assert (
        refused.returncode and "select.per_day is 5, but the bars are of 5 symbols" in refused.stderr + refused.stdout
    )
