"""What there is: parameters, stages, modules, files, outs, and any word that the code uses."""

from __future__ import annotations

import fnmatch
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import PurePosixPath
from typing import Any

import yaml

from tests.docs.pages import ROOT

CODE = ("src/**/*.py", "stages/*.py", "bench/**/*.py", "tests/**/*.py", "*.yaml", "Makefile", "*.toml", "*.txt")
THIS = "tests/docs/"  # the words of these tests prove nothing
SUFFIXES = "md|py|json|jsonl|yaml|yml|csv|tsv|toml|txt|lock|html|sbatch|parquet|png|svg"
PATH = re.compile(rf"\.?[\w*{{}}$][\w.*{{}}@$-]*(/[\w.*{{}}@$-]+)*(/|\.({SUFFIXES}))?")
BARE = re.compile(rf"[\w.-]+\.({SUFFIXES})")
MADE = (".venv", ".scratch", ".dvc/tmp", ".dvc/cache", ".dvc/config.local", "celery", "dvc_plots", ".git")
MADE += ("journal", "retrain", "site")
"""What is there once something has run, and what git ignores."""
YOURS = (
    "path/to/bars.csv",
    "bars.csv",
    "new.csv",
    "scores.csv",
    "again.csv",
    "proposals/mine.yaml",
    "cluster.sbatch",
    "cluster.yaml",
)
"""Files that a reader is told to make."""


@cache
def params() -> frozenset[str]:
    """Dotted keys of params.yaml and the sections above them."""
    return frozenset(_dotted(yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8")), ""))


def _dotted(value: dict[str, Any], prefix: str) -> Iterator[str]:
    for key, inner in value.items():
        yield f"{prefix}{key}"
        if isinstance(inner, dict):
            yield from _dotted(inner, f"{prefix}{key}.")


def is_param(name: str) -> bool:
    """Whether params.yaml has the key or the section; ``gates.yaml:key`` is one of gates.yaml."""
    file, _, key = name.rpartition(":")
    return key in yaml.safe_load((ROOT / "gates.yaml").read_text()) if file == "gates.yaml" else name in params()


@cache
def pipeline() -> dict[str, Any]:
    """The stages of dvc.yaml, a matrix counting once."""
    return yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


def stages() -> frozenset[str]:
    """Their names."""
    return frozenset(pipeline())


@cache
def outs() -> frozenset[str]:
    """Outs of dvc.yaml as patterns: there after `dvc repro`."""
    named = [out if isinstance(out, str) else next(iter(out)) for stage in pipeline().values() for out in stage["outs"]]
    return frozenset(re.sub(r"\$\{[^}]+\}", "*", name) for name in named)


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

    >>> resolves("buysignal.core.files.write_text"), resolves("io.write_txt"), resolves("days.labels.touch_label")
    (True, False, True)
    """
    for full in (name, f"buysignal.{name}"):
        with suppress(ImportError, AttributeError):
            pkgutil.resolve_name(full)
            return True
    return False


@cache
def files() -> frozenset[str]:
    """Files of the project as git would take them, and the folders they lie in."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    there = {name for name in names if (ROOT / name).exists()}
    return frozenset(there | {parent.as_posix() for name in there for parent in PurePosixPath(name).parents} - {"."})


def is_path(span: str) -> bool:
    """Whether words in backticks are meant as a path of the project; ``ingest.csv`` is a parameter."""
    return not is_param(span) and bool(BARE.fullmatch(span) or ("/" in span and PATH.fullmatch(span)))


def leads_somewhere(path: str, page: str = "README.md") -> bool:
    """Whether a path, from the project, from the page, or cut off at its front, is a file, a folder or an out."""
    path = re.sub(r"\$?[{}]+", "*", path.rstrip("/").removeprefix("./"))
    beside = (PurePosixPath(page).parent / path).as_posix()
    if path in YOURS or any(f"{path}/".startswith(f"{made}/") for made in MADE):
        return True
    if any(f"{out}/".startswith(f"{path}/") or fnmatch.fnmatch(f"{path}/", f"{out}/*") for out in outs()):
        return True
    if "/" not in path and in_code(path):  # a file in the folder of an out, as the code names it
        return True
    return any(fnmatch.fnmatch(file, pattern) for file in files() for pattern in (path, beside, f"*/{path}"))
