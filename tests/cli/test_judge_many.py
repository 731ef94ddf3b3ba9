"""``python -m buysignal judge`` on many symbols: doubted by date, and one line for what cannot be judged."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bench.honesty.markets import Design, simulate

import buysignal
from buysignal.cli.judge.many import KEYS_OF_MANY
from buysignal.cli.main import main
from buysignal.core.errors import UserError
from buysignal.judge.evidence import missing
from tests.judge.test_metric_law import FORBIDDEN, keys

NAMES = ("AA", "BB", "CC", "DD", "EE")
BARS = pd.concat({name: simulate(Design(560), seed=at).bars for at, name in enumerate(NAMES)}, names=["symbol"])
RANDOM = pd.Series(np.random.default_rng(1).random(len(BARS)), BARS.index).loc[:, "2001-02-01":]
AHEAD = (BARS["close"].groupby("symbol").shift(-1) / BARS["close"]).dropna().loc[:, "2001-02-01":]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of bars, the same in one file, the bars of one symbol, and scores."""
    path = tmp_path_factory.mktemp("many")
    (path / "bars").mkdir()
    for name in NAMES:
        BARS.loc[name].rename(columns=str.capitalize).rename_axis("Date").to_csv(path / "bars" / f"{name}.csv")
    BARS.to_csv(path / "long.csv")
    BARS.loc["AA"].to_csv(path / "one.csv")
    write(path, "random", RANDOM)
    return path


@pytest.fixture(autouse=True)
def there(folder, monkeypatch):
    monkeypatch.chdir(folder)


def write(path, name, scores):
    scores.rename("score").reset_index()[["date", "symbol", "score"]].to_csv(path / f"{name}.csv", index=False)


def judged(capsys, name, *words, bars="bars"):
    status = main(["judge", f"{name}.csv", "--bars", bars, *words])
    return status, capsys.readouterr()


def refused(capsys, name, *words, bars="bars"):
    status, printed = judged(capsys, name, *words, bars=bars)
    assert status == 2 and printed.out == "" and len(printed.err.splitlines()) == 1
    return printed.err.removeprefix("error: ").rstrip()


def test_random_scores_buy_three_a_day_and_are_not_to_be_used_or_cannot_be_told(capsys):
    status, printed = judged(capsys, "random", "--tried", "40", "--barrier", "volatility")
    said = " ".join(printed.out.split())
    assert status in (1, 2) and re.match(r"(do not use|cannot tell): ", printed.out) and printed.err == ""
    days = RANDOM.index.unique("date")[:-1]
    assert f"5 symbols, {5 * len(days):,} rows on {len(days)} days" in said
    assert "one of the 3 rows of highest score of a day (by default; of equal ones by name)" in said
    assert "The touch formula on as many buys of each day" in said and "The volatility logistic on as many buys" in said
    assert "the average symbol of the same days" in said and "Within a day the AUC of the scores is" in said
    assert "every interval draws dates, with all symbols of a date" in said
    assert "5 rows are not judged: their outcome takes 1 more day of bars" in said


def test_folder_file_and_frames_say_the_same(capsys):
    by_folder = json.loads(judged(capsys, "random", "--format", "json", "--per-day", "2")[1].out)
    by_file = json.loads(judged(capsys, "random", "--format", "json", "--per-day", "2", bars="long.csv")[1].out)
    differ = {key for key in by_folder if by_folder[key] != by_file[key]}
    assert differ == {"bars"}
    by_frame = buysignal.judge(RANDOM, BARS, per_day=2)
    interval = by_frame.evidence.precision_interval
    assert interval == pytest.approx(by_folder["evidence"]["precision_interval"], abs=1e-6)
    assert str(by_frame) == f"{by_folder['verdict']}: {by_folder['reason']}"
    assert by_frame.evidence.n_buys == 2 * by_frame.days == by_frame.money.trades
    assert list(by_folder) == [*KEYS_OF_MANY, "error", "status"]
    assert missing(by_folder) == [] and not [key for key in keys(by_folder) if FORBIDDEN.search(key)]


