"""``python -m buysignal check``: a line on what was read, what was found, and a status for a script."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from buysignal.bars.params import Ingest
from buysignal.cli.main import main
from buysignal.cli.reading_flags import FLAGS
from tests.bars.quality.samples import DAY, PRICES, good, split

ROOT = Path(__file__).resolve().parents[3]


def write(folder: Path, bars) -> str:
    path = folder / "bars.csv"
    bars.rename(columns=str.capitalize).rename_axis("Date").to_csv(path)
    return str(path)


def checked(capsys, *words: str) -> tuple[int, str]:
    status = main(["check", *words])
    return status, capsys.readouterr().out


def test_clean_bars_are_status_0(tmp_path, capsys):
    assert checked(capsys, write(tmp_path, good())) == (
        0,
        "bars.csv: plain form: 300 bars 2021-01-04 to 2022-02-25\n\nnothing found\n",
    )


def test_warnings_are_status_1_and_told_in_full(tmp_path, capsys):
    status, said = checked(capsys, write(tmp_path, split(4)))
    lines = said.splitlines()
    assert status == 1 and lines[-1] == "1 warning" and max(map(len, lines)) <= 100
    assert lines[2].startswith("warning: on 2021-08-02 Close falls by 75 % between calm days, and volume rises ")


def test_bars_that_must_not_be_read_are_status_2(tmp_path, capsys):
    status, said = checked(capsys, write(tmp_path, good().rename(columns={"high": "low", "low": "high"})))
    assert status == 2 and said.endswith("\n1 error\n") and "look like Open, Low, High, Close" in " ".join(said.split())


def test_a_file_that_cannot_be_read_is_one_line_and_status_2(tmp_path, capsys):
    assert main(["check", str(tmp_path / "absent.csv")]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.startswith("error: ") and len(printed.err.splitlines()) == 1


def test_json_has_every_finding_with_its_days(tmp_path, capsys):
    bars = good()
    bars.iloc[range(20, 200, 9), 1] = np.nan
    status, said = checked(capsys, write(tmp_path, bars), "--on-bad-rows", "drop", "--format", "json")
    content = json.loads(said)
    assert status == content["status"] == 1
    assert content["bars"] == {"n": 280, "first": "2021-01-04", "last": "2022-02-25"} and content["read"] == 300
    assert content["dropped"]["not_finite"] == 20
    [one] = content["findings"]
    assert (one["kind"], one["level"], one["days"], len(one["first_days"])) == ("dropped", "warning", 20, 10)
    status, said = checked(capsys, write(tmp_path, bars), "--format", "json")
    assert status == 2 and json.loads(said)["bars"] is None


def test_json_of_a_file_that_cannot_be_read_has_the_same_keys(tmp_path, capsys):
    checked(capsys, write(tmp_path, good()), "--format", "json")
    assert main(["check", write(tmp_path, good()), "--format", "json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert main(["check", str(tmp_path / "absent.csv"), "--format", "json"]) == 2
    printed = capsys.readouterr()
    content = json.loads(printed.out)
    assert content.keys() == whole.keys() and (content["status"], whole["error"]) == (2, None)
    assert content["error"] in printed.err and len(printed.err.splitlines()) == 1


def test_json_of_bad_rows_has_their_days(tmp_path, capsys):
    bars = good()
    bars.iloc[[20, DAY], 1] = 1.0
    [one] = json.loads(checked(capsys, write(tmp_path, bars), "--format", "json")[1])["findings"]
    assert (one["kind"], one["days"], one["first_days"]) == ("rows", 2, ["2021-02-01", "2021-08-02"])


@pytest.mark.parametrize("rows", [1, 3, 40])
def test_a_few_bars_are_not_nothing_found(tmp_path, capsys, rows):
    status, said = checked(capsys, write(tmp_path, good()[:rows]))
    assert status == 1 and f"warning: {rows} bar" in said and "too few to tell anything by" in said


def test_what_is_said_of_a_file_names_flags_and_they_do_it(tmp_path, capsys):
    bars = good()
    bars.iloc[DAY, 1] = 1.0
    path = write(tmp_path, bars)
    said = " ".join(checked(capsys, path)[1].split())
    assert "correct them or give --on-bad-rows drop" in said and "ingest." not in said
    assert checked(capsys, path, "--on-bad-rows", "drop")[0] == 1
    path = write(tmp_path, split(4).assign(**{"Adj Close": good()["close"]}))
    said = " ".join(checked(capsys, path, "--adjust", "none")[1].split())
    assert "give --adjust splits, or to all for dividends too" in said and "ingest." not in said
    assert main(["check", str(tmp_path / "absent.csv")]) == 2
    assert capsys.readouterr().err.rstrip().endswith("name a CSV of daily bars")


def test_the_flags_do_what_their_keys_do(tmp_path, capsys):
    bars = good()
    bars.loc[bars.index[DAY], PRICES] = bars["close"].iloc[DAY - 1]
    bars.iloc[DAY, 4] = 0
    path = write(tmp_path, bars)
    assert checked(capsys, path)[0] == 1
    status, said = checked(capsys, path, "--on-bad-rows", "repair")
    assert status == 0 and "note: 1 row: holiday row left out" in said
    path = write(tmp_path, good().assign(volume=0.0))
    assert checked(capsys, path)[0] == 1 and checked(capsys, path, "--volume", "none")[0] == 0
    path = write(tmp_path, split(4).assign(**{"Adj Close": good()["close"]}))
    assert checked(capsys, path)[0] == 0 and checked(capsys, path, "--adjust", "none")[0] == 1
    assert json.loads(checked(capsys, path, "--format", "json")[1])["adjusted"] == ["4:1 on 2021-08-02 by Adj Close"]
    path = write(tmp_path, good().drop(good().index[100:110]))
    assert checked(capsys, path)[0] == 1 and checked(capsys, path, "--max-gap-days", "20")[0] == 0


def test_without_a_file_it_checks_what_params_name(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    params = (ROOT / "params.yaml").read_text().replace("source: sp500", "source: csv")
    Path("params.yaml").write_text(params.replace("csv: data/raw/example.csv", "csv: bars.csv"))
    write(tmp_path, good())
    status, said = checked(capsys)
    assert status == 0 and said.startswith("bars.csv: ")
    status, said = checked(capsys, "--max-gap-days", "2")
    assert status == 1 and "gaps of more than 2 days" in said


@pytest.mark.parametrize("source", ["csv", "folder"])
def test_without_a_file_no_bar_after_the_last_day_of_params_is_checked(tmp_path, capsys, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    params = (ROOT / "params.yaml").read_text().replace("source: sp500", f"source: {source}")
    params = params.replace("csv: data/raw/example.csv", "csv: bars.csv" if source == "csv" else "csv: stocks")
    Path("params.yaml").write_text(params.replace("until: last", "until: '2021-12-31'"))
    Path("stocks").mkdir()
    write(tmp_path, good().drop(good().index[280:290]))  # in 2022
    Path("stocks/A.csv").write_bytes(Path("bars.csv").read_bytes())
    status, said = checked(capsys)
    assert status == 0 and "2021-12-31" in said and "2022" not in said


def test_a_flag_that_no_key_may_be_is_refused(capsys):
    for words in (["--max-gap-days", "0"], ["--max-gap-days", "ten"], ["--adjust", "some"]):
        with pytest.raises(SystemExit) as ended:
            main(["check", "bars.csv", *words])
        assert ended.value.code == 2 and words[0] in capsys.readouterr().err


def test_the_flags_take_what_the_keys_take():
    for key, (choices, _) in FLAGS.items():
        field = Ingest.model_fields.get(key)
        literal = field and get_args(field.annotation)
        if choices and field is not None:
            assert literal == choices, key


def test_a_file_is_checked_without_what_only_models_need(tmp_path):
    code = "import sys; from buysignal.cli.main import main; main(sys.argv[1:]); print(*sys.modules)"
    words = [sys.executable, "-c", code, "check", write(tmp_path, good())]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert "pandas" in loaded and not loaded & {"torch", "talib", "sklearn", "scipy", "arch", "statsmodels", "optuna"}
