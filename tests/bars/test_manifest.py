"""The manifest: it says what the bars are, and finds any change to them."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.bars.manifest import read_bars, write
from buysignal.bars.validate import REASONS, validate
from buysignal.core.errors import UserError
from tests.bars.examples import good_bars


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Bytes of a written pair of files, for tests to copy and spoil."""
    folder = tmp_path_factory.mktemp("original")
    bars, report = validate(good_bars(), "error", 1)
    manifest = write(bars, report, "sp500", folder / "bars.parquet", folder / "bars.json", symbol="^GSPC")
    return bars, manifest, (folder / "bars.parquet").read_bytes(), (folder / "bars.json").read_bytes()


@pytest.fixture
def path(original, tmp_path):
    (tmp_path / "bars.parquet").write_bytes(original[2])
    (tmp_path / "bars.json").write_bytes(original[3])
    return tmp_path / "bars.parquet"


def refusal(path) -> str:
    with pytest.raises(UserError) as caught:
        read_bars(path)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def test_the_manifest_says_what_the_bars_are(original, path):
    _, manifest, parquet, text = original
    assert json.loads(text) == manifest | {"longest_gaps": []}
    assert json.loads(text) == {
        "source": "sp500",
        "symbol": "^GSPC",
        "columns": ["open", "high", "low", "close", "volume"],
        "rows": 4,
        "first": "2018-01-02",
        "last": "2018-01-05",
        "dropped": dict.fromkeys(REASONS, 0),
        "gaps": 0,
        "longest_gaps": [],
        "longest_gap_days": 1,
        "sha256": hashlib.sha256(parquet).hexdigest(),
    }


def test_bars_are_read_as_they_were_written(original, path):
    pd.testing.assert_frame_equal(read_bars(path), original[0])


def test_writing_the_same_bars_again_gives_the_same_bytes(original, tmp_path):
    _, report = validate(good_bars(), "error", 1)
    write(good_bars(), report, "sp500", tmp_path / "bars.parquet", tmp_path / "bars.json", symbol="^GSPC")
    assert (tmp_path / "bars.parquet").read_bytes() == original[2]
    assert (tmp_path / "bars.json").read_bytes() == original[3]


def test_other_bars_under_the_manifest_are_found(path):
    changed = good_bars()
    changed.loc["2018-01-03", "close"] = 11.5
    changed.to_parquet(path)
    assert "bars.json says" in refusal(path) and "one of them was changed" in refusal(path)


@given(at=st.integers(0), flip=st.integers(1, 255))
@settings(deadline=None, max_examples=100)
def test_any_changed_byte_is_found(original, tmp_path_factory, at, flip):
    folder = tmp_path_factory.getbasetemp()
    spoilt = bytearray(original[2])
    spoilt[at % len(spoilt)] ^= flip
    (folder / "spoilt.parquet").write_bytes(spoilt)
    (folder / "spoilt.json").write_bytes(original[3])
    assert "one of them was changed" in refusal(folder / "spoilt.parquet")


def test_a_manifest_with_signs_no_terminal_takes_is_told_in_words(path):
    path.with_suffix(".json").write_text('{"sha256": "\\ud800\\u001b[2J"}')
    assert r"says \ud800\x1b[2J: one of them was changed" in refusal(path)


@pytest.mark.parametrize("text", ["{}", "[]", "null", '"sha256"', '{"sha256": 1}', '{"sha256": {"a": "b"}}'])
def test_a_manifest_without_a_hash_is_refused(path, text):
    path.with_suffix(".json").write_text(text)
    assert refusal(path).endswith("bars.json has no sha256: delete it and run `dvc repro`")


def test_a_torn_or_missing_file_is_named(original, path):
    path.with_suffix(".json").write_bytes(original[3][:40])
    assert "bars.json is not valid JSON" in refusal(path)
    path.with_suffix(".json").unlink()
    assert "bars.json is missing" in refusal(path)
    path.with_suffix(".json").write_bytes(original[3])
    path.unlink()
    assert "bars.parquet is missing" in refusal(path)
