"""Which source files a stage script imports, directly or not, and dvc.yaml's deps made to say so.

    python -m tests.pipeline.closure --write     (make deps)
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"


def closure(script: Path) -> list[str]:
    """Paths, relative to the project, of every file of src that ``script`` needs; sorted."""
    found: set[Path] = set()
    todo = [script]
    while todo:
        for path in _imports(todo.pop()):
            if path not in found:
                found.add(path)
                todo.append(path)
    return sorted(path.relative_to(ROOT).as_posix() for path in found if _counts(path))


def _imports(path: Path) -> list[Path]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} has a relative import"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return [found for name in names for found in _files(name)]


def _files(name: str) -> list[Path]:
    """Files that importing a dotted name runs: the module and the packages above it."""
    parts = name.split(".")
    if parts[0] != "buysignal":
        return []
    paths = [SOURCE.joinpath(*parts[:n], "__init__.py") for n in range(1, len(parts) + 1)]
    return [p for p in [*paths, SOURCE.joinpath(*parts).with_suffix(".py")] if p.is_file()]


def _counts(path: Path) -> bool:
    """An empty package file changes nothing."""
    return path.name != "__init__.py" or any(
        not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
    )


def script_of(stage: dict) -> str:
    """The script a stage's command starts."""
    return next(word for word in stage["cmd"].split() if word.endswith(".py"))


def wanted_deps(stage: dict) -> list[str]:
    """A stage's deps as they should be: its script, what that imports, then its data as declared."""
    script = script_of(stage)
    data = [dep for dep in stage["deps"] if not dep.startswith(("src/", "stages/"))]
    return [script, *closure(ROOT / script), *data]


def main() -> None:
    yaml = YAML()
    yaml.width = 120
    yaml.indent(mapping=2, sequence=4, offset=2)
    path = ROOT / "dvc.yaml"
    content = yaml.load(path)
    for stage in content["stages"].values():
        wanted = wanted_deps(stage)
        if list(stage["deps"]) != wanted:
            stage["deps"] = wanted
    if "--write" in sys.argv:
        yaml.dump(content, path)
    else:
        yaml.dump(content, sys.stdout)


if __name__ == "__main__":
    main()
