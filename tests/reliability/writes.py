"""Everything the project writes, by the functions that write it, and a process in which no file may grow."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors.numpy import save_file

from buysignal.bars import manifest
from buysignal.bars.validate import validate
from buysignal.core import files as io
from buysignal.core.errors import UserError
from buysignal.models import scores
from buysignal.models.patchtst import store
from buysignal.models.patchtst.job import Fit, Trained
from buysignal.ship import ledger
from tests.judge.examples import card
from tests.ship.test_ledger import DATA, RESULTS, registered

DAYS = 400


def frame(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    index = pd.bdate_range("2001-01-01", periods=DAYS, name="date")
    return pd.DataFrame({"x": rng.standard_normal(DAYS), "role": "train"}, index=index)


def bars(folder: Path, seed: int) -> None:
    close = 100 + np.random.default_rng(seed).random(DAYS)
    own = {"open": close, "high": close + 1, "low": close - 1, "close": close, "volume": close * 1e6}
    table, report = validate(pd.DataFrame(own, index=frame(seed).index), "error", 10)
    manifest.write(table, report, "csv", folder / "bars.parquet", folder / "bars.json")


def fit(seed: int) -> Fit:
    rng = np.random.default_rng(seed)
    curve = rng.random((3, 2))
    trained = Trained(rng.random((2, 500), np.float32), np.array([3, 3]), np.array([1, 2]), curve[0], curve, curve)
    dates = frame(seed).index
    return Fit(trained, dates, np.repeat("rank", DAYS), np.zeros(DAYS, np.int8), rng.random((2, DAYS)))


def models(folder: Path, seed: int) -> None:
    one = fit(seed)
    scored = scores.Scored(card("m", seeds=(1, 2)), one.index, one.role, one.label, one.scores)
    scores.write(folder, [scored])


def weights(path: Path, seed: int) -> None:
    tensors = {"theta": fit(seed).trained.theta}
    io.write_atomic(path, lambda temporary: save_file(tensors, str(temporary)))


WRITERS: dict[str, Callable[[Path, int], object]] = {
    "page.md": lambda folder, seed: io.write_text(folder / "page.md", f"{seed} word " * 900),
    "metrics.json": lambda folder, seed: io.write_json(folder / "metrics.json", frame(seed)["x"].tolist()),
    "exact.json": lambda folder, seed: io.write_exact_json(folder / "exact.json", frame(seed)["x"].tolist()),
    "table.csv": lambda folder, seed: io.write_csv(folder / "table.csv", frame(seed)),
    "table.parquet": lambda folder, seed: io.write_parquet(folder / "table.parquet", frame(seed)),
    "bars.parquet": bars,
    "scores.parquet": models,
    "fit.safetensors": lambda folder, seed: store.save(folder / "fit.safetensors", fit(seed)),
    "weights.safetensors": lambda folder, seed: weights(folder / "weights.safetensors", seed),
    "ledger.jsonl": lambda folder, seed: ledger.append(
        folder / "ledger.jsonl", registered(dropout=0.1 + seed / 100), DATA, RESULTS
    ),
}
"""File -> what writes it in a folder; another number gives other bytes."""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def limited(folder: Path, seed: int, cuts: int) -> None:
    """In this process: every writer stopped by the kernel at ``cuts`` random bytes; prints what went wrong, or a count.

    A limit on file sizes makes the kernel cut a write short as a full disk does, at any byte.
    """
    rng, done = np.random.default_rng(seed), 0
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    for name, write in WRITERS.items():
        own = folder / name.replace(".", "_")
        own.mkdir()
        write(own, 1)
        before = contents(own)
        for limit in rng.integers(0, len(before[name]), cuts).tolist():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
            try:
                write(own, 2)
            except UserError as error:
                said = str(error)
            else:
                said = "no error"
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            if name not in said or "it grew past the limit on file sizes" not in said or "\n" in said:
                print(f"{name} at {limit}: {said}")
            if contents(own) != before:
                print(f"{name} at {limit}: the old files are not what they were: {sorted(contents(own))}")
            done += 1
    print(done)


if __name__ == "__main__":
    limited(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
