"""`predict` on the command line: three formats, warnings beside the answer, and nothing imported that it needs not."""

from __future__ import annotations

import csv
import gc
import io
import json
import math
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from buysignal.cli.main import main
from buysignal.cli.predict import Predictor
from buysignal.cli.predict.answer import as_json, as_rows, blocks
from buysignal.cli.predict.asked import answered
from buysignal.cli.predict.history import EVERY
from buysignal.cli.predict.rows import as_csv
from buysignal.cli.told import WIDTH, terminal
from buysignal.core.files import read_json
from buysignal.core.settings import of
from buysignal.judge.params import CANNOT_TELL, DO_NOT_USE, USE
from buysignal.judge.verdict import Verdict
from buysignal.ship.manifest import Promise, Seen
from tests.cli.predict.examples import expected

SHIPS = "a20-boosting"  # on the planted market
NEEDLESS = ("optuna", "joblib", "dask", "statsmodels", "arch", "mapie", "sklearn", "scipy.stats", "scipy.optimize")


def said(capsys, *words: str) -> tuple[int, str, str]:
    """Status, stdout and stderr of ``predict`` on new.csv."""
    status = main(["predict", "--bars", "new.csv", *words])
    return status, *capsys.readouterr()


def everything(content):
    """Every value of a JSON document."""
    inner = content.values() if isinstance(content, dict) else content if isinstance(content, list) else []
    return [content, *(value for one in inner for value in everything(one))]


def test_the_latest_day_by_what_ships(here, bars, capsys):
    status, out, _ = said(capsys, "--format", "json")
    answer = json.loads(out)
    assert gc.isenabled()
    assert status == 0 and [day["date"] for day in answer["days"]] == [f"{bars.index[-1]:%Y-%m-%d}"]
    told = {"name": SHIPS, "tier": "a20", "family": "boosting", "seeds": 1, "ships": True}
    assert answer["model"] == told and read_json("metrics/choice.json")["shipped"] == SHIPS
    assert answer["bars"] == {"file": "new.csv", "n": 2600, "first": "2005-01-03", "last": "2014-12-19"}


OTHERS = {  # of the search: by its folder, by the folder's name, and by its own
    "data/models/{}": ("", "transformer", 2),
    "{}": ("", "transformer", 2),
    "{name}": ("", "transformer", 2),
    "a20-blend": ("a20-blend", "blend", 0),
    "a20-added": ("a20-added", "transformer", 2),
    "a20-touch": ("a20-touch", "formula", 0),
    "a20-volatility": ("a20-volatility", "logistic", 0),
}


@pytest.mark.parametrize("asked", OTHERS)
def test_another_contender_by_its_name_or_its_folder_which_says_that_it_does_not_ship(here, searched, capsys, asked):
    name, family, seeds = OTHERS[asked]
    name = name or searched[3:]
    asked = asked.format(searched, name=name)
    _, out, _ = said(capsys, "--format", "json", "--model", asked)
    told = {"name": name, "tier": "a20", "family": family, "seeds": seeds, "ships": False}
    assert json.loads(out)["model"] == told
    _, out, _ = said(capsys, "--model", asked)
    assert f"\n\n{name} ({family}) on 2,600 bars of new.csv" in out
    assert f"\nthis is not what ships, which is {SHIPS}\n" in out


def test_what_ships_says_so_by_any_of_its_names_and_a_folder_elsewhere_cannot_know(here, capsys, tmp_path):
    for asked in (SHIPS, "shipped", "data/models/shipped"):
        assert json.loads(said(capsys, "--format", "json", "--model", asked)[1])["model"]["ships"]
        assert "not what ships" not in said(capsys, "--model", asked)[1]
    alone = str(shutil.copytree("data/models/a20-touch", tmp_path / "alone"))
    assert json.loads(said(capsys, "--format", "json", "--model", alone)[1])["model"]["ships"] is None
    assert "ships" not in said(capsys, "--model", alone)[1]


