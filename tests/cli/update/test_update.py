"""A day is put down once, before its outcome, whatever becomes of the process or of the file it came in."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date

import numpy as np
import pandas as pd
import pytest
from bench.daily import passed

from buysignal.cli.predict import Predictor
from buysignal.cli.update.command import STATUS
from buysignal.core.errors import UserError
from buysignal.days.labels import rises
from buysignal.ship.journal import lines
from buysignal.ship.journal.table import table
from tests.cli.update.conftest import by_hand, content, given, updated

ME = [sys.executable, "-m", "buysignal", "update", "--bars", "new.csv"]


def test_days_one_by_one_are_the_days_at_once_but_for_being_late(project, bars):
    for day in range(1, 7):
        by_hand(given(bars, day))
    slowly = lines.read()
    lines.PATH.unlink()
    by_hand(given(bars, 6))
    at_once = lines.read()
    answers = [[line["answers"] for line in one.of("day")] for one in (slowly, at_once)]
    assert answers[0] == answers[1]  # to the bit
    assert [line["late"] for line in slowly.of("day")] == [False] * 6
    assert [line["late"] for line in at_once.of("day")] == [True] * 5 + [False]
    assert [line["rows"] for line in slowly.of("outcome")] == [line["rows"] for line in at_once.of("outcome")]


def test_an_answer_is_that_of_predict_and_an_outcome_that_of_the_label(project, bars):
    by_hand(given(bars, 8))
    found = table(lines.read(), many=False)
    predictor = Predictor.load("data/models/shipped")
    told = predictor.predict(bars.iloc[:-32], days=8)
    assert found["score"].tolist() == told["score"].tolist() and found.index.equals(told.index)
    assert found["probability"].tolist() == told["probability"].tolist()
    assert found["above"].tolist() == told["above"].tolist()
    label = rises(bars.iloc[:-32], predictor.model.label)["label"]
    horizon = predictor.model.label.horizon
    assert found["label"].iloc[:-horizon].tolist() == label.loc[found.index[:-horizon]].tolist()
    assert found["label"].iloc[-horizon:].isna().all() and found["earned"].iloc[-horizon:].isna().all()


def test_a_second_run_the_same_day_changes_nothing_and_says_the_same(project, bars, capsys):
    path = given(bars, 3)
    first = updated(path)
    before = content()
    assert updated(path) == first and content() == before
    assert "nothing new" in capsys.readouterr().out


def test_only_the_last_days_need_be_in_the_file(project, bars):
    by_hand(given(bars, 5))
    whole = content()
    lines.PATH.unlink()
    given(bars, 5)
    pd.read_csv("new.csv").iloc[-30:].to_csv("tail.csv", index=False)
    by_hand("tail.csv")
    assert content() == whole


def test_the_past_that_changed_is_refused_with_its_days_and_put_down_once_it_is_accepted(project, bars, capsys):
    by_hand(given(bars, 3))
    before = content()
    now = bars.copy()
    day = bars.index[-39]
    now.loc[day, "close"] *= 1.001
    assert updated(given(now, 4)) == STATUS["bad data"]
    assert f"another bar on {day:%Y-%m-%d}" in capsys.readouterr().err and content() == before
    assert updated("new.csv", "--accept-changed") in (STATUS["buy"], STATUS["no buy"])
    assert [line["kind"] for line in lines.read().lines[-5:]] == ["revision", "day", *["outcome"] * 3]  # 2 of them anew
    again = content()
    assert updated("new.csv") != STATUS["bad data"] and content() == again


def test_a_split_overnight_is_refused_and_accepted_it_goes_on_in_the_new_prices(project, bars, capsys):
    by_hand(given(bars, 3))
    now = bars * pd.Series({"open": 0.5, "high": 0.5, "low": 0.5, "close": 0.5, "volume": 2.0})
    assert updated(given(now, 4)) == STATUS["bad data"]
    assert "all known prices times 0.5, as after a split" in capsys.readouterr().err
    updated("new.csv", "--accept-changed")
    assert lines.read().of("day")[-1]["bars"]
    assert updated(given(now, 5)) != STATUS["bad data"]
    assert len(lines.read().of("day")) == 5 and len(lines.read().of("revision")) == 1


def test_a_split_that_nobody_adjusted_for_is_refused_though_the_past_is_the_same(project, bars, capsys):
    now = bars.copy()
    now.iloc[-38:] = now.iloc[-38:] * [0.5, 0.5, 0.5, 0.5, 2.0]
    assert updated(given(now, 4)) == STATUS["bad data"]
    said = capsys.readouterr().err
    assert "likely a split of 2:1" in said and "--accept-changed if it was none" in said and not lines.PATH.exists()


def test_a_weekday_without_a_bar_is_told_and_when_it_comes_the_outcome_before_it_is_put_down_anew(
    project, bars, capsys
):
    day = bars.index[-38]
    updated(given(bars.drop(day), 4))
    assert f"no bar on {day:%Y-%m-%d}: a holiday, or missing" in capsys.readouterr().err
    assert updated(given(bars, 5)) == STATUS["bad data"]
    assert f"a bar where none was on {day:%Y-%m-%d}" in capsys.readouterr().err
    updated("new.csv", "--accept-changed")
    label = rises(bars, Predictor.load("data/models/shipped").model.label)["label"]
    before = bars.index[-39]
    told = [line["rows"] for line in lines.read().of("outcome") if line["date"] == f"{before:%Y-%m-%d}"]
    assert len(told) == 2 and table(lines.read(), many=False)["label"][before] == label[before]


def test_with_a_lost_line_the_journal_is_at_fault_and_not_the_bars(project, bars, capsys):
    for days in (1, 2, 3):
        by_hand(given(bars, days))
    kept = lines.PATH.read_text().splitlines(keepends=True)
    lines.PATH.write_text("".join(kept[:2] + kept[3:]))
    damaged = content()
    for words in ((), ("--accept-changed",)):
        assert updated(given(bars, 4), *words) == STATUS["bad data"]
        assert "bring the journal back from git or a copy" in capsys.readouterr().err
    assert content() == damaged


def test_a_source_that_stopped_is_told(project, bars, capsys):
    updated(given(bars, 2))
    capsys.readouterr()
    updated("new.csv")
    assert "warning: the last bar is of 2014-12-23, " in capsys.readouterr().err


def test_a_journal_that_cannot_be_written_is_named(project, bars, capsys):
    (project / "journal").touch()
    assert updated(given(bars, 2)) == STATUS["bad data"]
    assert "error: journal/journal.lock cannot be written" in capsys.readouterr().err


def bad(bars: pd.DataFrame, how: str) -> pd.DataFrame:
    if how == "another market":
        other = bars.copy()
        moved = np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, len(bars))))
        for name in ("open", "high", "low", "close"):
            other[name] = bars[name] * moved
        return other
    if how == "gone":
        return bars.drop(bars.index[-60])
    if how == "twice":
        return pd.concat([bars, bars.iloc[-38:-37]]).sort_index()
    return bars.iloc[-9:]  # nothing in common


BAD = {
    "another market": "of another market than the bars that are known",
    "gone": "no bar on",
    "twice": "duplicate_date",
    "nothing in common": "share no day with the bars that are known",
}


@pytest.mark.parametrize("how", BAD)
def test_bad_bars_are_one_line_and_nothing_is_written(project, bars, capsys, how):
    bad(bars.iloc[:-30], how).to_csv("new.csv")
    assert updated("new.csv") == STATUS["bad data"]
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and BAD[how] in said, said
    assert not lines.PATH.exists()


def test_a_bar_of_tomorrow_is_refused(project, bars):
    with pytest.raises(UserError, match=r"its last bar is of 2014-12-\d\d, after today \(2014-12-22\)"):
        by_hand(given(bars, 5), today=date(2014, 12, 22))


def test_a_new_column_is_no_matter(project, bars):
    by_hand(given(bars, 2))
    whole = content()
    lines.PATH.unlink()
    bars.assign(vwap=1.0).iloc[:-38].to_csv("new.csv")
    by_hand("new.csv")
    assert content() == whole


def test_the_pipeline_s_bars_that_grew_since_give_the_same_journal_and_others_are_refused(project, bars):
    from buysignal.bars import manifest
    from buysignal.bars.validate import validate

    by_hand(given(bars, 3))

    def pipeline_has(now: pd.DataFrame) -> None:
        kept, report = validate(now, "error", 10)
        manifest.write(kept, report, "csv", "data/bars/bars.parquet", "data/bars/bars.json")

    pipeline_has(bars.iloc[:-20])
    by_hand(given(bars, 4))
    assert len(lines.read().of("day")) == 4
    pipeline_has(bars.iloc[:-20] * 2)
    with pytest.raises(UserError, match=r"other bars up to 2014-12-19 than the journal began with"):
        by_hand(given(bars, 5))


def test_days_on_which_updates_are_killed_give_the_bytes_of_days_left_in_peace(project, bars):
    days = bars.index[-40:-28]
    peace, killed = (passed(bars, days, kills)[0] for kills in (0, 4))
    assert peace == killed and len(lines.read().of("day")) == len(days)


def test_two_at_once_put_a_day_down_once(project, bars):
    given(bars, 2)
    both = [subprocess.Popen(ME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate() for process in both]
    assert all(process.returncode in (STATUS["no buy"], STATUS["buy"]) for process in both), said
    assert [line["date"] for line in lines.read().of("day")] == [f"{day:%Y-%m-%d}" for day in bars.index[-40:-38]]
    assert sum("nothing new" in out for out, _ in said) == 1


def test_json_holds_the_new_lines_and_the_buys(project, bars, capsys):
    updated(given(bars, 2), "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert [line["kind"] for line in told["new"]] == ["model", "day", "day", "outcome"]
    assert told["left_out"] == {} and told["damaged"] == []
