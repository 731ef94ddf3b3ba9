"""Bars of many symbols are the same however they are kept, and those of each are those of its file alone."""

from __future__ import annotations

import doctest
import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.bars import panel as panel_module
from buysignal.bars.forms.read import read_file
from buysignal.bars.panel import Panel, holds_many, read_panel
from buysignal.bars.quality import across as across_module
from buysignal.bars.quality.prepare import Rules, prepare
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from tests.bars.panels import WAYS, folder, long, some
from tests.bars.quality.samples import good, split


def read(path, on_bad_symbol: str = "error", **more) -> Panel:
    return read_panel(path, Wanted(), Rules(max_gap_days=30), on_bad_symbol, **more)


def equal(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@pytest.fixture(scope="module")
def expected(tmp_path_factory) -> Panel:
    return read(folder(some(), tmp_path_factory.mktemp("bars") / "folder"))


@pytest.mark.parametrize("way", WAYS)
def test_however_bars_are_kept_they_are_the_same(tmp_path, expected, way):
    path = WAYS[way](some(), tmp_path / "bars")
    found = read(path)
    assert holds_many(path, Wanted())
    equal(found.bars, expected.bars)
    assert found.symbols == ("AAA", "BBB", "CCC") and found.left_out == {} and found.passed == ()
    for symbol in found.symbols:
        equal(found.of(symbol), expected.of(symbol))


def test_the_index_is_symbol_and_date_sorted_and_the_columns_are_floats(expected):
    assert expected.bars.index.names == ["symbol", "date"] and expected.bars.index.is_monotonic_increasing
    assert list(expected.bars) == ["open", "high", "low", "close", "volume"]
    assert set(expected.bars.dtypes) == {np.dtype("float64")} and len(expected.bars) == 300 + 240 + 200
    one = expected.bars.loc[("BBB", pd.Timestamp("2021-08-02"))]
    assert one["close"] == good()["close"]["2021-08-02"]


def test_the_bars_of_a_symbol_are_to_the_bit_those_of_its_file_alone(tmp_path):
    """Adjusted as they are alone, too: a split of one symbol touches no other."""
    bars = some() | {"SPLIT": split(4).assign(**{"Adj Close": good()["close"]})}
    found = read(folder(bars, tmp_path / "folder"))
    for symbol in bars:
        alone = prepare(read_file(tmp_path / "folder" / f"{symbol}.csv"), Rules(max_gap_days=30))
        equal(found.of(symbol), alone.bars.drop(columns="adj_close", errors="ignore"))
        equal(found.bars.loc[symbol], found.of(symbol))
        assert (found.judged[symbol].findings, found.judged[symbol].report) == (alone.findings, alone.report)
    assert [str(step.split) for step in found.judged["SPLIT"].adjusted] == ["4:1"] and "adj_close" not in found.bars


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=10)
def test_the_order_in_which_rows_of_symbols_stand_does_not_matter(tmp_path_factory, expected, seed):
    """Rows of one symbol stay in order, as they would have to in a file of its own."""
    table, path = long(some()), tmp_path_factory.mktemp("bars")
    owners = np.random.default_rng(seed).permutation(table["symbol"].to_numpy())
    rows = np.empty(len(table), dtype=int)
    for symbol in some():
        rows[owners == symbol] = np.flatnonzero(table["symbol"] == symbol)
    shuffled = table.iloc[rows]
    shuffled.to_csv(path / "long.csv", index=False)
    shuffled.to_parquet(path / "long.parquet", index=False)
    for name in ("long.csv", "long.parquet"):
        equal(read(path / name).bars, expected.bars)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.sampled_from(sorted(set(WAYS) - {"long CSV, German"})))
@settings(max_examples=25)
def test_symbols_of_any_length_are_read_in_every_way(tmp_path_factory, lengths, way):
    bars = {f"S{at}": good()[at : at + length] for at, length in enumerate(lengths)}
    found = read(WAYS[way](bars, tmp_path_factory.mktemp("bars") / "bars"))
    assert [len(found.of(symbol)) for symbol in bars] == lengths
    for symbol, of in bars.items():
        np.testing.assert_array_equal(found.of(symbol)["close"], of["close"])
        assert list(found.of(symbol).index) == list(of.index)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_symbol_whose_dates_do_not_tell_their_order_has_that_of_the_whole_file(tmp_path, kind):
    bars = some() | {"FEW": good()["2021-06-01":"2021-06-02"]}
    table = long(bars).assign(date=long(bars)["date"].dt.strftime("%d/%m/%Y"))
    path = tmp_path / f"long.{kind}"
    table.to_csv(path, index=False) if kind == "csv" else table.to_parquet(path)
    assert [f"{day:%Y-%m-%d}" for day in read(path).of("FEW").index] == ["2021-06-01", "2021-06-02"]
    table[table["symbol"] == "FEW"].to_csv(tmp_path / "few.csv", index=False)
    with pytest.raises(UserError, match="can be read in more than one way"):
        read(tmp_path / "few.csv")


def test_files_packed_or_in_another_form_are_read_as_alone_and_other_entries_are_passed_over(tmp_path, expected):
    path = folder(some(), tmp_path / "folder")
    (path / "AAA.csv.gz").write_bytes(gzip.compress((path / "AAA.csv").read_bytes()))
    (path / "AAA.csv").unlink()
    read_file(path / "BBB.csv").bars.to_parquet(path / "BBB.parquet")
    (path / "BBB.csv").unlink()
    (path / "README.md").write_text("ours\n")
    (path / ".CCC.csv").write_text("hidden\n")
    (path / "old").mkdir()
    found = read(path)
    equal(found.bars, expected.bars)
    assert found.passed == ("README.md", "old")
    assert found.said("folder") == (
        "folder: plain form (BBB, CCC); plain form, gzip (AAA): 3 symbols, 740 bars 2021-01-04 to 2022-02-25; "
        "passed over: README.md, old"
    )


def test_no_bar_after_a_day_is_looked_at_and_who_begins_later_is_left_out_and_told(tmp_path, expected):
    found = read(folder(some(), tmp_path / "folder"), until=pd.Timestamp("2021-02-26").date())
    assert found.left_out == {"BBB": "it has no bar on or before 2021-02-26: it begins on 2021-03-29"}
    equal(found.of("AAA"), expected.of("AAA")[:"2021-02-26"])


def test_one_market_is_told_from_many(tmp_path):
    path = folder(some(), tmp_path / "folder")
    assert holds_many(path, Wanted()) and not holds_many(path / "AAA.csv", Wanted())
    long({"AAA": good()}).to_csv(tmp_path / "one.csv", index=False)
    long(some()).to_csv(tmp_path / "long.csv", index=False)
    assert not holds_many(tmp_path / "one.csv", Wanted()) and not holds_many(tmp_path / "absent.csv", Wanted())
    assert holds_many(tmp_path / "long.csv", Wanted()) and not holds_many(tmp_path / "long.csv", Wanted(symbol="AAA"))


def test_what_was_found_is_summed_up_by_kind(tmp_path):
    bars = {f"S{at}": split(4) for at in range(5)} | {"GOOD": good()}
    [one] = read(folder(bars, tmp_path / "folder")).summed()
    assert (one.kind, one.level) == ("unadjusted-split", "warning")
    assert one.text.startswith("unadjusted-split in 5 of 6 symbols (S0, S1, S2 and 2 more); S0: on 2021-08-02 Close ")


@pytest.mark.parametrize("module", [panel_module, across_module])
def test_the_examples_hold(module):
    assert doctest.testmod(module).failed == 0
