"""Whether DVC can hold the results against what they were made from: its lock, and its notes of who is at work.

DVC says that these files are damaged, but not which command mends them. What it does of each was looked
at with DVC 3.67: a lock that is no YAML or has another form stops every command; one that was cut where
what is left is YAML is taken for whole, and the stages that it lost are built again; a damaged rwlock stops
`dvc repro`; what tmp/lock holds means nothing, as the kernel knows who holds it. `dvc exp run` calls git, and
one that is killed with it leaves git's own lock behind.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Check, Finding, conclude, some
from buysignal.core.errors import UserError

PIPELINE, LOCK, RWLOCK, MUTEX = "dvc.yaml", "dvc.lock", ".dvc/tmp/rwlock", ".dvc/tmp/lock"
INDEX = ".git/index.lock"
RESTORE = f"`git checkout HEAD -- {LOCK}` (`rm {LOCK}` if git has none), then `dvc repro`"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a lock has thousands of lines


def _state(run: Run) -> Finding:
    if not run.has(PIPELINE):
        return conclude([], [], f"there is no {PIPELINE} here: nothing to look at")
    unjudged, warnings = [], []
    for look in (_index, _lock, _rwlock, _mutex):
        try:
            warnings += look(run)
        except UserError as error:
            unjudged.append(str(error))
    return conclude([], warnings, f"{LOCK} has every stage of {PIPELINE}, and no other DVC is at work", unjudged)


def _index(run: Run) -> list[str]:
    """Refuse what a git that was killed in the middle leaves: it stops every later git, and `dvc exp`."""
    if (run.root / INDEX).exists():
        raise UserError(f"{INDEX} is there, so git changes nothing: unless a git is at work here now, `rm {INDEX}`")
    return []


def _lock(run: Run) -> list[str]:
    """Refuse a lock that is torn or lacks a stage."""
    content = _content(run.root, LOCK)
    if content is None:
        raise UserError(f"{LOCK} is missing: {RESTORE}")
    stages = _parsed(content, LOCK, RESTORE, _yaml).get("stages")
    if not content.endswith(b"\n") or not isinstance(stages, dict):
        raise UserError(f"{LOCK} is torn: {RESTORE}")
    for name, stage in stages.items():
        if not _whole(stage):
            raise UserError(f"{LOCK} is torn in stage {name}: {RESTORE}")
    lacking = [name for name in _expected(run) if name not in stages]
    if lacking:
        raise UserError(f"{LOCK} lacks {len(lacking)} stages ({some(lacking)}): {RESTORE}")
    return []


def _whole(stage: Any) -> bool:
    """Whether the entry of a stage has all that DVC writes of it: something for every dep and out."""
    if not isinstance(stage, dict) or not stage.get("cmd") or not isinstance(stage.get("outs"), list):
        return False
    files = [*stage.get("deps", []), *stage["outs"]]
    return all(isinstance(one, dict) and {"path", "md5", "size"} <= one.keys() for one in files)


def _expected(run: Run) -> Iterator[str]:
    """Names of the stages of dvc.yaml, those of a matrix by their values in params."""
    mend = f"`git checkout HEAD -- {PIPELINE}`"
    stages = _parsed(_content(run.root, PIPELINE) or b"", PIPELINE, mend, _yaml).get("stages")
    if not isinstance(stages, dict):
        raise UserError(f"{PIPELINE} has no stages: {mend}")
    for name, stage in stages.items():
        axes = [_values(axis, run) for axis in (stage.get("matrix") or {}).values()]
        for values in itertools.product(*axes):
            yield f"{name}@{'-'.join(map(str, values))}" if axes else name


def _values(axis: Any, run: Run) -> list[Any]:
    """The values of an axis: a list, or the name of one in params as ``${tiers}``."""
    return list(getattr(run.params, axis.strip("${} "))) if isinstance(axis, str) else list(axis)


def _rwlock(run: Run) -> list[str]:
    """Warn of who holds a file by DVC's notes; refuse notes that DVC cannot read."""
    mend = f"`rm {RWLOCK}`"
    content = _content(run.root, RWLOCK)
    if content is None:
        return []
    notes = _parsed(content, RWLOCK, mend, json.loads)
    holders = set()
    for kind, single in (("write", True), ("read", False)):
        held = notes.get(kind, {})
        if not isinstance(held, dict):
            raise UserError(f"{RWLOCK} is damaged: {mend}")
        for infos in held.values():
            for info in [infos] if single else infos:
                if not isinstance(info, dict) or not isinstance(info.get("pid"), int) or "cmd" not in info:
                    raise UserError(f"{RWLOCK} is damaged: {mend}")
                holders.add(info["pid"])
    said = {pid: _program(pid) for pid in sorted(holders)}
    working = [f"DVC is at work here (process {pid}): wait for it" for pid, words in said.items() if "dvc" in words]
    reused = [pid for pid, words in said.items() if words and "dvc" not in words]
    return working + [f"{RWLOCK} names process {pid}, which is no DVC: {mend}" for pid in reused]


def _mutex(run: Run) -> list[str]:
    """Warn of a DVC command that holds the project; a dead one holds nothing, whatever the file says."""
    path = run.root / MUTEX
    if not path.exists():
        return []
    if not path.is_file():
        raise UserError(f"{MUTEX} is no file: `rm -r {MUTEX}`")
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
        return [f"DVC is at work here (process {pid}): wait for it, or stop it with `kill {pid}`"]
    finally:
        os.close(descriptor)
    return []


def _content(root: Path, relative: str) -> bytes | None:
    """The bytes of a file; None if there is none."""
    try:
        return (root / relative).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{relative} cannot be read: {error.strerror}") from None


def _yaml(content: bytes) -> Any:
    return yaml.load(content.decode("utf-8"), Loader=Loader)


def _parsed(content: bytes, relative: str, mend: str, parse: Any) -> Mapping[str, Any]:
    """The mapping that a file holds, or what mends it."""
    if not content.strip():
        raise UserError(f"{relative} is empty: {mend}")
    try:
        found = parse(content)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = getattr(error, "problem", None) or str(error)
        raise UserError(f"{relative} is damaged ({' '.join(reason.split())[:80]}): {mend}") from None
    if not isinstance(found, dict):
        raise UserError(f"{relative} is damaged: {mend}")
    return found


def _program(pid: int) -> str:
    """The command line of a live process; empty if there is none, and "dvc" where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except FileNotFoundError:
        return "" if Path("/proc/self").exists() else "dvc"
    except OSError:
        return "dvc"


CHECKS = (Check("dvc-state", "results that DVC can no longer hold against what they were made from", _state),)
