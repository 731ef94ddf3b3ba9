"""A write that fails leaves the old file, no other, and one line with the file's name and what the disk did."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from buysignal.core import files
from buysignal.core.errors import UserError
from tests.reliability.writes import WRITERS, contents

WORDS = {errno.ENOSPC: "the disk is full", errno.EIO: "the disk reports an error", errno.EDQUOT: "the disk quota"}
PLACES = ("mkstemp", "fsync", "chmod", "replace")  # a write's steps, each of which the disk may refuse


def refuse(monkeypatch, place: str, number: int) -> None:
    def fail(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files.tempfile if place == "mkstemp" else files.os, place, fail)


@pytest.mark.parametrize("number", WORDS, ids=errno.errorcode.get)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", WRITERS)
def test_a_refused_step_of_a_write_leaves_the_old_file_and_one_line(tmp_path, monkeypatch, name, place, number):
    WRITERS[name](tmp_path, 1)
    before = contents(tmp_path)
    with monkeypatch.context() as patch, pytest.raises(UserError) as caught:
        refuse(patch, place, number)
        WRITERS[name](tmp_path, 2)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / name} cannot be written: {WORDS[number]}") and "\n" not in said
    assert said.endswith("then run `dvc repro`")
    assert contents(tmp_path) == before
    WRITERS[name](tmp_path, 2)
    assert contents(tmp_path) != before


def cut(folder: Path, cuts: int) -> str:
    words = ["-m", "tests.reliability.writes", str(folder), "20190101", str(cuts)]
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=600).stdout


def test_a_write_that_the_kernel_cuts_at_any_byte_leaves_the_old_file_and_one_line(tmp_path):
    assert cut(tmp_path, 4) == f"{4 * len(WRITERS)}\n"


@pytest.mark.full
def test_a_write_that_the_kernel_cuts_at_many_bytes_leaves_the_old_file_and_one_line(tmp_path):
    assert cut(tmp_path, 60) == f"{60 * len(WRITERS)}\n"
