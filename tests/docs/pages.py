"""The written pages as data: blocks of code, commands, words in backticks, links and headings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"\s{0,3}(```+|~~~+)\s*(\S*)\s*$")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)[^)]*\)")
HEADING = re.compile(r"#{1,6} (.+)")
ITEM = re.compile(r"\s*([-*+]|\d+\.) ")
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
        """The commands to be typed; empty unless every line of the block is one, or a comment."""
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


def blocks(page: str) -> list[Block]:
    """Blocks of a page, fenced or indented by four after an empty line."""
    return list(_blocks(page, read(page).splitlines()))


def _blocks(page: str, lines: list[str]) -> Iterator[Block]:
    number, in_list = 0, False
    while number < len(lines):
        line = lines[number]
        if fence := FENCE.match(line):
            end = next(at for at in range(number + 1, len(lines)) if lines[at].strip() == fence[1])
            yield Block(page, number + 1, fence[2], "\n".join(lines[number + 1 : end]))
            number = end + 1
        elif line.startswith("    ") and not in_list and (number == 0 or not lines[number - 1].strip()):
            end = number
            while end < len(lines) and (lines[end].startswith("    ") or not lines[end].strip()):
                end += 1
            yield Block(page, number + 1, "", "\n".join(text[4:] for text in lines[number:end]).rstrip())
            number = end
        else:
            in_list = bool(ITEM.match(line)) or (in_list and (not line.strip() or line.startswith(" ")))
            number += 1


def prose(page: str) -> str:
    """A page without its blocks."""
    lines = read(page).splitlines()
    for block in blocks(page):
        fenced = bool(FENCE.match(lines[block.line - 1]))
        for at in range(block.line - 1, block.line + len(block.text.splitlines()) - 1 + 2 * fenced):
            lines[at] = ""
    return "\n".join(lines)


def spans(page: str) -> list[str]:
    """Words in backticks in the prose of a page; a table's escaped bar is a bar."""
    return [" ".join(found[2].replace("\\|", "|").split()) for found in SPAN.finditer(prose(page).replace("\n", " "))]


def links(page: str) -> list[str]:
    """Targets of the page's links and pictures."""
    return [found[1] for found in LINK.finditer(SPAN.sub("", prose(page)))]


def anchors(page: str) -> set[str]:
    """The anchors GitHub gives the headings of a page.

    >>> sorted(anchors("docs/honesty.md"))[0]
    'certified-thresholds'
    """
    titles = [found[1] for line in prose(page).splitlines() if (found := HEADING.match(line))]
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
