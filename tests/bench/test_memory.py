"""Memory is that of a stage's own processes, stage by stage, in the order in which they can run."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from bench.memory import measure, stages

from buysignal.core.errors import UserError

SCRIPT = """
import sys
from pathlib import Path
taken = bytearray(int(sys.argv[1]) << 20)
taken[::1000] = b"x" * len(taken[::1000])
assert not Path(".scratch").exists()
Path(sys.argv[3]).write_text(Path(sys.argv[2]).read_text() + "x")
"""


def stage(mib: int, read: str, made: str) -> dict:
    entry = {"deps": [{"path": read}], "outs": [{"path": made}]}
    return {"cmd": f"python script.py {mib} {read} {made}", **entry}


@pytest.fixture
def run(tmp_path) -> Path:
    """A run of three stages that take 0, 300 and 100 MiB; the lock has them out of order."""
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / ".scratch").mkdir()
    (tmp_path / "a").write_text("a")
    found = {"last": stage(100, "c", "d"), "small": stage(0, "a", "b"), "large": stage(300, "b", "c")}
    (tmp_path / "dvc.lock").write_text(yaml.safe_dump({"schema": "2.0", "stages": found}, sort_keys=False))
    return tmp_path


def test_each_stage_has_its_own_peak_and_the_run_itself_is_not_touched(run):
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    small, large, last = measure(run)
    assert [small.stage, large.stage, last.stage] == ["small", "large", "last"]
    assert small.mib < 60 and 300 <= large.mib < 360 and 100 <= last.mib < 160
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before


def test_what_is_no_finished_run_is_one_line(tmp_path, run):
    with pytest.raises(UserError, match="is no lock of a finished run: run `dvc repro`"):
        stages(tmp_path / "none")
    (run / "a").unlink()
    with pytest.raises(UserError, match=r"stage small failed: .*No such file"):
        measure(run)
