"""YAML that people write, read without its traps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from buysignal.core.errors import UserError, shown
from buysignal.core.textfile import read_text

MAX_BYTES = 1 << 19  # what people write by hand has a few kilobytes


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file: text, numbers, true, false and null in lists and mappings.

    Raises
    ------
    UserError
        If the file cannot be read, is large, or is not plain YAML: aliases, tags, keys that stand twice
        and keys that are not text are refused.
    """
    text = read_text(path, MAX_BYTES, "run from the project's folder")
    try:
        return yaml.load(text, Loader=_Loader)
    except RecursionError:
        raise UserError(f"{path} is not valid YAML: it is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" line {where.line + 1}" if where else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise UserError(f"{path}{line} is not valid YAML: {reason}") from None


class _Loader(yaml.SafeLoader):
    """YAML without aliases (a file of them can unfold without end), tags and repeated keys.

    Plain words are read as YAML 1.2 and DVC read them, by the core schema alone: `dvc exp run -S
    learning_rate=5.0e-5` writes ``5e-05``, which YAML 1.1 would call text, and ``064``, ``1_000``, ``12:30``
    and ``no`` would be 52, 1000, 750 and false there.
    """

    yaml_implicit_resolvers: dict = {}  # noqa: RUF012 - PyYAML's own name for it

    def compose_node(self, parent, index):
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "aliases are not read: write the value out", event.start_mark)
        if getattr(event, "tag", None) is not None:
            problem = f"tags such as {shown(event.tag)} are not read: write the plain value"
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {shown(key)} is not text", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {shown(key)[1:-1]} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


_DIGITS = list("-+.0123456789")
for _tag, _pattern, _first in (  # YAML 1.2.2, section 10.3.2; each pattern takes one pass over a word of any length
    ("null", r"(?:~|null|Null|NULL|)\Z", ["~", "n", "N", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,29})\Z", _DIGITS),  # a longer one is no count of anything, and read as a float
    ("float", r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z", _DIGITS),
    ("float", r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z", _DIGITS),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)
