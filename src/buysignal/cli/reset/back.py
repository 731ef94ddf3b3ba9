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
from pathlib import Path

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


def put_back(root: Path) -> list[str]:
    """Put back what an experiment changes; what was replaced, kept and left alone, a line each.

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
    told = {
        "removed, of runs that are gone": locks,
        "HEAD was left by an experiment, and is back on": [branch] if branch else [],
        "put back": results,
        "taken away, not of the committed run": [str(path.relative_to(root)) for path in strange],
        "left as it is, though not as committed": sorted(changed - {LEDGER, *results}),
        "what was there is kept in": [str(aside.relative_to(root))] if aside.exists() else [],
    }
    lines = [f"{what}: {_some(names)}" for what, names in told.items() if names]
    if looks and _differs(root / LEDGER, tracked.get(LEDGER, "0" * 40)):
        lines.append(f"{LEDGER} keeps looks that the commit has not: `dvc repro` tells them in the report")
    done = subprocess.run([sys.executable, "-m", "dvc", "checkout", "-q", "--force"], cwd=root, capture_output=True)
    if done.returncode:
        lines.append("some of data/ is not in DVC's cache: `dvc repro` builds it")
    return lines or ["nothing to put back: the committed state is there"]


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