def test_the_numbers_are_those_of_the_bars():
    """Precision, mean and lead of the two best a day, counted with pandas alone."""
    found = buysignal.judge(RANDOM, BARS, per_day=2, cost_bps=0, kind="close", level=0.001)
    next_close = BARS["close"].groupby("symbol").shift(-1) / BARS["close"]
    rows = pd.DataFrame({"score": RANDOM, "move": next_close.reindex(RANDOM.index) - 1}).dropna()
    best = rows.groupby("date")["score"].rank(ascending=False) <= 2
    assert found.evidence.precision == pytest.approx((rows["move"] > 0.001)[best].mean())
    assert found.money.mean == pytest.approx(rows["move"][best].mean())
    average = rows["move"].groupby("date").transform("mean")
    assert found.money.ahead == pytest.approx((rows["move"] - average)[best].mean())
    assert [part.name for part in found.years] == ["2001", "2002"][: len(found.years)]


def test_a_threshold_and_signals_need_no_count_a_day():
    by_threshold = buysignal.judge(RANDOM, BARS, threshold=0.9)
    by_signal = buysignal.judge((RANDOM >= 0.9).astype(int), BARS)
    assert by_threshold.per_day is by_signal.per_day is None and by_signal.chosen == "signals"
    assert by_threshold.evidence == by_signal.evidence and by_threshold.days_bought < by_threshold.days


@pytest.mark.parametrize("scores", [AHEAD, (AHEAD > 1.0).astype(int)], ids=["scores", "signals"])
def test_scores_that_look_ahead_are_called_that_and_never_used(capsys, scores):
    write(Path.cwd(), "ahead", scores)
    status, printed = judged(capsys, "ahead")
    assert status == 2 and printed.out.startswith("cannot tell: the scores look ahead: ")


def test_scores_that_change_when_the_bars_end_earlier_look_ahead():
    def score(bars):
        return bars["close"].groupby("symbol").transform(lambda own: own / own.mean())

    end = RANDOM.loc["AA"].index[150]
    dates = BARS.index.get_level_values("date")
    mine, cut = (one.sort_index().loc[:, "2001-02-01":] for one in (score(BARS), score(BARS[dates <= end])))
    found = buysignal.judge(mine, BARS, cut_scores=cut, cut_day=f"{end:%Y-%m-%d}")
    assert found.verdict.reason.startswith("the scores look ahead: 755 of the 755 up to") and found.verdict.status == 2
    assert found.verdict.reason.endswith("when the bars end on that day, the first is AA on 2001-02-01")
    same = buysignal.judge(RANDOM, BARS, cut_scores=RANDOM.sort_index().loc[:, :end], cut_day=f"{end:%Y-%m-%d}")
    assert "are the same when the bars end on that day" in " ".join(same.notes)


def test_symbols_may_begin_and_end_apart_and_gaps_are_said():
    late = RANDOM.drop([("BB", day) for day in RANDOM.loc["BB"].index[:200]])
    late = late.drop([("CC", day) for day in RANDOM.loc["CC"].index[[50, 60]]])
    found = buysignal.judge(late, BARS, per_day=2)
    said, day = " ".join(found.notes), RANDOM.loc["CC"].index[50]
    assert f"2 bars of 1 symbol lie between scored ones and have no score, the first is CC on {day:%Y-%m-%d}" in said
    assert found.rows == len(late) - 5


def test_one_month_that_holds_the_buys_is_said(capsys):
    days = RANDOM.index.get_level_values("date")
    write(Path.cwd(), "crisis", ((days >= "2001-06-01") & (days < "2001-07-01") & (RANDOM > 0.2)).astype(int))
    said = " ".join(judged(capsys, "crisis")[1].out.split())
    assert "100 of 100 buys lie in one month, 2001-06, which has" in said


