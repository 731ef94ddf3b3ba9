"""What tests share is built once, and where CI runs them none is skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.shared import once

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("process", ["", "gw0"])
def test_of_those_that_ask_at_once_one_builds_and_all_read_it(tmp_path, monkeypatch, process):
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    if process:
        monkeypatch.setenv("PYTEST_XDIST_WORKER", process)
    folders, calls = SimpleNamespace(getbasetemp=lambda: tmp_path / process), []

    def build(folder: Path) -> None:
        calls.append(list(folder.iterdir()))
        (folder / "begun").touch()
        assert len(calls) > 1, "the first one fails"

    with pytest.raises(AssertionError, match="the first one fails"):
        once(folders, "asked", build)
    with ThreadPoolExecutor(4) as four:
        assert set(four.map(lambda _: once(folders, "asked", build), range(8))) == {tmp_path / "asked"}
    assert calls == [[], []]


SKIPPING = """
import pytest

def test_sound(): pass

@pytest.mark.skipif(True, reason="no browser here")
def test_marked(): pass

def test_inside(): pytest.skip("no cluster here")

@pytest.mark.xfail
def test_known_to_fail(): assert False
"""


@pytest.mark.parametrize("options", [[], ["--no-skips"]])
def test_under_no_skips_a_skip_is_a_failure_with_its_reason(tmp_path, options):
    (tmp_path / "test_some.py").write_text(SKIPPING)
    (tmp_path / "test_whole.py").write_text("import pytest\npytest.importorskip('nosuchmodule')\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-ra", "--continue-on-collection-errors"]
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")} | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, *options, tmp_path], cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert all(reason in done.stdout for reason in ("no browser here", "no cluster here", "nosuchmodule"))
    end = "1 failed, 1 passed, 1 xfailed, 2 errors in" if options else "1 passed, 3 skipped, 1 xfailed in"
    assert end in done.stdout.splitlines()[-1] and done.returncode == bool(options)
