"""``python -m buysignal judge``: the verdict on scores from anywhere, and one line for those that cannot be judged."""

from __future__ import annotations

import inspect
import json
import re
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from bench.honesty.markets import Design, simulate

import buysignal
from buysignal.cli.judge.asked import Asked
from buysignal.cli.judge.cautions import cautions
from buysignal.cli.judge.command import FLAGS
from buysignal.cli.judge.outside import KEYS
from buysignal.cli.main import main
from buysignal.core.errors import UserError
from buysignal.judge.evidence import missing
from tests.judge.test_metric_law import FORBIDDEN, keys

BARS = simulate(Design(1500), seed=8).bars
DAYS = BARS.index
RANDOM = pd.Series(np.random.default_rng(1).random(1500), DAYS)
VOLATILITY = (np.log(BARS["close"]).diff() ** 2).ewm(alpha=0.06).mean().dropna() ** 0.5
AHEAD = (BARS["high"].shift(-1) / BARS["close"]).dropna()


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with bars and three outside models."""
    monkeypatch.chdir(tmp_path)
    BARS.rename(columns=str.capitalize).rename_axis("Date").to_csv("bars.csv")
    for name, scores in {"random": RANDOM, "volatility": VOLATILITY, "ahead": AHEAD}.items():
        write(name, scores)
    return tmp_path


def write(name, scores):
    scores.rename("score").rename_axis("date").to_csv(f"{name}.csv")


def judged(capsys, name, *words):
    status = main(["judge", f"{name}.csv", "--bars", "bars.csv", *words])
    return status, capsys.readouterr()


def refused(capsys, name, *words):
    status, printed = judged(capsys, name, *words)
    assert status == 2 and printed.out == "" and len(printed.err.splitlines()) == 1
    return printed.err.removeprefix("error: ").rstrip()


def test_random_scores_are_not_to_be_used_or_cannot_be_told(files, capsys):
    status, printed = judged(capsys, "random", "--tried", "40")
    assert status in (1, 2) and re.match(r"(do not use|cannot tell): ", printed.out) and printed.err == ""
    said = " ".join(printed.out.split())
    assert "chosen on the 749 days before" in said and "random.csv on bars.csv: 749 days" in said
    assert "The touch formula on as many buys: precision" in said and "The volatility logistic on as many buys" in said
    assert "The best of 40 models without skill shows" in said and "After costs of 0.050 % a trade earns" in said
    assert re.search(r"^2004 ", printed.out, re.MULTILINE) and max(map(len, printed.out.splitlines())) <= 100


def test_volatility_is_precise_and_no_better_than_its_like(files, capsys):
    status, printed = judged(capsys, "volatility", "--format", "json")
    found = json.loads(printed.out)
    assert status == found["status"] == 2 and found["verdict"] == "cannot tell"
    assert found["evidence"]["precision"] > 1.3 * found["evidence"]["base_rate"]
    assert found["rivals"][0]["name"] == "touch formula" and abs(found["rivals"][0]["lead"]["difference"]) < 0.05
    assert found["money"]["break_even"] > found["evidence"]["base_rate"]


NEXT = BARS["close"].pct_change().shift(-1).dropna()


@pytest.mark.parametrize(
    "scores", [AHEAD, (AHEAD >= 1.01).astype(int), NEXT, (NEXT > 0).astype(int), (NEXT > 0.01).astype(int)]
)
def test_scores_that_look_ahead_are_called_that_and_never_used(files, capsys, scores):
    write("mine", scores)
    status, printed = judged(capsys, "mine")
    assert status == 2 and printed.out.startswith("cannot tell: the scores look ahead: ")


CENTRED = BARS["close"].pct_change().rolling(3, center=True).mean().dropna()


def test_a_use_says_what_no_file_of_scores_tells_and_how_to_test_it(files, capsys):
    write("mine", CENTRED)  # it knows the next day by a third of it, which no correlation betrays
    status, printed = judged(capsys, "mine")
    assert status == 0 and printed.out.startswith("use: ")
    _, after, *_ = printed.out.split("\n\n")
    said = " ".join(after.split())
    assert said.startswith("caution: No file of scores tells whether the score of a day was known at the Close")
    assert "give them as --cut-scores with that day as --cut-day: up to it they must be the same" in said
    found = json.loads(judged(capsys, "mine", "--format", "json")[1].out)
    assert [one["kind"] for one in found["cautions"]] == ["unseen"]
    assert found["cautions"][0]["text"] == buysignal.judge(CENTRED, BARS).cautions[0].text
    page = judged(capsys, "mine", "--format", "html")[1].out
    assert page.count("No file of scores tells") == 1 and '<p class="mind"><strong>Caution:</strong> No file' in page
    assert json.loads(judged(capsys, "random", "--threshold", "0.5", "--format", "json")[1].out)["cautions"] == []


def centred(bars):
    """What a person's script makes of some bars: the last one has no score."""
    return bars["close"].pct_change().rolling(3, center=True).mean().dropna()


