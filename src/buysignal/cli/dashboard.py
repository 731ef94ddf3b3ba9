"""``python -m buysignal dashboard``: the studies of this project in a browser, under names that one can read."""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from buysignal.cli import told
from buysignal.core.errors import UserError

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

PORT = 8080
FINISHED = ("COMPLETE", "PRUNED")


@dataclass(frozen=True)
class Study:
    """A file of a search: its name without the fingerprint, its finished trials, and when it was last written (s)."""

    name: str
    path: Path
    trials: int
    written: float

    @property
    def when(self) -> str:
        """When it was last written, in local time."""
        return datetime.fromtimestamp(self.written).strftime("%Y-%m-%d %H:%M")


def studies(folder: Path) -> list[Study]:
    """Every study in a folder, the newest first; of those of one name the older ones are numbered from 2."""
    names: dict[str, int] = {}
    found = []
    for path in sorted(folder.glob("*.db"), key=lambda path: -path.stat().st_mtime):
        name = path.stem.rpartition("-")[0]
        names[name] = count = names.get(name, 0) + 1
        found.append(Study(name if count == 1 else f"{name} ({count})", path, _trials(path), path.stat().st_mtime))
    return found


def _trials(path: Path) -> int:
    """Finished trials of a file that somebody may write meanwhile; none in one that holds no study yet."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as read:
            return read.execute("SELECT COUNT(*) FROM trials WHERE state IN (?, ?)", FINISHED).fetchone()[0]
    except sqlite3.Error:
        return 0


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "show the studies of the search in a browser: all of them as they are now, or one live"
    parser = commands.add_parser("dashboard", help=about, description=about)
    parser.add_argument("study", nargs="?", help="one of --list, which is followed live (default: all, as they are)")
    parser.add_argument("--list", action="store_true", help="print the studies, the newest first, and open nothing")
    parser.add_argument("--port", type=int, default=PORT, help=f"of this machine (default: {PORT})")
    told.add_to(parser)
    parser.set_defaults(command=dashboard)


def dashboard(arguments: argparse.Namespace) -> int:
    """List the studies, or serve them until Ctrl-C."""
    from buysignal.core.stage import scratch  # it reads params, which take a while

    found = studies(scratch() / "studies")
    if not found:
        raise UserError(f"{scratch() / 'studies'} holds no study: `make repro` searches")
    if arguments.list:
        print(told.written(arguments.format, lambda: blocks(found), lambda: content(found)))
        return 0
    chosen = found if arguments.study is None else [one for one in found if one.name == arguments.study]
    if not chosen:
        names = ", ".join(one.name for one in found)
        raise UserError(
            f"{arguments.study} is no study: name one of {names}, see `python -m buysignal dashboard --list`"
        )
    print(told.terminal(blocks(chosen)), flush=True)
    from optuna_dashboard import run_server

    run_server(f"sqlite:///{chosen[0].path}" if arguments.study else gathered(chosen), port=arguments.port)
    return 0


def gathered(found: list[Study]) -> BaseStorage:
    """Copies of the studies in memory, each under its readable name: one server has one storage."""
    import optuna

    together = optuna.storages.InMemoryStorage()
    for study in found:
        source = f"sqlite:///{study.path}"
        for name in optuna.get_all_study_names(source):
            named = f"{study.name}, {study.trials} trials, {study.when}"
            optuna.copy_study(from_study_name=name, from_storage=source, to_storage=together, to_study_name=named)
    return together


def blocks(found: list[Study]) -> list[str]:
    """A row a study."""
    return [told.table(("study", "trials", "last written"), [[one.name, f"{one.trials}", one.when] for one in found])]


def content(found: list[Study]) -> list[dict[str, str | int]]:
    """The same for programs."""
    return [{"study": one.name, "trials": one.trials, "written": one.when, "path": str(one.path)} for one in found]
