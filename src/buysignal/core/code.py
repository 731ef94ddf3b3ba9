"""What the code says, without how it is written: hashes of syntax trees, and what a file imports.

A result depends on what its code does. A comment, a docstring, a blank line or another line break changes none of
that, so none of them makes a stage stale or forgets a study.
"""

import ast
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from buysignal.core.errors import UserError

PACKAGE, TEMPLATES = "buysignal", "templates"
SOURCE = Path(__file__).resolve().parents[2]  # the folder that holds the package


def digest(path: Path) -> str:
    """SHA-256 of a file's syntax tree; the same under every version of Python, whose own dumps differ.

    Raises
    ------
    UserError
        If the file is not Python.
    """
    return _read(path).digest


def closure(path: Path, source: Path = SOURCE) -> dict[str, str]:
    """The modules of the package that a file imports, directly or not, each with its `digest`; sorted.

    Imports inside functions count. A package's own ``__init__`` counts where it does something, but for the outermost:
    that is the public API, which imports everything and which nothing in here may import from. What lies in a folder
    `TEMPLATES` beside such a module counts by its bytes.

    Parameters
    ----------
    path : a script, or a module of the package
    source : the folder that holds the package
    """
    found: dict[str, Path] = {}
    todo = [path]
    while todo:
        for name, file in _imported(todo.pop(), source).items():
            if name not in found:
                found[name] = file
                todo.append(file)
    beside = sorted(file for folder in {f.parent / TEMPLATES for f in found.values()} for file in folder.glob("*"))
    templates = {file.relative_to(source).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in beside}
    return {name: digest(found[name]) for name in sorted(found)} | templates


@functools.cache
def closure_of(module: str) -> dict[str, str]:
    """`closure` of a module of this package, given by its dotted name, with the module itself."""
    path = SOURCE.joinpath(*module.split(".")).with_suffix(".py")
    return dict(sorted((closure(path) | {module: digest(path)}).items()))


def packages(path: Path) -> set[str]:
    """What a file imports, by the outermost names; `UserError` if it is not Python."""
    return {name.split(".")[0] for name in _read(path).names}


def _imported(path: Path, source: Path) -> dict[str, Path]:
    """Dotted name -> file of what one file imports of the package."""
    return _files_of(_read(path).names, source)


@functools.cache
def _files_of(names: frozenset[str], source: Path) -> dict[str, Path]:
    found = {}
    for parts in (name.split(".") for name in names if name.split(".")[0] == PACKAGE):
        for depth in range(2, len(parts) + 1):
            inner = source.joinpath(*parts[:depth])
            for file in (inner.with_suffix(".py"), inner / "__init__.py"):
                if file.is_file() and not _read(file).empty:
                    found[".".join(parts[:depth])] = file
    return found


@dataclass(frozen=True)
class _File:
    """What is read of a source file: its digest, the names it imports, whether it says nothing but words."""

    digest: str
    names: frozenset[str]
    empty: bool


def _read(path: Path) -> _File:
    return _parsed(path, path.read_bytes())


@functools.cache
def _parsed(path: Path, content: bytes) -> _File:
    try:
        tree = ast.parse(content)
    except SyntaxError as error:
        raise UserError(f"{path}, line {error.lineno}: {error.msg}") from None
    words: list[str] = []
    names: set[str] = set()
    _write(tree, words, names)
    return _File(hashlib.sha256("\n".join(words).encode()).hexdigest(), frozenset(names), words == ["Module", ""])


def _write(node: ast.AST, words: list[str], names: set[str]) -> None:
    """Append a node's words: its kind, the fields that hold something, an end; and the names it imports."""
    words.append(type(node).__name__)
    if type(node) is ast.Import:
        names.update(alias.name for alias in node.names)
    elif type(node) is ast.ImportFrom and node.module:
        names.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    for field in node._fields:
        value = getattr(node, field, None)
        items = value if isinstance(value, list) else [value]
        items = [item for item in items if item is not None and not _is_docstring(item)]
        if type(node) is ast.JoinedStr:  # Python 3.12 ends a nested format with an empty text
            items = [item for item in items if getattr(item, "value", None) != ""]
        if not items or field == "ctx":  # a context follows from the place
            continue
        words.append(field)
        for item in items:
            if isinstance(item, ast.AST):
                _write(item, words, names)
            else:
                words.append(repr(item))
    words.append("")


def _is_docstring(node: object) -> bool:
    """Whether it is a string that stands alone."""
    return type(node) is ast.Expr and type(node.value) is ast.Constant and isinstance(node.value.value, str)
