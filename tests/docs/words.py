"""What names there are: of parameters, stages and modules, and any word that the code uses."""

from __future__ import annotations

import importlib
import importlib.util
import re
from functools import cache

import yaml

from tests.docs.pages import ROOT

CODE = ("src/**/*.py", "stages/*.py", "bench/**/*.py", "tests/**/*.py", "*.yaml", "Makefile", "*.toml", "*.txt")
THIS = "tests/docs/"  # the words of these tests prove nothing


@cache
def params() -> frozenset[str]:
    """Dotted keys of params.yaml and the sections above them."""
    return frozenset(_dotted(yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8")), ""))


def _dotted(value: dict, prefix: str):
    for key, inner in value.items():
        yield f"{prefix}{key}"
        if isinstance(inner, dict):
            yield from _dotted(inner, f"{prefix}{key}.")


def is_param(name: str) -> bool:
    """Whether params.yaml has the key or the section."""
    return name in params()


@cache
def pipeline() -> dict:
    """The stages of dvc.yaml, a matrix counting once."""
    return yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def stages() -> frozenset[str]:
    """Their names."""
    return frozenset(pipeline())


@cache
def code() -> str:
    """All that the code says, these tests left out."""
    files = {path for pattern in CODE for path in ROOT.glob(pattern)}
    mine = [path for path in sorted(files) if not path.relative_to(ROOT).as_posix().startswith(THIS)]
    return "\n".join(path.read_text(encoding="utf-8") for path in mine)


def in_code(word: str) -> bool:
    """Whether a word stands in the code, with no letter, digit or underscore beside it."""
    return bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", code()))


def resolves(name: str) -> bool:
    """Whether a dotted name is a module, or something in one; names of the project may omit ``buysignal.``.

    >>> resolves("buysignal.core.files.write_text"), resolves("io.write_txt"), resolves("labels.touch_label")
    (True, False, True)
    """
    return any(_found(full.split(".")) for full in (name, f"buysignal.{name}"))


def _found(parts: list[str]) -> bool:
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        try:
            if importlib.util.find_spec(module) is None:
                continue
        except ModuleNotFoundError:
            continue
        place = importlib.import_module(module)
        for part in parts[length:]:
            if not hasattr(place, part):
                return False
            place = getattr(place, part)
        return True
    return False