def test_of_a_baseline_no_luck_was_taken_out(here, capsys):
    assert "luck" in said(capsys, "--model", "a20-added")[1]
    assert "luck" not in said(capsys, "--model", "a20-volatility")[1]
    told = json.loads(said(capsys, "--format", "json", "--model", "a20-volatility")[1])["expected"]
    assert told["threshold"]["precision_shrunk"] is None and told["test"]["n_buys"] > 0


def test_json_has_the_same_keys_for_one_day_and_for_all_and_finite_numbers_only(here, capsys):
    outs = [json.loads(said(capsys, "--format", "json", *words)[1]) for words in ((), ("--all",))]
    keys = ["verdict", "model", "predicts", "bars", "since", "as_of", "threshold", "expected", "regime"]
    assert [list(one) for one in outs] == 2 * [[*keys, "days", "warnings"]]
    assert list(outs[0]["days"][0]) == ["date", "score", "probability", "above", "buy", "volatility", "warnings"]
    assert list(outs[0]["threshold"]) == ["value", "kind", "target", "delta", "per_day"]
    assert len(outs[1]["days"]) > 2000 and outs[1]["days"][-1] == outs[0]["days"][0]
    assert all(math.isfinite(value) for value in everything(outs[1]) if isinstance(value, float))


def test_precision_and_recall_come_with_their_interval_buys_and_base_rate(here, capsys):
    _, out, _ = said(capsys, "--format", "json")
    manifest = read_json("data/models/shipped/model.json")["expected"]
    told = json.loads(out)["expected"]
    days = {key: manifest[key] for key in ("n", "first", "last")}
    assert told["test"] == manifest["chosen"]["test"] | days
    assert told["threshold"] == manifest["chosen"]["threshold"] | {"precision_shrunk": manifest["precision_shrunk"]}
    assert list(told["test"]).index("precision") < list(told["test"]).index("recall")


def test_warnings_stand_in_json_and_on_stderr_and_the_status_is_0(here, capsys):
    status, out, err = said(capsys, "--format", "json", "--as-of", "2010-01-02")
    answer = json.loads(out)
    assert status == 0 and answer["as_of"] == "2010-01-02"
    assert [warning["kind"] for warning in answer["warnings"]] == ["as-of", "used"]
    understood, *warnings = err.splitlines()
    assert understood == "new.csv: plain form: 2,600 bars 2005-01-03 to 2014-12-19"
    assert warnings == [f"warning: {warning['text']}" for warning in answer["warnings"]]
    assert answer["days"][0]["warnings"] == ["used"]


def test_csv_has_a_row_per_day_and_no_cell_that_is_a_formula(here, predictor, bars, capsys):
    status, out, err = said(capsys, "--format", "csv", "--all")
    rows = list(csv.DictReader(io.StringIO(out)))
    found = predictor.predict(bars)
    assert status == 0 and len(rows) == len(found) and "warning: " in err
    assert [row["date"] for row in rows] == [f"{day:%Y-%m-%d}" for day in found.index]
    assert [float(row["score"]) for row in rows] == pytest.approx(list(found["score"]), abs=1e-6)
    for column in ("above", "buy"):
        assert [row[column] for row in rows] == [str(int(told)) for told in found[column]]
    assert {row["verdict"] for row in rows} == {predictor.seen.verdict.word}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row.values())
    seen = predictor.seen.test
    assert float(rows[0]["precision"]) == seen["precision"] and float(rows[0]["recall"]) == seen["recall"]
    assert float(rows[0]["precision_interval_low"]) == seen["precision_interval"][0]
    assert int(rows[0]["n_buys"]) == seen["n_buys"]


def test_the_table_fits_its_columns_and_names_the_threshold_in_use(here, predictor, capsys):
    status, out, err = said(capsys, "--as-of", "2010-01-02")
    assert status == 0 and len(err.splitlines()) == 1 and "\x1b" not in out
    assert max(map(len, out.splitlines())) <= WIDTH
    regime = predictor.model.regime
    assert f"\ntrained on csv, {regime.first} to {regime.last}; seen until 2014-12-19\n" in out
    assert f"buy from score {predictor.threshold:.6f}, chosen on the threshold role; none is certified" in out
    low, high = predictor.seen.test["precision_interval"]
    assert f"{predictor.seen.test['precision']:.3f} ({low:.3f} to {high:.3f})" in out
    assert "warning: there is no bar of 2010-01-02" in out
    assert out.index("precision") < out.index("recall")


