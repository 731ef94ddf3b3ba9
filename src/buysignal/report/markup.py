"""HTML of the Markdown that the report's own functions write: the page is worded once.

Only what they write is known: paragraphs, lists, tables, ``**strong**``, ``*emphasis*`` and ```code```.
Whatever else a text holds is shown as it is: no text can bring a tag or an attribute of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

NUMBERED, CELLS = re.compile(r"\d+\. "), re.compile(r"(?<!\\)\|")
LONG = 40  # characters of a cell that is no longer a number
SPANS = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*(.+?)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"(?<!\*)\*(?! )([^*]+?)(?<! )\*(?!\*)"), r"<em>\1</em>"),
)


def to_html(block: str, label: str) -> str:
    """One block of Markdown; a table in it is called ``label`` for who cannot see it."""
    lines, parts = block.strip().splitlines(), []
    while lines:
        kind = _kind(lines[0])
        count = next((at for at, line in enumerate(lines) if _kind(line) != kind), len(lines))
        part, lines = lines[:count], lines[count:]
        parts.append(_part(kind, part, label))
    return "\n".join(part for part in parts if part)


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if line.startswith("|"):
        return "table"
    return "ul" if line.startswith("- ") else "ol" if NUMBERED.match(line) else "p"


def _part(kind: str, lines: Sequence[str], label: str) -> str:
    if kind == "table":
        header, _, *rows = [_cells(line) for line in lines] if len(lines) > 1 else [_cells(lines[0]), []]
        return table(header, rows, label)
    if kind in ("ul", "ol"):
        items = [inline(line[2:] if kind == "ul" else NUMBERED.sub("", line, count=1)) for line in lines]
        return f"<{kind}>" + "".join(f"<li>{item}</li>" for item in items) + f"</{kind}>"
    return f"<p>{inline(' '.join(lines))}</p>" if kind else ""


def _cells(line: str) -> list[str]:
    """The cells of a line of a table, without the escapes of `buysignal.report.tables.table`."""
    inner = line.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|").replace("&lt;", "<") for cell in CELLS.split(inner)]


def inline(text: str) -> str:
    """Text with its emphasis, everything else escaped."""
    html = escape(text)
    for pattern, markup in SPANS:
        html = pattern.sub(markup, html)
    return html


def table(header: Sequence[str], rows: Sequence[Sequence[str]], label: str) -> str:
    """A table in a box that scrolls by itself, also by keyboard; the first cell of a row names it."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(f"<tr>{_row(row)}</tr>\n" for row in rows)
    return (
        f'<div class="table" role="region" tabindex="0" aria-label="{escape(label)}"><table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>"
    )


def _row(cells: Sequence[str]) -> str:
    first, *rest = cells or [""]
    return f'<th scope="row">{escape(first)}</th>' + "".join(map(_cell, rest))


def _cell(text: str) -> str:
    """A cell that is a sentence may break into lines; a number may not."""
    return f"<td{' class=long' if len(text) > LONG else ''}>{escape(text)}</td>"
