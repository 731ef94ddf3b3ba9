"""Looks at the test role that experiments took: `dvc exp` keeps each as a commit of its own, with its own ledger."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from buysignal.cli.doctor.run import LEDGER
from buysignal.ship import ledger

REFS = "refs/exps"
SECONDS = 30  # for one answer of git


def looks_elsewhere(root: Path, entries: Sequence[ledger.Entry], this: ledger.Entry) -> dict[str, set[str]]:
    """Experiment -> its looks that share days with ``this`` and are not among ``entries``; none without git."""
    known, found = {entry.look for entry in entries}, {}
    for ref in _git(root, "for-each-ref", "--format=%(refname)", REFS).splitlines():
        lines = _git(root, "show", f"{ref}:./{LEDGER}").splitlines()
        others = {entry.look for entry in map(_entry, lines) if entry and _share_days(this, entry)} - known
        if others:
            found[ref.rsplit("/", 1)[-1]] = others
    return found


def _git(root: Path, *words: str) -> str:
    """What git answers; nothing where there is no git, no repository or no such object."""
    try:
        told = dict(capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS)
        done = subprocess.run(["git", "-C", str(root), *words], **told)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _entry(line: str) -> ledger.Entry | None:
    try:
        return ledger.Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None  # a torn line of an experiment is no look


def _share_days(this: ledger.Entry, other: ledger.Entry) -> bool:
    """Whether the ledger would tell of the other look, had it come before."""
    pair = [replace(other, number=1), replace(this, number=2)]
    return other.look != this.look and ledger.summary(pair, this.look) != ledger.summary(pair[1:], this.look)
