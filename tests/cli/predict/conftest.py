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
