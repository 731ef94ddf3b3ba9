"""The rulings as blocks of Markdown, and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from buysignal.cli.gate.rules import CANNOT_JUDGE, FAIL
from buysignal.cli.gate.rulings import Ruling, conclusion, sentence
from buysignal.cli.told import plain, table

COLUMNS = ("rule", "found", "wanted", "verdict")
DOUBT = "Whether these numbers can be believed is another question: `python -m buysignal doctor` asks it."


def blocks(rulings: Sequence[Ruling], notes: Sequence[str], against: str | None) -> list[str]:
    """The conclusion, a table of the rulings, their reasons and the notes, as `buysignal.cli.told` takes them.

    A name from a file cannot become a link, a tag, a cell or an emphasis.
    """
    compared = f"Compared with {plain(against)}." if against else "Compared with no revision."
    rows = [[plain(getattr(ruling, column)) for column in COLUMNS] for ruling in rulings]
    reasons = [f"- {r.verdict}, {plain(r.rule)}: {plain(_why(r))}" for r in rulings if _why(r)]
    parts = [f"## Gate: {conclusion(rulings)}", f"**{plain(sentence(rulings))}**", compared, table(COLUMNS, rows)]
    return [*parts, "\n".join(reasons), *(f"Note: {plain(note)}" for note in notes), DOUBT]


def content(rulings: Sequence[Ruling], notes: Sequence[str], against: str | None) -> dict[str, Any]:
    """The same for programs."""
    said = {"verdict": conclusion(rulings), "sentence": sentence(rulings), "against": against}
    return said | {"rules": [ruling.to_dict() for ruling in rulings], "notes": list(notes)}


def _why(ruling: Ruling) -> str:
    """The reason of a ruling that decides, and whose numbers do not say it already."""
    return ruling.reason if ruling.verdict in (FAIL, CANNOT_JUDGE) else ""
