"""A project whose model ships, and bars of the days after."""

from __future__ import annotations

import shutil
from argparse import Namespace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from buysignal.cli.main import main
from buysignal.cli.predict import Predictor
from buysignal.cli.update.asked import brought_up
from buysignal.core.sealed import read_strict
from buysignal.core.settings import read_all
from buysignal.judge.params import Costs, Exit

LATER = 40


@pytest.fixture
def project(clean, tmp_path, monkeypatch) -> Path:
    """The folder of the project, where the test is."""
    folder = tmp_path / "project"
    shutil.copytree(clean / "data/models", folder / "data/models")
    shutil.copytree(clean / "data/bars", folder / "data/bars")
    shutil.copy(clean / "params.yaml", folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(scope="session")
def bars(clean) -> pd.DataFrame:
    """The bars with which the model shipped, and `LATER` days more."""
    known = pd.read_parquet(clean / "data/bars/bars.parquet")
    rng, last = np.random.default_rng(5), known["close"].iloc[-1]
    close = last * np.exp(np.cumsum(rng.normal(0, 0.01, LATER)))
    opened = np.r_[last, close[:-1]]
    top, bottom = np.maximum(opened, close) * 1.004, np.minimum(opened, close) * 0.996
    days = pd.bdate_range(known.index[-1], periods=LATER + 1, name="date")[1:]
    later = pd.DataFrame({"open": opened, "high": top, "low": bottom, "close": close, "volume": 1e6}, days)
    return pd.concat([known[list(later)], later])


def given(bars: pd.DataFrame, days: int, name: str = "new.csv") -> str:
    """The file with so many days after those that were known."""
    bars.iloc[: len(bars) - LATER + days].to_csv(name)
    return name


def updated(*words: str) -> int:
    return main(["update", "--bars", *words])


def content() -> bytes:
    return Path("journal/journal.jsonl").read_bytes()


def arguments(path: str, **given_) -> Namespace:
    told = dict(bars=path, adjust=None, accept_changed=False, on_bad_symbol="error")
    return Namespace(**told | given_)


def by_hand(path: str, today: date = date(2030, 1, 1), **given_):
    """An update in this process, of which only the journal is looked at."""
    predictor = Predictor.load("data/models/shipped")
    seal = read_strict("data/models/shipped/model.json")["own_sha256"]
    return brought_up(predictor, seal, arguments(path, **given_), *read_all(Costs, Exit), today)
