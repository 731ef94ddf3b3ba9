"""A ledger that was deleted, emptied or cut is missed, however it is cut, and the line says how it comes back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from buysignal.core.errors import UserError
from buysignal.ship import ledger
from tests.ship.test_ledger import DATA, RESULTS, registered, three_looks

RESTORE = "`git checkout HEAD -- "
IDENTITY = ("-c", "user.name=test", "-c", "user.email=test@example.org")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *IDENTITY, *words], check=True, capture_output=True)


@pytest.fixture
def committed(tmp_path) -> Path:
    """A ledger of three looks that git has, in a folder of its own."""
    (tmp_path / "metrics").mkdir()
    path = three_looks(tmp_path / "metrics")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "looks")
    return path


def refusal(action) -> str:
    with pytest.raises(UserError) as caught:
        action()
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def delete_with_its_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("damage", [Path.unlink, delete_with_its_folder, empty])
def test_a_ledger_that_git_has_and_that_is_gone_is_no_empty_ledger(committed, damage):
    whole = committed.read_bytes()
    damage(committed)
    for action in (lambda: ledger.read(committed), lambda: ledger.append(committed, registered(), DATA, RESULTS)):
        said = refusal(action)
        assert said.startswith(f"{committed} is missing or empty") and f"{RESTORE}{committed}`" in said
    git(committed.parents[1], "checkout", "HEAD", "--", "metrics/ledger.jsonl")
    assert committed.read_bytes() == whole and len(ledger.read(committed)) == 3


def test_a_ledger_whose_deletion_was_committed_starts_anew(committed):
    git(committed.parents[1], "rm", "-q", "metrics/ledger.jsonl")
    git(committed.parents[1], "commit", "-q", "-m", "start anew")
    assert ledger.read(committed) == []


def test_no_cut_of_a_ledger_lets_its_last_look_be_told(tmp_path):
    path = three_looks(tmp_path)
    whole, look = path.read_bytes(), ledger.read(path)[-1].look
    rng = np.random.default_rng(20190101)
    ends = [at + 1 for at, byte in enumerate(whole) if byte == ord("\n")]  # cuts that leave whole lines
    for cut in [0, *ends[:-1], *rng.integers(0, len(whole), 60).tolist()]:
        path.write_bytes(whole[:cut])
        assert RESTORE in refusal(lambda: ledger.summary(ledger.read(path), look)), cut
