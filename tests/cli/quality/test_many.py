"""``check`` of many symbols: one table, each kind of finding once, and who was left out and why."""

from __future__ import annotations

import json

from buysignal.cli.main import main
from tests.bars.panels import folder, long, some
from tests.bars.quality.samples import good, split


def checked(capsys, *words) -> tuple[int, str]:
    status = main(["check", *map(str, words)])
    return status, capsys.readouterr().out


TABLE = """\
folder: plain form: 3 symbols, 740 bars 2021-01-04 to 2022-02-25

symbol  bars  first       last        found
AAA      300  2021-01-04  2022-02-25
BBB      240  2021-03-29  2022-02-25
CCC      200  2021-01-04  2021-10-08

note: 1 of 3 symbols has no bar near the last day of all, 2022-02-25 (CCC 2021-10-08): delisted, or
      not brought up to date

1 note
"""


def test_a_folder_and_a_long_file_give_one_table(tmp_path, capsys):
    assert checked(capsys, folder(some(), tmp_path / "folder")) == (0, TABLE)
    long(some()).to_csv(tmp_path / "folder.csv", index=False)
    assert checked(capsys, tmp_path / "folder.csv") == (0, TABLE.replace("folder:", "folder.csv:"))


def test_each_kind_of_finding_is_told_once_as_flags(tmp_path, capsys):
    adjusted = split(4).assign(**{"Adj Close": good()["close"]})
    bars = {"AAA": good(), "BBB": adjusted, "CCC": adjusted}
    status, said = checked(capsys, folder(bars, tmp_path / "folder"), "--adjust", "none")
    assert status == 1 and said.count("warning: ") == 1 and said.endswith("2 warnings\n")
    lines = said.splitlines()
    assert lines[4] == "BBB      300  2021-01-04  2022-02-25  split" and max(map(len, lines)) <= 100
    told = " ".join(said.split())
    assert "warning: split in 2 of 3 symbols (BBB, CCC); BBB: on 2021-08-02 Close falls by 75 %" in told
    assert "give --adjust splits, or to all for dividends too" in told and "ingest." not in told


def test_a_bad_symbol_is_one_line_and_status_2_or_is_left_out_and_told(tmp_path, capsys):
    path = folder(some(), tmp_path / "folder")
    good().iloc[[*range(300), 299]].to_csv(path / "DDD.csv")
    assert main(["check", str(path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1 and "ingest." not in printed.err
    assert printed.err.startswith(f"error: symbol DDD is bad: {path}/DDD.csv: 1 of 301 bars is bad: 2022-02-25 dup")
    assert printed.err.endswith("correct them or give --on-bad-rows drop; or give --on-bad-symbol drop\n")
    status, said = checked(capsys, path, "--on-bad-symbol", "drop")
    told = " ".join(said.split())
    assert status == 1 and "left out: DDD: " in told and "1 of 301 bars is bad" in told
    status, said = checked(capsys, path, "--on-bad-rows", "drop")
    assert status == 1 and "warning: dropped in 1 of 4 symbols (DDD)" in said


def test_json_is_one_object_with_a_list_of_symbols(tmp_path, capsys):
    path = folder(some(), tmp_path / "folder")
    (path / "DDD.csv").write_text("<html>")
    (path / "README.md").write_text("ours\n")
    status, said = checked(capsys, path, "--on-bad-symbol", "drop", "--format", "json")
    content = json.loads(said)
    assert status == content["status"] == 1 and content["error"] is None and content["passed_over"] == ["README.md"]
    assert [one["symbol"] for one in content["symbols"]] == ["AAA", "BBB", "CCC"]
    assert content["symbols"][2]["bars"] == {"n": 200, "first": "2021-01-04", "last": "2021-10-08"}
    assert list(content["left_out"]) == ["DDD"] and [one["kind"] for one in content["findings"]] == ["ended"]
    assert main(["check", str(path), "--format", "json"]) == 2
    assert "symbol DDD is bad" in json.loads(capsys.readouterr().out)["error"]


def test_one_symbol_of_a_long_file_or_of_a_folder_is_told_as_one_market(tmp_path, capsys):
    path = folder(some(), tmp_path / "folder")
    alone = checked(capsys, path / "BBB.csv")
    assert alone == (0, "BBB.csv: plain form: 240 bars 2021-03-29 to 2022-02-25\n\nnothing found\n")
    long(some()).to_csv(tmp_path / "long.csv", index=False)
    said = "long.csv: plain form, symbol BBB: 240 bars 2021-03-29 to 2022-02-25\n\nnothing found\n"
    assert checked(capsys, tmp_path / "long.csv", "--symbol", "BBB") == (0, said)
    assert main(["check", str(path), "--symbol", "BBB"]) == 2
    assert "--symbol BBB takes one of a file that holds several: name that file" in capsys.readouterr().err
