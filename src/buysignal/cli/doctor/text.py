"""Verdicts as lines for a terminal or a file."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from buysignal.cli.doctor.verdict import CANNOT_JUDGE, DECEPTION, LEVELS, OK, WARNING, Check, Verdict

WIDTH = 100
COLOURS = {DECEPTION: "31", WARNING: "33", CANNOT_JUDGE: "36", OK: "32"}  # ANSI: red, yellow, cyan, green


def table(verdicts: Sequence[Verdict], colour: bool = False) -> str:
    """Level, name and words of each verdict in columns, wrapped at `WIDTH`, and a line of counts."""
    level = max(len(v.level) for v in verdicts)
    name = max(len(v.name) for v in verdicts)
    lines = []
    for verdict in verdicts:
        head = f"{verdict.level:<{level}}  {verdict.name:<{name}}  "
        wrapped = _wrapped(head, verdict.text)
        if colour:
            code = COLOURS[verdict.level]
            wrapped = f"\x1b[{code}m{wrapped[:level]}\x1b[0m{wrapped[level:]}"
        lines.append(wrapped)
    counts = {one: sum(v.level == one for v in verdicts) for one in LEVELS}
    said = ", ".join(f"{count} {one}" for one, count in counts.items() if count)
    return "\n".join([*lines, "", f"{len(verdicts)} checks: {said}"])


def meanings(checks: Sequence[Check]) -> str:
    """Name and meaning of each check."""
    name = max(len(check.name) for check in checks)
    return "\n".join(_wrapped(f"{check.name:<{name}}  ", check.meaning) for check in checks)


def _wrapped(head: str, text: str) -> str:
    return textwrap.fill(head + text, WIDTH, subsequent_indent=" " * len(head), break_on_hyphens=False)
