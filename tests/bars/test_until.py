"""Up to the day `roles.until` the bars stay what they are, byte for byte, whatever is added to their file later."""

from __future__ import annotations

import json
import runpy
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.ingested import bars_of, ingested, ingested_many
from buysignal.bars.panel import panel_of
from buysignal.bars.params import Ingest
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import LeftOut, Reading
from buysignal.core.errors import UserError
from buysignal.core.settings import read
from tests.bars.panels import folder, long, some
from tests.bars.quality.samples import PRICES, good, split
from tests.pipeline.project import ROOT, with_values

LAST = 200  # rows of 300 that there are at first
UNTIL = good().index[LAST - 1].date()


def ingest_of(path: Path, **changes: object) -> Ingest:
    source = "folder" if path.is_dir() or path.stem == "long" else "csv"
    asked = read(Ingest, ROOT / "params.yaml").model_dump() | {"source": source, "csv": str(path), "max_gap_days": 60}
    return Ingest(**(asked | changes))


def written(path: Path, until: date | str) -> dict[str, bytes]:
    """What the stage writes of the bars in a file or a folder, by its path."""
    ingest = {f"ingest.{key}": value for key, value in ingest_of(path).model_dump().items()}
    params = with_values((ROOT / "params.yaml").read_text(), ingest | {"roles.until": str(until)})
    Path("params.yaml").write_text(params)
    runpy.run_path(str(ROOT / "stages/ingest.py"))["main"]()
    return {str(one): one.read_bytes() for one in (*Path("data/bars").iterdir(), Path("metrics/ingest.json"))}


def with_ratio(bars: pd.DataFrame, rows: slice) -> pd.DataFrame:
    return bars.assign(**{"Stock Splits": np.where(np.arange(len(bars)) == 250, 4.0, 0.0)})[rows]


def with_adj_close(bars: pd.DataFrame, rows: slice) -> pd.DataFrame:
    """Adj Close is a quarter of Close before the split."""
    return bars.assign(**{"Adj Close": bars["close"] * np.where(np.arange(len(bars)) < 250, 0.25, 1)})[rows]


FILES = {
    "a CSV": lambda path, rows: good()[rows].to_csv(path / "bars.csv"),
    "a CSV, newest first": lambda path, rows: good()[rows][::-1].to_csv(path / "bars.csv"),
    "a CSV whose later split is told by its ratio": lambda path, rows: with_ratio(split(4, at=250), rows).to_csv(
        path / "bars.csv"
    ),
    "a CSV whose later split is told by Adj Close": lambda path, rows: with_adj_close(split(4, at=250), rows).to_csv(
        path / "bars.csv"
    ),
    "one file of many symbols": lambda path, rows: long({name: of[rows] for name, of in some().items()}).to_csv(
        path / "long.csv", index=False
    ),
    "a folder": lambda path, rows: folder({name: of[rows] for name, of in some().items()}, path / "stocks"),
}


@pytest.mark.parametrize("kind", FILES)
def test_bars_that_are_added_later_change_no_byte_that_the_stage_writes(tmp_path, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    found = {}
    for day, rows in (("before", slice(LAST)), ("after", slice(None))):
        (tmp_path / day).mkdir()
        monkeypatch.chdir(tmp_path / day)
        FILES[kind](Path(), rows)
        [path] = Path().iterdir()
        found[day] = written(path, UNTIL)
    assert found["before"] == found["after"]
    assert json.loads(found["after"]["data/bars/bars.json"])["last"] == str(UNTIL)
    assert written(path, "last") != found["after"]


def test_a_later_split_is_not_yet_known(tmp_path):
    """The prices stay as they were traded; with all bars they are adjusted."""
    FILES["a CSV whose later split is told by its ratio"](tmp_path, slice(None))
    ingest = ingest_of(tmp_path / "bars.csv")
    raw = split(4, at=250)[PRICES]
    pd.testing.assert_frame_equal(bars_of(ingest, until=UNTIL)[PRICES], raw[:LAST], check_exact=True)
    np.testing.assert_allclose(bars_of(ingest)[PRICES][:LAST], raw[:LAST] / 4, rtol=1e-12)
    assert not ingested(ingest, until=UNTIL)[1].adjusted and len(ingested(ingest)[1].adjusted) == 1


def test_a_split_before_that_day_is_adjusted_for_as_ever(tmp_path):
    with_ratio(split(4, at=250), slice(None)).to_csv(tmp_path / "bars.csv")
    ingest, until = ingest_of(tmp_path / "bars.csv"), good().index[279].date()
    np.testing.assert_allclose(bars_of(ingest, until=until)[PRICES], good()[PRICES][:280], rtol=1e-12)


def test_a_reading_that_tells_of_no_split_is_cut_too():
    reading = Reading(good(), "embedded", left_out=(LeftOut("dividend row", ("2021-03-01", "2022-01-03")),))
    found = reading.until(good().index[LAST - 1])
    assert len(found.bars) == LAST and found.splits.empty
    assert found.left_out == (LeftOut("dividend row", ("2021-03-01",)),)
    assert reading.until(good().index[0]).left_out == ()


def test_a_bar_without_a_day_is_not_hidden_by_the_cut():
    bars = good()
    bars.index = bars.index.where(np.arange(len(bars)) != 7)
    assert Reading(bars, "CSV").until(good().index[LAST - 1]).bars.index.hasnans


def test_a_day_without_bars_is_the_last_before_it(tmp_path):
    good().to_csv(tmp_path / "bars.csv")
    ingest = ingest_of(tmp_path / "bars.csv")
    friday = date(2021, 9, 3)
    pd.testing.assert_frame_equal(bars_of(ingest, until=date(2021, 9, 5)), bars_of(ingest, until=friday))
    assert bars_of(ingest, until=friday).index[-1] == pd.Timestamp(friday)
    pd.testing.assert_frame_equal(bars_of(ingest, until=date(2030, 1, 1)), bars_of(ingest))


def test_a_day_before_the_first_bar_is_refused_in_one_line(tmp_path):
    good().to_csv(tmp_path / "bars.csv")
    with pytest.raises(UserError) as caught:
        bars_of(ingest_of(tmp_path / "bars.csv"), until=date(2020, 12, 31))
    told = f"roles.until is 2020-12-31, before the first bar of {tmp_path / 'bars.csv'}, 2021-01-04"
    assert str(caught.value) == told
    path = folder(some(), tmp_path / "stocks")
    with pytest.raises(UserError, match=r"none of 3 symbols has a bar on or before 2020-12-31$"):
        bars_of(ingest_of(path), until=date(2020, 12, 31))


def test_a_symbol_that_begins_later_is_left_out_and_told_whatever_its_bars_are(tmp_path):
    path = folder(some() | {"NEW": good()[260:] * [1, 0.1, 1, 1, 1]}, tmp_path / "stocks")  # High below Low
    found = ingested_many(ingest_of(path), until=UNTIL)
    assert dict(found.left_out) == {"NEW": f"it has no bar on or before {UNTIL}: it begins on 2022-01-03"}
    assert found.symbols == ("AAA", "BBB", "CCC")


def test_symbols_of_no_file_are_cut_as_well():
    read = {"A": lambda: Reading(good(), "embedded"), "B": lambda: Reading(good()[LAST:], "embedded")}
    panel = panel_of("demo", read, Rules(), until=UNTIL)
    assert panel.symbols == ("A",) and len(panel.bars) == LAST and list(panel.left_out) == ["B"]