def standardised(bars):
    move = bars["close"].pct_change().dropna()
    return (move - move.mean()) / move.std()


def centred_and_filled(bars):
    return bars["close"].pct_change().rolling(3, center=True, min_periods=1).mean().dropna()


def honest(bars):
    return bars["close"].pct_change().rolling(3).mean().dropna()


END = DAYS[1200]


@pytest.mark.parametrize(
    ("score", "count", "first"),
    [(centred, 1, END), (centred_and_filled, 1, END), (standardised, 1200, DAYS[1])],
)
def test_scores_that_change_when_the_bars_end_earlier_look_ahead(files, capsys, score, count, first):
    write("mine", score(BARS))
    write("cut", score(BARS[:END]))
    status, printed = judged(capsys, "mine", "--cut-scores", "cut.csv", "--cut-day", f"{END:%Y-%m-%d}")
    do = "differs or is" if count == 1 else "differ or are"
    said = f"the scores look ahead: {count:,} of the {len(score(BARS)[:END]):,} up to {END:%Y-%m-%d} {do} missing when"
    assert status == 2 and " ".join(printed.out.split()).startswith(f"cannot tell: {said} the bars end on that day, ")
    assert f"the first is {first:%Y-%m-%d}." in " ".join(printed.out.split())
    assert "caution" not in printed.out


def test_scores_that_stay_are_told_so_and_the_caution_is_gone(files, capsys):
    """A use that looks ahead by revised bars: both files are made of the same, and no file can betray it."""
    write("mine", CENTRED)
    write("cut", CENTRED[:END])
    status, printed = judged(capsys, "mine", "--cut-scores", "cut.csv", "--cut-day", f"{END:%Y-%m-%d}")
    assert status == 0 and "caution" not in printed.out
    said = " ".join(printed.out.split())
    assert f"The scores up to {END:%Y-%m-%d} are the same when the bars end on that day (cut.csv)" in said
    assert "whether the prices themselves were revised later that does not show" in said
    found = buysignal.judge(honest(BARS), BARS, cut_scores=honest(BARS[:END]), cut_day=f"{END:%Y-%m-%d}")
    assert found.cautions == () and "are the same when" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--cut-day", "2003-01-06"), "--cut-scores is missing: cut_scores and cut_day go together"),
        (("--cut-scores", "random.csv"), "--cut-day is missing: cut_scores and cut_day go together"),
        (("--cut-scores", "random.csv", "--cut-day", "soon"), "--cut-day is 'soon'; it must be a day, written as"),
        (("--cut-scores", "random.csv", "--cut-day", "1999-01-04"), "--cut-day is 1999-01-04; it must be a day of the"),
        (("--cut-scores", "random.csv", "--cut-day", "2005-09-30"), "--cut-day is 2005-09-30; it must be a day of the"),
        (("--cut-scores", "random.csv", "--cut-day", "2003-01-06"), "random.csv has a score of 2005-09-30, and its"),
    ],
)
def test_a_test_by_other_scores_that_can_tell_nothing_is_refused(files, capsys, words, says):
    assert says in refused(capsys, "random", *words)


