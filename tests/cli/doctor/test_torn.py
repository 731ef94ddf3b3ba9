"""The doctor answers in words whatever was torn, and what it says of DVC's own files mends them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from buysignal.cli.doctor import pipeline
from buysignal.cli.doctor.catalogue import CATALOGUE, diagnose
from buysignal.cli.doctor.run import Run
from buysignal.cli.doctor.verdict import CANNOT_JUDGE, OK, Verdict

NOT_READ = re.compile(  # pictures and summaries of what the doctor reads elsewhere
    r"plots/(curves|calibration|live/candidate)/|plots/(symbols|years).csv|plots/live/train/(metrics.json|plots/metrics/train_loss)"
    r"|metrics/candidate.json|data/sweep/|data/baseline/[a-z0-9]+/offset"
)


def artefacts(root: Path) -> list[Path]:
    """All but data/trained, of which data/models has the same again."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return [path for path in files if not {".scratch", "trained"} & {*path.relative_to(root).parts}]


def tear(root: Path, files: list[Path], seed: int, cuts: int) -> list[str]:
    """Each file cut at random bytes, one at a time, and emptied; what went unseen though it is read."""
    rng, unseen = np.random.default_rng(seed), []
    for path in files:
        whole, name = path.read_bytes(), path.relative_to(root).as_posix()
        for cut in [0, *rng.integers(0, len(whole.rstrip()), cuts).tolist()]:
            path.write_bytes(whole[:cut])
            verdicts = diagnose(Run(root))
            assert len(verdicts) == len(CATALOGUE)
            assert all("\n" not in verdict.text and verdict.text for verdict in verdicts), name
            if not NOT_READ.match(name) and {verdict.level for verdict in verdicts} == {OK}:
                unseen.append(f"{name} cut at {cut} of {len(whole)}")
        path.write_bytes(whole)
    return unseen


def test_no_cut_of_an_artefact_is_a_traceback_and_none_that_is_read_goes_unseen(copy, quick):
    assert tear(copy, artefacts(copy)[::20], seed=1, cuts=1) == []


@pytest.mark.full
def test_no_cut_of_any_artefact_is_a_traceback_and_none_that_is_read_goes_unseen(copy, quick):
    assert tear(copy, artefacts(copy), seed=2, cuts=9) == []


@pytest.mark.full
def test_no_flipped_byte_of_any_artefact_is_a_traceback(copy, quick):
    rng = np.random.default_rng(3)
    for path in artefacts(copy):
        whole = path.read_bytes()
        for _ in range(6):
            flipped = bytearray(whole)
            flipped[rng.integers(len(whole))] ^= 1 << int(rng.integers(8))
            path.write_bytes(flipped)
            assert len(diagnose(Run(copy))) == len(CATALOGUE), path
        path.write_bytes(whole)


DVC_YAML = """
stages:
  one: {cmd: cp a b, deps: [a], outs: [b]}
  two: {cmd: cp b c, deps: [b], outs: [c]}
"""


def ask(root: Path, *words: str) -> subprocess.CompletedProcess:
    """A command in the project, with the tests' own DVC."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    who = {f"GIT_{role}_{what}": "test@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = os.environ | who | {"PATH": path, "DVC_NO_ANALYTICS": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    return subprocess.run(words, cwd=root, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A DVC project of two stages that were run and committed."""
    root = tmp_path_factory.mktemp("built")
    (root / "a").write_text("a")
    (root / "dvc.yaml").write_text(DVC_YAML)
    for words in ("git init -q", "dvc init -q", "dvc repro -q", "git add -A", "git commit -q -m built"):
        done = ask(root, *words.split())
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def project(built, tmp_path) -> Path:
    return shutil.copytree(built, tmp_path / "project")


def state(root: Path) -> Verdict:
    return pipeline.state(Run(root))


def torn_lock(content: bytes, at: float) -> bytes:
    return content[: int(len(content) * at)]


