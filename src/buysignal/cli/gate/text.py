"""The rulings as lines for a terminal, as Markdown for a summary, and as JSON."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence

from buysignal.cli.gate.rules import CANNOT_JUDGE, FAIL
from buysignal.cli.gate.rulings import Ruling, conclusion, sentence
from buysignal.report.tables import table

WIDTH = 100
MARKS = re.compile(r"[&<>|\[\]*`\\]")
COLUMNS = ("verdict", "rule", "found", "wanted")
DOUBT = "Whether these numbers can be believed is another question: `python -m buysignal doctor` asks it."


def terminal(rulings: Sequence[Ruling], notes: Sequence[str]) -> str:
    """A table of the rulings, each with its reason below it, the notes, and the conclusion in one sentence."""
    rows = [COLUMNS, *((ruling.verdict, ruling.rule, ruling.found, ruling.wanted) for ruling in rulings)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    reasons = ["", *(_wrapped(_why(ruling), " " * (widths[0] + 2)) for ruling in rulings)]
    told = [part for pair in zip(lines, reasons) for part in pair if part]
    said = [_wrapped(line, "") for line in [*(f"note: {note}" for note in notes), sentence(rulings), DOUBT]]
    return "\n".join([*told, "", *said])


def markdown(rulings: Sequence[Ruling], notes: Sequence[str], against: str | None) -> str:
    """The same for a step summary; a name from a file cannot become a link, a tag, a cell or an emphasis."""
    compared = f"Compared with {plain(against)}." if against else "Compared with no revision."
    columns = ("rule", "found", "wanted", "verdict")
    rows = [[plain(getattr(ruling, column)) for column in columns] for ruling in rulings]
    reasons = [f"- {r.verdict}, {plain(r.rule)}: {plain(_why(r))}" for r in rulings if _why(r)]
    parts = [f"## Gate: {conclusion(rulings)}", f"**{plain(sentence(rulings))}**", compared]
    parts += [table(columns, rows).rstrip(), "\n".join(reasons), *(f"Note: {plain(note)}" for note in notes), DOUBT]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_json(rulings: Sequence[Ruling], notes: Sequence[str], against: str | None) -> str:
    """The same for programs."""
    said = {"verdict": conclusion(rulings), "sentence": sentence(rulings), "against": against}
    return json.dumps(said | {"rules": [ruling.to_dict() for ruling in rulings], "notes": list(notes)}, indent=2)


def _why(ruling: Ruling) -> str:
    """The reason of a ruling that decides, and whose numbers do not say it already."""
    return ruling.reason if ruling.verdict in (FAIL, CANNOT_JUDGE) else ""


def plain(words: str) -> str:
    """Words in which nothing is Markdown or HTML: their signs as numbers of characters.

    >>> plain("a|<b>")
    'a&#124;&#60;b&#62;'
    """
    return MARKS.sub(lambda found: f"&#{ord(found[0])};", " ".join(words.split()))


def _wrapped(words: str, indent: str) -> str:
    options = dict(initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
    return textwrap.fill(" ".join(words.split()), WIDTH, **options)
