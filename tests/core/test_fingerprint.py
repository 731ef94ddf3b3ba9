"""Fingerprints: the same for the same inputs, another one when anything a result depends on changes."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from buysignal.core import files
from buysignal.core import fingerprint as fingerprint_module
from buysignal.core.fingerprint import fingerprint


@dataclass(frozen=True)
class Settings:
    rate: float
    sizes: tuple[int, ...]


def module_of(path: Path, source: str, name: str = "made") -> ModuleType:
    """A module whose source file holds the given text; it is not imported."""
    path.write_text(source)
    module = ModuleType(name)
    module.__file__ = str(path)
    return module


def of(*, modules=(files,), packages=("numpy",), **parts) -> str:
    return fingerprint(modules=modules, packages=packages, **parts)


def test_a_fingerprint_is_24_hex_digits():
    assert len(of(seed=1)) == 24 and set(of(seed=1)) <= set("0123456789abcdef")


def test_order_and_the_way_a_value_is_written_do_not_matter():
    modules = (files, fingerprint_module)
    first = of(modules=modules, packages=("numpy", "pandas"), seed=1, settings={"a": 1, "b": [2, 3]})
    assert first == of(modules=modules[::-1], packages=("pandas", "numpy"), settings={"b": (2, 3), "a": 1}, seed=1)
    assert of(settings=Settings(0.1, (1, 2))) == of(settings={"rate": 0.1, "sizes": [1, 2]})


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 2},
        {"settings": Settings(0.1000000001, (1, 2))},
        {"settings": Settings(0.1, (1,))},
        {"data": "b"},
        {"extra": None},
        {"modules": ()},
        {"packages": ("pandas",)},
    ],
)
def test_any_changed_part_changes_it(changed):
    parts = {"seed": 1, "settings": Settings(0.1, (1, 2)), "data": "a"}
    assert of(**parts) != of(**parts | changed)


def test_a_changed_line_of_code_changes_it_and_its_place_on_disk_does_not(tmp_path):
    before = of(modules=[module_of(tmp_path / "a.py", "x = 1\n")])
    assert of(modules=[module_of(tmp_path / "b.py", "x = 1\n")]) == before
    assert of(modules=[module_of(tmp_path / "a.py", "x = 2\n")]) != before
    assert of(modules=[module_of(tmp_path / "a.py", "x = 1\n", name="other")]) != before


def test_a_changed_package_version_changes_it(monkeypatch):
    before = of()
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.0.0")
    assert of() != before


def test_a_value_without_a_plain_form_is_refused_not_guessed():
    for value in ({1, 2}, Path("x"), np.zeros(2), Settings):
        with pytest.raises(TypeError, match=f"not {type(value).__name__}"):
            of(value=value)


def test_it_is_the_same_in_another_process(tmp_path):
    source = (
        "from buysignal.core.fingerprint import fingerprint; from buysignal.core import files; "
        "print(fingerprint(modules=[files], packages=['numpy'], roles={r: len(r) for r in {'train', 'stop', 'rank'}}))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == of(roles={"stop": 4, "rank": 4, "train": 5})
