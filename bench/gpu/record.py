"""The file of results: whole after every part, and gone on with by a later run on the same device and code."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from buysignal.core.files import read_json, sha256, write_json
from buysignal.core.fingerprint import fingerprint

MEASURED, PASSED, FAILED, NOT_MEASURED = "measured", "passed", "failed", "not measured"
CODE = ("buysignal.search.study.run",)
PACKAGES = ("numpy", "optuna", "scikit-learn", "torch")
BENCH = Path(__file__).parents[1]

Tell = Callable[[dict[str, Any]], None]
"""Takes what a part knows so far, for the case that it does not come to its end."""

Place = tuple[str, ...]
"""Where a part stands in the file, as ("ratios", "d64 L4")."""


def key(device: Mapping[str, Any], precision: str) -> dict[str, str]:
    """What results belong to: of another device, commit or code they are begun anew."""
    own = {path.name: sha256(path) for folder in ("gpu", "speed") for path in sorted((BENCH / folder).glob("*.py"))}
    code = fingerprint(code=CODE, packages=PACKAGES, bench=own)
    told = {"device": device["name"], "torch": device["versions"]["torch"], "driver": device["driver"]}
    return told | {"precision": precision, "commit": commit(), "code": code}


def commit() -> str:
    """The commit that is checked out, where there is one."""
    command = ["git", "-C", str(BENCH), "rev-parse", "HEAD"]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return told or "not known"


class Record:
    """The results in ``path``, with a place for every part from the start.

    Parameters
    ----------
    empty : by place, the keys of a part that is not measured
    fresh : forget what is there
    """

    def __init__(
        self, path: Path, of: Mapping[str, str], empty: Mapping[Place, Mapping[str, Any]], fresh: bool = False
    ) -> None:
        self.path, self.empty = path, empty
        before = {} if fresh or not path.exists() else read_json(path)
        kept = before if before.get("key") == of else {}
        self.whole: dict[str, Any] = {"key": dict(of)}
        for place in empty:
            part = self._at(kept, place)
            if part.get("state", NOT_MEASURED) == NOT_MEASURED:
                part = {"state": NOT_MEASURED, "why": "not begun", **empty[place], **part}
            self._put(place, part)

    def state(self, place: Place) -> str:
        """What became of a part."""
        return self._at(self.whole, place)["state"]

    def keep(self, place: Place, part: Mapping[str, Any]) -> None:
        """Put a part in its place, dated, and write the whole file."""
        dated = {"ended": datetime.now(UTC).isoformat(timespec="seconds")}
        self._put(place, {"state": NOT_MEASURED, "why": "", **self.empty[place], **part, **dated})
        write_json(self.path, self.whole, sort_keys=False)

    def _at(self, whole: Mapping[str, Any], place: Place) -> dict[str, Any]:
        for name in place:
            whole = whole.get(name, {})
        return dict(whole)

    def _put(self, place: Place, part: dict[str, Any]) -> None:
        inner = self.whole
        for name in place[:-1]:
            inner = inner.setdefault(name, {})
        inner[place[-1]] = part
