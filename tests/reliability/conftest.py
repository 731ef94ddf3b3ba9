"""Two shipped models to be damaged."""

import shutil
from pathlib import Path

import pytest

from tests.reliability.hostile_model import ship_two


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return ship_two(tmp_path_factory.mktemp("models"))


@pytest.fixture
def model(pair, tmp_path):
    return Path(shutil.copytree(pair[0], tmp_path / "model"))
