"""Bars that are added after the day `roles.until` are read and run nothing."""

import pandas as pd
import pytest

from tests.features.samples import random_bars
from tests.pipeline.project import Project

pytestmark = pytest.mark.pipeline
BARS, SOONER = random_bars(920, seed=4), 900
UNTIL = f"{BARS.index[SOONER - 1]:%Y-%m-%d}"


def test_bars_that_are_added_run_check_and_ingest_alone(tmp_path):
    project = Project(tmp_path)
    project.set(**{"ingest.source": "csv", "ingest.csv": "mine.csv", "roles.until": UNTIL})
    file = tmp_path / "mine.csv"
    BARS[:SOONER].to_csv(file)
    assert project.repro("featurize@a20") == ["code", "check", "ingest", "featurize@a20"]
    before = project.digests("data", "metrics")
    BARS.to_csv(file)
    assert project.repro("featurize@a20") == ["check", "ingest"]
    assert project.digests("data", "metrics") == before
    project.set(**{"roles.until": "last"})
    assert project.repro("featurize@a20") == ["check", "ingest", "featurize@a20"]
    assert pd.read_parquet(tmp_path / "data/bars/bars.parquet").index[-1] == BARS.index[-1]
