"""A copy of a clean run for every test that spoils one, and the clean run's luck for those that do not judge it."""

import shutil

import pytest

from buysignal.cli.doctor import run as runs
from buysignal.cli.doctor.run import Run
from buysignal.judge.luck import luck_bar
from tests.cli.doctor.planted import build_many
from tests.shared import once


@pytest.fixture
def copy(clean, tmp_path):
    return shutil.copytree(clean, tmp_path / "run")


@pytest.fixture(scope="session")
def many(tmp_path_factory):
    """The folder of a clean run of many symbols; to be copied, not changed."""
    return once(tmp_path_factory, "planted_many", build_many)


@pytest.fixture(scope="session")
def bar(clean):
    run = Run(clean)
    return luck_bar(list(run.models.values()), run.rules)


@pytest.fixture
def quick(bar, monkeypatch):
    """All runs have the clean run's luck: drawing it anew, in two hundred shifts, takes most of a diagnosis."""
    monkeypatch.setattr(runs, "luck_bar", lambda models, rules: bar)
