"""The written pages as data: blocks of code, commands, words in backticks, links and headings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
GLOSS = re.compile(r"(\s+#\s.*|\s{3,}\S.*)$")  # what is said of a command beside it

SHELL = ("sh", "bash", "shell", "console")
PROGRAMS = (
    *("make", "dvc", "git", "python", "pip", "pytest", "ruff", "optuna-dashboard"),
    *("source", ".", "cd", "cp", "rm", "mkdir", "export", "dask", "sbatch", "kubectl", ".venv/bin/pip"),
)
"""What a line starts with that is a command to be typed; a word NAME=value may stand before it."""


@dataclass(frozen=True)
class Block:
    """A block of code: the line it starts on, its language (empty if indented or unnamed) and its text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """The commands to be typed; empty unless every line of the block is one, or a comment.

        >>> Block("page", 1, "", "make repro        # a gloss\\n# a comment\\ndvc exp run \\\\\\n    -n name").commands
        ['make repro', 'dvc exp run -n name']
        >>> Block("page", 1, "", "make repro\\n8 minutes later").commands
        []
        """
        if self.language and self.language not in SHELL:
            return []
        joined = re.sub(r"\s*\\\n\s*", " ", self.text).splitlines()
        lines = [GLOSS.sub("", line).strip() for line in joined if line.strip() and not line.startswith("#")]
        return lines if lines and (self.language or all(is_command(line) for line in lines)) else []


def pages() -> list[str]:
    """Every page that people write for people, relative to the project; what a stage writes is not one."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "data" / "raw" / "README.md"]
    return [path.relative_to(ROOT).as_posix() for path in sorted(found)]


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def is_command(line: str) -> bool:
    """Whether a line starts with one of `PROGRAMS`.

    >>> is_command("BUYSIGNAL_WORKERS=4 dvc repro"), is_command("check -> ingest")
    (True, False)
    """
    words = [word for word in line.split() if not re.match(r"[A-Z_]+=", word)]
    return bool(words) and words[0] in PROGRAMS


def words_of(command: str) -> list[str]:
    """Words of a simple command, without NAME=value before it, and what follows a pipe or a redirection."""
    words = shlex.split(command, comments=True)
    while words and re.match(r"[A-Z_]+=", words[0]):
        words.pop(0)
    ends = [at for at, word in enumerate(words) if word in ("|", ">", ">>", "&", "<")]
    return words[: ends[0]] if ends else words


def simple(command: str) -> list[str]:
    """The simple commands of a line that joins some by ``&&`` or ``;``, outside of quotes.

    >>> simple("rm params.yaml && git checkout -- . ':!a;b'")
    ['rm params.yaml', "git checkout -- . ':!a;b'"]
    """
    parts = re.findall(r"""(?:'[^']*'|"[^"]*"|[^'"&;]|(?<!&)&(?!&))+""", command)
    return [part.strip() for part in parts if part.strip()]


@cache
def _tokens(page: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(read(page))


def _inline(page: str) -> Iterator[Token]:
    return (child for token in _tokens(page) for child in token.children or ())


def blocks(page: str) -> list[Block]:
    """Blocks of a page, fenced or indented."""
    found = [token for token in _tokens(page) if token.type in ("fence", "code_block")]
    return [Block(page, token.map[0] + 1, token.info.strip(), token.content.rstrip()) for token in found]


def prose(page: str) -> str:
    """A page without its blocks, as it is written, on one line."""
    return " ".join(token.content.replace("\n", " ") for token in _tokens(page) if token.type == "inline")


def spans(page: str) -> list[str]:
    """Words in backticks."""
    return [" ".join(token.content.split()) for token in _inline(page) if token.type == "code_inline"]


def links(page: str) -> list[str]:
    """Targets of the page's links and pictures."""
    found = [token.attrs.get("href") or token.attrs.get("src") for token in _inline(page)]
    return [str(target) for target in found if target]


def anchors(page: str) -> set[str]:
    """The anchors GitHub gives the headings of a page.

    >>> sorted(anchors("docs/honesty.md"))[0]
    'certified-thresholds'
    """
    titles = [after.content for token, after in pairwise(_tokens(page)) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