def test_colour_marks_and_changes_no_word(run, predictor):
    answer = answered(replace(predictor, anyway=True), run / "new.csv", None, EVERY, date(2099, 1, 1))
    plain, coloured = terminal(blocks(answer)), terminal(blocks(answer), colour=True)
    assert "\x1b" not in plain
    assert {"\x1b[32m", "\x1b[33m", "\x1b[0m"} <= set(re.findall(r"\x1b\[[\d;]+m", coloured))
    assert [re.sub(r"\x1b\[[\d;]+m", "", line).rstrip() for line in coloured.splitlines()] == plain.splitlines()


def test_a_certified_threshold_goes_before_the_chosen_one(run, predictor, bars):
    """With what it promises, and what buying at it came to."""
    score, told = predictor.predict(bars)["score"].iloc[-1], expected(certified=True)
    model = replace(predictor.model, threshold=round(score + 0.01, 6))
    seen = model.expected.model_copy(update={"certified": Seen(**told["certified"])})
    promised = Promise(threshold=round(score - 0.01, 6), target=0.4, delta=0.1, reason="")
    lower = Predictor(replace(model, certified=promised, expected=seen))
    answer = answered(lower, run / "new.csv", None)
    content = json.loads(as_json(answer))
    promise = {"value": round(score - 0.01, 6), "kind": "certified", "target": 0.4, "delta": 0.1, "per_day": None}
    assert content["threshold"] == promise and content["days"][0]["above"]
    assert content["expected"]["test"]["precision"] == 0.625
    assert content["expected"]["threshold"]["precision_shrunk"] is None  # it is known at the chosen threshold alone
    assert "certified: precision above 0.4 with probability 0.9" in terminal(blocks(answer))
    assert "0.625 (0.156 to 0.875)" in terminal(blocks(answer)) and "luck" not in terminal(blocks(answer))
    assert "that it was chosen is not covered" in " ".join(terminal(blocks(answer)).split())
    earning = Promise(threshold=round(score - 0.01, 6), target=0.0, delta=0.1, reason="", kind="expectancy")
    lower = Predictor(replace(model, certified=earning, expected=seen))
    said = " ".join(terminal(blocks(answered(lower, run / "new.csv", None))).split())
    assert "certified: a trade earns more than its costs with probability 0.9, while" in said


@pytest.mark.parametrize(("log_loss", "told"), [(0.31, True), (0.3, False), (0.29, False)])
def test_a_probability_that_was_worth_no_more_than_the_score_is_said_to_be_a_rank(run, predictor, log_loss, told):
    model = predictor.model
    losses = {"log_loss": log_loss, "score_log_loss": 0.3}  # equal where there is no map
    seen = model.expected.model_copy(update=losses)
    answer = answered(Predictor(replace(model, expected=seen)), run / "new.csv", None)
    said = "Read the probability as a rank: its map did not help on the test role (log loss 0.310 there, 0.300 of"
    assert (said in " ".join(terminal(blocks(answer)).split())) == told
    assert json.loads(as_json(answer))["expected"]["log_loss"] == log_loss


def test_what_a_file_leaves_open_is_settled_by_an_option(here, bars, capsys, tmp_path):
    text = bars[["open", "high", "low", "close", "volume"]].to_csv(date_format="%d/%m/%Y", sep=";", decimal=",")
    (tmp_path / "new.csv").write_text(text + "22/12/2014;;;;;7\n")
    status, _, err = said_of(tmp_path / "new.csv", capsys, "--dates", "day-first", "--decimal", "comma")
    assert status == 0 and err.startswith("new.csv: plain form, separated by ';', day/month/year as was asked for")
    assert err.splitlines()[0].endswith("; 1 row of an unfinished last day left out")
    assert said_of(tmp_path / "new.csv", capsys, "--dates", "month-first")[0] == 2
    assert said_of(tmp_path / "new.csv", capsys, "--symbol", "ABC")[0] == 0
    short = text.splitlines()[:9]
    (tmp_path / "new.csv").write_text("\n".join(short))
    status, _, err = said_of(tmp_path / "new.csv", capsys)
    assert status == 2 and "--dates day-first" in err and "ingest" not in err


