"""The journal's file: a line of JSON each, added at the end, sealed and chained; none is ever changed.

Five kinds of line:

- ``model``: from here on this model answers: who it is, what it promises, which bars were known before;
- ``day``: the bars of a new day and what the model says of it. ``late`` tells that a later bar was there when it was
  written, so that its outcome could be known;
- ``outcome``: whether each buy of that day would have been a hit, and what it would have earned;
- ``revision``: bars that were known are others now;
- ``retrain``: a new model was held against the one that answers, and what was decided.

The file is written as a whole and moved into place, so a process that is killed leaves the old one or the new one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from buysignal.core.chain import LINKS, Broken, check_place, check_seal, line_of, linked, plain_of
from buysignal.core.errors import UserError
from buysignal.core.files import write_atomic

PATH = Path("journal/journal.jsonl")
LOCK = "journal.lock"  # beside it
BROKEN = ""  # stands for a line that is damaged: nothing can be said of the place of the next one
KEYS = {
    "model": ("model", "market", "many", "columns", "known", "promise"),
    "day": ("date", "model", "bars", "answers", "late"),
    "outcome": ("date", "rows"),
    "revision": ("symbol", "through", "ratio", "of_volume", "bars", "missing"),
    "retrain": ("date", "until", "branch", "names", "compared", "decision"),
}
"""Kind of line -> its keys, beside ``kind`` and those of the chain."""


@dataclass(frozen=True)
class Journal:
    """A journal as it was read.

    Attributes
    ----------
    content : the bytes of the file
    lines : those that are whole, in their order, each with its ``kind``
    damaged : what is wrong with the others, and where one is missing, in words with the numbers of lines
    """

    content: bytes = b""
    lines: tuple[Mapping[str, Any], ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def warnings(self) -> list[str]:
        """What a reader must be told of it."""
        return [f"{said}: it is left as it is, and every line that is whole is read" for said in self.damaged]

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """The lines of a kind."""
        return [line for line in self.lines if line["kind"] == kind]


def read(path: Path = PATH) -> Journal:
    """Read a journal; a line that is damaged is named, and the rest is read.

    Raises
    ------
    UserError
        If the file is there and cannot be read.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        return Journal()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    lines, damaged, before, number = [], [], None, 0
    for place, line in enumerate(_split(content), 1):
        number += 1
        try:
            value = _checked(line)
            if before is not BROKEN:
                try:
                    check_place(value, before, number)
                except Broken as error:  # the line itself is whole, and is read
                    damaged.append(f"{path}, line {place}, {error}")
            lines.append(value)
            before, number = line.decode("utf-8"), value["number"]
        except Broken as error:
            damaged.append(f"{path}, line {place}, {error}")
            before = BROKEN
    return Journal(content, tuple(lines), tuple(damaged))


def _split(content: bytes) -> list[bytes]:
    return content.removesuffix(b"\n").split(b"\n") if content else []


def _checked(line: bytes) -> dict[str, Any]:
    """The value of a line that is whole, wherever it stands."""
    value = plain_of(line)
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind not in KEYS or sorted(value) != sorted(("kind", *KEYS[kind], *LINKS)):
        raise Broken("does not have the keys of a line of a journal")
    check_seal(value)
    return value


def added(journal: Journal, contents: Sequence[Mapping[str, Any]], path: Path = PATH) -> Journal:
    """The journal with some lines more, on the disk, too; without one nothing is written.

    Parameters
    ----------
    contents : each has its ``kind`` and the `KEYS` of that

    Raises
    ------
    UserError
        If it cannot be written, as on a full disk: the file is as it was.
    """
    if not contents:
        return journal
    whole = journal.content + (b"\n" if journal.content and not journal.content.endswith(b"\n") else b"")
    written = _split(whole)
    before, lines = (written[-1].decode("utf-8", "replace") if written else None), []
    number = max([len(written), *(line["number"] for line in journal.lines)])
    for content in contents:
        number += 1
        lines.append(linked(content, before, number))
        before = line_of(lines[-1])
    whole += "".join(line_of(line) + "\n" for line in lines).encode()
    try:
        write_atomic(path, lambda to: to.write_bytes(whole))
    except UserError as error:
        raise UserError(str(error).replace("then run `dvc repro`", "then run the same command again")) from None
    return Journal(whole, (*journal.lines, *lines), journal.damaged)
