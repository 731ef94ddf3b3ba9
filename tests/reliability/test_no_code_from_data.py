"""Nothing that bars, proposals or model files say is ever run as code, as a shell's words or as SQL.

Of what params.yaml says, only the code that it names as a user's own is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("src", "stages") for path in (ROOT / folder).rglob("*.py"))

NAMED = "plugins.py"  # imports what params.yaml or the command line names
BUILTINS = {"eval", "exec", "compile", "__import__", "breakpoint"}
MODULES = {"pickle", "cPickle", "_pickle", "cloudpickle", "dill", "shelve", "marshal", "code", "codeop", "runpy", "pty"}
CALLS = {
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "joblib.load",
    "joblib.dump",
    "torch.load",
    "torch.save",
    "torch.jit.load",
    "pandas.read_pickle",
    "yaml.unsafe_load",
    "yaml.full_load",
    "yaml.load_all",
    "yaml.unsafe_load_all",
    "yaml.full_load_all",
    "numpy.loads",
}
FAMILIES = ("os.exec", "os.spawn")
FRAMES = {"eval", "query", "to_pickle"}  # pandas' own ways to run text or to write a pickle
SQL = {"execute", "executemany", "executescript", "text", "exec_driver_sql", "read_sql", "read_sql_query"}


def names_of(tree: ast.Module) -> dict[str, str]:
    """Local name -> the module or function it stands for: ``np`` -> ``numpy``."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname or alias.name.split(".")[0]: alias.name if alias.asname else alias.name.split(".")[0]
                      for alias in node.names}  # fmt: skip
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def dotted(node: ast.expr, names: dict[str, str]) -> str:
    """The full name of what is called, empty where it is no plain name."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([names.get(node.id, node.id), *reversed(parts)]) if isinstance(node, ast.Name) else ""


def offences(source: str) -> Iterator[str]:
    """What the source does that data must never decide, each as ``line: what``."""
    tree = ast.parse(source)
    names, loaders = names_of(tree), safe_loaders(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (f"{node.lineno}: imports {m}" for m in modules if m.split(".")[0] in MODULES)
        if isinstance(node, ast.Call):
            yield from (f"{node.lineno}: {what}" for what in _call(node, dotted(node.func, names), loaders))


def _call(node: ast.Call, name: str, loaders: set[str]) -> Iterator[str]:
    keywords = {k.arg: k.value for k in node.keywords}
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in BUILTINS or name.removeprefix("builtins.") in BUILTINS:
        yield f"calls {name}"
    if name in CALLS or name.startswith(FAMILIES):
        yield f"calls {name}"
    if "shell" in keywords and not _is(keywords["shell"], False):
        yield "gives text to a shell"
    if name == "numpy.load" and not _is(keywords.get("allow_pickle", ast.Constant(False)), False):
        yield "lets numpy.load read a pickle"
    if name == "yaml.load" and not _safe_loader(node, keywords, loaders):
        yield "calls yaml.load without a safe loader"
    if name == "ruamel.yaml.YAML" and ast.unparse(keywords.get("typ", node)) != "'safe'":
        yield "lets ruamel.yaml build what a tag names"
    if method in FRAMES:
        yield f"calls .{method}"
    if (method in SQL or name.rsplit(".", 1)[-1] in SQL) and node.args and not isinstance(node.args[0], ast.Constant):
        yield "builds SQL"
    if name == "importlib.import_module" and not isinstance(node.args[0], ast.Constant) and not _fixed(node.args[0]):
        yield "imports a module that data may name"


def _fixed(node: ast.expr) -> bool:
    """A module below a package that is written out: ``f"arch.data.{name}"``."""
    return isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant) and "." in node.values[0].value


def _is(node: ast.expr, value: object) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _safe_loader(node: ast.Call, keywords: dict[str | None, ast.expr], loaders: set[str]) -> bool:
    given = keywords.get("Loader", node.args[1] if len(node.args) > 1 else None)
    return given is not None and ast.unparse(given) in loaders


def safe_loaders(tree: ast.Module) -> set[str]:
    """PyYAML's two safe loaders, what inherits from one, and names that stand for nothing else."""
    found = {"yaml.SafeLoader", "yaml.CSafeLoader"}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and [ast.unparse(base) for base in node.bases] == ["yaml.SafeLoader"]:
            found.add(node.name)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            parts = [getattr(part, "attr", getattr(part, "value", None)) for part in ast.walk(node.value)]
            loaders = [part for part in parts if isinstance(part, str) and part.endswith("Loader")]
            if loaders and all(part.endswith("SafeLoader") for part in loaders):
                found.add(node.targets[0].id)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_no_source_runs_what_data_says(path):
    found = [offence.split(": ")[1] for offence in offences(path.read_text(encoding="utf-8"))]
    assert found == ["imports a module that data may name"] * (path.name == NAMED)


@pytest.mark.parametrize(
    "source",
    [
        "eval(x)",
        "exec(x)",
        "compile(x, '', 'exec')",
        "import builtins\nbuiltins.eval(x)",
        "__import__(x)",
        "import pickle",
        "from pickle import loads",
        "import cloudpickle as c",
        "import joblib\njoblib.load(p)",
        "from joblib import load as l\nl(p)",
        "import torch as t\nt.load(p)",
        "import numpy as np\nnp.load(p, allow_pickle=True)",
        "import numpy as np\nnp.load(p, allow_pickle=x)",
        "import pandas as pd\npd.read_pickle(p)",
        "frame.to_pickle(p)",
        "frame.query(x)",
        "frame.eval(x)",
        "import yaml\nyaml.load(t)",
        "import yaml\nyaml.load(t, yaml.Loader)",
        "import yaml\nyaml.load(t, Loader=yaml.FullLoader)",
        "import yaml\nyaml.unsafe_load(t)",
        "import yaml\nL = getattr(yaml, 'CLoader', yaml.SafeLoader)\nyaml.load(t, Loader=L)",
        "import yaml\nclass L(yaml.FullLoader): pass\nyaml.load(t, Loader=L)",
        "import subprocess as s\ns.run(x, shell=True)",
        "import subprocess\nsubprocess.run(x, shell=flag)",
        "from os import system\nsystem(x)",
        "import os\nos.popen(x)",
        "import os\nos.execv(x, [])",
        "c.execute(f'drop {x}')",
        "c.execute('drop ' + x)",
        "c.execute('drop %s' % x)",
        "c.execute('drop {}'.format(x))",
        "from sqlalchemy import text\ntext(f'drop {x}')",
        "import importlib\nimportlib.import_module(x)",
    ],
)
def test_the_search_finds(source):
    assert list(offences(source))


@pytest.mark.parametrize(
    "source",
    [
        "import re\nre.compile(x)",
        "import yaml\nclass L(yaml.SafeLoader): pass\nyaml.load(t, Loader=L)",
        "import yaml\nL = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)\nyaml.load(t, Loader=L)",
        "import yaml\nyaml.safe_load(t)",
        "import subprocess\nsubprocess.run(['git', x])",
        "c.execute('PRAGMA quick_check(1)').fetchone()",
        "c.execute('select ?', (x,))",
        "import numpy as np\nnp.load(p)",
        "import importlib\nimportlib.import_module(f'arch.data.{name}')",
    ],
)
def test_the_search_lets_pass(source):
    assert not list(offences(source))


def test_every_source_is_searched():
    assert {"params.py", "store.py", "package.py", "hpo.py"} <= {path.name for path in SOURCES} and len(SOURCES) > 100
