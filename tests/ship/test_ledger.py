"""A second look at the test role can be made, but not hidden."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.core.chain import digest, line_of
from buysignal.core.errors import UserError
from buysignal.ship import ledger
from tests.judge.examples import card

DATA = {"market": "sp500", "bars": "ab" * 32, "first": "2016-08-05", "last": "2018-12-28"}
RESULTS = {"precision": 0.5, "recall": 0.1, "n_buys": 20, "precision_interval": [0.25, 0.75], "auc": 0.8}


def registered(name="a50-2M-T1", dropout=0.3):
    return ledger.registration([(card(name, dropout=dropout), 0.4), (card("second"), 0.5)])


def three_looks(folder: Path) -> Path:
    path = folder / "ledger.jsonl"
    for dropout in (0.1, 0.2, 0.3):
        ledger.append(path, registered(dropout=dropout), DATA, RESULTS)
    return path


def refusal(path) -> str:
    with pytest.raises(UserError) as caught:
        ledger.read(path)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert message.startswith(str(path))
    return message


def test_no_file_and_an_empty_file_are_an_empty_ledger(tmp_path):
    path = tmp_path / "metrics" / "ledger.jsonl"
    assert ledger.read(path) == []
    assert ledger.summary([]) == "the test role has not been opened"
    assert ledger.append(path, registered(), DATA, RESULTS).number == 1
    path.write_bytes(b"")
    assert ledger.read(path) == []


def test_a_line_holds_what_was_registered_seen_and_the_chain_and_nothing_else(tmp_path):
    path = three_looks(tmp_path)
    first, second, _ = path.read_text().splitlines()
    plain = json.loads(second)
    assert list(plain) == ["data", "look", "number", "previous", "registered", "results", "seal"]
    assert plain["number"] == 2
    assert plain["previous"] == digest(first)
    assert json.loads(first)["previous"] == "0" * 64
    assert plain["results"] == RESULTS
    headline = plain["registered"]["headline"]
    assert headline["name"] == "a50-2M-T1" and headline["threshold"] == 0.4
    assert headline["configuration"]["dropout"] == 0.2 and headline["seeds"] == [1]
    assert [other["name"] for other in plain["registered"]["others"]] == ["second"]


def test_the_same_look_again_leaves_the_bytes_untouched_even_if_its_result_moves(tmp_path):
    path = three_looks(tmp_path)
    before = path.read_bytes(), path.stat().st_mtime_ns
    again = ledger.append(path, registered(dropout=0.2), dict(reversed(DATA.items())), RESULTS | {"auc": 0.800001})
    assert again.number == 2 and again.results["auc"] == 0.8
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_two_looks_give_the_old_bytes_and_one_line(tmp_path):
    path = three_looks(tmp_path)
    before = path.read_bytes()
    ledger.append(path, registered(dropout=0.7), DATA, RESULTS)
    assert path.read_bytes().startswith(before)
    assert path.read_bytes()[len(before) :].count(b"\n") == 1
    assert [entry.number for entry in ledger.read(path)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "chosen",
    [
        [(card("other"), 0.4)],
        [(card(tier="a100"), 0.4)],
        [(card(dropout=0.30001), 0.4)],
        [(card(learning_rate=1.0000001e-4), 0.4)],
        [(card(seeds=(2,)), 0.4)],
        [(card(), 0.400001)],
        [(card(), 0.4), (card("second"), 0.5)],
        [],
    ],
    ids=["name", "tier", "dropout", "learning rate", "seeds", "threshold", "one more", "none qualified"],
)
def test_every_part_of_a_registration_makes_another_look(chosen):
    assert ledger.look_at(ledger.registration(chosen), DATA) != ledger.look_at(
        ledger.registration([(card(), 0.4)]), DATA
    )


def test_how_many_are_bought_a_day_makes_another_look_and_by_threshold_none_is_written():
    by_threshold, three, two = (ledger.registration([(card(), 0.0)], per_day) for per_day in (0, 3, 2))
    assert len({ledger.look_at(one, DATA) for one in (by_threshold, three, two)}) == 3
    assert list(by_threshold) == ["headline", "others"] and three["per_day"] == 3


@pytest.mark.parametrize("key", sorted(DATA))
def test_every_part_of_the_data_makes_another_look(key):
    assert ledger.look_at(registered(), DATA | {key: "2017-01-01"}) != ledger.look_at(registered(), DATA)


def test_nothing_qualified_is_registered_as_nothing(tmp_path):
    entry = ledger.append(tmp_path / "l", ledger.registration([]), DATA, {"precision": 0.0, "n_buys": 0})
    assert entry.registered == {"headline": None, "others": []}
    assert ledger.read(tmp_path / "l") == [entry]


def test_a_result_that_is_not_a_number_is_refused_and_nothing_written(tmp_path):
    path = three_looks(tmp_path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="precision is nan"):
        ledger.append(path, registered("new"), DATA, {"precision": float("nan")})
    assert path.read_bytes() == before


EDITS = {
    "number": 7,
    "previous": "1" * 64,
    "registered": {"headline": None, "others": []},
    "data": DATA | {"last": "2018-12-31"},
    "look": "2" * 64,
    "results": RESULTS | {"precision": 0.9},
    "seal": "3" * 64,
}


@pytest.mark.parametrize("line", [1, 2, 3])
@pytest.mark.parametrize("key", sorted(EDITS))
def test_an_edited_field_is_found_in_any_line(tmp_path, key, line):
    path = three_looks(tmp_path)
    lines = path.read_text().splitlines()
    lines[line - 1] = json.dumps(json.loads(lines[line - 1]) | {key: EDITS[key]}, sort_keys=True)
    path.write_text("\n".join(lines) + "\n")
    message = refusal(path)
    assert f"line {line}, was edited" in message
    assert f"git checkout HEAD -- {path}" in message


@pytest.mark.parametrize("line", [1, 2])
@pytest.mark.parametrize("key", ["registered", "results", "data"])
def test_an_edited_line_with_a_new_seal_breaks_the_chain(tmp_path, key, line):
    path = three_looks(tmp_path)
    entries = ledger.read(path)
    forged = {**json.loads(entries[line - 1].line()), key: EDITS[key]}
    forged["look"] = ledger.look_at(forged["registered"], forged["data"])
    del forged["seal"]
    entries[line - 1] = ledger.Entry(**forged, seal=digest(line_of(forged)))
    path.write_text("".join(entry.line() + "\n" for entry in entries))
    assert f"line {line + 1}, does not follow" in refusal(path)


def test_a_seal_over_a_look_that_is_not_its_own_is_found(tmp_path):
    path = three_looks(tmp_path)
    entries = ledger.read(path)
    forged = replace(entries[2], look="2" * 64)
    plain = {key: value for key, value in json.loads(forged.line()).items() if key != "seal"}
    entries[2] = replace(forged, seal=digest(line_of(plain)))
    path.write_text("".join(entry.line() + "\n" for entry in entries))
    assert "line 3, was edited" in refusal(path)


@pytest.mark.parametrize(
    ("order", "line"), [([1, 2], 1), ([0, 2], 2), ([1, 0, 2], 1), ([0, 2, 1], 2), ([0, 1, 1, 2], 3), ([0, 1, 2, 0], 4)]
)
def test_a_removed_a_moved_and_a_repeated_line_are_found(tmp_path, order, line):
    path = three_looks(tmp_path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[k] for k in order))
    assert f"line {line}, does not follow" in refusal(path)


def test_a_torn_last_line_is_found_wherever_it_is_cut(tmp_path):
    path = three_looks(tmp_path)
    whole = path.read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    for cut in range(start + 1, len(whole)):
        path.write_bytes(whole[:cut])
        assert "line 3, is torn" in refusal(path)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = three_looks(tmp_path_factory.mktemp("ledger"))
    return path, path.read_bytes()


@given(st.data())
def test_no_flipped_byte_goes_unseen(written, data):
    path, whole = written
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[at]))
    path.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1 :])
    refusal(path)


@pytest.mark.parametrize(
    "content",
    [b"[]\n", b"{}\n", b"null\n", b"\n", b"\xff\n", b"[" * 100_000 + b"\n", b'{"number": NaN}\n', b"1e999\n", b"1"],
)
def test_what_is_no_ledger_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(content)
    assert "line 1" in refusal(path)


def test_a_folder_is_refused(tmp_path):
    assert "cannot be read" in refusal(tmp_path)


def test_nothing_is_added_to_a_damaged_ledger(tmp_path):
    path = three_looks(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    before = path.read_bytes()
    with pytest.raises(UserError):
        ledger.append(path, registered("new"), DATA, RESULTS)
    assert path.read_bytes() == before


def test_two_branches_that_looked_apart_do_not_chain_and_the_message_says_what_to_do(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for path, dropout in ((ours, 0.4), (theirs, 0.5)):
        ledger.append(path, registered(), DATA, RESULTS)
        ledger.append(path, registered(dropout=dropout), DATA, RESULTS)
    common, mine = ours.read_text().splitlines(keepends=True)
    other = theirs.read_text().splitlines(keepends=True)[1]
    merged = tmp_path / "ledger.jsonl"
    merged.write_text(common + mine + other)
    assert "line 3, does not follow" in refusal(merged)
    merged.write_text(f"{common}<<<<<<< HEAD\n{mine}=======\n{other}>>>>>>> other\n")
    assert "line 2, is left over from a merge: keep one side whole" in refusal(merged)


def test_the_summary_counts_looks_at_the_same_days_only(tmp_path):
    path = tmp_path / "ledger.jsonl"
    words = []

    def look(dropout, **changed):
        entry = ledger.append(path, registered(dropout=dropout), DATA | changed, RESULTS)
        words.append(ledger.summary(ledger.read(path), entry.look))

    look(0.1)
    look(0.1, market="nasdaq", bars="cd" * 32)  # another market
    look(0.2, first="2010-01-01", last="2016-08-04")  # the day before
    look(0.2, last="2016-08-05")  # one day in common with lines 1 and, by its first day, none of line 3
    look(0.3, market="copy", first="2018-12-28", last="2019-12-31")  # the same bars under another name
    look(0.3, bars="ef" * 32)  # the same market with bars added
    seen = "changed after the test role had been seen"
    assert words == [
        "first recorded look at these test days",
        "first recorded look at these test days",
        "first recorded look at these test days",
        f"these test days were looked at 2 times: what was registered was {seen} (line 1 of the ledger)",
        f"these test days were looked at 2 times: what was registered was {seen} (line 1 of the ledger)",
        f"these test days were looked at 3 times: what was registered was {seen} (lines 1, 4 of the ledger)",
    ]
    entries = ledger.read(path)
    assert ledger.summary(entries) == words[-1]
    later = "; they were looked at again later (lines 4, 5, 6 of the ledger)"
    assert ledger.summary(entries, entries[0].look) == words[0] + later


def test_changed_data_under_one_configuration_are_called_so(tmp_path):
    path = tmp_path / "ledger.jsonl"
    ledger.append(path, registered(), DATA, RESULTS)
    ledger.append(path, registered(), DATA | {"last": "2019-01-31", "bars": "ef" * 32}, RESULTS)
    assert "these test days were looked at 2 times: the data were changed" in ledger.summary(ledger.read(path))


def test_data_without_a_key_are_a_bug(tmp_path):
    with pytest.raises(ValueError, match="bars, first, last, market"):
        ledger.look_at(registered(), {"bars": "ab"})


KILLED = """
import os, signal, sys
from buysignal.ship import ledger
from tests.ship import test_ledger
kill = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
setattr(sys.modules[sys.argv[2]], sys.argv[3], kill)
ledger.append(sys.argv[1], test_ledger.registered("new"), test_ledger.DATA, test_ledger.RESULTS)
"""


@pytest.mark.parametrize(
    ("module", "name"), [("buysignal.ship.ledger", "write_text"), ("os", "fsync"), ("os", "replace")]
)
def test_a_kill_between_reading_and_writing_leaves_the_old_ledger(tmp_path, module, name):
    path = three_looks(tmp_path)
    before = path.read_bytes()
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), module, name], cwd=root, capture_output=True)
    assert done.returncode == -9, done.stderr.decode()
    assert path.read_bytes() == before
    assert ledger.append(path, registered("new"), DATA, RESULTS).number == 4
