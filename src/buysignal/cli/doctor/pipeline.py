"""What of DVC's own files stops it and is not mended by it: a torn lock, torn notes of who is at work, git's lock.

DVC says that these files are damaged, but not which command mends them (looked at with DVC 3.67). A lock that lost
whole stages is taken for one of fewer: `dvc status` names them and `dvc repro` builds them again. Who holds a file
or the project, DVC says itself. `dvc exp run` calls git, and one that is killed with it leaves git's own lock behind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml

from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import Looking, Unjudged, check
from buysignal.core.errors import UserError
from buysignal.core.settings import Section, parse

PIPELINE, LOCK, RWLOCK, MUTEX = "dvc.yaml", "dvc.lock", ".dvc/tmp/rwlock", ".dvc/tmp/lock"
INDEX = ".git/index.lock"
RESTORE = f"`git checkout HEAD -- {LOCK}` (`rm {LOCK}` if git has none), then `dvc repro`"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a lock has thousands of lines


class _File(Section, extra="ignore"):
    path: str
    md5: str
    size: int


class _Stage(Section, extra="ignore"):
    cmd: str | list[str]
    deps: list[_File] | None = None
    outs: list[_File]


class _Lock(Section, extra="ignore"):
    stages: dict[str, _Stage]


class _Holder(Section, extra="ignore"):
    pid: int
    cmd: str


class _Notes(Section, extra="ignore"):
    write: dict[str, _Holder] | None = None
    read: dict[str, list[_Holder]] | None = None


@check("dvc-state", "results that DVC can no longer hold against what they were made from")
def state(run: Run) -> Looking:
    """Look at each file; whatever is wrong is told with the command that mends it."""
    if not run.has(PIPELINE):
        return f"there is no {PIPELINE} here: nothing to look at"
    if run.has(INDEX):
        yield Unjudged(f"{INDEX} is there, so git changes nothing: unless a git is at work here now, `rm {INDEX}`")
    if not run.has(LOCK):
        yield Unjudged(f"{LOCK} is missing: {RESTORE}")
    if run.has(MUTEX) and not (run.root / MUTEX).is_file():
        yield Unjudged(f"{MUTEX} is no file: `rm -r {MUTEX}`")
    yield from _damage(run, LOCK, _Lock, _yaml, RESTORE)
    yield from _damage(run, RWLOCK, _Notes, json.loads, f"`rm {RWLOCK}`")
    return "no file of DVC is torn; whether its results are up to date `dvc status` says"


def _damage(run: Run, name: str, kind: type[Section], parsed: Callable[[bytes], Any], mend: str) -> list[Unjudged]:
    """What is wrong with a file that should be of that kind; nothing with one that is not there."""
    if not run.has(name):
        return []
    try:
        content = (run.root / name).read_bytes()
        if not content.strip():
            return [Unjudged(f"{name} is empty: {mend}")]
        parse(kind, parsed(content), missing="")
    except OSError as error:
        return [Unjudged(f"{name} cannot be read: {error.strerror}")]
    except (yaml.YAMLError, ValueError, RecursionError, UserError) as error:
        reason = " ".join((getattr(error, "problem", None) or str(error)).split())
        return [Unjudged(f"{name} is damaged ({reason[:80]}): {mend}")]
    return []


def _yaml(content: bytes) -> Any:
    if not content.endswith(b"\n"):
        raise ValueError("its end is missing")
    return yaml.load(content.decode("utf-8"), Loader=Loader)
