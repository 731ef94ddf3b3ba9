"""What a command found, in the form that was asked for: for a terminal, for a pull request or for a program.

A command says it once, as blocks of Markdown: a paragraph, a heading (``## ``), a list (``- ``) or a table (``| ``).
``md`` prints them as they are; ``table`` draws them as wide as the terminal, in colours where one looks; ``json`` is an
object that the command makes, whose keys stay.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from buysignal.report.markdown import numeric
from buysignal.report.markdown import table as table  # which commands take from here

TABLE, MD, JSON = FORMATS = ("table", "md", "json")
WIDTH = 100  # columns at most, and where nobody looks: longer lines are hard to read
GOOD, BAD, DOUBT = "green", "red", "yellow"
STYLES = (
    dict.fromkeys(("ok", "pass", "kept", "yes", "use", "holds"), GOOD)
    | dict.fromkeys(("deception", "fail", "broken", "error", "do not use"), BAD)
    | dict.fromkeys(("warning", "cannot judge", "cannot tell", "held", "left out"), DOUBT)
)
"""Words in colour: as a whole cell, in bold, or before the colon that begins a line."""
MARKS = re.compile(r"[&<>|\[\]*`\\]")
MARKED = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`|^([a-z ]+)(?=: )")


def add_to(parser: argparse.ArgumentParser, **others: str) -> None:
    """Declare ``--format``, with what a command has beside `FORMATS` and what each of these is for."""
    forms = {TABLE: "for a terminal (default)", MD: "for a pull request", JSON: "for a program"} | others
    said = ", ".join(f"{form} {what}" for form, what in forms.items())
    parser.add_argument("--format", choices=[*forms], default=TABLE, help=f"of what is printed: {said}")


def written(form: str, blocks: Callable[[], Sequence[str]], content: Callable[[], Any], looked_at: bool = True) -> str:
    """The text in one of `FORMATS`; what is not asked for is not made.

    ``looked_at`` is false for a file, which has no colours and no width of a terminal.
    """
    if form == JSON:
        from buysignal.core.files import stable  # with numpy, which no help waits for

        found = content()
        return found if isinstance(found, str) else json.dumps(stable(found), indent=2, ensure_ascii=True)
    if form == MD:
        return markdown(blocks())
    return terminal(blocks()) if looked_at else terminal(blocks(), colour=False, width=WIDTH)


def plain(words: str) -> str:
    """Words in which nothing is Markdown or HTML: their signs as numbers of characters.

    >>> plain("a|<b>")
    'a&#124;&#60;b&#62;'
    """
    return MARKS.sub(lambda found: f"&#{ord(found[0])};", " ".join(words.split()))


def markdown(blocks: Sequence[str]) -> str:
    """The blocks, an empty line between any two."""
    return "\n\n".join(block.strip() for block in blocks if block)


def terminal(blocks: Sequence[str], colour: bool | None = None, width: int | None = None) -> str:
    """Lines of at most ``width`` columns; by default those of the terminal, and colours only there.

    NO_COLOR turns colours off, as everywhere (https://no-color.org).
    """
    looked_at = sys.stdout is not None and sys.stdout.isatty()
    width = width or (min(WIDTH, shutil.get_terminal_size((WIDTH, 0)).columns) if looked_at else WIDTH)
    colour = looked_at and not os.environ.get("NO_COLOR") if colour is None else colour
    from rich.console import Console  # whoever wants JSON does not wait for it

    system = "standard" if colour else None
    console = Console(width=width, force_terminal=colour, no_color=not colour, color_system=system, _environ={})
    with console.capture() as captured:
        for at, block in enumerate(block.strip() for block in blocks if block):
            if at:
                console.print()
            _draw(console, block, width)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))


def _draw(console: Any, block: str, width: int) -> None:
    if block.startswith("|"):
        console.print(_table(block))
    elif block.startswith("- "):
        for item in re.split(r"\n- ", block[2:]):
            head = re.match(r"[a-z ]{0,14}: ", item)
            _paragraph(console, item, width, " " * len(head[0]) if head else "  ")
    elif block.startswith("#"):
        console.print(_text(f"**{block.lstrip('# ')}**"))
    else:
        _paragraph(console, block, width, "")


def _paragraph(console: Any, said: str, width: int, indent: str) -> None:
    """Wrapped as plain words are, so that a number and its sign stay together; then coloured."""
    from rich.text import Text

    marked = _text(" ".join(said.split()))
    lines = textwrap.wrap(marked.plain, width, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
    at, whole = 0, marked.plain
    for number, line in enumerate(lines):
        plain = line[len(indent) :] if number else line
        at = whole.index(plain, at)
        console.print(Text(indent if number else "") + marked[at : at + len(plain)], soft_wrap=True)
        at += len(plain)


def _table(block: str) -> Any:
    """A table; numbers are to the right."""
    from rich.table import Table

    head, _, *rows = ([cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines())
    drawn = Table(
        box=None, pad_edge=False, padding=(0, 1 if len(head) > 8 else 2, 0, 0), show_edge=False, header_style="bold"
    )
    short = [all(len(row[at]) <= 24 for row in rows) for at in range(len(head))]  # these stay whole, others are wrapped
    short = [keep and (not at or not all(short)) for at, keep in enumerate(short)]
    for at, name in enumerate(head):
        right = "right" if numeric([row[at] for row in rows]) else "left"
        drawn.add_column(_text(name), justify=right, no_wrap=short[at], overflow="fold")
    for row in rows:
        drawn.add_row(*(_text(cell, STYLES.get(cell, "")) for cell in row))
    return drawn


def _text(said: str, style: str = "") -> Any:
    """Markdown within a line as a text in colour."""
    from rich.text import Text

    text, at = Text(style=style), 0
    for found in MARKED.finditer(said):
        text.append(_signs(said[at : found.start()]))
        bold, code, head = found.groups()
        word = _signs(bold or head or code)
        plain = STYLES.get(word.split(":")[0], "")
        text.append(f"`{word}`" if code else word, f"bold {plain}".strip() if bold else "bold" if code else plain)
        at = found.end()
    return text.append(_signs(said[at:]))


def _signs(said: str) -> str:
    """Without the numbers of `plain`; no sign of a file moves a cursor."""
    return "".join(sign if sign.isprintable() else "?" for sign in html.unescape(said))
