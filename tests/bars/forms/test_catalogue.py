"""Every form that a source writes gives exactly its bars, and is said by its name."""

from __future__ import annotations

import doctest
import gzip

import pandas as pd
import pytest

from buysignal.bars.forms import columns
from buysignal.bars.forms.catalogue import FORMS
from buysignal.bars.forms.read import read_file
from buysignal.bars.reading import Reading, Wanted
from tests.bars.forms.samples import SAMPLES
from tests.bars.forms.written import BARS, Sample


def read(folder, content: str | bytes, wanted: Wanted | None = None, name: str = "bars.csv") -> Reading:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, wanted or Wanted())


def assert_bars(reading: Reading, sample: Sample) -> None:
    """The bars are those that every sample was made from."""
    expected = BARS.assign(adj_close=BARS["close"]) if sample.adjusted else BARS
    if sample.rough:
        pd.testing.assert_frame_equal(reading.bars, expected, rtol=sample.rough)
        expected, reading_bars = expected.drop(columns="volume"), reading.bars.drop(columns="volume")
        pd.testing.assert_frame_equal(reading_bars, expected)
    else:
        pd.testing.assert_frame_equal(reading.bars, expected)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_gives_exactly_its_bars_and_its_name(tmp_path, name):
    sample = SAMPLES[name]
    reading = read(tmp_path, sample.text)
    assert_bars(reading, sample)
    assert reading.form == sample.form and reading.symbol == sample.symbol
    assert set(sample.said) <= set(reading.understood) and not reading.left_out
    said = reading.said("bars.csv")
    assert said.startswith(f"bars.csv: {sample.form} form") and said.endswith("300 bars 2021-01-04 to 2022-02-25")


def test_every_form_has_a_sample():
    assert {form.name for form in FORMS} == {sample.form for sample in SAMPLES.values()}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends_change_nothing(tmp_path, name, newline):
    assert_bars(read(tmp_path, SAMPLES[name].text.replace("\n", newline)), SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_the_encoding_changes_nothing(tmp_path, name, encoding):
    sample = SAMPLES[name]
    assert_bars(read(tmp_path, gzip.compress(sample.text.lstrip("\ufeff").encode(encoding))), sample)


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "Barchart"])  # whose last line is no row
def test_the_order_of_rows_changes_nothing(tmp_path, name):
    lines = SAMPLES[name].text.splitlines()
    turned = "\n".join([*lines[:-300], *lines[:-301:-1]])
    assert_bars(read(tmp_path, turned), SAMPLES[name])


def test_a_form_says_how_it_writes_what_a_short_file_does_not_tell(tmp_path):
    lines = SAMPLES["Nasdaq.com"].text.splitlines()
    reading = read(tmp_path, "\n".join([lines[0], *lines[-6:]]))  # 01/04 to 01/11: all can be read both ways
    pd.testing.assert_frame_equal(reading.bars, BARS[:6])


def test_splits_that_a_file_tells_are_kept(tmp_path):
    text = SAMPLES["Quandl WIKI"].text.replace("2021-09-13,", "2021-09-13,", 1)
    lines = [
        line.replace(",0.0,1.0,1,1,1", ",0.0,7.0,1,1,1") if line[:10] == "2021-09-13" else line
        for line in text.splitlines()
    ]
    splits = read(tmp_path, "\n".join(lines)).splits
    assert splits.to_dict() == {pd.Timestamp("2021-09-13"): 7.0}


def test_the_examples_in_the_docstrings_of_columns_are_right():
    result = doctest.testmod(columns)
    assert result.attempted > 0 and result.failed == 0
