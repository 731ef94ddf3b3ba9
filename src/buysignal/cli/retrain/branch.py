"""A branch ``retrain/DAY`` in a work tree of its own: the user's checkout is not touched until a merge is asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from buysignal.core.errors import UserError
from buysignal.core.textfile import read_yaml

PREFIX = "retrain/"
PLACE = Path(".scratch")
STDERR = 2  # stdout is for what came of it
TRAINED = "Retrain: data to {}"
OPENED = "Retrain: the test role of data to {} opened as registered"


@dataclass(frozen=True)
class Branch:
    """The branch of a new model.

    Attributes
    ----------
    root : the project's folder
    until : the last day of its data, ISO
    """

    root: Path
    until: str

    @classmethod
    def pending(cls, root: Path) -> Self | None:
        """The latest that there is."""
        said = git(root, "for-each-ref", "--format=%(refname)", f"refs/heads/{PREFIX}")
        found = sorted(line.removeprefix(f"refs/heads/{PREFIX}") for line in said.splitlines())
        return cls(root, found[-1]) if found else None

    @property
    def name(self) -> str:
        """As git names it."""
        return f"{PREFIX}{self.until}"

    @property
    def folder(self) -> Path:
        """Its work tree."""
        return self.root / PLACE / PREFIX / self.until

    @property
    def project(self) -> Path:
        """The project's folder there, where the project is a folder of a larger repository, too."""
        return self.folder / git(self.root, "rev-parse", "--show-prefix").strip()

    @property
    def opened(self) -> bool:
        """Whether all has run and is committed."""
        last = git(self.root, "for-each-ref", "--format=%(subject)", f"refs/heads/{self.name}").strip()
        return last == OPENED.format(self.until)

    @property
    def merged(self) -> bool:
        """Whether it is part of what is checked out."""
        return not git(self.root, "rev-list", "-n", "1", f"HEAD..{self.name}").strip()

    @property
    def removal(self) -> str:
        """The commands that give it up."""
        return f"`git worktree remove --force {self.folder}` and `git branch -D {self.name}`"

    def check_out(self) -> bool:
        """Make the branch and its work tree, or what of them is missing; it shares the project's DVC cache.

        A work tree in which nothing was done yet is written anew: the process that made it may have been killed.

        Returns
        -------
        Whether nothing was done yet.
        """
        git(self.root, "worktree", "prune")
        if not (self.folder / ".git").is_file():
            there = git(self.root, "branch", "--list", self.name).strip()
            which = [str(self.folder), self.name] if there else ["-b", self.name, str(self.folder)]
            git(self.root, "worktree", "add", "-q", *which)
        if new := not self._begun():
            git(self.folder, "reset", "-q", "--hard", "HEAD")
        cache = _dvc(self.root, "cache", "dir").strip()
        _dvc(self.project, "cache", "dir", "--local", cache)
        return new

    def _begun(self) -> bool:
        """Whether ``roles.until`` is set, which is done first."""
        try:
            return read_yaml(self.project / "params.yaml")["roles"]["until"] == self.until
        except (UserError, LookupError, TypeError):
            return False

    def run(self, *words: str) -> None:
        """Run a command of Python's ``-m`` in its project, by its own source; stderr shows what it says as it comes.

        Raises
        ------
        UserError
            If it fails.
        """
        print(f"{self.name}: {' '.join(words)}", file=sys.stderr, flush=True)
        status = self.status_of(*words)
        if status:
            raise UserError(f"`{' '.join(words)}` in {self.project} gave {status}, its reason stands above")

    def status_of(self, *words: str) -> int:
        """The exit status of such a command."""
        command = [sys.executable, "-m", *words]
        return subprocess.run(
            command, cwd=self.project, env=_environment(self.project), stdout=STDERR, check=False
        ).returncode

    def commit(self, message: str) -> None:
        """Commit all that changed; nothing if nothing did."""
        git(self.folder, "add", "-A")
        if git(self.folder, "status", "--porcelain").strip():
            git(self.folder, "commit", "-q", "-m", message.format(self.until))

    def finish(self) -> None:
        """Say with a commit that all has run."""
        git(self.folder, "add", "-A")
        git(self.folder, "commit", "-q", "--allow-empty", "-m", OPENED.format(self.until))

    def merge(self) -> None:
        """Merge it into what is checked out.

        Raises
        ------
        UserError
            If it conflicts: what is checked out is as it was.
        """
        before = git(self.root, "rev-parse", "HEAD")
        try:
            git(self.root, "merge", "-q", "--no-edit", self.name)
        except UserError:
            subprocess.run(["git", "merge", "--abort"], cwd=self.root, capture_output=True, check=False)
            as_it_was = git(self.root, "rev-parse", "HEAD") == before
            now = "is as it was" if as_it_was else "is not as it was"
            raise UserError(
                f"{self.name} does not merge into what is checked out, which {now}: merge it by "
                f"hand, or give it up with {self.removal} and retrain from here"
            ) from None

    def settle(self) -> None:
        """After the merge: the data of what is checked out, and the branch and its work tree removed."""
        try:
            _dvc(self.root, "checkout", "-q")
        except UserError as error:
            raise UserError(f"{self.name} is merged, and its data are not there yet: {error}") from None
        self.remove()

    def remove(self) -> None:
        """Remove the branch and its work tree."""
        if self.folder.exists():
            git(self.root, "worktree", "remove", "--force", "--force", str(self.folder))
        git(self.root, "worktree", "prune")
        git(self.root, "branch", "-q", "-D", self.name)


def require_clean(root: Path) -> None:
    """`UserError` unless what git has of the project is as committed; the journal may have grown."""
    changed = git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":(exclude)journal").splitlines()
    if changed:
        are = f" and {len(changed) - 1} more differ" if len(changed) > 1 else " differs"
        raise UserError(f"{changed[0][3:]}{are} from what is committed: commit or `git stash` it first")


def require_author(root: Path) -> None:
    """`UserError` if git could not commit, which is better known before hours of training."""
    git(root, "var", "GIT_COMMITTER_IDENT")


def git(folder: Path, *words: str) -> str:
    """What git says in a folder, or `UserError` with what it says against it."""
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UserError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        raise UserError(f"git {words[0]}: {_last(done.stderr)}")
    return done.stdout


def _dvc(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *words],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise UserError(f"dvc {' '.join(words)}: {_last(done.stderr)}")
    return done.stdout


def _last(said: str) -> str:
    """The errors of a program in one line of some length."""
    return " ".join(said.split())[-300:]


def _environment(project: Path) -> dict[str, str]:
    """This interpreter for what DVC runs as ``python``, and the source of that folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    source = os.pathsep.join(filter(None, (str(project.resolve() / "src"), os.environ.get("PYTHONPATH", ""))))
    return os.environ | {"PATH": path, "PYTHONPATH": source}
