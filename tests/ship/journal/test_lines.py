"""A line of the journal is added or not, never changed; one that is damaged is named, and the others are read."""

from __future__ import annotations

import json

import pytest

from buysignal.core.errors import UserError
from buysignal.ship.journal import lines


def outcome(day: int) -> dict:
    return {"kind": "outcome", "date": f"2019-01-{day:02d}", "rows": {"A": [1, 0.01]}}


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "journal/journal.jsonl"
    lines.added(lines.Journal(), [outcome(day) for day in range(1, 5)], found)
    return found


def test_no_file_is_an_empty_journal_and_nothing_added_writes_none(tmp_path):
    path = tmp_path / "journal.jsonl"
    assert lines.read(path) == lines.added(lines.Journal(), [], path) == lines.Journal()
    assert not path.exists()


def test_what_was_added_is_read_and_the_lines_before_keep_their_bytes(path):
    before = path.read_bytes()
    kept = lines.added(lines.read(path), [outcome(5)], path)
    assert path.read_bytes().startswith(before) and lines.read(path) == kept
    assert [line["date"][-2:] for line in kept.of("outcome")] == ["01", "02", "03", "04", "05"]
    assert [line["number"] for line in kept.lines] == [1, 2, 3, 4, 5]
    assert not kept.damaged


def edited(path, number: int, old: str, new: str) -> None:
    found = path.read_text().splitlines(keepends=True)
    assert old in found[number - 1]
    found[number - 1] = found[number - 1].replace(old, new)
    path.write_text("".join(found))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("0.01", "0.02", "was edited"),
        ('"kind": "outcome"', '"kind": "dream"', "does not have the keys of a line of a journal"),
        ("{", "", "is not valid JSON"),
    ],
)
def test_a_damaged_line_is_named_the_others_are_read_and_what_is_added_leaves_it_alone(path, old, new, told):
    edited(path, 2, old, new)
    content = path.read_bytes()
    found = lines.read(path)
    assert found.damaged == (f"{path}, line 2, {told}",)
    assert [line["number"] for line in found.lines] == [1, 3, 4]
    lines.added(found, [outcome(5)], path)
    assert path.read_bytes().startswith(content)
    assert lines.read(path).damaged == found.damaged and len(lines.read(path).lines) == 4


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_line_that_was_removed_is_told_once_and_every_other_line_is_read(path, gone):
    found = path.read_text().splitlines(keepends=True)
    path.write_text("".join(found[:gone] + found[gone + 1 :]))
    (told,) = lines.read(path).damaged
    assert f"line {gone + 1}, does not follow from the line before" in told
    assert [line["number"] for line in lines.read(path).lines] == [n for n in (1, 2, 3, 4) if n != gone + 1]
    lines.added(lines.read(path), [outcome(9)], path)
    assert [line["number"] for line in lines.read(path).lines][-1] == 5 and len(lines.read(path).damaged) == 1


def test_a_torn_end_is_named_and_the_next_line_begins_below_it(path):
    path.write_bytes(path.read_bytes()[:-20])
    assert lines.read(path).damaged == (f"{path}, line 4, is not valid JSON",)
    found = lines.added(lines.read(path), [outcome(9)], path)
    assert [line["number"] for line in lines.read(path).lines] == [1, 2, 3, 5] and len(found.lines) == 4
    assert json.loads(path.read_text().splitlines()[-1])["date"] == "2019-01-09"


def test_a_file_that_cannot_be_written_stays_as_it_was_and_says_what_to_do(path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr("os.replace", full)
    with pytest.raises(UserError, match=r"the disk is full: .* then run the same command again"):
        lines.added(lines.read(path), [outcome(5)], path)
    assert path.read_bytes() == before and [one.name for one in path.parent.iterdir()] == [path.name]
