"""YAML that people write, read without its traps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from buysignal.errors import UserError

MAX_BYTES = 1 << 20  # what people write by hand has a few kilobytes


def read_yaml(path: str | Path) -> Any:
    """The content of a YAML file.

    Raises
    ------
    UserError
        If the file cannot be read, is large, or is not plain YAML: aliases, keys that stand twice
        and keys that are not text are refused.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"{path} has more than {MAX_BYTES:,} bytes; such a file has a few kilobytes")
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); run from the project's folder") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" line {where.line + 1}" if where else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise UserError(f"{path}{line} is not valid YAML: {reason}") from None


class _Loader(yaml.SafeLoader):
    """YAML without aliases (a file of them can unfold without end) and without repeated keys.

    Numbers are read as YAML 1.2 and DVC read them: `dvc exp run -S learning_rate=5.0e-5` writes
    ``5e-05``, which YAML 1.1 would call text.
    """

    def compose_node(self, parent, index):
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, "aliases are not read: write the value out", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is not text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key} stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+\Z"), list("-+.0123456789")
)
