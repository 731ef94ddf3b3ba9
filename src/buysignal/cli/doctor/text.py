"""Verdicts as blocks of Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from buysignal.cli.doctor.verdict import LEVELS, Check, Verdict
from buysignal.cli.told import plain, table


def blocks(verdicts: Sequence[Verdict]) -> list[str]:
    """Level, name and words of each verdict, and a line of counts, as `buysignal.cli.told` takes them."""
    counts = {one: sum(v.level == one for v in verdicts) for one in LEVELS}
    said = ", ".join(f"{count} {one}" for one, count in counts.items() if count)
    rows = [[verdict.level, verdict.name, plain(verdict.text)] for verdict in verdicts]
    return [table(("verdict", "check", "because"), rows), f"{len(verdicts)} checks: {said}"]


def meanings(checks: Sequence[Check]) -> list[str]:
    """Name and meaning of each check."""
    return [table(("check", "what one is fooled by"), [[check.name, plain(check.meaning)] for check in checks])]
