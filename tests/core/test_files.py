"""Files are whole or absent, and their bytes depend on what they hold alone."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import SafetensorError

from buysignal.core import files
from buysignal.core.errors import UserError


def refusal(read, path) -> str:
    with pytest.raises(UserError) as caught:
        read(path)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    return message.removeprefix(str(path)).strip()


@pytest.mark.parametrize(
    ("error", "seen"), [(ValueError, ValueError), (OSError, UserError), (KeyboardInterrupt, KeyboardInterrupt)]
)
def test_the_old_file_stays_and_nothing_is_left_when_a_writer_fails(tmp_path, error, seen):
    path = tmp_path / "metrics.json"
    path.write_text("old")

    def write_half(temporary: Path) -> None:
        temporary.write_text("ha")
        raise error("stopped")

    with pytest.raises(seen):
        files.write_atomic(path, write_half)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["metrics.json"]


TROUBLE = {
    OSError(errno.ENOSPC, "No space left on device"): "the disk is full",
    OSError("[Errno 28] Error writing bytes to file. Detail: [errno 28] No space left on device"): "the disk is full",
    SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"): "the disk is full",
    sqlite3.OperationalError("database or disk is full"): "the disk is full",
    OSError(errno.EDQUOT, "Disk quota exceeded"): "the disk quota is used up",
    OSError(errno.EFBIG, "File too large"): "it grew past the limit on file sizes",
    OSError(errno.EIO, "Input/output error"): "the disk reports an error",
    OSError(errno.EROFS, "Read-only file system"): "the disk can only be read",
}


@pytest.mark.parametrize(("error", "words"), TROUBLE.items(), ids=lambda value: str(value)[:40])
def test_what_the_disk_did_is_told_whoever_tells_it(error, words):
    assert files.disk_trouble(error).startswith(words)
    try:
        raise RuntimeError("wrapped") from error
    except RuntimeError as wrapped:
        assert files.disk_trouble(wrapped).startswith(words)


@pytest.mark.parametrize("error", [KeyError("a"), OSError(errno.ENOENT, "No such file"), ValueError("line 28"), None])
def test_another_error_is_no_trouble_of_the_disk(error):
    assert files.disk_trouble(error) == ""


def test_a_folder_that_cannot_be_made_is_one_line_with_the_file(tmp_path):
    (tmp_path / "data").write_text("a file where a folder should be")
    with pytest.raises(UserError, match=r"data/x.json cannot be written: (File exists|Not a directory), then run"):
        files.write_json(tmp_path / "data" / "x.json", {})


def test_a_reader_never_sees_a_part(tmp_path):
    path = tmp_path / "a" / "b.txt"

    def write(temporary: Path) -> None:
        temporary.write_text("half")
        assert not path.exists()
        temporary.write_text("half and whole")

    assert files.write_atomic(path, write) == path
    assert path.read_text() == "half and whole"
    assert os.listdir(path.parent) == ["b.txt"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_json_has_sorted_keys_six_decimals_and_plain_numbers(tmp_path):
    value = {
        "b": np.float64(1 / 3),
        "a": [np.int64(2), np.float32(0.5), True, None, "é"],
        "c": {2: np.array([[1.0, -0.0]]), "one": (-1e-9, 1e20)},
    }
    assert files.write_json(tmp_path / "x.json", value).read_bytes() == (
        b'{\n  "a": [\n    2,\n    0.5,\n    true,\n    null,\n    "\\u00e9"\n  ],\n  "b": 0.333333,\n'
        b'  "c": {\n    "2": [\n      [\n        1.0,\n        0.0\n      ]\n    ],\n'
        b'    "one": [\n      0.0,\n      1e+20\n    ]\n  }\n}\n'
    )


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    )
)
def test_json_that_is_read_and_written_again_has_the_same_bytes(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "again.json"
    first = files.write_json(path, value).read_bytes()
    assert files.write_json(path, files.read_json(path)).read_bytes() == first


@pytest.mark.parametrize("number", [float("nan"), float("inf"), np.float64("nan"), np.array(-np.inf)])
def test_a_number_that_is_not_finite_is_refused_with_its_place(tmp_path, number):
    with pytest.raises(ValueError, match=r"\$\.roles\[1\]\.precision is (nan|inf|-inf)"):
        files.write_json(tmp_path / "x.json", {"roles": [{}, {"precision": number}]})
    with pytest.raises(ValueError, match=r"\$\[2\]"):
        files.write_json(tmp_path / "x.json", np.array([0, 1, np.nan]))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_json_read_with_a_number_that_is_not_finite_is_one_line(tmp_path, name):
    path = tmp_path / "x.json"
    path.write_text(f'{{"precision": {name}}}')
    assert refusal(files.read_json, path) == (
        f"is not valid JSON ({name} is not a JSON number): delete it and run `dvc repro`"
    )


def test_torn_json_is_one_line_wherever_it_was_torn(tmp_path):
    path = files.write_json(tmp_path / "x.json", {"é": [1, 2.5, {"a": None}], "b": "text"})
    whole = path.read_bytes().rstrip()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert refusal(files.read_json, path).startswith("is not valid JSON (")
    path.write_bytes(b'"\xff"')
    assert refusal(files.read_json, path).startswith("is not valid JSON (")


@pytest.mark.parametrize("read", [files.read_json, files.read_parquet])
def test_a_missing_file_and_a_folder_are_one_line(tmp_path, read):
    assert refusal(read, tmp_path / "none") == "is missing: run `dvc repro`, or `dvc pull` if it was cached"
    assert "cannot be read" in refusal(read, tmp_path)


def example_frame() -> pd.DataFrame:
    index = pd.DatetimeIndex(["2018-01-02", "2018-01-03", "2018-01-05"], name="date")
    return pd.DataFrame({"close": [1.5, 2.5, -0.0], "role": ["train", "train", "test"]}, index=index)


def test_parquet_is_read_as_it_was_written(tmp_path):
    frame = example_frame()
    pd.testing.assert_frame_equal(files.read_parquet(files.write_parquet(tmp_path / "x.parquet", frame)), frame)


def test_torn_parquet_is_one_line_wherever_it_was_torn(tmp_path):
    path = files.write_parquet(tmp_path / "x.parquet", example_frame())
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert refusal(files.read_parquet, path).startswith("cannot be read as Parquet (")


@pytest.mark.parametrize("metadata", [b"{}", b'{"index_columns": ["date"], "columns": [{}]}', b"not JSON"])
def test_damaged_pandas_metadata_is_one_line(tmp_path, metadata):
    path = tmp_path / "x.parquet"
    table = pa.Table.from_pandas(example_frame())
    pq.write_table(table.replace_schema_metadata({b"pandas": metadata}), path)
    assert refusal(files.read_parquet, path).startswith("cannot be read as Parquet (")


def test_csv_has_six_decimals_and_no_negative_zero(tmp_path):
    frame = pd.DataFrame({"name": ["a", "b, c"], "value": [1 / 3, -1e-9], "count": [1, 2]})
    path = files.write_csv(tmp_path / "x.csv", frame)
    assert path.read_bytes() == b'name,value,count\na,0.333333,1\n"b, c",0.0,2\n'
    assert frame["value"].iloc[0] == 1 / 3  # the frame that was given is not touched


def test_sha256_is_that_of_the_bytes(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert files.sha256(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


WRITE = """
import sys
import pandas as pd
from buysignal.core import files
words = {"train", "stop", "rank", "calibrate", "threshold", "test"}  # its order follows PYTHONHASHSEED
frame = pd.DataFrame({"role": sorted(words), "x": 0.1}, index=pd.RangeIndex(6, name="row"))
files.write_parquet(sys.argv[1] + "/x.parquet", frame)
files.write_csv(sys.argv[1] + "/x.csv", frame)
files.write_json(sys.argv[1] + "/x.json", {word: len(word) / 7 for word in words})
"""


def test_equal_content_gives_equal_bytes_in_another_process(tmp_path):
    running = []
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-c", WRITE, str(tmp_path / seed)]
        running.append(subprocess.Popen(command, env=os.environ | {"PYTHONHASHSEED": seed}))
    assert [process.wait(60) for process in running] == [0, 0]
    for name in ("x.parquet", "x.csv", "x.json"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
