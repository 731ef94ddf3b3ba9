"""``python -m buysignal scratch``: what lies in the scratch folder, and its old part removed.

The scratch folder holds unfinished and finished studies and finished fits: short cuts, so removing
one costs time and no result. Removed with them are temporary files that a killed writer left beside
its target. What a live process writes is never touched: a study is removed under its own lock, and a
temporary file must be a day old, which no write takes.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from buysignal.core.errors import UserError
from buysignal.core.lock import exclusive

STUDY, FIT, TEMPORARY = "study", "fit", "temporary file"
KINDS = (STUDY, FIT, TEMPORARY)
BESIDE = ("-journal", "-wal", "-shm")  # what SQLite keeps beside a database
WRITTEN = ("data", "metrics", "plots")  # where a stage's outs lie
STRAY = re.compile(r"\..+\.[a-z0-9_]{8}\.tmp")  # as `buysignal.core.files.write_atomic` names them
DAY_S = 86_400


@dataclass(frozen=True)
class Item:
    """One thing that may be removed.

    Attributes
    ----------
    kind : one of `KINDS`
    path : the file that names it
    files : all files that go with it
    size : bytes
    touched : when it was last written or, of a study or fit, used; seconds since the epoch
    """

    kind: str
    path: Path
    files: tuple[Path, ...]
    size: int
    touched: float

    def days(self, now: float) -> float:
        """Age at the time ``now``, in days."""
        return max(0.0, now - self.touched) / DAY_S


def items(root: Path, folder: Path) -> list[Item]:
    """Everything that may be removed under a project's ``root`` and its scratch ``folder``, oldest first."""
    studies = [_item(STUDY, path, _study_files(path)) for path in folder.glob("studies/*.db")]
    fits = [_item(FIT, path, [path]) for path in folder.glob("fits/*.safetensors")]
    places = [folder, *(root / name for name in WRITTEN)]
    strays = [path for place in places for path in place.rglob(".*.tmp") if STRAY.fullmatch(path.name)]
    found = [*studies, *fits, *(_item(TEMPORARY, path, [path]) for path in strays)]
    return sorted((item for item in found if item.files), key=lambda item: (item.touched, item.path))


def _study_files(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + end) for end in BESIDE)]


def _item(kind: str, path: Path, files: Sequence[Path]) -> Item:
    """An item of those files that are there; a study's lock, which every use writes, tells its age too."""
    told = {file: file.stat() for file in [*files, path.with_suffix(".lock")] if file.is_file()}
    own = tuple(file for file in files if file in told)
    size, touched = sum(told[file].st_size for file in own), max((s.st_mtime for s in told.values()), default=0.0)
    return Item(kind, path, own, size, touched)


def old(found: Sequence[Item], days: float, now: float) -> list[Item]:
    """Items not touched for ``days``; temporary files not for a day at least."""
    return [item for item in found if item.days(now) >= (max(days, 1.0) if item.kind == TEMPORARY else days)]


def remove(item: Item) -> None:
    """Remove an item.

    Raises
    ------
    UserError
        If a live process holds the study, or a file cannot be removed.
    """
    if item.kind == STUDY:
        with exclusive(item.path.with_suffix(".lock"), wait_s=0):
            _unlink(item.files)  # the lock's own file stays: see `exclusive`
    else:
        _unlink(item.files)


def _unlink(files: Sequence[Path]) -> None:
    for file in files:  # the database first: without its journal it could be torn, a journal alone is ignored
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"{file} cannot be removed: {error.strerror}") from None


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "list what the scratch folder holds, and remove what was not touched for some days; no result is lost"
    status = "without --older-than nothing is removed; exit status: 1 if something old could not be, else 0"
    parser = commands.add_parser("scratch", help=about, description=about, epilog=status)
    told = "remove what was not touched for DAYS, but nothing that a live process holds"
    parser.add_argument("--older-than", type=_days, metavar="DAYS", help=told)
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed and remove nothing")
    parser.set_defaults(command=command)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of days; write 0 or more")
    return days


def command(arguments: argparse.Namespace) -> int:
    """List, and remove what is old; status 1 if something old could not be removed."""
    from buysignal.core.stage import scratch  # it reads params, which take a while

    now, folder = time.time(), scratch()
    found = items(Path(), folder)
    print(listed(found, folder, now))
    if arguments.older_than is None:
        return 0
    gone, kept = [], []
    for item in old(found, arguments.older_than, now):
        try:
            if not arguments.dry_run:
                remove(item)
            gone.append(item)
        except UserError as error:
            kept.append(f"kept: {error}")
    done = "would be removed" if arguments.dry_run else "removed"
    print("\n".join([*kept, f"{done}: {_counted(gone)}, {_size(sum(item.size for item in gone))}"]))
    return 1 if kept else 0


def listed(found: Sequence[Item], folder: Path, now: float) -> str:
    """A line per study, one for all fits and one for all temporary files: size, days since the last use."""
    if not found:
        return f"{folder} holds nothing"
    lines = [f"{folder}: {_size(sum(item.size for item in found))}"]
    for item in found:
        if item.kind == STUDY:
            lines.append(f"  study {item.path.stem}  {_size(item.size)}  {item.days(now):.1f} days")
    for kind in (FIT, TEMPORARY):
        own = [item for item in found if item.kind == kind]
        if own:
            ages = f"{own[-1].days(now):.1f} to {own[0].days(now):.1f} days"
            lines.append(f"  {_counted(own)}  {_size(sum(item.size for item in own))}  {ages}")
    return "\n".join(lines)


def _counted(found: Sequence[Item]) -> str:
    counts = {kind: sum(item.kind == kind for item in found) for kind in KINDS}
    plural = {STUDY: "studies"}
    words = [f"{n} {kind if n == 1 else plural.get(kind, kind + 's')}" for kind, n in counts.items() if n]
    return ", ".join(words) or "nothing"


def _size(size: int) -> str:
    """Bytes in the largest unit that leaves a whole part."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
