"""Text that people write, read whole and within bounds: any text, and YAML without its traps."""

import re
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

from buysignal.core.errors import UserError, shown

YAML_BYTES = 1 << 19  # what people write by hand has a few kilobytes
DEPTH = 50
WORDS = dict.fromkeys(("", "~", "null", "Null", "NULL")) | {
    word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}
# YAML 1.2.2, section 10.3.2; each pattern takes one pass over a word of any length
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,29})")  # a longer one is no count of anything, and read as a float
REAL = re.compile(
    r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


def read_bytes(path: str | Path, most: int, mend: str) -> bytes:
    """The content of a file.

    Parameters
    ----------
    most : bytes; a larger file is refused before it is read
    mend : what to do about a file that is not there, e.g. ``run from the project's folder``

    Raises
    ------
    UserError
        If there is no such file, it is a folder or a device, it cannot be read, or is too large.
    """
    path = Path(path)
    try:
        if not path.is_file():  # a pipe or a device could be read without end
            raise UserError(f"{path} {'is not a file' if path.exists() else 'is missing'}: {mend}")
        size = path.stat().st_size
        if size > most:
            raise UserError(f"{path} has {size:,} bytes: {most:,} are the most that is read")
        with open(path, "rb") as file:
            return file.read(most)  # a file under /proc calls itself empty
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


def read_text(path: str | Path, most: int, mend: str) -> str:
    """The text of a UTF-8 file, without a byte-order mark; as `read_bytes`, and refused if it is not UTF-8."""
    data = read_bytes(path, most, mend)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path} line {line} is not UTF-8 text: save the file as UTF-8") from None


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file: text, numbers, true, false and null in lists and mappings.

    It is split by the reader that DVC uses, but plain words mean what the core schema of YAML 1.2 says and
    nothing else: ``0x40``, ``064``, ``1_000``, ``12:30`` and ``no`` are text, which a number's rule refuses.

    Raises
    ------
    UserError
        If the file cannot be read, is large, or is not plain YAML: aliases (a file of them can unfold without
        end), tags, keys that stand twice and keys that are not text are refused.
    """
    from ruamel.yaml import YAML, YAMLError  # not on top: who reads a CSV does not need it

    text, value = read_text(path, YAML_BYTES, "run from the project's folder"), None
    events = YAML(typ="safe", pure=True).parse(text)
    content = (event for event in events if not type(event).__name__.startswith(("Stream", "Document")))
    try:
        for at, event in enumerate(content):
            if at:
                raise _NotPlain("but found another document", event)
            value = _value(event, content)
        return value
    except (YAMLError, ValueError, OverflowError) as error:  # the last from a sign that is none: "\U99999999"
        where = getattr(error, "problem_mark", None)
        line = f" line {where.line + 1}" if where else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise UserError(f"{path}{line} is not valid YAML: {reason}") from None


class _NotPlain(ValueError):
    """What YAML allows and is not read here, with its place as the library's own errors have it."""

    def __init__(self, problem: str, event: Any) -> None:
        super().__init__(problem)
        self.problem, self.problem_mark = problem, event.start_mark


def _value(event: Any, events: Iterator[Any], depth: int = 0) -> Any:
    """The value that begins with ``event``; what lies in it is taken from ``events``."""
    kind, tag = type(event).__name__, getattr(event, "tag", None)
    if kind == "AliasEvent":
        raise _NotPlain("aliases are not read: write the value out", event)
    if tag is not None:
        raise _NotPlain(f"tags such as {shown(tag)} are not read: write the plain value", event)
    if depth > DEPTH:
        raise _NotPlain("it is nested too deeply", event)
    if kind == "ScalarEvent":
        return _plain(event.value) if event.implicit[0] else event.value
    inside = takewhile(lambda one: type(one).__name__ != kind.replace("Start", "End"), events)
    if kind == "SequenceStartEvent":
        return [_value(one, events, depth + 1) for one in inside]
    found: dict[str, Any] = {}
    for one in inside:
        key = _value(one, events, depth + 1)
        if not isinstance(key, str):
            raise _NotPlain(f"key {shown(key)} is not text", one)
        if key in found:
            raise _NotPlain(f"key {shown(key)[1:-1]} stands twice", one)
        found[key] = _value(next(events), events, depth + 1)
    return found


def _plain(word: str) -> Any:
    """What a word without quotes means."""
    if word in WORDS:
        return WORDS[word]
    if WHOLE.fullmatch(word):
        return int(word)
    return float(word.lower().replace(".inf", "inf").replace(".nan", "nan")) if REAL.fullmatch(word) else word
