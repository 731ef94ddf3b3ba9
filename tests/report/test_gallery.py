"""What is drawn is read from the files of the run, and a file that is not there is named."""

import numpy as np
import pandas as pd
import pytest

from buysignal.core.errors import UserError
from buysignal.core.files import sha256, write_csv, write_json, write_parquet
from buysignal.models import scores
from buysignal.models.scores import ModelCard, Scored
from buysignal.report.gallery import load_drawable, read_table
from tests.report.drawable import curve, drawable, drawn_findings
from tests.report.examples import logistic_ships, none_ships

FILES = ("plots/curves/headline.csv", "plots/curves/candidate.csv", "plots/curves/volatility.csv", "plots/trials.csv")
FILES += ("plots/calibration/score.csv", "plots/calibration/map.csv", "metrics/analyze.json")
FILES += ("plots/tear/equity.csv", "data/symbols.parquet")
FILES += ("data/tested/scores.parquet", "data/bars/bars.parquet")


@pytest.fixture
def root(tmp_path):
    """The files of a run in which what ships bought on the second and third of three test days."""
    for number, name in enumerate(("headline", "candidate", "volatility")):
        write_csv(tmp_path / f"plots/curves/{name}.csv", curve((0.1, 0.2 + number / 10, 1.0)))
    for name, table in drawable().reliability.items():
        write_csv(tmp_path / f"plots/calibration/{name}.csv", table)
    write_csv(tmp_path / "plots/tear/equity.csv", drawable().equity)
    write_parquet(tmp_path / "data/symbols.parquet", drawable().months)
    write_csv(tmp_path / "plots/trials.csv", drawable().trials)
    write_json(tmp_path / "metrics/analyze.json", {"tiers": {}, "scaling": [], "coverage": {}, "findings": []})
    days = pd.bdate_range("2018-01-02", periods=5, name="date")
    bars = pd.DataFrame({"close": [10.0, 11.0, 12.0, 13.0, 14.0]}, index=days)
    write_parquet(tmp_path / "data/bars/bars.parquet", bars)
    write_json(tmp_path / "data/bars/bars.json", {"sha256": sha256(tmp_path / "data/bars/bars.parquet")})
    card = ModelCard("a50-2M-T8", "a50", "transformer", "2M", "tpe", None, 9, 10, (1, 2), (1, 1))
    said = np.array([[0.9, 0.9, 0.1, 0.4, 0.6], [0.9, 0.9, 0.3, 0.4642, 0.6]])
    role, label = np.array(["threshold", "threshold", "test", "test", "test"]), np.array([1, 1, 1, 0, 1], np.int8)
    scores.write(tmp_path / "data/tested", [Scored(card, days, role, label, said)])
    return tmp_path


def test_the_days_of_the_test_role_are_bought_from_the_threshold_on(root):
    days = load_drawable(root, drawn_findings()).days
    assert days["close"].tolist() == [12.0, 13.0, 14.0]
    assert days["bought"].tolist() == [False, True, True]  # 0.4321 is the threshold and the second score's mean
    assert days["hit"].tolist() == [True, False, True]


def test_where_nothing_ships_there_is_neither_its_curve_nor_its_days(root):
    shown = load_drawable(root, none_ships())
    assert list(shown.curves) == ["candidate", "volatility"] and shown.days is None


@pytest.mark.parametrize("same", ["candidate", "volatility"])
def test_what_ships_is_drawn_once_where_it_is_the_candidate_or_the_logistic(root, same):
    (root / f"plots/curves/{same}.csv").write_bytes((root / "plots/curves/headline.csv").read_bytes())
    curves = load_drawable(root, drawn_findings()).curves
    assert list(curves) == ["what ships", *({"candidate", "volatility"} - {same})]


def test_the_days_are_those_of_what_ships_and_not_of_the_first_of_the_ten(root):
    told = root / "data/tested/models.json"
    told.write_text(told.read_text().replace("a50-2M-T8", "a50-volatility"))
    frame = pd.read_parquet(root / "data/tested/scores.parquet").assign(model="a50-volatility")
    write_parquet(root / "data/tested/scores.parquet", frame)
    found = logistic_ships()
    found.train["others"][0]["threshold"] = 0.5
    assert load_drawable(root, found).days["bought"].tolist() == [False, False, True]


@pytest.mark.parametrize("file", FILES)
def test_a_missing_file_is_named_in_one_line_with_what_to_do(root, file):
    (root / file).unlink()
    with pytest.raises(UserError, match=f"{file} is missing: run `dvc repro`") as error:
        load_drawable(root, drawn_findings())
    assert "\n" not in str(error.value)


def test_a_torn_table_is_named_and_an_empty_one_has_no_rows(tmp_path):
    torn, empty = tmp_path / "torn.csv", tmp_path / "empty.csv"
    torn.write_bytes(b'a,b\n1,2,3\n"')
    empty.write_text("\n")
    with pytest.raises(UserError, match=r"torn\.csv cannot be read as CSV"):
        read_table(torn)
    assert read_table(empty).empty


def test_scores_of_another_run_are_refused(root):
    found = drawn_findings()
    for told in (found.train["models"][0], found.choice):
        told["shipped" if "shipped" in told else "name"] = "a50-2M-T9"
    with pytest.raises(UserError, match="no scores of a50-2M-T9: run `dvc repro`"):
        load_drawable(root, found)


def test_a_test_day_without_a_bar_is_named(root):
    bars = pd.read_parquet(root / "data/bars/bars.parquet").drop(pd.Timestamp("2018-01-05"))
    write_parquet(root / "data/bars/bars.parquet", bars)
    write_json(root / "data/bars/bars.json", {"sha256": sha256(root / "data/bars/bars.parquet")})
    with pytest.raises(UserError, match="no bar of 2018-01-05"):
        load_drawable(root, drawn_findings())


@pytest.mark.parametrize("content", [b"", b"trial,study,auc\n0,a50-2M,0.6", b"trial,stu"])
def test_a_table_that_was_cut_is_refused_with_the_command_that_mends_it(tmp_path, content):
    (tmp_path / "trials.csv").write_bytes(content)
    with pytest.raises(UserError, match=r"trials.csv cannot be read as CSV \(it is cut\): delete it and run `dvc"):
        read_table(tmp_path / "trials.csv")
