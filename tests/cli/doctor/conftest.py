"""The clean run, built once, and a copy of it for every test that spoils one."""

import shutil

import pytest

from tests.cli.doctor.planted import build


@pytest.fixture(scope="session")
def clean(tmp_path_factory):
    return build(tmp_path_factory.mktemp("clean"))


@pytest.fixture
def copy(clean, tmp_path):
    return shutil.copytree(clean, tmp_path / "run")
