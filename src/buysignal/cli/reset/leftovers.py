"""What a killed or half-finished run leaves in a project: locks of dead writers, and outs of other parameters."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence, Set
from pathlib import Path

import yaml

from buysignal.core.errors import UserError
from buysignal.core.git import git
from buysignal.core.params import TIERS

RWLOCK, MUTEX = ".dvc/tmp/rwlock", ".dvc/tmp/lock"
EXEC = "refs/exps/exec"  # what DVC notes in git while an experiment runs in the workspace
GIT_LOCKS = ("index.lock", "HEAD.lock", "packed-refs.lock", "config.lock")
PARTS = {"${item.tier}": f"(?:{'|'.join(TIERS)})", "${item.budget}": "[A-Za-z0-9]{1,20}"}


def require_idle(root: Path) -> None:
    """Refuse while another DVC or git is at work in the project.

    Raises
    ------
    UserError
        If one is: the message names its process.
    """
    for pid, name in _at_work(root):
        raise UserError(f"{name} is at work here (process {pid}): wait for it, or stop it with `kill {pid}`")
    mutex = root / MUTEX
    if mutex.is_file():
        with open(mutex, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"{MUTEX} is held: a DVC is at work here, wait for it") from None


def _at_work(root: Path) -> Iterator[tuple[int, str]]:
    """Processes of DVC and git in the project's folder, which Linux shows; and those that DVC's notes name."""
    folder, own = root.resolve(), {os.getpid(), os.getppid()}
    for entry in Path("/proc").glob("[0-9]*"):
        pid, words = int(entry.name), _words(entry)
        name = next((Path(word).name for word in words[:3] if Path(word).name in ("dvc", "git")), None)
        if name is None or pid in own:
            continue
        try:
            where = Path(os.readlink(entry / "cwd"))
        except OSError:
            continue  # it has ended, or is another user's
        if where == folder or (folder in where.parents and folder / ".dvc/tmp" not in [where, *where.parents]):
            yield pid, name


def _words(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def remove_locks(root: Path) -> list[str]:
    """Remove the locks of writers that are gone, once `require_idle` holds; their names."""
    folder = Path(os.fsdecode(git(root, "rev-parse", "--absolute-git-dir").strip()))
    found = [folder / name for name in GIT_LOCKS]
    found += [path for path in (root / RWLOCK,) if path.exists() and not _is_empty(path)]
    found += [path for path in (root / MUTEX,) if path.is_dir()]
    gone = [path for path in found if path.exists()]
    for path in gone:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return [path.name for path in gone]


def rejoin_branch(root: Path) -> str:
    """Put HEAD back on its branch, which DVC leaves while an experiment runs in the workspace; the branch.

    A killed experiment leaves HEAD at its own commits; DVC's note says from which one it set out. Nothing is done,
    and nothing said, where there is no such note, or HEAD is on a branch.
    """
    base = _said(root, "rev-parse", "--verify", "--quiet", f"{EXEC}/EXEC_BASELINE")
    if not base or _said(root, "symbolic-ref", "--quiet", "HEAD"):
        return ""
    there = _said(root, "for-each-ref", "--format=%(refname:short)", "--points-at", base, "refs/heads").split("\n")
    last = _said(root, "rev-parse", "--abbrev-ref", "@{-1}")
    branch = last if last in there else there[0]
    if branch:
        git(root, "symbolic-ref", "HEAD", f"refs/heads/{branch}")
    else:  # it was on none before
        git(root, "update-ref", "--no-deref", "HEAD", base)
    for note in ("EXEC_BASELINE", "EXEC_MERGE", "EXEC_BRANCH"):
        git(root, "update-ref", "-d", f"{EXEC}/{note}")
    return branch or base[:12]


def _said(root: Path, *words: str) -> str:
    return git(root, *words).decode("utf-8", "surrogateescape").strip()


def _is_empty(path: Path) -> bool:
    """Whether DVC's notes of who is at work name nobody."""
    try:
        return not any(json.loads(path.read_bytes()).values())
    except (OSError, ValueError, AttributeError):
        return False


def strange_outs(root: Path, outs: Sequence[str], tracked: Set[str], locked: Set[str]) -> list[Path]:
    """Files and folders at places of dvc.yaml's outs that the committed run has not: those of other tiers or budgets.

    Parameters
    ----------
    outs : of `outs_of`
    tracked : files of the commit
    locked : outs that its dvc.lock names
    """
    found = []
    for out in outs:
        pattern = re.compile("".join(PARTS.get(part) or re.escape(part) for part in re.split(r"(\$\{[^}]*\})", out)))
        for path in sorted(root.glob(re.sub(r"\$\{[^}]*\}", "*", out))):
            name = path.relative_to(root).as_posix()
            if not pattern.fullmatch(name) or name in tracked:
                continue
            if name not in locked:
                found += [path] if not _holds(name, tracked) else []
            elif name.startswith("data/"):
                continue  # `dvc checkout` makes it whole
            if path.is_dir() and path not in found:
                inside = (file for file in sorted(path.rglob("*")) if file.is_file())
                found += [file for file in inside if file.relative_to(root).as_posix() not in tracked]
    return [path for path in found if path.relative_to(root).as_posix() not in locked]


def _holds(folder: str, names: Set[str]) -> bool:
    return any(name.startswith(f"{folder}/") for name in names)


def outs_of(root: Path) -> list[str]:
    """Outs of every stage of dvc.yaml as they are written there, with their ``${...}``.

    Raises
    ------
    UserError
        If the file cannot be read, or has no stages.
    """
    try:
        stages = yaml.safe_load((root / "dvc.yaml").read_bytes())["stages"].values()
        made = [out for stage in stages for out in stage.get("do", stage).get("outs", [])]  # `do`: of a foreach
    except (OSError, yaml.YAMLError, LookupError, TypeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:160]
        raise UserError(f"dvc.yaml cannot be read ({reason}): mend it, or `git checkout dvc.yaml`") from None
    return [out if isinstance(out, str) else next(iter(out)) for out in made]
