"""The clean run, with its bars as the CSV a user has."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from buysignal.cli.predict import Predictor


@pytest.fixture(scope="session")
def run(clean, tmp_path_factory) -> Path:
    folder = shutil.copytree(clean, tmp_path_factory.mktemp("run") / "project")
    pd.read_parquet(folder / "data/bars/bars.parquet").to_csv(folder / "new.csv")
    return folder


@pytest.fixture(scope="session")
def searched(run) -> str:
    """Folder of the first selected transformer of the search, such as 02-a20-2M-T1: which it is, arithmetic decides."""
    return min(path.name for path in (run / "data/models").glob("[0-9][0-9]-a20-*"))


@pytest.fixture
def here(run, monkeypatch) -> Path:
    """The run's folder, as the working directory."""
    monkeypatch.chdir(run)
    return run


@pytest.fixture(scope="session")
def bars(run) -> pd.DataFrame:
    return pd.read_csv(run / "new.csv", index_col="date", parse_dates=True)


@pytest.fixture(scope="session")
def predictor(run) -> Predictor:
    return Predictor.load(run / "data/models/shipped")
