"""A toy of the whole project whose trials take some 50 ms, and what can be seen of it from outside after a kill."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.core.workers.test_engine import running
from tests.features.samples import random_bars
from tests.pipeline.project import Project

STUDY, TRIALS = ("a20", "2M"), 50
BARS, BARS_SEED = 700, 3
SYMBOLS = {"A": slice(None), "B": slice(None), "LATE": slice(200, None), "OVER": slice(500)}
GONE_S = 5.0  # what a kill may leave running, at most
LIMIT_S = 300.0  # an attempt that has not come that far by then hangs
TOY = {
    "ingest.source": "csv",
    "ingest.csv": "data/raw/toy.csv",
    "d_model": 8,
    "training.epochs": 1,
    "training.seeds": 1,
    "grids.2M.d_model": [8],
    "grids.2M.n_layers": [1],
    "grids.2M.n_heads": [2, 4],
    "hpo.trials": TRIALS,
    "sweep.points": 11,
    "select.min_buys": 5,
    "select.min_recall": 0.0,
}
MANY = {"ingest.source": "folder", "ingest.csv": "data/raw/stocks", "training.rows": 150}


@dataclass(frozen=True)
class Run:
    """A command that has been started.

    Attributes
    ----------
    pid : leads a process group of its own
    status : gives the exit status; None while it runs
    """

    pid: int
    status: Callable[[], int | None]

    def until(self, reached: Callable[[], bool] = lambda: False, nap_s: float = 0.001) -> None:
        """Wait for a condition, or for the end of the command; one that comes to neither hangs."""
        deadline = time.monotonic() + LIMIT_S
        while self.status() is None and not reached():
            assert time.monotonic() < deadline, "hangs"
            time.sleep(nap_s)


class Toy(Project):
    """A copy of the project at the toy's scale, of one symbol or ``many``; nothing has run in it."""

    def __init__(self, folder: Path, workers: int = 1, many: bool = False) -> None:
        super().__init__(folder, workers)
        asked = TOY | MANY if many else TOY
        place = folder / asked["ingest.csv"]
        if many:
            place.mkdir()
            for seed, (symbol, days) in enumerate(SYMBOLS.items()):
                random_bars(BARS, seed).iloc[days].to_csv(place / f"{symbol}.csv", index_label="Date")
        else:
            random_bars(BARS, BARS_SEED).to_csv(place, index_label="Date")
        self.set(**asked)
        self.commit("toy")

    def start(self, *command: str, log: Path) -> Run:
        """Begin a command; what it says goes to ``log``."""
        with open(log, "ab") as said:
            quiet = dict(stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
            started = subprocess.Popen(
                command, cwd=self.folder, env=self.environment(), start_new_session=True, **quiet
            )
        return Run(started.pid, started.poll)

    def environment(self) -> dict[str, str]:
        shell = {"SHELL": "/bin/sh"}  # where it is dash, it stays between `dvc` and the stage
        return super().environment() | shell | {"OMP_NUM_THREADS": "1"}

    def outs(self, stage: str) -> list[Path]:
        """The outs of a stage, a matrix's values filled in."""
        name, values = self._told(stage)
        paths = [out if isinstance(out, str) else next(iter(out)) for out in self.stages()[name]["outs"]]
        return [self.folder / _filled(path, values) for path in paths]

    def _told(self, stage: str) -> tuple[str, dict[str, str]]:
        """Name in dvc.yaml, and the value of each axis of its matrix."""
        name, *values = stage.replace("@", "-").split("-")
        return name, dict(zip(self.stages()[name].get("matrix", {}), values))

    def command(self, stage: str) -> list[str]:
        """Script and words of a stage."""
        name, values = self._told(stage)
        return _filled(self.stages()[name]["cmd"], values).split()[1:]

    def written(self, stage: str) -> dict[str, str]:
        """SHA-256 of every file of a stage's outs, but of none that is still being written beside them."""
        found = {}
        for out in self.outs(stage):
            for path in [out] if out.is_file() else sorted(out.rglob("*")):
                if path.is_file() and path.suffix != ".tmp":
                    found[path.relative_to(self.folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
        return found

    def remove_outs(self, stage: str) -> None:
        """What DVC does before it runs a stage."""
        for out in self.outs(stage):
            shutil.rmtree(out) if out.is_dir() else out.unlink(missing_ok=True)

    def left_over(self) -> list[Path]:
        """Temporary files that a killed write left behind."""
        return [path for path in self.folder.rglob(".*.tmp") if path.is_file()]

    def store(self) -> Path | None:
        """The file of the toy's study, once it is there."""
        return next(iter(sorted((self.folder / ".scratch/studies").glob(f"{'-'.join(STUDY)}-*.db"))), None)

    def processes(self) -> dict[int, str]:
        """Command lines of the processes that work in this folder or below, by pid."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and running(int(entry.name)):
                try:
                    where = Path(os.readlink(entry / "cwd"))
                    said = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                except OSError:  # it has just ended
                    continue
                if where == self.folder or self.folder in where.parents:
                    found[int(entry.name)] = said
        return found

    def gone_after(self, allowed_s: float = GONE_S) -> float:
        """Seconds until no process works in this folder.

        Raises
        ------
        AssertionError
            If some still do after ``allowed_s``.
        """
        begun = time.monotonic()
        while found := self.processes():
            assert time.monotonic() - begun < allowed_s, f"left behind: {found}"
            time.sleep(0.02)
        return time.monotonic() - begun


def _filled(text: str, values: dict[str, str]) -> str:
    for key, value in values.items():
        text = text.replace(f"${{item.{key}}}", value)
    return text


def recorded(store: Path | None, scratch: Path) -> list[int]:
    """Indices of the trials in a study's file, as the next run will find them.

    Read from a copy in ``scratch``, so that it is that run which has to deal with what a kill left.
    """
    if store is None:
        return []
    copy = scratch / "copy.db"
    for suffix in ("", "-journal"):
        Path(f"{copy}{suffix}").unlink(missing_ok=True)
        if (left := Path(f"{store}{suffix}")).exists():
            shutil.copyfile(left, f"{copy}{suffix}")
    with closing(sqlite3.connect(copy)) as connection:
        asked = "SELECT value_json FROM trial_user_attributes WHERE key = 'index'"
        try:
            return sorted(int(value) for (value,) in connection.execute(asked))
        except sqlite3.OperationalError as error:  # killed before Optuna had made its tables
            assert "no such table" in str(error), error
            return []


def in_transaction(store: Path | None) -> bool:
    """Whether a write was under way: SQLite's journal is there only then."""
    return store is not None and Path(f"{store}-journal").exists()


def kill(pid: int, group: bool = False) -> bool:
    """SIGKILL; False if there is no such process any more."""
    try:
        (os.killpg if group else os.kill)(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
