"""Bad params, bars and proposals: one line, no traceback, and not a byte of any earlier result changed.

Hypothesis spoils files that are right; ``check``, which DVC runs before any other stage, reads them with the
functions that the other stages use. A spoilt file may be legal still: then it must be let through, and
``check`` must change nothing either.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings

from buysignal.core import stage
from tests.reliability.hostile import CSV, KINDS, Place

SMALL = {"params": 80, "bars": 80, "proposals": 80}  # examples
FULL = {"params": 4000, "bars": 4000, "proposals": 4000}
APART = {"small": 1, "full": 25}  # of the bad ones, in a process of their own


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "die_with_parent", lambda: True)  # this process must outlive what started it
    return Place(tmp_path / "outer")


def spoil(place: Place, kind: str, examples: int) -> tuple[Counter, list[bytes]]:
    """Counts of refused and legal examples, and the refused ones, each once."""
    name, strategy = KINDS[kind]
    before = place.digests()
    good = (place.root / name).read_bytes()
    refused: dict[bytes, None] = {}
    counts: Counter = Counter()

    @settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(content=strategy)
    def one(content: bytes) -> None:
        place.put(name, content)
        try:
            ended = place.check()
        finally:
            place.put(name, good)
        assert place.digests() == before
        if ended.status == 0:
            assert ended.said == ""
            counts["legal"] += 1
        else:
            assert ended.refused_in_one_line(), ended
            counts["refused"] += content not in refused
            refused[content] = None

    one()
    return counts, list(refused)


def test_the_files_that_are_spoilt_are_right(place):
    before = place.digests()
    assert (place.check().status, place.check().said) == (0, "")
    assert place.digests() == before


@pytest.mark.parametrize("kind", KINDS)
def test_every_bad_file_gives_one_line_and_changes_nothing(place, kind):
    counts, refused = spoil(place, kind, SMALL[kind])
    assert counts["refused"] >= 40  # of each kind
    apart(place, kind, refused, APART["small"])


@pytest.mark.full
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_bad_files_give_one_line_each_and_change_nothing(place, kind, capsys):
    counts, refused = spoil(place, kind, FULL[kind])
    assert counts["refused"] >= 2500
    apart(place, kind, refused, APART["full"])
    with capsys.disabled():
        print(f"\n{kind}: {dict(counts)}, {APART['full']} of them in a process of their own")


def apart(place: Place, kind: str, refused: list[bytes], number: int) -> None:
    """Some of the refused files again, through the script that DVC runs."""
    name, _ = KINDS[kind]
    for content in refused[:: max(1, len(refused) // number)][:number]:
        place.put(name, content)
        before = place.digests()
        ended = place.apart("check")
        assert ended.refused_in_one_line(), ended
        assert place.digests() == before


@pytest.mark.parametrize(
    ("good", "bad"),
    [(r"Volume", "Vo"), (r"[\d.]+\n2001-01-02", "1e308\n2001-01-02")],  # the form, and a value
    ids=["header", "huge volume"],
)
def test_ingest_run_by_hand_refuses_bad_bars_and_changes_nothing(place, good, bad):
    text = (place.root / CSV).read_text()
    place.put(CSV, re.sub(good, bad, text).encode())
    before = place.digests()
    assert place.apart("ingest").refused_in_one_line()
    assert place.digests() == before