def test_the_page_is_one_file_that_fetches_nothing(capsys):
    _, printed = judged(capsys, "random", "--format", "html")
    assert printed.out.startswith("<!DOCTYPE html>") and "<title>random.csv on bars</title>" in printed.out
    assert "<table" in printed.out and not re.search(r"https?:|src=", printed.out)


OTHER = RANDOM.rename({"EE": "ZZ"}, level="symbol")
SHIFTED = RANDOM.set_axis(
    pd.MultiIndex.from_arrays(
        [RANDOM.index.get_level_values(0), RANDOM.index.get_level_values(1) + pd.Timedelta(days=20000)],
        names=["symbol", "date"],
    )
)
WEEKEND = pd.concat([RANDOM, pd.Series([0.5], pd.MultiIndex.from_tuples([("AA", pd.Timestamp("2001-03-03"))]))])


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        (OTHER, "1 of 5 symbols of the scores have no bars in the bars: ZZ"),
        (pd.concat([RANDOM, RANDOM.iloc[[5]]]), "1 of 1,386 scores has a symbol and day that"),
        (SHIFTED, "the scores and the bars have no day in common: none of"),
        (
            WEEKEND.rename_axis(["symbol", "date"]),
            "are on no bar of their symbol, the first is AA on 2001-03-03",
        ),
        (RANDOM.loc[:, "2001-02-01":"2001-03-15"], "days to judge: 60 are the fewest that tell anything"),
        (RANDOM.rename_axis(["who", "when"]), "the scores have an index of two levels: name them symbol and date"),
        (RANDOM.loc["AA"], "no symbol is named in the scores, and there are many in the bars: it takes a column"),
    ],
)
def test_scores_that_cannot_be_judged_are_said_in_one_line(scores, says):
    with pytest.raises(UserError) as told:
        buysignal.judge(scores, BARS)
    assert says in str(told.value) and "\n" not in str(told.value)


def test_a_symbol_and_day_that_stand_twice_are_named(capsys):
    write(Path.cwd(), "twice", pd.concat([RANDOM, RANDOM.iloc[[5]]]))
    told = refused(capsys, "twice")
    assert re.search(r"a symbol and day that stood before, the first is twice.csv line \d+, AA on 2001-02-", told)


@pytest.mark.parametrize(
    ("words", "bars", "says"),
    [
        (("--per-day", "5"), "bars", "--per-day is 5, and at most 5 symbols are scored on a day: all would"),
        (("--per-day", "0"), "bars", "--per-day is 0; it must be a whole number from 1 to 10000"),
        (("--per-day", "2", "--threshold", "0.5"), "bars", "--per-day is 2 and threshold is 0.5: give one of them"),
        (("--threshold", "7"), "bars", "--threshold is 7, it must lie within the scores"),
        ((), "one.csv", "5 symbols are scored in random.csv, and there is one in one.csv: give the"),
        (("--level", "9"), "bars", "none of the"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(capsys, words, bars, says):
    assert says in refused(capsys, "random", *words, bars=bars)


def test_a_count_a_day_of_one_market_is_refused(capsys):
    RANDOM.loc["AA"].rename("score").to_csv("alone.csv")
    assert "--per-day is 2, and there is one symbol in one.csv: give threshold" in refused(
        capsys, "alone", "--per-day", "2", bars="one.csv"
    )


def test_bars_that_are_bad_and_that_nobody_scored_stand_in_no_way(folder, capsys):
    (folder / "bars" / "BAD.csv").write_text("Date,Open\nx,y\n")
    try:
        assert judged(capsys, "random")[1].err == ""
        write(folder, "bad", RANDOM.rename({"EE": "BAD"}, level="symbol"))
        assert refused(capsys, "bad").startswith("symbol BAD is bad: ")
    finally:
        (folder / "bars" / "BAD.csv").unlink()
