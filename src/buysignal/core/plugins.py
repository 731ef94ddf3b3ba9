"""Code of a user's own, named in params.yaml: a file of the folder ``plugins``, or an installed package.

A name is ``plugins/mine.py:Thing`` or ``package.module:Thing``. Only what params.yaml or the command line names is ever
imported: never what a model's file says.
"""

import hashlib
import importlib
import importlib.machinery
import importlib.metadata
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from buysignal.core.code import closure, digest
from buysignal.core.errors import UserError, shown
from buysignal.core.settings import near

GONE = "is not there"


def read(spec: str) -> Callable:
    """What a spec names: a class, a function, or an object that can be asked for predictions.

    A file is run anew each time, under a module name of its own, and finds no file beside it: it is one file.

    Raises
    ------
    UserError
        If the file, the package or the name is not there, or an import raises; one line that names the spec.
    """
    place, name = spec.split(":")
    try:
        module = _of_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except FileNotFoundError:
        raise UserError(f"{spec}: {place} {GONE}: write it, or correct the name") from None
    except ModuleNotFoundError as error:
        raise UserError(f"{spec} needs {error.name}, which {GONE}: install it in the environment") from None
    except SyntaxError as error:
        raise UserError(f"{spec}: {error.filename}, line {error.lineno}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        raise UserError(f"{spec} cannot be imported: {told(error)}") from None
    if not hasattr(module, name):
        known = [word for word, value in vars(module).items() if word[0] != "_" and not inspect.ismodule(value)]
        raise UserError(f"{spec}: {place} has no {name}; {near(name, known)}")
    thing = getattr(module, name)
    if not callable(thing) and not hasattr(thing, "predict_proba"):
        raise UserError(f"{spec} is {shown(thing)}: it must be a function of bars or a classifier")
    return thing


def module_of(spec: str) -> str:
    """Name under which the module of a spec is imported; that of a file is no name of a package.

    >>> module_of("plugins/mine.py:Thing"), module_of("sklearn.svm:SVC")
    ('buysignal_plugin_mine', 'sklearn.svm')
    """
    place = spec.split(":")[0]
    return f"buysignal_plugin_{Path(place).stem}" if place.endswith(".py") else place


class _Uncached(importlib.machinery.SourceFileLoader):
    """Keeps no bytecode: of two edits within a second it would be the first one's."""

    def path_stats(self, path: str) -> dict[str, Any]:
        raise OSError


def _of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise FileNotFoundError
    name = module_of(f"{path}:x")
    found = importlib.util.spec_from_loader(name, _Uncached(name, str(path)))
    module = importlib.util.module_from_spec(found)
    before = sys.modules.get(name)
    sys.modules[name] = module  # where a class that is read from a file is looked for
    try:
        found.loader.exec_module(module)
    except BaseException:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
        raise
    return module


def content_of(specs: Iterable[str]) -> dict[str, str]:
    """What the code of some specs is a function of: name -> hash or version; sorted.

    Of a file its syntax tree, as `buysignal.core.code.digest`, and those of the modules of this package that it
    imports; of a package the version. What is not there, or no Python, says so: whoever reads the spec then refuses it.
    """
    found: dict[str, str] = {}
    for place in {spec.split(":")[0] for spec in specs}:
        if not place.endswith(".py"):
            found[place] = _version(place.split(".")[0])
        elif not (path := Path(place)).is_file():
            found[place] = GONE
        else:
            try:
                found |= {place: digest(path)} | closure(path)
            except UserError:
                found[place] = hashlib.sha256(path.read_bytes()).hexdigest()
    return dict(sorted(found.items()))


def _version(package: str) -> str:
    names = importlib.metadata.packages_distributions().get(package, [package])
    try:
        return " ".join(f"{name} {importlib.metadata.version(name)}" for name in sorted(set(names)))
    except importlib.metadata.PackageNotFoundError:
        return GONE


def require_same(specs: Iterable[str], content: Mapping[str, str], named: Iterable[str], key: str, who: str) -> None:
    """Before code is run that a file names: params.yaml must name it too, and it must be what it was.

    Parameters
    ----------
    content : what `content_of` gave when ``who`` was made
    named, key : what params.yaml names, and under which key
    """
    specs, named = list(specs), set(named)
    if other := [spec for spec in specs if spec not in named]:
        raise UserError(f"{who} needs {shown(other[0])}: {key} in params.yaml must name it, or it is not run")
    now = content_of(specs)
    if changed := sorted(place for place in now.keys() | content.keys() if now.get(place) != content.get(place)):
        raise UserError(f"{shown(changed[0])[1:-1]} was changed since {who} was made: run `dvc repro`")


def arguments(function: Callable) -> Mapping[str, inspect.Parameter]:
    """Those of a class or function, by name; of what is written in C and does not say, none."""
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def is_of_bars(thing: Callable) -> bool:
    """Whether it is a function that needs an argument, as a feature does, and no classifier or what makes one."""
    if inspect.isclass(thing) or hasattr(thing, "predict_proba"):
        return False
    return any(given.default is given.empty for given in arguments(thing).values())


def unheard(promise: str) -> None:
    """Where nobody asks which promises were kept."""


def told(error: BaseException) -> str:
    """What code of a user's raised, as one short line with its type."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:200]}" if text else type(error).__name__
