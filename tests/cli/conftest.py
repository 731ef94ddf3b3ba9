"""A clean run with a planted signal, which `doctor` judges and `predict` uses."""

import pytest

from tests.cli.doctor.planted import build
from tests.shared import once


@pytest.fixture(scope="session")
def clean(tmp_path_factory):
    """The run's folder; to be copied, not changed."""
    return once(tmp_path_factory, "planted", build)
