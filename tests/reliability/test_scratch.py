"""The age rule removes what is old and nothing else, whoever else is at work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buysignal.cli.main import main
from buysignal.cli.scratch import DAY_S, items
from buysignal.core.files import write_atomic
from buysignal.search.study.store import Store
from tests.search.study.toy import small_space


def aged(path: Path, days: float, content: bytes = b"x" * 1000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_bytes(content)
    os.utime(path, (time.time() - days * DAY_S,) * 2)
    return path


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """Two studies, two fits and three temporary files: one of each is 40 days old, one temporary file is of now."""
    monkeypatch.chdir(tmp_path)
    for name, days in (("a50-2M-old", 40), ("a50-2M-new", 2)):
        aged(tmp_path / f".scratch/studies/{name}.db", days)
        aged(tmp_path / f".scratch/studies/{name}.lock", days, b"")
    aged(tmp_path / ".scratch/studies/a50-2M-old.db-journal", 40)
    aged(tmp_path / ".scratch/fits/old.safetensors", 40)
    aged(tmp_path / ".scratch/fits/new.safetensors", 2)
    aged(tmp_path / "metrics/.ledger.jsonl.abc_12xy.tmp", 40)
    aged(tmp_path / "data/models/01/.weights.safetensors.abcd1234.tmp", 1.5)
    aged(tmp_path / ".scratch/fits/.new.safetensors.zzzz9999.tmp", 0.5)
    aged(tmp_path / "data/models/01/weights.safetensors", 99)
    aged(tmp_path / "data/notes.tmp", 99)
    return tmp_path


def there(root: Path) -> set[str]:
    return {path.name for path in root.rglob("*") if path.is_file()}


def scratch(*words: str) -> int:
    return main(["scratch", *words])


def test_without_an_age_everything_is_listed_and_nothing_removed(project, capsys):
    before = there(project)
    assert scratch() == 0 and there(project) == before
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "study a50-2M-old 2.0 KiB 40.0" in rows and "study a50-2M-new 1000 bytes 2.0" in rows
    assert "2 fits 2.0 KiB 2.0 to 40.0" in rows and "3 temporary files 2.9 KiB 0.5 to 40.0" in rows


def test_what_was_not_touched_for_30_days_goes_with_all_its_files_and_the_rest_stays(project, capsys):
    before = there(project)
    assert scratch("--older-than", "30") == 0
    gone = {"a50-2M-old.db", "a50-2M-old.db-journal", "old.safetensors", ".ledger.jsonl.abc_12xy.tmp"}
    assert before - there(project) == gone
    assert "removed: 1 study, 1 fit, 1 temporary file, 3.9 KiB" in capsys.readouterr().out


def test_a_dry_run_says_the_same_and_removes_nothing(project, capsys):
    before = there(project)
    assert scratch("--older-than", "30", "--dry-run") == 0 and there(project) == before
    assert "would be removed: 1 study, 1 fit, 1 temporary file, 3.9 KiB" in capsys.readouterr().out


def test_age_0_takes_all_but_young_temporary_files_and_what_is_no_scratch(project):
    assert scratch("--older-than", "0") == 0
    locks = {"a50-2M-old.lock", "a50-2M-new.lock"}
    assert there(project) == locks | {".new.safetensors.zzzz9999.tmp", "weights.safetensors", "notes.tmp"}


def test_a_study_used_lately_is_young_whenever_its_last_trial_was_written(project):
    aged(project / ".scratch/studies/a50-2M-old.lock", 1)
    scratch("--older-than", "30")
    assert "a50-2M-old.db" in there(project)


HOLD = """
import signal, sys
from pathlib import Path
from buysignal.core.lock import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""


def test_a_study_of_a_live_writer_stays_and_the_others_go(project, capsys):
    lock = project / ".scratch/studies/a50-2M-old.lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        assert scratch("--older-than", "0") == 1
    finally:
        holder.kill()
        holder.wait()
    assert {"a50-2M-old.db", "a50-2M-old.db-journal"} <= there(project) and "a50-2M-new.db" not in there(project)
    assert f"kept: a50-2M-old is being searched by process {holder.pid}" in capsys.readouterr().out
    aged(lock, 40)
    assert scratch("--older-than", "30") == 0
    assert "a50-2M-old.db" not in there(project)


def test_a_killed_writer_leaves_a_file_that_the_rule_knows(project):
    write = "write_atomic(sys.argv[1], lambda p: os.kill(os.getpid(), 9))"
    code = f"import sys, os\nfrom buysignal.core.files import write_atomic\n{write}"
    subprocess.run([sys.executable, "-c", code, str(project / "metrics/x.json")], check=False)
    [stray] = [path for path in (project / "metrics").glob(".x.json.*")]
    assert not (project / "metrics/x.json").exists()
    assert stray in [project / item.path for item in items(Path(), project / ".scratch")]
    aged(stray, 1.1)
    scratch("--older-than", "0")
    assert not stray.exists()


INTERRUPTED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.executescript("pragma cache_size=1; create table t (x); begin")
for _ in range(200):
    connection.execute("insert into t values (zeroblob(4000))")
os._exit(1)
"""


def test_a_journal_that_was_left_alone_spoils_no_new_study(project):
    path = project / ".scratch/studies/a50-2M-old.db"
    journal = path.with_name(path.name + "-journal")
    path.unlink()
    journal.unlink()
    subprocess.run([sys.executable, "-c", INTERRUPTED, str(path)], check=False)
    assert journal.stat().st_size > 0  # hot: a transaction that was cut short
    path.unlink()
    store = Store(path, small_space())
    assert store.read() == []
    store.close()


def test_a_folder_without_scratch_is_told_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert scratch("--older-than", "0") == 0
    assert "holds nothing" in capsys.readouterr().out and there(tmp_path) == set()


@pytest.mark.parametrize("words", ["-1", "much", "nan", "inf"])
def test_what_is_no_number_of_days_is_refused(project, words, capsys):
    with pytest.raises(SystemExit) as caught:
        scratch("--older-than", words)
    assert caught.value.code == 2 and "is not a number of days; write 0 or more" in capsys.readouterr().err


def test_a_write_names_its_temporary_file_as_the_rule_expects(tmp_path):
    seen = []

    def write(temporary: Path) -> None:
        os.utime(temporary, (0, 0))
        seen.extend(item.path for item in items(tmp_path, tmp_path / ".scratch"))
        temporary.write_text("{}")

    write_atomic(tmp_path / "metrics" / "x.json", write)
    assert [path.parent for path in seen] == [tmp_path / "metrics"]
