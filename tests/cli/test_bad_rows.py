"""Bad rows of bars, by every door: named with their lines, and left out where that is asked for."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from bench.honesty.markets import Design, simulate

import buysignal
from buysignal.cli.main import main
from buysignal.core.errors import UserError

GOOD = simulate(Design(600), seed=3).bars.rename(columns=str.capitalize).rename_axis("Date")
BAD = GOOD.copy()
PLACES = [40 * n for n in range(1, 13)]
BAD.iloc[PLACES, BAD.columns.get_loc("High")] = 0.5 * BAD["Low"].iloc[PLACES]
DAYS = [f"{day:%Y-%m-%d}" for day in BAD.index[PLACES]]
SCORES = pd.Series(np.random.default_rng(2).random(600), GOOD.index.rename("date"), name="score")


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Bars of which twelve rows are bad, in the forms in which they may be given, and scores of all days."""
    monkeypatch.chdir(tmp_path)
    BAD.to_csv("bars.csv")
    BAD[::-1].to_csv("newest.csv", sep=";")
    (tmp_path / "folder").mkdir()
    BAD.to_csv("folder/AA.csv")
    GOOD.to_csv("folder/BB.csv")
    GOOD.to_csv("folder/CC.csv")
    pd.concat({"BB": GOOD, "AA": BAD, "CC": GOOD}, names=["Symbol"]).to_csv("long.csv")
    SCORES.to_csv("scores.csv")
    pd.concat({"AA": SCORES, "BB": SCORES}, names=["symbol"]).to_csv("many.csv")
    return tmp_path


def refused(capsys, scores: str, bars: str, *words: str) -> str:
    assert main(["judge", scores, "--bars", bars, "--per-day" if scores == "many.csv" else "--tried", "1", *words]) == 2
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and "ingest." not in err
    return err.removeprefix("error: ").rstrip()


@pytest.mark.parametrize(
    ("scores", "bars", "head", "line"),
    [
        ("scores.csv", "bars.csv", "bars.csv: ", lambda place: place + 2),
        ("scores.csv", "newest.csv", "newest.csv: ", lambda place: 601 - place),
        ("many.csv", "folder", "symbol AA is bad: folder/AA.csv: ", lambda place: place + 2),
        ("many.csv", "long.csv", "symbol AA is bad: long.csv: ", lambda place: place + 602),
    ],
)
def test_ten_bad_rows_are_named_with_their_lines_and_the_flag_that_helps(here, capsys, scores, bars, head, line):
    told = refused(capsys, scores, bars)
    assert told.startswith(f"{head}12 of 600 bars are bad: line {line(PLACES[0])}, {DAYS[0]} high_below_low: open ")
    for place, day in zip(PLACES[:10], DAYS):
        assert f"line {line(place)}, {day} high_below_low" in told
        with open(AT.get(bars, bars)) as file:
            assert day in file.read().splitlines()[line(place) - 1]
    assert DAYS[10] not in told and told.endswith("; and 2 more; correct them or give --on-bad-rows drop")


AT = {"folder": "folder/AA.csv"}


def test_a_day_that_stands_twice_is_named_with_both_lines(here, capsys):
    pd.concat([GOOD[:300], GOOD[299:]]).to_csv("twice.csv")
    assert refused(capsys, "scores.csv", "twice.csv").startswith(
        f"twice.csv: 1 of 601 bars is bad: lines 301 and 302, {GOOD.index[299]:%Y-%m-%d} duplicate_date; correct them"
    )


def test_rows_that_are_left_out_are_not_judged_and_that_is_said(here, capsys):
    words = ["judge", "scores.csv", "--bars", "bars.csv", "--threshold", "0.5", "--on-bad-rows", "drop", "--format"]
    assert main([*words, "json"]) in (0, 1, 2)
    found = json.loads(capsys.readouterr().out)
    assert found["error"] is None and found["days"] == 600 - 12 - 2
    assert "12 scores are not judged: the bar was bad and is left out" in found["notes"]
    assert "bars: 12 of 600 rows were dropped (high_below_low 12)" in found["notes"]
    kept = buysignal.judge(SCORES.drop(BAD.index[PLACES]), BAD.drop(BAD.index[PLACES]), threshold=0.5)
    assert (
        kept.to_dict()["evidence"]["n_buys"] == found["evidence"]["n_buys"] and found["reason"] == kept.verdict.reason
    )


def test_many_symbols_lose_the_bad_rows_of_one(here, capsys):
    words = ["judge", "many.csv", "--bars", "folder", "--threshold", "0.5", "--on-bad-rows", "drop", "--format", "json"]
    main(words)
    found = json.loads(capsys.readouterr().out)
    assert found["error"] is None and found["rows"] == 2 * 598 - 12
    assert "12 scores are not judged: the bar was bad and is left out" in found["notes"]


@pytest.mark.parametrize("bars", [BAD, "bars.csv"], ids=["frame", "file"])
@pytest.mark.parametrize(
    "ask",
    [lambda *given, **more: buysignal.judge(SCORES, *given, **more), buysignal.features.compute, buysignal.label],
    ids=["judge", "compute", "label"],
)
def test_in_python_the_keyword_is_named_and_does_what_it_says(here, bars, ask):
    with pytest.raises(UserError, match=r"12 of 600 bars are bad: .*; correct them or give on_bad_rows='drop'$"):
        ask(bars)
    ask(bars, on_bad_rows="drop")
    with pytest.raises(UserError, match="on_bad_rows is 'dorp'; it must be one of error, drop, repair"):
        ask(bars, on_bad_rows="dorp")


def test_a_bad_symbol_is_an_error_where_it_is_asked_for_in_files_and_in_frames(here):
    """Of what was scored, and of all bars where features or labels are asked for."""
    frame = pd.concat({"AA": BAD, "BB": GOOD, "CC": GOOD}, names=["symbol", "date"])
    scored = pd.concat({"BB": SCORES, "CC": SCORES}, names=["symbol"])
    for bars in (frame, "folder", "long.csv"):
        assert buysignal.judge(scored, bars, threshold=0.5).symbols == 2
        for ask in (buysignal.label, buysignal.features.compute):
            with pytest.raises(UserError, match=r"symbol AA is bad: .*12 of 600 bars are bad"):
                ask(bars)
        with pytest.raises(UserError, match=r"symbol AA is bad: .*12 of 600 bars are bad"):
            buysignal.judge(pd.concat({"AA": SCORES, "BB": SCORES}, names=["symbol"]), bars, threshold=0.5)


def test_what_may_be_read_in_two_ways_is_settled_by_a_keyword_in_python(here):
    slashed = GOOD[GOOD.index.day <= 12]
    slashed.set_axis(slashed.index.strftime("%d/%m/%Y")).rename_axis("Date").to_csv("slashed.csv")
    with pytest.raises(UserError, match=r"wanted=Wanted\(dates='day-first'\)"):
        buysignal.judge(SCORES, "slashed.csv")