def said_of(path, capsys, *words: str) -> tuple[int, str, str]:
    status = main(["predict", "--bars", str(path), *words])
    return status, *capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--format", "xml"), "argument --format: invalid choice: 'xml'"),
        (("--as-of", "31.12.2018"), "argument --as-of: '31.12.2018' is no day, write it as 2018-12-31"),
        (("--as-of", "2018-02-30"), "argument --as-of: the calendar has no day 2018-02-30"),
        (("--days", "3"), "unrecognized arguments: --days 3"),
    ],
)
def test_words_that_are_no_option_are_refused_in_one_line(here, capsys, words, says):
    with pytest.raises(SystemExit) as ended:
        main(["predict", "--bars", "new.csv", *words])
    out, err = capsys.readouterr()
    assert ended.value.code == 2 and out == "" and err.startswith(f"error: {says}") and len(err.splitlines()) == 1


def test_bars_must_be_named(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["predict"])
    assert ended.value.code == 2 and "the following arguments are required: --bars" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "torch"), [("a20-added", True), ("a20-volatility", False)])
def test_a_process_of_its_own_answers_without_what_only_judging_needs(run, name, torch):
    code = "import sys; from buysignal.cli.main import main; print(main(sys.argv[1:]), *sys.modules)"
    words = ["predict", "--bars", "new.csv", "--format", "csv", "--model", name]
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=run, capture_output=True, text=True)
    status, *modules = done.stdout.splitlines()[-1].split()
    modules = set(modules)
    assert status == "0" and "Warning" not in done.stderr
    assert ("torch" in modules) == torch and modules.isdisjoint(NEEDLESS)


def test_a_mistake_is_told_before_torch_is_imported(run):
    code = "import sys; from buysignal.cli.main import main; main(sys.argv[1:]); print('torch' in sys.modules)"
    words = ["predict", "--bars", "absent.csv"]
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=run, capture_output=True, text=True)
    assert done.stdout == "False\n" and done.stderr.startswith("error: absent.csv is missing")


def judged(predictor, word, anyway=False):
    """The predictor, with another verdict and a threshold that every day reaches."""
    told = of(Verdict, word, "a trade earns what it earns", None)
    seen = predictor.model.expected.chosen.model_copy(update={"verdict": told})
    expected = predictor.model.expected.model_copy(update={"chosen": seen})
    return Predictor(replace(predictor.model, threshold=0.0, expected=expected), anyway)


HELD = "held: the score reaches the threshold; no buy is said, as the verdict is"


@pytest.mark.parametrize(
    ("word", "anyway", "cell", "told"),
    [
        (USE, False, "yes", ""),
        (CANNOT_TELL, False, "held", f"{HELD} 'cannot tell'"),
        (DO_NOT_USE, False, "held", f"{HELD} 'do not use'"),
        (DO_NOT_USE, True, "yes", "--anyway: a buy is said though the verdict is 'do not use'"),
    ],
)
def test_a_buy_is_said_of_a_model_to_be_used_alone_unless_asked_for(run, predictor, word, anyway, cell, told):
    answer = answered(judged(predictor, word, anyway), run / "new.csv", None)
    table, content = terminal(blocks(answer)), json.loads(as_json(answer))
    assert table.startswith(f"verdict: {word}: a trade earns what it earns.")
    row = next(line for line in table.splitlines() if line.startswith("2014-12-19"))
    assert row.split()[3] == cell and told in " ".join(table.split())
    assert content["days"][0]["above"] and content["days"][0]["buy"] == (cell == "yes")
    assert content["verdict"]["word"] == word and content["verdict"]["anyway"] == anyway
    [line] = csv.DictReader(io.StringIO(as_csv(as_rows(answer))))
    assert (line["above"], line["buy"], line["verdict"]) == ("1", str(int(cell == "yes")), word)