def test_who_buys_nearly_always_is_told_so_beside_the_verdict(files, capsys):
    every = pd.Series(1, DAYS)
    rare = every.copy()
    rare.iloc[10::60] = 0  # 25 of 1,500 days, of which 1,498 are judged
    for scores, said in ((every, "It buys on every day: that is buying always."), (rare, "It buys on 98.3 % of the")):
        write("mine", scores)
        assert f"\n\ncaution: {said}" in judged(capsys, "mine")[1].out
        assert said.replace(" %", "\u00a0%") in judged(capsys, "mine", "--format", "html")[1].out
    [caution] = json.loads(judged(capsys, "mine", "--format", "json")[1].out)["cautions"]
    assert caution["kind"] == "buys-always" and "at most 0.017 above the base rate" in caution["text"]


def test_from_a_share_of_days_on_a_model_is_said_to_buy_always(files):
    """The bound that the sentence names holds, and one day of fewer buys it is not said."""
    label = (BARS["high"].shift(-1) / BARS["close"] >= 1.01).astype(int)
    found = buysignal.judge(label.where(label == 1, (RANDOM > 0.07).astype(int)), BARS)  # it errs on no day it leaves
    assert 0.94 < found.evidence.alert_rate < 0.96
    for share, told in ((0.95, 1), (0.9499, 0)):
        seen = found.evidence.model_copy(update={"alert_rate": share})
        assert len(list(cautions(found.verdict, seen, False))) == told + (found.verdict.word == "use")
    assert 0 < found.evidence.precision - found.evidence.base_rate <= 1 - found.evidence.alert_rate


def test_the_days_own_return_is_honest_and_asked_about(files, capsys):
    write("mine", BARS["close"].pct_change().dropna())
    _, printed = judged(capsys, "mine", "--threshold", "0.01")
    assert "honest only if they are known at the Close" in " ".join(printed.out.split())


def test_signals_need_no_threshold_and_are_judged_on_all_days(files, capsys):
    write("mine", RANDOM > 0.9)
    _, printed = judged(capsys, "mine", "--format", "json", "--from", "2003-01-01")
    found = json.loads(printed.out)
    assert (found["threshold"], found["chosen"], found["days"]) == (0.5, "signals", len(BARS["2003":]) - 1)
    assert found["evidence"]["n_buys"] == (RANDOM > 0.9)["2003":].iloc[:-1].sum() == found["money"]["trades"]
    assert [year["year"] for year in found["years"]] == [2003, 2004, 2005]
    assert sum(year["n_buys"] for year in found["years"]) == found["evidence"]["n_buys"]


def test_a_given_threshold_is_taken_on_all_days_and_the_logistic_is_missed_aloud(files, capsys):
    _, printed = judged(capsys, "random", "--threshold", "0.9", "--format", "json")
    found = json.loads(printed.out)
    assert (found["threshold"], found["chosen"], found["days"]) == (0.9, "as given", 1498)
    assert [rival["name"] for rival in found["rivals"]] == ["touch formula"]
    assert "no volatility logistic: 0 days before the judged ones, 250 are needed" in found["notes"][2]


def test_nothing_bought_is_no_trades_and_never_zero(files, capsys):
    write("mine", RANDOM * 0)
    status, printed = judged(capsys, "mine")
    assert status == 2 and printed.out.startswith("cannot tell: no trades: nothing was bought on 1,498 days.\n")
    assert "earns 0.00 %" not in printed.out and " no trades" in printed.out.split("By year")[1]
    found = json.loads(judged(capsys, "mine", "--format", "json")[1].out)
    assert found["money"] is found["lucky_return"] is found["rivals"][0]["at_as_many"] is None


def test_other_exits_horizons_and_costs(files, capsys):
    words = ("--horizon", "5", "--barrier", "volatility", "--multiple", "1", "--stop", "-0.02", "--cost-bps", "12.5")
    _, printed = judged(capsys, "random", *words, "--from", "2002-01-01")
    said = " ".join(printed.out.split())
    assert "sold at that level, or at -2.00 %, else at the Close of the last of 5 days" in said
    assert "costs 12.5 basis points" in said and "the next 5 days is at least 1 deviation of the horizon" in said


