"""A symbol that cannot be used is named in one line with its file and what helps, or is left out and told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from buysignal.bars.panel import read_panel
from buysignal.bars.quality.across import across
from buysignal.bars.quality.prepare import Rules
from buysignal.bars.reading import Wanted
from buysignal.core.errors import UserError
from tests.bars.panels import folder, long, some, wide
from tests.bars.quality.samples import good

DROP = "; or set ingest.on_bad_symbol to drop"


def read(path, on_bad_symbol="error", wanted=None, rules=None):
    return read_panel(path, wanted or Wanted(), rules or Rules(), on_bad_symbol)


def refusal(path, **more) -> str:
    """The one line that bars are refused with, without the folder of the test."""
    with pytest.raises(UserError) as told:
        read(path, **more)
    assert len(str(told.value).splitlines()) == 1
    return str(told.value).replace(f"{path.parent}/", "")


def bad(bars: pd.DataFrame):
    """Writes bars as DDD.csv among the good ones."""
    return lambda path: bars.to_csv(path / "DDD.csv")


def weekly() -> pd.DataFrame:
    return good()[::5]


SPOILT = {
    "no bars": (
        lambda path: (path / "DDD.csv").write_text("<html>"),
        "folder/DDD.csv is an HTML page, not bars: download the CSV itself",
    ),
    "a row twice": (
        bad(good().iloc[[*range(300), 299]]),
        "folder/DDD.csv: 1 of 301 bars is bad: 2022-02-25 duplicate_date; correct them or set ingest.on_bad_rows to "
        "drop",
    ),
    "weekly": (
        bad(weekly()),
        "folder/DDD.csv: every step is 7 days: these are weekly bars; daily bars are asked for (horizon would count "
        "weeks): get them from the source",
    ),
    "no volume": (
        bad(good().drop(columns="volume")),
        "folder/DDD.csv has no column volume: found 'date', 'open', 'high', 'low', 'close'; an index or a currency may "
        "have none: ingest.volume: none",
    ),
    "several symbols": (
        lambda path: long(some()).to_csv(path / "DDD.csv", index=False),
        "folder/DDD.csv holds 3 symbols, 'AAA', 'BBB', 'CCC': name one, e.g. ingest.symbol: AAA",
    ),
    "twice": (
        lambda path: [good().to_csv(path / name) for name in ("DDD.csv", "DDD.txt")],
        "folder: it is there 2 times, as DDD.csv and DDD.txt; keep one",
    ),
    "twice, but for case": (
        lambda path: [good().to_csv(path / name) for name in ("DDD.csv", "ddd.csv")],
        "folder: it is there 2 times, as DDD.csv and ddd.csv; keep one",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_bad_symbol_is_named_with_its_file_or_is_left_out_and_told(tmp_path, name):
    path = folder(some(), tmp_path / "folder")
    spoil, why = SPOILT[name]
    spoil(path)
    assert refusal(path) == f"symbol DDD is bad: {why}{DROP}"
    found = read(path, "drop")
    assert found.symbols == ("AAA", "BBB", "CCC") and "DDD" not in found.bars.index.get_level_values(0)
    assert {symbol: told.replace(f"{tmp_path}/", "") for symbol, told in found.left_out.items()} == {"DDD": why}


def test_of_many_bad_symbols_the_first_is_told_in_full_and_how_many_more_there_are(tmp_path):
    path = folder(some(), tmp_path / "folder")
    for at in range(5):
        (path / f"X{at}.csv").write_text("<html>")
    assert refusal(path) == (
        "symbol X0 is bad: folder/X0.csv is an HTML page, not bars: download the CSV itself; so are 4 more of 8 "
        f"symbols: X1, X2, X3 and 1 more{DROP}"
    )
    assert list(read(path, "drop").left_out) == [f"X{at}" for at in range(5)]


def test_where_no_symbol_is_good_none_can_be_left_out(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    (path / "X.csv").write_text("<html>")
    assert refusal(path, on_bad_symbol="drop").startswith("symbol X is bad: folder/X.csv is an HTML page")


def test_a_symbol_of_a_long_file_is_named_with_its_line(tmp_path):
    table = long(some()).astype({"close": object})
    table.loc[310, "close"] = "n.a"
    table.to_csv(tmp_path / "long.csv", index=False)
    why = "long.csv line 312: close is 'n.a', not a number such as 2506.85"
    assert refusal(tmp_path / "long.csv") == f"symbol BBB is bad: {why}{DROP}"
    assert list(read(tmp_path / "long.csv", "drop").left_out) == ["BBB"]
    again = pd.concat([long(some()), long(some()).iloc[[7]]])
    for name in ("long.csv", "long.parquet"):
        again.to_csv(tmp_path / name, index=False) if name == "long.csv" else again.to_parquet(tmp_path / name)
        assert f"symbol AAA is bad: {name}: 1 of 301 bars is bad: 2021-01-13 d" in refusal(tmp_path / name)


def test_rows_of_a_long_file_without_a_symbol_are_a_symbol_without_a_name(tmp_path):
    table = long(some()).astype({"symbol": object})
    table.loc[[3, 4], "symbol"] = None
    for name in ("long.csv", "long.parquet"):
        table.to_csv(tmp_path / name, index=False) if name == "long.csv" else table.to_parquet(tmp_path / name)
        told = f"symbol without a name is bad: {name}: a symbol needs a letter or a digit of A-Z, a-z or 0-9"
        assert refusal(tmp_path / name).startswith(told)
        assert len(read(tmp_path / name, "drop").of("AAA")) == 298


def test_names_that_differ_only_in_case_or_in_signs_are_no_two_symbols(tmp_path):
    for names in (("AAA", "aaa"), ("BTC/USD", "BTC USD")):
        long(dict.fromkeys(names, good())).to_csv(tmp_path / "long.csv", index=False)
        told = " and ".join(map(repr, names))
        assert f"long.csv: it is there 2 times, as {told}; keep one" in refusal(tmp_path / "long.csv")


def test_a_name_gets_the_signs_that_a_symbol_may_have(tmp_path):
    long({"BTC/USD": good(), "Apple Inc. Common Stock": good()}).to_csv(tmp_path / "long.csv", index=False)
    assert read(tmp_path / "long.csv").symbols == ("Apple-Inc.-Common-St", "BTC-USD")


def test_a_symbol_of_a_wide_file_that_has_no_bar_is_bad(tmp_path):
    table = wide(some())
    table.loc[:, (slice(None), "BBB")] = np.nan
    table.to_csv(tmp_path / "wide.csv")
    assert refusal(tmp_path / "wide.csv") == f"symbol BBB is bad: wide.csv has no bar of 'BBB'{DROP}"
    table.to_parquet(tmp_path / "wide.parquet")
    assert refusal(tmp_path / "wide.parquet") == f"symbol BBB is bad: wide.parquet has no bar of BBB{DROP}"


def test_what_holds_no_symbol_is_told(tmp_path):
    path = tmp_path / "folder"
    path.mkdir()
    each = "it needs one file of daily bars a symbol, such as AAPL.csv"
    assert refusal(path) == f"folder holds no file: {each}"
    (path / "README.md").write_text("ours\n")
    assert refusal(path) == f"folder holds no file of bars ('README.md'): {each}"
    good().to_csv(tmp_path / "bars.csv")
    assert refusal(tmp_path / "bars.csv") == (
        "bars.csv names no symbol: add a column symbol, or give a folder with one file a symbol"
    )
    assert refusal(path, wanted=Wanted(symbol="AAA")) == (
        "folder is a folder, and ingest.symbol: AAA takes one of a file that holds several: name that file"
    )


def told(bars) -> dict[str, str]:
    return {one.kind: one.said for one in across(bars, 10)}


def test_five_bars_among_hundreds_are_told_and_five_alone_are_not(tmp_path):
    found = read(folder(some() | {"FIVE": good()[100:105]}, tmp_path / "folder"))
    assert len(found.of("FIVE")) == 5
    assert told({symbol: found.of(symbol) for symbol in found.symbols})["few"] == (
        "1 of 4 symbols has fewer than 60 bars (FIVE 5; the median is 220); get years of bars, or leave them out: "
        "nothing is learnt there"
    )
    assert told({"A": good()[:5], "B": good()[:5]}) == {}


def test_who_ends_early_is_told_and_where_nobody_does_who_is_missing():
    assert told(some()) == {
        "ended": "1 of 3 symbols has no bar near the last day of all, 2022-02-25 (CCC 2021-10-08): delisted, or not "
        "brought up to date"
    }
    years = pd.bdate_range("2018-01-01", "2022-02-25")
    bars = pd.DataFrame({"close": 1.0}, index=years)
    found = told({f"S{at}": bars for at in range(10)})
    assert list(found) == ["survivors"] and "so none that ended since 2018-01-01 is among them" in found["survivors"]
    assert told({f"S{at}": bars for at in range(9)}) == {} and told({f"S{at}": good() for at in range(10)}) == {}


def test_other_calendars_are_allowed_and_told_once(tmp_path):
    days = pd.date_range("2021-01-04", periods=300, name="date")
    found = read(folder(some() | {"BTC": good().set_axis(days)}, tmp_path / "folder"))
    assert told({symbol: found.of(symbol) for symbol in found.symbols})["calendars"] == (
        "1 of 4 symbols has bars on weekends (BTC), the others none: each keeps its own calendar"
    )


def test_symbols_without_volume_are_read_with_all_if_none_is_asked_for(tmp_path):
    path = folder(some() | {"INDEX": good().drop(columns="volume")}, tmp_path / "folder")
    found = read(path, wanted=Wanted(volume="none"))
    assert list(found.bars) == ["open", "high", "low", "close"] and len(found.symbols) == 4


@pytest.mark.full
def test_five_thousand_small_files_are_read(tmp_path):
    found = read(folder({f"S{at}": good()[:80] for at in range(5000)}, tmp_path / "folder"))
    assert len(found.symbols) == 5000 and len(found.bars) == 400_000