DAMAGES = {  # file, what becomes of it, whether `dvc repro` fails on it
    "lock emptied": (pipeline.LOCK, lambda content: b"", True),
    "lock cut in its first line": (pipeline.LOCK, lambda content: content[:6], True),
    "lock cut early": (pipeline.LOCK, lambda content: torn_lock(content, 0.3), False),
    "lock cut late": (pipeline.LOCK, lambda content: torn_lock(content, 0.9), False),
    "lock of zeros": (pipeline.LOCK, lambda content: bytes(len(content)), True),
    "lock not UTF-8": (pipeline.LOCK, lambda content: b"\xff\xfe" + content, True),
    "lock with a conflict": (pipeline.LOCK, lambda content: b"<<<<<<< HEAD\n" + content, True),
    "rwlock emptied": (pipeline.RWLOCK, lambda content: b"", True),
    "rwlock cut": (pipeline.RWLOCK, lambda content: b'{"write": {"', True),
    "rwlock of zeros": (pipeline.RWLOCK, lambda content: bytes(40), True),
    "rwlock a list": (pipeline.RWLOCK, lambda content: b"[]", True),
    "rwlock of another form": (pipeline.RWLOCK, lambda content: b'{"write": {"/x": 1}}', True),
}
QUICK = ("lock emptied", "lock cut late", "rwlock cut")


def test_what_a_killed_git_left_is_told_and_the_command_mends_it(project):
    (project / pipeline.INDEX).touch()
    assert ask(project, "git", "checkout", "HEAD", "--", pipeline.LOCK).returncode != 0
    verdict = state(project)
    assert verdict.level == CANNOT_JUDGE and verdict.text.startswith(f"{pipeline.INDEX} is there, ")
    [command] = re.findall(r"`(rm [^`]+)`", verdict.text)
    assert ask(project, *command.split()).returncode == 0
    assert ask(project, "git", "checkout", "HEAD", "--", pipeline.LOCK).returncode == 0 and state(project).level == OK


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_to_the_files_of_dvc_is_told_with_the_file_and_the_command(project, name):
    file, damage, _ = DAMAGES[name]
    path = project / file
    path.write_bytes(damage(path.read_bytes()))
    verdict = state(project)
    assert verdict.level == CANNOT_JUDGE and verdict.text.startswith(file) and "\n" not in verdict.text
    assert ("`git checkout HEAD -- dvc.lock`" if file == pipeline.LOCK else "`rm .dvc/tmp/rwlock`") in verdict.text


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[] if n in QUICK else [pytest.mark.full], id=n) for n in DAMAGES]
)
def test_the_command_that_is_told_mends_what_dvc_cannot(project, name):
    file, damage, fails = DAMAGES[name]
    path, before = project / file, (project / pipeline.LOCK).read_bytes()
    path.write_bytes(damage(path.read_bytes()))
    (project / "a").write_text("b" if file == pipeline.RWLOCK else "a")  # nothing to run, nothing to lock
    if fails:
        assert ask(project, "dvc", "repro").returncode != 0
    for command in re.findall(r"`([^`]+)`", state(project).text):
        if command != f"rm {pipeline.LOCK}":  # the other way, for a lock that git has not
            done = ask(project, *command.split())
            assert done.returncode == 0, done.stderr
    assert ask(project, "dvc", "repro").returncode == 0 and state(project).level == OK
    assert (project / "c").read_text() == (project / "a").read_text()
    assert file == pipeline.RWLOCK or (project / pipeline.LOCK).read_bytes() == before


@pytest.mark.full
def test_without_a_lock_everything_is_restored_and_the_lock_is_the_same(project):
    path = project / pipeline.LOCK
    before = path.read_bytes()
    path.unlink()
    assert "dvc.lock is missing" in state(project).text
    assert ask(project, "dvc", "repro").returncode == 0 and path.read_bytes() == before


def test_a_cut_of_the_lock_is_told_unless_it_leaves_whole_stages_and_those_that_are_gone_dvc_tells(project):
    path = project / pipeline.LOCK
    whole = path.read_bytes()
    unseen = []
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        if state(project).level != CANNOT_JUDGE:
            unseen.append(cut)
    assert unseen == [whole.index(b"  two:\n")]
    path.write_bytes(whole[: unseen[0]])
    said = ask(project, "dvc", "status").stdout
    assert "two:\n\tchanged deps:" in said and "one" not in said


def test_who_holds_a_file_or_the_project_is_told_by_dvc(project):
    other = subprocess.Popen(["sleep", "30"])
    try:
        notes = {"write": {str(project / "b"): {"pid": other.pid, "cmd": "dvc repro"}}, "read": {}}
        (project / pipeline.RWLOCK).write_text(json.dumps(notes))
        said = ask(project, "dvc", "status").stderr
        assert f"(PID {other.pid}): dvc repro" in said and "you can manually remove" in said
        assert state(project).level == OK
    finally:
        other.kill()
        other.wait()


def test_a_mutex_that_is_no_file_is_told(project):
    path = project / pipeline.MUTEX
    path.unlink(missing_ok=True)
    path.mkdir()
    assert state(project).text == f"{pipeline.MUTEX} is no file: `rm -r {pipeline.MUTEX}`"
