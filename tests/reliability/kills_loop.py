"""A study killed again and again until it is whole, and a record of where each kill fell."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from buysignal.cli.doctor.pipeline import INDEX, LOCK, RWLOCK
from tests.reliability.kills import GONE_S, STUDY, TRIALS, Run, Toy, in_transaction, kill, recorded

STAGE = f"hpo@{'-'.join(STUDY)}"
BEFORE = f"featurize@{STUDY[0]}"
STORE_S = 0.005  # a transaction takes about as long
AIMS = {"start-up": 0.25, "training": 0.6, "store": 0.15}  # until the last trial is on disk
PLACES = ("start-up", "training", "store", "export", "finished")
MENDED = {  # what a killed dvc tears or leaves, and what mends it, in the order to be done
    INDEX: f"rm {INDEX}",
    RWLOCK: f"rm {RWLOCK}",
    LOCK: f"git checkout HEAD -- {LOCK}",
}
TOLD = re.compile(rb"^hpo \S+ \S+: (?:going on from )?(\d+)(?: of |/)\d+", re.MULTILINE)


@dataclass(frozen=True)
class Pace:
    """How long an uninterrupted run took, in seconds: to its first trial, per trial, after the last one."""

    start_s: float
    trial_s: float
    end_s: float


@dataclass(frozen=True)
class Kill:
    """One kill and what was there when everything it ended was gone.

    Attributes
    ----------
    aim : at which moment it was aimed, drawn by the seed
    victim : which process got it: ``group``, ``dvc``, ``stage`` or ``worker``
    place : one of `PLACES`, judged by what was left: ``store`` is a transaction, which SQLite's journal shows,
        ``start-up`` before the attempt finished a trial of its own, ``export`` after the last trial,
        ``finished`` with all outs there
    finished : trials on disk
    gone_s : seconds until its last process was gone
    """

    aim: str
    victim: str
    place: str
    finished: int
    gone_s: float


def told(log: Path) -> int:
    """Trials that the latest attempt has said to be finished; -1 before its first word."""
    found = TOLD.findall(log.read_bytes() if log.exists() else b"")
    return int(found[-1]) if found else -1


def pace(begin: Callable[[Path], Run], log: Path) -> Pace:
    """Run the study uninterrupted and take its times."""
    moments = [time.monotonic()]
    run, seen = begin(log), 0
    while run.status() is None:
        if (now := told(log)) > seen:
            moments += [time.monotonic()] * (now - seen)
            seen = now
        time.sleep(0.002)
    assert run.status() == 0 and seen == TRIALS, log.read_text()
    done = time.monotonic()
    return Pace(moments[1] - moments[0], (moments[-1] - moments[1]) / (TRIALS - 1), done - moments[-1])


def kill_until_whole(
    toy: Toy,
    begin: Callable[[Path], Run],
    clock: Pace,
    reference: dict[str, str],
    seed: int,
    reach: int,
    ends: int,
    folder: Path,
    victims: Sequence[str] = ("group",),
) -> list[Kill]:
    """Start the study, kill it at a moment drawn by ``seed``, and again, until it ends by itself.

    Parameters
    ----------
    begin : starts an attempt that logs to the given file
    clock : of an uninterrupted run
    reference : digests of the outs of an uninterrupted run
    reach : trials after which an attempt is killed at the latest
    ends : kills after the last trial is on disk; then it is left to finish
    folder : for logs
    victims : whom to draw from; one that is not there is replaced by the group

    DVC tears its lock or its notes when it is killed while it writes them, and then refuses to begin. Such
    an attempt is no kill; the next one follows the command that the doctor names.

    Raises
    ------
    AssertionError
        If a trial is lost or doubled, an out is neither absent nor whole, a process is left behind, or an
        attempt fails of itself for another reason than such a file.
    """
    rng, kills, before = np.random.default_rng(seed), [], []
    for attempt in itertools.count():
        log = folder / f"{seed}-{attempt}.log"
        run, aim = begin(log), _aim(rng, before, kills, ends)
        if aim == "none":
            break
        _wait(aim, run, toy, log, clock, reach, rng)
        victim = _strike(run, toy, str(rng.choice(victims)))
        while victim == "worker":
            now = recorded(toy.store(), folder)
            kills.append(Kill(aim, victim, _place(toy, before, folder), len(now), 0.0))
            goal = told(log) + 4  # a batch later no trial is left that has lost a worker: two would be its end
            run.until(lambda: told(log) >= min(goal, TRIALS))  # noqa: B023
            _wait("training", run, toy, log, clock, reach, rng)
            victim = _strike(run, toy, str(rng.choice(victims)))
        gone_s = toy.gone_after(max(GONE_S, clock.start_s))  # a stage still importing goes when it has imported
        if run.status() == 0:  # too late
            break
        if victim == "":
            mend(toy, log)
            continue
        now = recorded(toy.store(), folder)
        assert len(now) == len(set(now)), f"a trial stands twice: {now}"
        assert set(before) <= set(now) and len(now) >= told(log), f"lost: {before}, {now}, {log.read_text()}"
        whole = toy.written(STAGE)
        assert whole.items() <= reference.items(), "an out is there in part"
        place = "finished" if whole == reference else _place(toy, before, folder)
        kills.append(Kill(aim, victim, place, len(now), gone_s))
        before = now
    run.until()
    if run.status() != 0:
        mend(toy, log)
        run = begin(log)
        run.until()
    assert run.status() == 0, log.read_text()
    toy.gone_after()
    assert recorded(toy.store(), folder) == list(range(TRIALS))
    assert toy.written(STAGE) == reference
    return kills


def mend(toy: Toy, log: Path) -> None:
    """Do what the doctor says of files that DVC has torn or git left; there must be one, and no stage has begun."""
    said = toy.run("python", "-m", "buysignal", "doctor", "--format", "json", check=False).stdout
    text = next(verdict["text"] for verdict in json.loads(said) if verdict["name"] == "dvc-state")
    commands = [command for command in MENDED.values() if f"`{command}`" in text]
    assert commands and "Running stage" not in log.read_text(), (text, log.read_text())
    for command in commands:
        toy.run(*command.split())
        print(f"after a kill of dvc the doctor named `{command}`, which mended it")
    toy.repro(BEFORE)  # by a torn lock `dvc exp run` takes back what is not in it; "then `dvc repro`" brings it again


def _aim(rng: np.random.Generator, finished: Sequence[int], kills: Sequence[Kill], ends: int) -> str:
    if len(finished) < TRIALS:
        return str(rng.choice(list(AIMS), p=list(AIMS.values())))
    return "export" if sum(k.aim == "export" for k in kills) < ends else "none"


def _wait(aim: str, run: Run, toy: Toy, log: Path, clock: Pace, reach: int, rng: np.random.Generator) -> None:
    """Wait for the moment an attempt is to be killed at, or for its end."""
    if aim in ("training", "store"):
        run.until(lambda: told(log) >= 0)
        goal = told(log) + int(rng.integers(reach))
        run.until(lambda: told(log) >= min(goal, TRIALS))
        aim = aim if goal < TRIALS else "export"
    if aim == "store":
        run.until(lambda: in_transaction(toy.store()), nap_s=0)  # it lasts some milliseconds
    if aim == "export":
        run.until(lambda: told(log) == TRIALS)
    lasts = {"start-up": clock.start_s, "training": clock.trial_s, "store": STORE_S, "export": 0.8 * clock.end_s}
    moment = time.monotonic() + rng.uniform(0, lasts[aim])
    run.until(lambda: time.monotonic() >= moment)


def _strike(run: Run, toy: Toy, victim: str) -> str:
    """Kill a victim, or the whole group where there is none such; who it was, nobody if it has ended."""
    if run.status() is not None:
        return ""
    marks = {"stage": "stages/hpo.py", "worker": "loky.backend.popen"}
    if victim in marks:
        pids = [pid for pid, said in sorted(toy.processes().items()) if marks[victim] in said and pid != run.pid]
        if pids and kill(pids[0]):
            return victim
    if victim == "dvc" and kill(run.pid):
        return victim
    kill(run.pid, group=True)
    kill(run.pid)  # should it not have made its group yet
    return "group"


def _place(toy: Toy, before: Sequence[int], folder: Path) -> str:
    if in_transaction(toy.store()):
        return "store"
    now = len(recorded(toy.store(), folder))
    return "export" if now == TRIALS else "start-up" if now == len(before) else "training"


def spread(kills: Sequence[Kill]) -> dict[str, Counter]:
    """How many kills fell where: by place, by victim, and by tenth of the study."""
    return {
        "place": Counter(k.place for k in kills),
        "victim": Counter(k.victim for k in kills),
        "tenth": Counter(min(k.finished * 10 // TRIALS, 9) for k in kills if k.place in ("training", "store")),
    }
