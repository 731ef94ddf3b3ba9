"""The committed results in the workspace again, whatever was tried before.

Put back are the settings, the registration, dvc.lock, metrics/, plots/ and, from DVC's cache, data/. What is replaced
is kept under `.scratch/reset`, so nothing is lost; what is no result stays as it is. The ledger only grows: looks that
the commit has not stay in it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from buysignal.cli.reset.leftovers import outs_of, rejoin_branch, remove_locks, require_idle, strange_outs
from buysignal.core.errors import UserError
from buysignal.core.files import write_text
from buysignal.core.git import git
from buysignal.core.textfile import read_yaml
from buysignal.ship import ledger

LEDGER = "metrics/ledger.jsonl"
SETTINGS = ("params.yaml", "gates.yaml", "registered.yaml", "registered.csv")
PLACES = (*SETTINGS, "dvc.lock", "metrics", "plots")
KEPT = ".scratch/reset"
SHOWN = 5  # names that a line has; the others are counted
SAID = {
    "locks_removed": "removed, of runs that are gone",
    "branch": "HEAD was left by an experiment, and is back on",
    "put_back": "put back",
    "taken_away": "taken away, not of the committed run",
    "left": "left as it is, though not as committed",
    "kept_in": "what was there is kept in",
}


@dataclass(frozen=True)
class Done:
    """What was done: names of files, most of them.

    Attributes
    ----------
    locks_removed, put_back, taken_away, left : files, relative to the project
    branch : the branch that HEAD was brought back to, if it had left it
    kept_in : the folder with what was replaced, if anything was
    more_looks : whether the ledger keeps looks that the commit has not
    data_whole : whether DVC's cache had all of data/
    """

    locks_removed: list[str]
    branch: list[str]
    put_back: list[str]
    taken_away: list[str]
    left: list[str]
    kept_in: list[str]
    more_looks: bool
    data_whole: bool

    def blocks(self) -> list[str]:
        """A line for each kind of thing that was done."""
        lines = [f"{what}: {_some(names)}" for key, what in SAID.items() if (names := getattr(self, key))]
        if self.more_looks:
            lines.append(f"{LEDGER} keeps looks that the commit has not: `dvc repro` tells them in the report")
        if not self.data_whole:
            lines.append("some of data/ is not in DVC's cache: `dvc repro` builds it")
        return [f"- {line}" for line in lines] or ["nothing to put back: the committed state is there"]

    def content(self) -> dict[str, Any]:
        """For programs: every name."""
        first = {key: next(iter(getattr(self, key)), None) for key in ("branch", "kept_in")}
        return asdict(self) | first


def put_back(root: Path) -> Done:
    """Put back what an experiment changes, and tell what was replaced, kept and left alone.

    Raises
    ------
    UserError
        If the folder is not of a committed project, a DVC or git is at work in it, or its ledger or dvc.yaml cannot be
        read: nothing is touched then.
    """
    if "dvc.yaml" not in _tracked(root):
        raise UserError("git's last commit has no dvc.yaml here: run it in the folder of the project")
    require_idle(root)
    _looks(root)  # a damaged ledger, and a broken dvc.yaml, are refused before anything is touched
    outs = outs_of(root)
    locks, branch = remove_locks(root), rejoin_branch(root)
    tracked, looks, aside = _tracked(root), _looks(root), _next(root / KEPT)
    changed = {name for name, sha in tracked.items() if _differs(root / name, sha)}
    results = sorted(name for name in changed - {LEDGER} if name.split("/")[0] in PLACES)
    for name in results:
        _put_aside(root, root / name, aside)
    _git(root, "reset", "-q", "HEAD", "--", *(place for place in PLACES if _has(tracked, place)))
    if results:
        _git(root, "checkout", "-q", "HEAD", "--", *results)
    strange = strange_outs(root, outs, set(tracked), _locked(root))
    for path in strange:
        _put_aside(root, path, aside)
    if looks and _differs(root / LEDGER, _sha(kept := ledger.in_lines(looks).encode(), tracked["dvc.yaml"])):
        write_text(root / LEDGER, kept.decode())
    checked_out = subprocess.run(
        [sys.executable, "-m", "dvc", "checkout", "-q", "--force"], cwd=root, capture_output=True
    )
    return Done(
        locks_removed=locks,
        branch=[branch] if branch else [],
        put_back=results,
        taken_away=[str(path.relative_to(root)) for path in strange],
        left=sorted(changed - {LEDGER, *results}),
        kept_in=[str(aside.relative_to(root))] if aside.exists() else [],
        more_looks=bool(looks) and _differs(root / LEDGER, tracked.get(LEDGER, "0" * 40)),
        data_whole=checked_out.returncode == 0,
    )


def _tracked(root: Path) -> dict[str, str]:
    """File of the commit -> the hash that git knows its content by."""
    listed = git(root, "ls-tree", "-r", "-z", "HEAD", ".").decode("utf-8", "surrogateescape").split("\0")
    pairs = (line.split("\t", 1) for line in listed if line)
    return {name: about.split()[2] for about, name in pairs if about.split()[1] == "blob"}


def _differs(path: Path, sha: str) -> bool:
    """By content: git trusts size and time, and DVC can rewrite a file at equal size within a tick of git's clock."""
    if path.is_symlink():
        content = os.fsencode(os.readlink(path))
    elif path.is_file():
        content = path.read_bytes()
    else:
        return True
    return _sha(content, sha) != sha


def _sha(content: bytes, like: str) -> str:
    """The hash that git knows a content by, of the length that another has."""
    kind = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return kind(b"blob %d\0" % len(content) + content).hexdigest()


def _looks(root: Path) -> list[ledger.Entry]:
    """The looks of the commit, then those that the workspace alone has."""
    before = ledger.parsed(git(root, "show", f"HEAD:./{LEDGER}"), f"HEAD:{LEDGER}")
    path = root / LEDGER
    return ledger.joined(before, ledger.parsed(path.read_bytes(), LEDGER) if path.is_file() else [])


def _has(tracked: dict[str, str], place: str) -> bool:
    return any(name == place or name.startswith(f"{place}/") for name in tracked)


def _locked(root: Path) -> set[str]:
    """Outs that the committed dvc.lock names."""
    stages = (_lock(root) or {}).get("stages", {})
    return {out["path"] for stage in stages.values() for out in stage.get("outs", [])}


def _lock(root: Path) -> dict:
    return read_yaml(root / "dvc.lock") if (root / "dvc.lock").is_file() else {}


def _next(folder: Path) -> Path:
    """The first folder of a number that is free."""
    taken = [int(path.name) for path in folder.glob("*") if path.name.isdigit()]
    return folder / str(max(taken, default=0) + 1)


def _put_aside(root: Path, path: Path, aside: Path) -> None:
    if not path.exists() and not path.is_symlink():
        return
    target = aside / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)


def _git(root: Path, *words: str) -> None:
    done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"git {words[0]} cannot: {' '.join(done.stderr.split())[:200]}")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
