"""Two shipped models to be damaged, and a toy of the project to be killed."""

import shutil
from pathlib import Path

import pytest

from tests.reliability import kills_warm
from tests.reliability.hostile_model import ship_two
from tests.reliability.kills import Toy


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    return ship_two(tmp_path_factory.mktemp("models"))


@pytest.fixture
def model(pair, tmp_path):
    return Path(shutil.copytree(pair[0], tmp_path / "model"))


@pytest.fixture(scope="session")
def ready(tmp_path_factory) -> Toy:
    """All before the search has run; to be copied, not changed."""
    return kills_warm.ready(tmp_path_factory)


@pytest.fixture(scope="session")
def ready_many(tmp_path_factory) -> Toy:
    """The same of many symbols, whose epochs see a part of the train role."""
    return kills_warm.ready(tmp_path_factory, many=True)
