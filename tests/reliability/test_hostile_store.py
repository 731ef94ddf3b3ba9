"""A trial store that is garbage, torn or tampered with is refused in one line; whole trials come back as they were."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from buysignal.core.errors import UserError
from buysignal.models.patchtst.architecture import Configuration
from buysignal.search.study.record import Outcome, TrialRecord
from buysignal.search.study.store import Store
from tests.search.study.toy import small_space

SCORES = tuple(round(0.1 + day / 7000, 6) for day in range(300))


def record(index: int) -> TrialRecord:
    outcome = Outcome(value=1 / 3, auc=(0.1 + 0.2,), intermediate=(0.5, 0.7), scores=SCORES)
    return TrialRecord(index, 0, "random", "random", Configuration(8, 1, 2, 2, 0.1, 1e-4, 0.0), 128, 100, 200, outcome)


RECORDS = [record(0), record(1), record(2)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("store") / "study.db"
    with closing(Store(path, small_space())) as store:
        for one in RECORDS:
            store.append(one)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path, whole) -> Path:
    path = tmp_path / "study.db"
    path.write_bytes(whole)
    return path


def read(path: Path) -> list[TrialRecord] | str:
    """The trials, or the one line they are refused with."""
    try:
        with closing(Store(path, small_space())) as store:
            return store.read()
    except UserError as error:
        said = str(error)
        assert len(said.splitlines()) == 1 and said.isprintable()
        assert str(path) in said
        assert ("see to the disk" if path.is_dir() else "delete it") + " and run `dvc repro`" in said
        return said


def test_a_whole_store_is_read(path):
    assert read(path) == RECORDS


@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 5000,
        b"SQLite format 3\0" + b"\xff" * 5000,
        b"trials: none\n",
        b"\x80\x04\x95pickle",
        b"x" * 10**6,
    ],
    ids=["zeros", "header alone", "text", "pickle", "a megabyte"],
)
def test_garbage_is_refused(path, content):
    path.write_bytes(content)
    assert isinstance(read(path), str)


def test_a_folder_in_its_place_is_refused(path):
    path.unlink()
    path.mkdir()
    assert isinstance(read(path), str)


def test_a_file_cut_anywhere_is_refused(path, whole):
    for keep in (50, 100, 4096, len(whole) // 2, len(whole) - 4096, len(whole) - 1):
        path.write_bytes(whole[:keep])
        assert isinstance(read(path), str)


def test_a_database_of_something_else_is_refused_or_has_no_trials(path):
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("create table studies (x)")
    assert isinstance(read(path), str)


def tamper(path: Path, change) -> None:
    """Change the JSON of the first trial's record in the database."""
    with closing(sqlite3.connect(path)) as connection, connection:
        where = "where key = 'record' and trial_id = 1"
        (text,) = connection.execute(f"select value_json from trial_user_attributes {where}").fetchone()
        connection.execute(f"update trial_user_attributes set value_json = ? {where}", (change(text),))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: "null",
        lambda text: "[]",
        lambda text: text[:-20],
        lambda text: "[" * 100_000,
        lambda text: text.replace('"index"', '"indx"'),
        lambda text: text.replace('"d_model": 8', '"d_model": 1' + "0" * 5000),
        lambda text: text.replace('"d_model": 8', '"d_model": "8"'),
        lambda text: text.replace("0.333333", "0.433333"),
        lambda text: text.replace("0.333333", "NaN, \"x\": 0.3"),
        lambda text: json.dumps(json.loads(text) | {"__class__": "os.system"}),
    ],
    ids=["empty", "null", "list", "cut", "nested", "renamed", "huge", "ill-typed", "another value", "NaN", "more"],
)  # fmt: skip
def test_a_record_that_was_tampered_with_is_refused(path, change):
    tamper(path, change)
    assert isinstance(read(path), str)


def flipped(path: Path, whole: bytes, seed: int, number: int) -> int:
    """Of ``number`` stores with one bit flipped, those that are refused; the others give the trials as they were."""
    rng, refused = random.Random(seed), 0
    for _ in range(number):
        data = bytearray(whole)
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        found = read(path)
        assert isinstance(found, str) or found == RECORDS
        refused += isinstance(found, str)
    return refused


def test_flipped_bits_are_refused_or_change_no_trial(path, whole):
    assert flipped(path, whole, seed=8, number=20)


@pytest.mark.full
def test_a_thousand_flipped_bits_are_refused_or_change_no_trial(path, whole, capsys):
    refused = flipped(path, whole, seed=9, number=1000)
    with capsys.disabled():
        print(f"\n{refused} of 1000 stores with a flipped bit were refused, the others gave the trials as they were")
