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
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buysignal.cli import told
from buysignal.core.errors import UserError
from buysignal.core.lock import exclusive

STUDY, FIT, TEMPORARY = "study", "fit", "temporary file"
KINDS = {STUDY: "studies", FIT: "fits", TEMPORARY: "temporary files"}
BESIDE = ("-journal", "-wal", "-shm")  # what SQLite keeps beside a database
WRITTEN = ("data", "metrics", "plots")  # where a stage's outs lie
STRAY = re.compile(r"\..+\.[a-z0-9_]{8}\.tmp")  # as `buysignal.core.files.write_atomic` names them
DAY_S = 86_400
LEAST = {TEMPORARY: 1.0}  # days that a kind is kept whatever is asked


@dataclass(frozen=True)
class Item:
    """One thing that may be removed, named by ``path``: its files, their bytes, and when it was last used (s)."""

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
    places = [folder, *(root / name for name in WRITTEN)]
    strays = [path for place in places for path in place.rglob(".*.tmp") if STRAY.fullmatch(path.name)]
    paths = {STUDY: folder.glob("studies/*.db"), FIT: folder.glob("fits/*.safetensors"), TEMPORARY: strays}
    found = [_item(kind, path) for kind in KINDS for path in paths[kind]]
    return sorted((item for item in found if item.files), key=lambda item: (item.touched, item.path))


def _item(kind: str, path: Path) -> Item:
    """With those of its files that are there; a study's lock, which every use writes, tells its age too."""
    beside = [path.with_name(path.name + end) for end in BESIDE] if kind == STUDY else []
    told = {file: file.stat() for file in [path, *beside, path.with_suffix(".lock")] if file.is_file()}
    own = tuple(file for file in (path, *beside) if file in told)
    touched = max((stat.st_mtime for stat in told.values()), default=0.0)
    return Item(kind, path, own, sum(told[file].st_size for file in own), touched)


def remove(item: Item) -> None:
    """Remove an item, or `UserError` if a live process holds the study or a file cannot be removed."""
    held = exclusive(item.path.with_suffix(".lock"), wait_s=0) if item.kind == STUDY else nullcontext()
    with held:  # the lock's own file stays: see `exclusive`
        for file in item.files:  # the database first: without its journal it could be torn, a journal alone is ignored
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                raise UserError(f"{file} cannot be removed: {error.strerror}") from None


def add_to(commands: argparse._SubParsersAction) -> None:
    """Declare the command and its options."""
    about = "list what the scratch folder holds, and remove what was not touched for some days; no result is lost"
    status = "without --older-than nothing is removed; exit status: 1 if something old could not be, else 0"
    parser = commands.add_parser("scratch", help=about, description=about, epilog=status)
    old = "remove what was not touched for DAYS, but nothing that a live process holds"
    parser.add_argument("--older-than", type=_days, metavar="DAYS", help=old)
    parser.add_argument("--dry-run", action="store_true", help="say what would be removed and remove nothing")
    told.add_to(parser)
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
    gone, kept = [], []
    if arguments.older_than is None:
        print(told.written(arguments.format, lambda: blocks(found, folder, now), lambda: content(found, [], [], now)))
        return 0
    for item in found:
        if item.days(now) < max(arguments.older_than, LEAST.get(item.kind, 0.0)):
            continue
        try:
            if not arguments.dry_run:
                remove(item)
            gone.append(item)
        except UserError as error:
            kept.append(str(error))
    done = "would be removed" if arguments.dry_run else "removed"
    ends = ["\n".join(f"- kept: {why}" for why in kept), f"{done}: {_counted(gone)}, {_size(gone)}"]
    as_blocks = [*blocks(found, folder, now), *ends]
    print(told.written(arguments.format, lambda: as_blocks, lambda: content(found, gone, kept, now)))
    return 1 if kept else 0


def content(found: Sequence[Item], gone: Sequence[Item], kept: Sequence[str], now: float) -> dict[str, Any]:
    """For programs: what there was, what of it was or would be removed, and why something old was not."""
    rows = [{"kind": one.kind, "path": str(one.path), "bytes": one.size, "days": one.days(now)} for one in found]
    return {"found": rows, "removed": [str(one.path) for one in gone], "kept": list(kept)}


def blocks(found: Sequence[Item], folder: Path, now: float) -> list[str]:
    """A row per study, one for all fits and one for all temporary files: size, days since the last use."""
    if not found:
        return [f"{folder} holds nothing"]
    rows = [[f"study {item.path.stem}", _size([item]), f"{item.days(now):.1f}"] for item in found if item.kind == STUDY]
    for kind in (FIT, TEMPORARY):
        if own := [item for item in found if item.kind == kind]:
            rows.append([_counted(own), _size(own), f"{own[-1].days(now):.1f} to {own[0].days(now):.1f}"])
    return [f"{folder}: {_size(found)}", told.table(("what", "size", "days since it was used"), rows)]


def _counted(found: Sequence[Item]) -> str:
    counts = Counter(item.kind for item in found)
    words = [f"{counts[kind]} {kind if counts[kind] == 1 else many}" for kind, many in KINDS.items() if counts[kind]]
    return ", ".join(words) or "nothing"


def _size(found: Sequence[Item]) -> str:
    """Bytes of all in the largest unit that leaves a whole part."""
    size = sum(item.size for item in found)
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"
