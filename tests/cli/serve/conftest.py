"""The clean run, its bars as a CSV and as what the service reads, and the service in a process of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

WHY = "serve is an optional extra: pip install -r requirements-serve.txt"


def pytest_ignore_collect(collection_path):
    """Files that import Starlette are left where it is missing to `test_process.py`, which says why."""
    return True if find_spec("starlette") is None and collection_path.name == "test_bounds.py" else None


@pytest.fixture(scope="session", autouse=True)
def _needs_the_extra():
    if find_spec("uvicorn") is None or find_spec("starlette") is None:
        pytest.skip(WHY)


@dataclass(frozen=True)
class Service:
    """One that listens on a port of this machine."""

    process: subprocess.Popen
    line: str

    @property
    def port(self) -> int:
        return int(self.line.rsplit(":", 1)[1])

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and content; a body that is no bytes is sent as JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            assert error.headers["content-type"] == "application/json"
            return error.code, json.load(error)


@contextmanager
def started(folder: Path, *words: str) -> Iterator[Service]:
    command = [sys.executable, "-m", "buysignal", "serve", "--port", "0", *words]
    pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with subprocess.Popen(command, cwd=folder, **pipes) as process:
        try:
            line = process.stdout.readline().strip()
            assert line, process.stderr.read()
            yield Service(process, line)
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="session")
def project(clean, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("serve") / "project"
    shutil.copytree(clean / "data/models", folder / "data/models")
    pd.read_parquet(clean / "data/bars/bars.parquet").to_csv(folder / "new.csv")
    return folder


@pytest.fixture(scope="session")
def rows(project) -> list[dict[str, Any]]:
    """The same bars as the service reads them; to be copied, not changed."""
    bars = pd.read_csv(project / "new.csv", index_col="date", parse_dates=True)
    return [{"date": f"{day:%Y-%m-%d}", **row} for day, row in bars.to_dict("index").items()]


@pytest.fixture(scope="session")
def service(project) -> Iterator[Service]:
    with started(project) as found:
        yield found
