"""`predict --since` on the command line: its forms say the same, and what makes no sense is one line."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pandas as pd
import pytest

from buysignal.cli.main import main
from buysignal.cli.predict.answer import as_rows
from buysignal.cli.predict.asked import answered
from buysignal.cli.predict.rows import as_csv, as_jsonl
from buysignal.ship.manifest import Expected
from tests.bars.panels import folder
from tests.cli.predict.examples import unexamined

DAY = r"\d{4}-\d\d-\d\d  \w"
SINCE, UNTIL = "2012-06-01", "2012-06-15"  # two Fridays


@pytest.fixture(scope="module")
def path(bars, tmp_path_factory):
    return folder({"A": bars, "B": bars[500:], "OLD": bars[:1500]}, tmp_path_factory.mktemp("range") / "folder")


def said(capsys, bars, *words: str) -> tuple[int, str, str]:
    status = main(["predict", "--bars", str(bars), *words])
    return status, *capsys.readouterr()


def written(capsys, bars, tmp_path, form: str):
    """What a form says, read back by what its readers have."""
    _, out, _ = said(capsys, bars, "--since", SINCE, "--until", UNTIL, "--format", form)
    to = tmp_path / f"{form}.out"
    assert said(capsys, bars, "--since", SINCE, "--until", UNTIL, "--format", form, "--out", str(to))[:2] == (0, "")
    assert to.read_text() == out
    return out


def test_json_has_the_range_and_a_day_for_each_bar_in_it(here, bars, capsys):
    status, out, err = said(capsys, "new.csv", "--since", SINCE, "--until", "2012-06-16", "--format", "json")
    content, days = json.loads(out), bars.loc[SINCE:UNTIL].index
    assert status == 0 and (content["since"], content["as_of"]) == (SINCE, "2012-06-16")
    assert [day["date"] for day in content["days"]] == [f"{day:%Y-%m-%d}" for day in days] and len(days) == 11
    for day in content["days"][::5]:
        alone = json.loads(said(capsys, "new.csv", "--as-of", day["date"], "--format", "json")[1])
        assert alone["days"] == [day] and alone["since"] is None
    assert [one["kind"] for one in content["warnings"]] == ["used"] and len(err.splitlines()) == 2


@pytest.mark.parametrize("of", ["one", "many"])
def test_csv_json_lines_and_parquet_say_the_same(here, path, predictor, capsys, tmp_path, of):
    source = "new.csv" if of == "one" else path
    by_csv = list(csv.DictReader(io.StringIO(written(capsys, source, tmp_path, "csv"))))
    by_line = [json.loads(line) for line in written(capsys, source, tmp_path, "jsonl").splitlines()]
    to = tmp_path / "days.parquet"
    words = ("--since", SINCE, "--until", UNTIL, "--format", "parquet", "--out", str(to))
    assert said(capsys, source, *words)[:2] == (0, "")
    exact = pd.read_parquet(to)
    assert len(by_csv) == len(by_line) == len(exact) == (11 if of == "one" else 22)
    assert list(by_csv[0]) == list(by_line[0]) == list(exact)
    for row, line, bits in zip(by_csv, by_line, exact.to_dict("records")):
        assert row["date"] == line["date"] == f"{bits['date']:%Y-%m-%d}" and row.get("symbol") == line.get("symbol")
        assert float(row["score"]) == line["score"] == round(bits["score"], 6)
        assert (row["above"] == "1", row["buy"] == "1") == (line["above"], line["buy"]) == (bits["above"], bits["buy"])
        assert row["warnings"].split() == line["warnings"] == bits["warnings"].split()
    if of == "one":
        day = exact["date"][0]
        assert exact["score"][0] == answered(predictor, here / "new.csv", day.date()).days["score"].iloc[0]  # every bit


def test_a_model_that_was_not_examined_has_nothing_of_the_test_role(here, predictor, bars, capsys):
    model = replace(predictor.model, expected=Expected(**unexamined()))
    rows = as_rows(answered(replace(predictor, model=model), here / "new.csv", None))
    assert json.loads(as_jsonl(rows))["precision"] is None
    assert next(csv.DictReader(io.StringIO(as_csv(rows))))["precision"] == ""


def test_the_latest_day_is_written_in_every_form_too(here, path, capsys):
    for source, rows in (("new.csv", 1), (path, 3)):
        lines = [json.loads(line) for line in said(capsys, source, "--format", "jsonl")[1].splitlines()]
        assert len(lines) == rows and lines[0]["date"] == "2014-12-19"


def test_a_table_goes_to_a_file_without_colour(here, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    status, out, _ = said(capsys, "new.csv", "--since", SINCE, "--until", UNTIL, "--out", str(tmp_path / "a" / "table"))
    text = (tmp_path / "a" / "table").read_text()
    assert (status, out) == (0, "") and "\x1b" not in text and text.startswith("verdict: ")
    assert sum(line.startswith("2012-06-") for line in text.splitlines()) == 11


def test_a_table_of_many_has_what_is_above_the_threshold_and_says_so(here, path, capsys):
    status, out, _ = said(capsys, path, "--all")
    rows = [json.loads(line) for line in said(capsys, path, "--all", "--format", "jsonl")[1].splitlines()]
    above = [(row["date"], row["symbol"]) for row in rows if row["above"]]
    shown = [tuple(line.split()[:2]) for line in out.splitlines() if re.match(DAY, line)]
    assert status == 0 and shown == above and max(map(len, out.splitlines())) <= 100
    days = len({row["date"] for row in rows})
    count = f"above the threshold: {len(above):,} of {len(rows):,} answers on {days:,} days; the others are left out"
    assert count in " ".join(out.split())
    order = [(row["date"], -row["probability"], -row["score"], row["symbol"]) for row in rows]
    assert order == sorted(order) and len(rows) > 5000


def test_a_split_within_the_range_of_many_is_told(here, bars, tmp_path, capsys):
    split = bars.assign(adj_close=bars["close"])
    split.loc[split.index < "2012-06-08", ["open", "high", "low", "close"]] *= 4
    source = folder({"A": split, "B": bars}, tmp_path / "folder")
    told = "split within these days of A 2012-06-08: those before it are answered by prices adjusted for it"
    assert told in said(capsys, source, "--since", SINCE, "--format", "csv")[2]
    assert told not in said(capsys, source, "--since", "2012-06-08", "--format", "csv")[2]


def test_a_range_that_ends_near_a_bar_is_whole_and_one_that_asks_for_more_is_told(here, path, capsys):
    old = "the latest before it is of 2014-12-19"
    for source in ("new.csv", path):
        asked = (source, "--since", SINCE, "--format", "csv", "--until")
        for near in (UNTIL, "2012-06-17", "2014-12-29"):
            assert "there is no bar" not in said(capsys, *asked, near)[2]
        assert old in said(capsys, *asked, "2014-12-30")[2]
        assert "before today" in said(capsys, source, "--since", SINCE, "--format", "csv")[2]


FIRST = "the first answer of this model takes 69 bars and is of 2005-04-07"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (f"--since {UNTIL} --until {SINCE}", f"--since {UNTIL} is after --until {SINCE}"),
        ("--since 2014-12-20", "--since 2014-12-20 is after the last bar, 2014-12-19"),
        (f"--since {SINCE} --as-of {UNTIL}", "--until ends: leave out --as-of, which is one day"),
        (f"--since {SINCE} --all", "--until ends: leave out --all, which is every day"),
        (f"--until {UNTIL}", "give --since too, or --as-of for one day"),
        (f"--since {SINCE} --format parquet", "--format parquet is not printed: name its file by --out"),
    ],
)
@pytest.mark.parametrize("of", ["one", "many"])
def test_what_makes_no_sense_is_told_in_one_line(here, path, capsys, of, words, says):
    status, out, err = said(capsys, "new.csv" if of == "one" else path, *words.split())
    assert (status, out, len(err.splitlines())) == (2, "", 1) and says in err


def test_a_range_without_an_answer_says_where_the_first_is(here, bars, path, tmp_path, capsys):
    early = ("--since", "2005-01-10", "--until", "2005-02-01")
    assert f"no day from 2005-01-10 to 2005-02-01 has an answer: {FIRST}" in said(capsys, "new.csv", *early)[2]
    assert (
        "no symbol has an answer from 2005-01-10 to 2005-02-01: the first is of 2005-04-07"
        in said(capsys, path, *early)[2]
    )
    short = folder({"A": bars[:30]}, tmp_path / "short")
    assert "no symbol has an answer at all: none has 69 bars" in said(capsys, short, "--all")[2]
    assert "--since 9999-12-31 is after the last bar" in said(capsys, "new.csv", "--since", "9999-12-31")[2]
    assert (
        "has no bar on or before 0001-01-02"
        in said(capsys, "new.csv", "--since", "0001-01-01", "--until", "0001-01-02")[2]
    )
    weekend = said(capsys, "new.csv", "--since", "2012-06-02", "--until", "2012-06-03")[2]
    assert "there is no bar from 2012-06-02 to 2012-06-03: the latest before is of 2012-06-01" in weekend
    assert "31.12.2018' is no day" in told(capsys, "--since", "31.12.2018")
    assert "the calendar has no day 2018-02-30" in told(capsys, "--until", "2018-02-30")


def told(capsys, *words: str) -> str:
    with pytest.raises(SystemExit):
        main(["predict", "--bars", "new.csv", *words])
    return capsys.readouterr().err


def test_no_answer_is_written_over_the_bars_and_none_is_written_in_half(here, path, capsys, tmp_path):
    before = (here / "new.csv").read_bytes()
    for source, out in (("new.csv", here / "new.csv"), (path, path / "A.csv")):
        assert "is where the bars are: name another place" in said(capsys, source, "--out", str(out))[2]
    assert (here / "new.csv").read_bytes() == before
    status, _, err = said(capsys, "new.csv", "--format", "parquet", "--out", str(tmp_path))
    assert status == 2 and err.splitlines()[-1] == f"error: {tmp_path} cannot be written: Is a directory"
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}*"))
