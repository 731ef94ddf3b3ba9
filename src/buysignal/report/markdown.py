"""Tables of Markdown, which also read as text: the one place that writes them, for pages and for commands."""

import re
from collections.abc import Sequence

NUMBER = re.compile(r"[-+]?[\d.,]+(–[\d.,]+)? ?%?|–|")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, padded; a column of numbers alone, but the first, is right-aligned.

    A cell cannot leave its place: its line breaks become blanks, its bars and angles are escaped.
    """
    cells = [[_cell(cell) for cell in row] for row in [header, *rows]]
    columns = list(zip(*cells))
    width = [max(3, *map(len, column)) for column in columns]  # a rule has 3 signs or more
    right = [at > 0 and numeric(column[1:]) for at, column in enumerate(columns)]
    lines = [[cell.rjust(w) if r else cell.ljust(w) for cell, w, r in zip(row, width, right)] for row in cells]
    rule = ["-" * (w - 1) + (":" if r else "-") for w, r in zip(width, right)]
    return "\n".join(f"| {' | '.join(row)} |" for row in [lines[0], rule, *lines[1:]]) + "\n"


def numeric(column: Sequence[str]) -> bool:
    """Whether a column has numbers and nothing else."""
    return any(column) and all(map(NUMBER.fullmatch, column))


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|").replace("<", "&lt;")
