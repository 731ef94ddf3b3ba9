"""What is packed or in an older encoding is read; what is no text of bars is called by its name."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile

import pandas as pd
import pytest

from buysignal.bars.forms import opened
from tests.bars.forms.test_catalogue import read
from tests.bars.forms.test_refusals import PLAIN, refusal
from tests.bars.forms.written import BARS


def archive(**files: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in files.items():
            packed.writestr(name.replace("__", "/").replace("_csv", ".csv"), text)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(PLAIN.encode()), "gzip"),
        (bz2.compress(PLAIN.encode()), "bzip2"),
        (lzma.compress(PLAIN.encode()), "xz"),
        (archive(bars_csv=PLAIN), "ZIP"),
        (PLAIN.encode("utf-16"), "UTF-16"),
        (PLAIN.encode("utf-16-le"), "UTF-16"),
        (PLAIN.replace("Open", "Eröffnung").replace("High", "Höchst").encode("cp1252"), "cp1252"),
        (PLAIN.replace("Open", "Откр.").replace("High", "Макс.").encode("cp1251"), "cp1251"),
        (PLAIN.replace("Open", "始値").replace("High", "高値").encode("cp932"), "cp932"),
        (PLAIN.replace("Open", "开盘").replace("High", "最高").encode("gb18030"), "gb18030"),
    ],
)
def test_packed_and_older_text_is_read_and_said(tmp_path, content, said):
    reading = read(tmp_path, content)
    pd.testing.assert_frame_equal(reading.bars, BARS)
    assert reading.understood[0] == said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (archive(xl__workbook="<x/>", **{"[Content_Types].xml": "<x/>"}), "is an Excel workbook (.xlsx): save"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "is an Excel workbook (.xls): save the sheet as CSV"),
        (archive(mimetype="x", content_xml="<x/>"), "is a LibreOffice document: save the sheet as CSV"),
        (archive(a_csv=PLAIN, b_csv=PLAIN), "is a ZIP of 2 files ('a.csv', 'b.csv'): unpack it and name one"),
        ("<!DOCTYPE html><html><title>429</title></html>", "is an HTML page, not bars: download the CSV itself"),
        (json.dumps([{"date": "2021-01-04", "open": 1}]), "is JSON: export the bars as CSV"),
        (json.dumps({"bars": []}), "is JSON"),
        ("<?xml version='1.0'?><a/>", "is XML"),
        (b"PAR1" + bytes(100), "is a damaged parquet file"),
        (b"PAR1" + bytes(100) + b"PAR1", "is a damaged parquet file"),
        (b"SQLite format 3\x00", "is an SQLite database"),
        (gzip.compress(PLAIN.encode())[:-300], "is a gzip file that cannot be unpacked: "),
        (b"PK\x03\x04garbage", "is a ZIP file that cannot be unpacked: "),
        (b"\xff\xfe\x00", "is not whole UTF-16 text"),
        ("version https://git-lfs.github.com/spec/v1\noid", "is a pointer to a file in Git LFS, not the file"),
    ],
)
def test_what_is_no_text_of_bars_is_called_by_its_name(tmp_path, content, says):
    assert refusal(tmp_path, content).startswith(says)


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, lzma.compress, lambda data: archive(a_csv=data.decode())]
)
def test_what_unpacks_without_end_is_not_unpacked(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(opened, "MAX_BYTES", 10_000)
    assert "unpacks to more than 10,000 bytes" in refusal(tmp_path, pack(b"\n" * 1_000_000))
