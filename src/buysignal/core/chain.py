"""Lines of JSON, each sealed and chained to the line before it.

A line holds its number, the SHA-256 of the line before and that of itself: one that was edited, removed, inserted,
moved or torn is found. Lines cut off at the end, and a file written anew from a line on, are not: git guards
against both.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

START = "0" * 64  # stands for the line before the first
LINKS = ("number", "previous", "seal")  # keys of every line


class Broken(ValueError):
    """What is wrong with a line, as the end of a sentence about it."""


def line_of(value: Any) -> str:
    """One line that depends on the value alone; floats keep every bit."""
    return json.dumps(value, sort_keys=True, allow_nan=False)


def digest(line: str) -> str:
    """SHA-256 of a line without its end, in hex."""
    return hashlib.sha256(line.encode("utf-8")).hexdigest()


def linked(content: Mapping[str, Any], before: str | None, number: int) -> dict[str, Any]:
    """Content as the line after the line ``before``, None of the first: with its `LINKS`, in plain types."""
    told = {"number": number, "previous": START if before is None else digest(before), **content}
    plain = json.loads(line_of(told))  # tuples become lists, as they will be when read
    return plain | {"seal": digest(line_of(plain))}


def plain_of(line: bytes) -> Any:
    """The value that a line holds; `Broken` if it is no JSON, or not as `line_of` writes it."""
    try:
        written = line.decode("utf-8")
        value = json.loads(written)
        exact = line_of(value) == written  # NaN and infinity, which JSON has not, end here
    except (ValueError, RecursionError):
        raise Broken("is not valid JSON") from None
    if not exact:
        raise Broken("was edited")
    return value


def check_seal(value: Mapping[str, Any]) -> None:
    """`Broken` if a line's seal is not that of its values."""
    if value["seal"] != digest(line_of({key: held for key, held in value.items() if key != "seal"})):
        raise Broken("was edited")


def check_place(value: Mapping[str, Any], before: str | None, number: int) -> None:
    """`Broken` if a line is not the one after the line ``before``."""
    if value["number"] != number or value["previous"] != (START if before is None else digest(before)):
        raise Broken("does not follow from the line before: a line was removed, added or moved")
