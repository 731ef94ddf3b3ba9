"""HTML of the Markdown that the report's own functions write: the page is worded once.

Only what they write is known: paragraphs, lists, tables, ``**strong**``, ``*emphasis*`` and ```code```.
Whatever else a text holds is shown as it is: no text can bring a tag or an attribute of its own.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup


def unbroken(value: Any) -> Any:
    """A text in which no line ends between a number and its %; what is HTML already stays as it is."""
    return PERCENT.sub("\N{NO-BREAK SPACE}%", value) if type(value) is str else value


PERCENT = re.compile(r"(?<=\d) %")
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    finalize=unbroken,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
TEMPLATES.policies["json.dumps_kwargs"] = {"sort_keys": True, "allow_nan": False}


def to_html(block: str, label: str) -> Markup:
    """One block of Markdown; a table in it is called ``label`` for who cannot see it."""
    parser = MarkdownIt("zero", {"maxNesting": 100}).enable(["list", "table", "emphasis", "backticks"])
    parser.core.ruler.after("block", "whole tables", _gathered)
    parser.add_render_rule("table_open", _table)
    return Markup(parser.render(unbroken(block), {"label": label}))


def _gathered(state: StateCore) -> None:
    """Make each table one token that has its rows: what stands in a cell is text and no Markdown."""
    kept, inside = [], False
    for token in state.tokens:
        if token.type in ("table_open", "table_close"):
            inside = token.type == "table_open"
        if not inside or token.type == "table_open":
            kept.append(token)
        elif token.type == "tr_open":
            kept[-1].meta.setdefault("rows", []).append([])
        elif token.type == "inline":  # escaped by `buysignal.report.markdown.table`
            kept[-1].meta["rows"][-1].append(token.content.replace("&lt;", "<"))
    state.tokens = [token for token in kept if token.type != "table_close"]


def _table(_: Any, tokens: Sequence[Token], at: int, options: Any, env: Mapping[str, str]) -> str:
    header, *rows = tokens[at].meta["rows"]
    return TEMPLATES.get_template("table.html").module.table(header, rows, env["label"])