def test_other_kinds_of_a_buy(files, capsys):
    close = ("--kind", "close", "--level", "0.0005", "--from", "2002-01-01")
    _, printed = judged(capsys, "random", *close)
    said = " ".join(printed.out.split())
    assert "the Close of the next day is more than 0.05% above today's. It is bought at the Close and sold" in said
    found = buysignal.judge(RANDOM, BARS, kind="close", level=0.0005, start="2002-01-01")
    assert f"base rate {found.evidence.base_rate:.3f}"[:14] in said and 0.4 < found.evidence.base_rate < 0.6
    assert found.money.mean_hit > 0.0005 >= found.money.mean_miss
    _, printed = judged(capsys, "random", "--kind", "triple", "--stop", "-0.005", "--from", "2002-01-01")
    said = " ".join(printed.out.split())
    assert "the price is 1.00% above the Close before it is 0.50% below it. It is bought at the Close and sold" in said
    assert "sold at that level, or at -0.50 %, else at the Close of the next day" in said
    stopped = buysignal.judge(RANDOM, BARS, kind="triple", stop=-0.005, start="2002-01-01")
    touched = buysignal.judge(RANDOM, BARS, stop=-0.005, start="2002-01-01")
    assert stopped.evidence.base_rate < touched.evidence.base_rate and stopped.money.mean_hit >= 0.01 - 1e-12
    assert stopped.money.random == touched.money.random  # a trade ends alike; what counts as right does not


def test_json_has_the_same_keys_whatever_happens_and_no_share_without_its_evidence(files, capsys):
    _, good = judged(capsys, "random", "--format", "json")
    status, bad = judged(capsys, "absent", "--format", "json")
    good, error = json.loads(good.out), json.loads(bad.out)["error"]
    assert status == 2 and list(good) == list(json.loads(bad.out)) == [*KEYS, "error", "status"]
    assert good["error"] is None and error in bad.err
    assert missing(good) == [] and not [key for key in keys(good) if FORBIDDEN.search(key)]


def test_the_page_is_one_file_that_fetches_nothing(files, capsys):
    _, printed = judged(capsys, "volatility", "--format", "html")
    assert printed.out.startswith("<!DOCTYPE html>") and "<title>volatility.csv on bars.csv</title>" in printed.out
    assert '<h1 class="answer">Nobody can tell yet whether volatility.csv makes money.</h1>' in printed.out
    assert '<div class="card cannot-tell">' in printed.out and '<div class="scale"' in printed.out
    assert re.findall("<h2[^>]*>(.*?)</h2>", printed.out)[:3] == [
        "Is it real?",
        "What does it earn?",
        "When does it fail?",
    ]
    assert "<table" in printed.out
    plot = re.search('<figure class="spark">(.*?)</figure>', printed.out, re.DOTALL)[1]
    ends = re.findall(r"<span>(\d{4}-\d\d-\d\d)</span>", plot)
    assert ends == [f"{day:%Y-%m-%d}" for day in (DAYS[750], DAYS[-2])]  # the second half of those with an outcome
    assert re.search(r'<div class="ticks".*?top:0">-?\d+\s%<.*?top:100%">-\d+\s%<', plot, re.DOTALL)
    assert len(re.findall(r"<strong>-?[0-9.]+\s%</strong>", plot)) == 2
    assert not re.search(r"https?:|src=", printed.out)


def test_a_name_cannot_become_a_tag(files, capsys):
    write("<b>x", VOLATILITY)
    _, printed = judged(capsys, "<b>x", "--format", "html")
    assert "<b>" not in printed.out and "&lt;b&gt;x.csv" in printed.out


