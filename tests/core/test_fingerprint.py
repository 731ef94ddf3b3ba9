"""Fingerprints: the same for the same inputs, another one when anything a result depends on changes."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from buysignal.core import fingerprint as fingerprint_module
from buysignal.core.fingerprint import fingerprint

CODE = ("buysignal.models.metrics",)


@dataclass(frozen=True)
class Settings:
    rate: float
    sizes: tuple[int, ...]


def of(*, code=CODE, packages=("numpy",), **parts) -> str:
    return fingerprint(code=code, packages=packages, **parts)


def test_a_fingerprint_is_24_hex_digits():
    assert len(of(seed=1)) == 24 and set(of(seed=1)) <= set("0123456789abcdef")


def test_order_and_the_way_a_value_is_written_do_not_matter():
    code = ("buysignal.days.labels", "buysignal.models.metrics")
    first = of(code=code, packages=("numpy", "pandas"), seed=1, settings={"a": 1, "b": [2, 3]})
    assert first == of(code=code[::-1], packages=("pandas", "numpy"), settings={"b": (2, 3), "a": 1}, seed=1)
    assert of(settings=Settings(0.1, (1, 2))) == of(settings={"rate": 0.1, "sizes": [1, 2]})


@pytest.mark.parametrize(
    "changed",
    [
        {"seed": 2},
        {"settings": Settings(0.1000000001, (1, 2))},
        {"settings": Settings(0.1, (1,))},
        {"data": "b"},
        {"extra": None},
        {"code": ()},
        {"packages": ("pandas",)},
    ],
)
def test_any_changed_part_changes_it(changed):
    parts = {"seed": 1, "settings": Settings(0.1, (1, 2)), "data": "a"}
    assert of(**parts) != of(**parts | changed)


def of_digests(monkeypatch, **digests) -> str:
    """The fingerprint of a module whose closure has these digests."""
    named = {f"buysignal.{name}": digest for name, digest in digests.items()}
    monkeypatch.setattr(fingerprint_module, "closure_of", lambda root: named)
    return of()


def test_it_changes_with_all_code_that_a_root_imports_but_for_how_files_are_written_and_jobs_handed_out(monkeypatch):
    before = of_digests(monkeypatch, root="1", other="2")
    assert of_digests(monkeypatch, root="1", other="3") != before != of_digests(monkeypatch, root="1")
    plumbing = {"core.files": "4", "core.workers.engine": "5"}
    assert of_digests(monkeypatch, root="1", other="2", **plumbing) == before


def test_a_changed_package_version_changes_it(monkeypatch):
    before = of()
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0.0.0")
    assert of() != before


def test_a_value_without_a_plain_form_is_refused_not_guessed():
    for value in ({1, 2}, Path("x"), np.zeros(2), Settings):
        with pytest.raises(TypeError, match=f"not {type(value).__name__}"):
            of(value=value)


def test_it_is_the_same_in_another_process():
    source = (
        "from buysignal.core.fingerprint import fingerprint; roles = {r: len(r) for r in {'train', 'stop', 'rank'}}; "
        f"print(fingerprint(code={CODE}, packages=['numpy'], roles=roles))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == of(roles={"stop": 4, "rank": 4, "train": 5})
