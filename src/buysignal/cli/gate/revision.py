"""What another revision of the project measured, taken from git: its metrics are committed, its data are not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from buysignal.cli.doctor.run import LEDGER, Run
from buysignal.cli.doctor.verdict import TORN, in_short
from buysignal.cli.gate.measured import SELECTION, TRAIN
from buysignal.cli.gate.params import PATH as GATES
from buysignal.core.errors import UserError, shown
from buysignal.core.files import write_atomic

OLD = "params.yaml"  # where the gates stood, in a section of their own, before gates.yaml
FILES = (TRAIN, SELECTION, LEDGER, GATES, OLD)
SECONDS = 30  # for one answer of git
Read = TypeVar("Read")


@dataclass(frozen=True)
class Base:
    """The run to be compared with: the revision as the user named it, and the run with its files."""

    revision: str
    run: Run

    def read(self, reader: Callable[[Run], Read], *files: str) -> Read:
        """What ``reader`` finds, which needs ``files``; every error says that it is of this revision."""
        for file in files:
            if not self.run.has(file):
                raise UserError(f"{self.revision} has no {file}: name a revision whose results are committed")
        try:
            return reader(self.run)
        except UserError as error:
            raise UserError(f"at {self.revision}: {error}") from None
        except TORN as error:
            reason = in_short(error)
            raise UserError(f"at {self.revision}: {' or '.join(files)} has not our form ({reason})") from None


def fetch(project: Path, revision: str, folder: Path) -> Base:
    """Write what a revision has of `FILES` under a folder, and read it like any other run.

    Raises
    ------
    UserError
        If there is no git, the project is in no repository, or git knows no such revision.
    """
    if _git(project, "rev-parse", "--is-inside-work-tree").stdout.strip() != b"true":
        raise UserError(f"{project.absolute()} is in no git repository, which --against needs: `git init`")
    named = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    commit = named.stdout.decode("ascii", "replace").strip()
    if named.returncode or not commit:
        raise UserError(f"git knows no revision {shown(revision)}: name a branch, tag or commit, or `git fetch` it")
    for file in FILES:
        found = _git(project, "show", f"{commit}:./{file}")
        if found.returncode == 0:
            write_atomic(folder / file, lambda path, content=found.stdout: path.write_bytes(content))
    return Base(revision, Run(folder))


def _git(project: Path, *words: str) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(["git", "-C", str(project), *words], capture_output=True, timeout=SECONDS)
    except FileNotFoundError:
        raise UserError("git is not installed, and --against needs it") from None
    except subprocess.TimeoutExpired:
        raise UserError(f"git does not answer within {SECONDS} s: `git status` may say why") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the revision
        raise UserError(f"git cannot be asked for {shown(words[-1])}: {error}") from None
