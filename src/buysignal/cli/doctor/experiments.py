"""Looks at the test role that experiments took: `dvc exp` keeps each as a commit of its own, with its own ledger."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from buysignal.cli.doctor.run import LEDGER
from buysignal.core.git import git
from buysignal.ship.ledger import Entry, share_days

REFS = "refs/exps"


def looks_elsewhere(root: Path, entries: Sequence[Entry], this: Entry) -> dict[str, set[str]]:
    """Experiment -> its looks that share days with ``this`` and are not among ``entries``; none without git."""
    known, found = {entry.look for entry in entries}, {}
    for ref in git(root, "for-each-ref", "--format=%(refname)", REFS).decode("utf-8", "replace").splitlines():
        looked = map(_entry, git(root, "show", f"{ref}:./{LEDGER}").splitlines())
        others = {entry.look for entry in looked if entry and share_days(this, entry)} - known
        if others:
            found[ref.rsplit("/", 1)[-1]] = others
    return found


def _entry(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None  # a torn line of an experiment is no look
