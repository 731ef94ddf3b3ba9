"""What was found in bars, as blocks of Markdown and for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from buysignal.bars.ingested import as_told
from buysignal.bars.quality.finding import LEVELS
from buysignal.cli.quality.found import Found
from buysignal.cli.told import plain
from buysignal.core.files import stable


def blocks(found: Found) -> list[str]:
    """What was read, a list of findings and a line of counts, as `buysignal.cli.told` takes them."""
    findings = [item(finding.level, finding.said) for finding in found.judged.findings]
    counts = counted({level: len(found.judged.of(level)) for level in LEVELS})
    return [plain(found.reading.said(found.name)), "\n".join(findings), counts]


def item(head: str, text: str) -> str:
    """A finding in a list."""
    return f"- {head}: {plain(text)}"


def counted(counts: Mapping[str, int]) -> str:
    """How many findings there are of each level, in words."""
    told = ", ".join(f"{count:,} {level}{'s' * (count > 1)}" for level, count in counts.items() if count)
    return told or "nothing found"


def as_json(found: Found) -> str:
    """One object with stable keys."""
    reading, judged = found.reading, found.judged
    report = judged.report
    content = {
        "file": found.name,
        "symbol": reading.symbol,
        "read": len(reading.bars),
        "bars": None if report is None else {"n": report.rows, "first": report.first, "last": report.last},
        "dropped": None if report is None else report.dropped,
        **as_told(reading, judged),
        "error": None,
        "status": found.status,
    }
    return dumped(content)


def unread_as_json(name: str, error: str) -> str:
    """The same keys for bars that cannot be read at all: ``error`` says why."""
    empty = dict.fromkeys(("form", "symbol", "read", "bars", "dropped"))
    lists = {"understood": [], "left_out": {}, "repaired": {}, "adjusted": [], "findings": []}
    return dumped({"file": name, **empty, **lists, "error": error, "status": 2})


def dumped(content: dict[str, Any]) -> str:
    """An object as JSON, byte for byte the same wherever it is written."""
    return json.dumps(stable(content), indent=2, ensure_ascii=True)
