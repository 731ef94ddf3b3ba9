"""A run of the pipeline at a small scale, with its bars as the CSV a user has, built once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from buysignal.cli.predict import Predictor
from tests.cli.doctor.planted import build


@pytest.fixture(scope="session")
def run(tmp_path_factory) -> Path:
    folder = build(tmp_path_factory.mktemp("run"))
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
    return Predictor.load(run / "data/models/01-a20-2M-T0")
