"""A study has one writer at any moment, also when its `dvc` is killed and started again at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from buysignal.core.lock import exclusive
from tests.reliability import kills_warm
from tests.reliability.kills import GONE_S, TRIALS, Toy, kill, recorded
from tests.reliability.kills_loop import STAGE, told

REPRO = ("dvc", "repro", "--single-item", STAGE)


def stages(toy: Toy) -> list[int]:
    return [pid for pid, said in toy.processes().items() if said.startswith("python stages/hpo.py")]


def writers(toy: Toy) -> set[int]:
    """Live processes that hold a study's file open; not their children, which do between fork and exec."""
    studies = str(toy.folder / ".scratch" / "studies")  # DVC has databases of its own
    files = {pid: [path for path in opened(pid) if path.startswith(studies)] for pid in toy.processes()}
    holders = {pid for pid, paths in files.items() if any(path.endswith(".db") for path in paths)}
    parents = {pid: parent_of(pid) for pid in holders}
    return {pid for pid, parent in parents.items() if parent is not None and parent not in holders}


def parent_of(pid: int) -> int | None:
    """Process id of the parent; None if the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def opened(pid: int) -> Iterator[str]:
    """Paths that a process holds open; none if it has ended."""
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        try:
            yield os.readlink(descriptor)
        except OSError:  # closed just now
            continue


def killed_and_started_again(toy: Toy, folder: Path, delay_s: float, after_trial: int) -> None:
    """Kill `dvc` alone, start it again, and watch the processes until it has ended."""
    first = toy.start(*REPRO, log=folder / "first.log")
    first.until(lambda: stages(toy))
    first.until(lambda: told(folder / "first.log") >= after_trial)
    time.sleep(delay_s)
    orphans = stages(toy)
    assert kill(first.pid)
    killed = time.monotonic()
    first.until()  # as its shell does: to DVC one that nobody has waited for is still alive
    again = toy.start(*REPRO, log=folder / "again.log")
    gone_s, seen = None, set()
    while again.status() is None:
        at_it = writers(toy)
        seen |= at_it
        assert len(at_it) <= 1, at_it
        if gone_s is None and not set(orphans) & set(stages(toy)):
            gone_s = time.monotonic() - killed
        time.sleep(0.005)  # the other core may be another test's
    assert again.status() == 0, (folder / "again.log").read_text()
    assert gone_s is not None and gone_s < GONE_S
    assert seen - set(orphans)
    assert recorded(toy.store(), folder) == list(range(TRIALS))


def test_a_killed_dvc_takes_its_stage_along_and_the_next_one_is_the_only_writer(ready, tmp_path):
    killed_and_started_again(ready.copy(tmp_path / "toy"), tmp_path, 0.0, 5)


@pytest.mark.full
@pytest.mark.parametrize("seed", range(10))
def test_wherever_dvc_is_killed_the_next_one_is_the_only_writer(ready, tmp_path, seed):
    """Also while the stage is importing, when it does not watch its parent yet."""
    rng = np.random.default_rng(seed)
    importing = seed % 2 == 0
    delay_s, after_trial = (rng.uniform(0, 2), -1) if importing else (rng.uniform(0, 0.1), int(rng.integers(1, 45)))
    killed_and_started_again(ready.copy(tmp_path / "toy", 1 + seed % 3 // 2), tmp_path, delay_s, after_trial)


@pytest.mark.full
def test_a_second_run_at_the_same_time_says_who_is_at_it(ready, tmp_path):
    """A second `dvc repro` by DVC's own lock, a stage run by hand by the study's."""
    toy = ready.copy(tmp_path / "toy")
    first = toy.start(*REPRO, log=tmp_path / "first.log")
    first.until(lambda: told(tmp_path / "first.log") >= 1)
    second = toy.run(*REPRO, check=False)
    if first.status() is None:
        assert second.returncode != 0
        assert f"(PID {first.pid}): " in second.stdout + second.stderr
    first.until()
    assert first.status() == 0

    toy.remove_outs(STAGE)
    with exclusive(toy.store().with_suffix(".lock")):
        by_hand = kills_warm.begin(toy, STAGE, tmp_path / "by_hand.log")
        by_hand.until()
    pid = os.getpid()
    said = f"{toy.store().stem} is being searched by process {pid}: wait for it, or stop it with kill {pid}"
    assert by_hand.status() == 1 and (tmp_path / "by_hand.log").read_text() == f"error: {said}\n"
    assert toy.written(STAGE) == {}
    kills_warm.finish(toy, STAGE, tmp_path / "free.log")