def test_as_a_library_it_says_the_same(files, capsys):
    _, printed = judged(capsys, "random", "--threshold", "0.5", "--format", "json")
    by_file = buysignal.judge("random.csv", "bars.csv", threshold=0.5)
    by_frame = buysignal.judge(RANDOM, BARS, threshold=0.5)
    said = json.loads(printed.out)
    assert str(by_file) == str(by_frame) == f"{said['verdict']}: {said['reason']}"
    assert by_file.to_dict().keys() == said.keys() - {"error", "status"}
    assert by_file.verdict == by_frame.verdict and by_file.evidence == by_frame.evidence
    moments = RANDOM.set_axis(DAYS.tz_localize("America/New_York") + pd.Timedelta(hours=16))
    for other in (RANDOM.rename("p").reset_index(), RANDOM.set_axis(DAYS.date), moments):
        assert buysignal.judge(other, BARS, threshold=0.5).verdict == by_frame.verdict


@pytest.mark.parametrize("given", [None, [1, 2], RANDOM[:0], RANDOM.to_numpy()])
def test_as_a_library_it_refuses_what_is_no_pandas_object(given):
    with pytest.raises(UserError, match="the scores must be a pandas Series or DataFrame"):
        buysignal.judge(given, BARS)


def test_as_a_library_it_names_a_keyword_of_a_wrong_value():
    with pytest.raises(UserError, match="cost_bps is -1; it must be a number from 0 to 1000"):
        buysignal.judge(RANDOM, BARS, cost_bps=-1)


def test_its_keywords_and_their_defaults_are_those_of_the_command():
    signature = inspect.signature(type(buysignal.judge).__call__).parameters.values()
    keywords = {one.name: one.default for one in signature if one.kind is one.KEYWORD_ONLY}
    others = {"wanted": None, "on_bad_rows": "error", "cut_scores": None, "cut_day": None}
    assert {name: keywords.pop(name) for name in others} == others
    assert keywords == Asked().model_dump() and keywords.keys() == FLAGS.keys()


def test_the_room_of_that_name_is_still_a_room():
    from buysignal.judge.evidence import evidence

    assert buysignal.judge.evidence.evidence is evidence and isinstance(buysignal.judge, ModuleType)


WITHOUT_ONE = RANDOM.drop(DAYS[[700, 800]])
DOUBLE = pd.concat([RANDOM, RANDOM.iloc[[5]]])
SHIFTED = RANDOM.set_axis(DAYS + pd.Timedelta(days=1))


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        (WITHOUT_ONE, "misses 2 days between its first and its last, the first is 2002-09-09: score every bar"),
        (DOUBLE, "1 of 1,501 scores has a day that stood before, the first is mine.csv line 1502, 2000-01-10"),
        (SHIFTED, "mine.csv: 300 of 1,500 days are no day of the bars, the first is 2000-01-08; the bars run from"),
        (RANDOM.astype(object).where(RANDOM.index != DAYS[3], "high"), "mine.csv line 5: the score is 'high', write a"),
        (RANDOM.where(RANDOM.index != DAYS[3]), "1 of 1,500 scores has no finite score, the first is mine.csv line 5"),
        (RANDOM.where(RANDOM.index != DAYS[3], np.inf), "has no finite score, the first is mine.csv line 5: leave out"),
        (RANDOM[:60], "mine.csv leaves 30 days to judge, of which the first half is to choose the threshold: 60 are"),
        ((RANDOM > 0.5)[:60], "mine.csv leaves 59 days to judge: 60 are the fewest that tell anything"),
        (RANDOM * 0 + 0.3, "mine.csv has the same score on all of the first 749 days: no threshold can be chosen"),
        (RANDOM[:0], "mine.csv is empty: it needs a header, such as date,score, and one line per day"),
    ],
)
def test_scores_that_cannot_be_judged_are_said_in_one_line(files, capsys, scores, says):
    write("mine", scores)
    assert says in refused(capsys, "mine")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date\n2000-01-03\n", "mine.csv has one column: it needs two, a date and a score"),
        ("date,a,b\n2000-01-03,1,2\n", "mine.csv: which column is the score, of a, b? Name it score, or leave the"),
        ("date,score\n2000-01-03,1\n2000-01-04\n", "mine.csv line 3 has 1 fields, the header has 2"),
        ("date,score\nsoon,1\nlater,1\n", "mine.csv line 2: date is 'soon', "),
        ('date,score\n2000-01-03,"1\n', "mine.csv line 2 is not CSV: "),
    ],
)
def test_files_that_hold_no_scores_are_said_in_one_line(files, capsys, text, says):
    (files / "mine.csv").write_text(text)
    assert says in refused(capsys, "mine")


