"""Bars or models that cannot be used give one line that says why, status 2, and no answer."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from buysignal.cli.main import main
from buysignal.cli.predict import Predictor
from buysignal.core.errors import UserError
from buysignal.features import extra
from buysignal.features.tiers import compute
from buysignal.models.dataset import Scaler
from buysignal.models.kept import WEIGHTS
from buysignal.ship.package import FITTED, SHIPPED


def refusal(capsys, *words: str) -> str:
    """The one line that ``predict`` is refused with."""
    status = main(["predict", *words])
    out, err = capsys.readouterr()
    assert status == 2 and out == "" and len(err.splitlines()) == 1 and err.startswith("error: ")
    assert "ingest." not in err  # what would mend the pipeline's bars mends none here
    return err


def reversed_rows(bars: pd.DataFrame) -> pd.DataFrame:
    order = np.arange(len(bars))
    order[[1000, 1001]] = [1001, 1000]
    return bars.iloc[order]


BARS = {
    "no volume": (lambda b: b.drop(columns="volume"), "has no column volume: found 'date', 'open'"),
    "twice a day": (lambda b: b.iloc[[*range(1001), *range(1000, 2600)]], "duplicate_date"),
    "unsorted": (reversed_rows, "date_out_of_order"),
    "huge price": (lambda b: b.assign(high=b["high"].where(b.index != b.index[7], 1e300)), "out_of_range: high 1e+300"),
    "none": (lambda b: b.iloc[:0], "has a header but no rows"),
    "one too few": (
        lambda b: b.iloc[:68],
        "68 bars up to 2005-04-06 are too few: the first answer of this model takes 69 (warm-up 49 of tier a20, "
        "context 20)",
    ),
}


@pytest.mark.parametrize("name", BARS)
def test_bars_that_cannot_be_used_are_refused_with_the_file_and_the_reason(here, bars, capsys, tmp_path, name):
    spoil, says = BARS[name]
    spoil(bars).to_csv(tmp_path / "bad.csv")
    told = refusal(capsys, "--bars", str(tmp_path / "bad.csv"))
    assert "bad.csv" in told and says in told


def test_bad_rows_are_named_with_their_lines_and_left_out_if_that_is_asked(here, bars, capsys, tmp_path):
    spoilt = bars.copy()
    spoilt.iloc[[50, 2590], spoilt.columns.get_loc("high")] = 0.5
    spoilt.to_csv(tmp_path / "bad.csv")
    words = ["--bars", str(tmp_path / "bad.csv")]
    told = refusal(capsys, *words)
    assert f"bad.csv: 2 of {len(bars):,} bars are bad: line 52, {bars.index[50]:%Y-%m-%d} high_below_low" in told
    assert f"line 2592, {bars.index[2590]:%Y-%m-%d} high_below_low" in told
    assert told.endswith("; correct them or give --on-bad-rows drop\n")
    told = refusal(capsys, *words, "--as-of", f"{bars.index[2000]:%Y-%m-%d}")
    assert "bad.csv: 1 of 2,001 bars is bad: line 52, " in told and "line 2592" not in told
    assert main(["predict", *words, "--on-bad-rows", "drop", "--since", f"{bars.index[2589]:%Y-%m-%d}"]) == 0
    out, err = capsys.readouterr()
    assert f"{bars.index[2591]:%Y-%m-%d}" in out and f"{bars.index[2590]:%Y-%m-%d}" not in out
    assert f"warning: 2 of {len(bars):,} rows were dropped (high_below_low 2)" in err


def test_in_python_bad_rows_are_left_out_with_a_warning(predictor, bars):
    spoilt = bars.copy()
    spoilt.iloc[-1, spoilt.columns.get_loc("high")] = 0.5
    with pytest.raises(UserError, match="correct them or give on_bad_rows='drop'"):
        predictor.predict(spoilt)
    with pytest.warns(UserWarning, match="1 of .* rows were dropped"):
        found = predictor.predict(spoilt, 1, on_bad_rows="drop")
    assert found.equals(predictor.predict(bars[:-1], 1))


def test_the_least_bars_give_one_answer(here, bars, capsys, tmp_path):
    bars.iloc[:69].to_csv(tmp_path / "short.csv")
    assert main(["predict", "--bars", str(tmp_path / "short.csv"), "--all", "--format", "json"]) == 0
    assert [day["date"] for day in json.loads(capsys.readouterr().out)["days"]] == [f"{bars.index[68]:%Y-%m-%d}"]


def test_a_missing_file_and_a_folder_are_told(here, capsys, tmp_path):
    assert "absent.csv is missing: name a CSV file of daily bars" in refusal(capsys, "--bars", "absent.csv")
    assert "holds no file: it needs one file of daily bars a symbol" in refusal(capsys, "--bars", str(tmp_path))


def test_a_day_before_all_bars_and_one_before_the_first_answer_are_told(here, capsys):
    told = refusal(capsys, "--bars", "new.csv", "--as-of", "2004-12-31")
    assert "new.csv has no bar on or before 2004-12-31: it begins on 2005-01-03" in told
    assert "no bar on or before 0001-01-01" in refusal(capsys, "--bars", "new.csv", "--as-of", "0001-01-01")
    told = refusal(capsys, "--bars", "new.csv", "--as-of", "2005-02-01")
    assert "new.csv: 22 bars up to 2005-02-01 are too few" in told
    told = refusal(capsys, "--bars", "new.csv", "--as-of", "2005-01-03")
    assert "new.csv: 1 bar up to 2005-01-03 is too few" in told


def test_bars_that_are_wild_but_legal_get_finite_numbers_and_a_warning(here, bars, capsys, tmp_path):
    prices = np.where(np.arange(len(bars)) % 2, 1e-9, 1e12)  # 21 powers of ten from one bar to the next
    bars.assign(**{name: prices for name in ("open", "high", "low", "close")}).to_csv(tmp_path / "wild.csv")
    assert main(["predict", "--bars", str(tmp_path / "wild.csv"), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert 0 <= answer["days"][0]["score"] <= 1 and "volatility" in answer["days"][0]["warnings"]


def test_features_beyond_what_a_float_can_hold_are_refused(predictor, bars, monkeypatch):
    scaler = predictor.model.scaler
    tiny = Scaler(scaler.mean, scaler.deviation * 1e-40)
    with pytest.raises(UserError, match="the bars make features of tier a20 too large: their moves are too wild"):
        Predictor(replace(predictor.model, scaler=tiny)).predict(bars)
    endless = bars.assign(close=np.inf)
    monkeypatch.setattr(extra, "table", lambda _, tier, own: compute(endless, tier))
    with pytest.raises(UserError, match=r"features of tier a20 not finite: .*close.*: their moves are too wild"):
        predictor.predict(bars)


@pytest.fixture
def model(run, searched, tmp_path):
    return shutil.copytree(run / "data/models" / searched, tmp_path / "model")


def test_damaged_weights_and_a_folder_without_a_model_are_refused(here, model, capsys):
    path = model / FITTED / WEIGHTS
    weights = bytearray(path.read_bytes())
    weights[-1] ^= 1
    path.write_bytes(weights)
    assert "weights.safetensors has SHA-256" in refusal(capsys, "--bars", "new.csv", "--model", str(model))
    (model / "model.json").unlink()
    assert "model.json is missing" in refusal(capsys, "--bars", "new.csv", "--model", str(model))


@pytest.mark.parametrize("path", ["nope", "data/models", "data/models/models.json", "new.csv/x", "..", "a\x1b[2J"])
def test_a_name_that_is_no_contender_is_told_with_those_that_are(here, capsys, path):
    told = refusal(capsys, "--bars", "new.csv", "--model", path)
    names = sorted(found.name for found in Path("data/models").iterdir() if found.is_dir() and found.name != SHIPPED)
    assert names[0].startswith("01-") and names[3:5] == ["a20-added", "a20-blend"]
    assert f"is no contender: name {', '.join(names[:5])}, " in told
    assert told[:-1].isprintable() and "dvc" not in told


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "shipped is missing: run it in the project's folder, after `dvc repro`, or name --model"),
        ("[]", "shipped is missing: no contender had an operating point, so none ships"),
    ],
)
def test_where_nothing_ships_there_is_no_default(run, monkeypatch, capsys, tmp_path, content, says):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "data/models").mkdir(parents=True)
        (tmp_path / "data/models/models.json").write_text(content)
    assert says in refusal(capsys, "--bars", str(run / "new.csv"))


def test_the_python_api_refuses_the_same_bars(predictor, bars):
    for name in ("no volume", "unsorted", "twice a day", "one too few"):
        with pytest.raises(UserError):
            predictor.predict(BARS[name][0](bars))
    with pytest.raises(UserError, match="the frame has no column open, high, low, close, volume: found 'Date'"):
        predictor.predict(pd.DataFrame(index=bars.index))
    with pytest.raises(UserError, match="the frame row 1: date is 'day 0', write it as 2018-12-31"):
        predictor.predict(bars.set_axis([f"day {n}" for n in range(len(bars))]))
    with pytest.raises(UserError, match="the frame row 1: open is 'high', not a number"):
        predictor.predict(bars.assign(open="high"))


def test_the_python_api_refuses_bars_without_days_and_columns_that_are_there_twice(predictor, bars):
    for index in (pd.RangeIndex(len(bars)), pd.Index(range(len(bars)), dtype=object), np.arange(len(bars)) / 2):
        with pytest.raises(
            UserError, match="the frame must have days as its index, a DatetimeIndex or dates, or in a column"
        ):
            predictor.predict(bars.set_axis(index))
    with pytest.raises(UserError, match="the frame has two close columns: 'close' and 'Close'"):
        predictor.predict(bars.assign(Close=bars["close"]))
    for index in (bars.index.date, bars.index.strftime("%Y-%m-%d")):  # days, though not pandas' own
        assert predictor.predict(bars.set_axis(index), 1).index[0] == bars.index[-1]


@pytest.mark.parametrize("days", [1.5, "3", 0, -1, [2]])
def test_the_python_api_refuses_a_count_of_days_that_is_none(predictor, bars, days):
    with pytest.raises(ValueError, match="it is a whole number from 1 on, or None for every day"):
        predictor.predict(bars, days)