@pytest.mark.parametrize("text", ["Date;Signal\n{}", "timestamp\tx\tscore\n{}"])
def test_other_separators_and_names_are_read(files, capsys, text):
    mark = ";" if ";" in text else "\t0\t"
    (files / "mine.csv").write_text(text.format("\n".join(f"{d:%Y-%m-%d}{mark}{s}" for d, s in RANDOM.items())))
    assert judged(capsys, "mine")[1].out.splitlines()[0] == judged(capsys, "random")[1].out.splitlines()[0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--cost-bps", "-1"), "--cost-bps is -1.0; it must be a number from 0 to 1000"),
        (("--cost-bps", "2000"), "--cost-bps is 2000.0; it must be a number from 0 to 1000"),
        (("--cost-bps", "nan"), "--cost-bps is nan; it must be a number from 0 to 1000"),
        (("--stop", "0.1"), "--stop is 0.1; it must be a number from -1 and below 0"),
        (("--stop", "-1.1"), "--stop is -1.1; it must be a number from -1 and below 0"),
        (("--horizon", "0"), "--horizon is 0; it must be a whole number from 1 to 250"),
        (("--horizon", "251"), "--horizon is 251; it must be a whole number from 1 to 250"),
        (("--tried", "0"), "--tried is 0; it must be a whole number from 1 to 1000000"),
        (("--barrier", "steep"), "--barrier is 'steep'; it must be one of fixed, volatility"),
        (("--kind", "tuch"), "--kind is 'tuch'; it must be one of touch, close, triple"),
        (
            ("--kind", "close", "--level", "0.0004"),
            "--level is 0.0004; of kind close it must be at least 0.0005, which",
        ),
        (("--kind", "close", "--level", "9"), "none of the 749 days closes above the level: set one that some reach"),
        (("--kind", "triple", "--level", "9"), "none of the 749 days reaches the level before the stop: set one that"),
        (("--from", "2003"), "--from is '2003'; it must be a day, written as 2016-01-01"),
        (("--from", "2033-01-01"), "random.csv has no score on or after the day that --from names"),
        (("--threshold", "2"), "--threshold is 2, it must lie within the scores, "),
        (("--level", "9"), "none of the 749 days reaches the level: set one that some reach and some do not"),
        (("--from", "2005-06-01", "--horizon", "200"), "random.csv leaves 0 days to judge"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(files, capsys, words, says):
    assert says in refused(capsys, "random", *words)


def test_a_level_that_each_day_reaches_tells_nothing(files, capsys):
    BARS.assign(high=BARS["high"] * 1.2).rename(columns=str.capitalize).rename_axis("Date").to_csv("bars.csv")
    assert "each of the 749 days reaches the level: set one that" in refused(capsys, "random")


def test_bars_shorter_than_the_horizon_are_refused(files, capsys):
    BARS[:40].rename(columns=str.capitalize).rename_axis("Date").to_csv("bars.csv")
    write("mine", RANDOM[:40])
    assert "--horizon is 50, and bars.csv has 40 bars: no day has an outcome" in refused(
        capsys, "mine", "--horizon", "50"
    )


def test_bars_without_an_open_are_refused(files, capsys):
    BARS.drop(columns="open").rename(columns=str.capitalize).rename_axis("Date").to_csv("bars.csv")
    assert re.search("open", refused(capsys, "random"), re.IGNORECASE)


def test_help_says_what_each_exit_status_means(capsys):
    with pytest.raises(SystemExit):
        main(["judge", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "0 use; 1 do not use; 2 cannot tell, or the files cannot be judged" in said
