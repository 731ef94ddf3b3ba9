"""Peak memory of each stage of a finished run: `python -m bench.memory [folder] [--write]`.

Every stage's command is run again, in the order of the lock of DVC, in a copy of the run whose scratch
folder is empty, so that it does all of its work. The peak is the largest resident set of one process of
the stage, as the kernel counted it (`getrusage`): of the stage itself, or of its largest worker.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

from buysignal.core.errors import UserError
from buysignal.core.files import write_json

RESULT = Path("bench/results/memory.json")
LEFT_OUT = (".git", ".dvc", ".venv", ".scratch")
MIB = 1 << 20
MAXRSS = 1 if sys.platform == "darwin" else 1 << 10  # bytes in a unit of ru_maxrss


@dataclass(frozen=True)
class Peak:
    """What one stage took.

    Attributes
    ----------
    stage : its name in dvc.lock
    mib : largest resident set of one of its processes, in MiB
    seconds : of its processors, all processes together
    """

    stage: str
    mib: float
    seconds: float


def stages(folder: Path) -> list[tuple[str, str]]:
    """Name and command of each stage that has run, in the order of their dependencies.

    Raises
    ------
    UserError
        If there is no lock of a run.
    """
    try:
        lock = yaml.safe_load((folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    except (OSError, TypeError, KeyError, yaml.YAMLError):
        raise UserError(f"{folder / 'dvc.lock'} is no lock of a finished run: run `dvc repro`") from None
    return [(name, lock[name]["cmd"]) for name in _ordered(lock)]


def _ordered(lock: dict) -> Iterator[str]:
    """Stages after those whose outs they read."""
    left = dict(lock)
    while left:
        made = {out["path"] for stage in left.values() for out in stage.get("outs", [])}
        ready = [name for name, stage in left.items() if not _waits(stage, made)]
        if not ready:
            raise UserError("dvc.lock has stages that wait for each other: run `dvc repro`")
        for name in ready:
            del left[name]
            yield name


def _waits(stage: dict, made: set[str]) -> bool:
    own = {out["path"] for out in stage.get("outs", [])}
    read = [dep["path"] for dep in stage.get("deps", [])]
    return any(_overlap(path, out) for path in read for out in made - own)


def _overlap(one: str, other: str) -> bool:
    return one == other or one.startswith(f"{other}/") or other.startswith(f"{one}/")


def measure(folder: Path) -> list[Peak]:
    """The peak of every stage, each run in a copy of ``folder``.

    Raises
    ------
    UserError
        If there is no finished run, or a stage fails.
    """
    wanted, found = stages(folder), []
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "run"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(*LEFT_OUT, "*.tmp"))
        for name, command in wanted:
            found.append(_peak(name, command, copy))
            print(f"{name:<24} {found[-1].mib:8.0f} MiB {found[-1].seconds:8.1f} s", file=sys.stderr, flush=True)
    return found


CHILD = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([done.returncode, done.stderr[-500:], used.ru_maxrss, used.ru_utime + used.ru_stime]))
"""
"""Runs one command and says what its processes took: in a process of its own, as the kernel keeps one peak for all."""


def _peak(name: str, command: str, folder: Path) -> Peak:
    words = [sys.executable if word == "python" else word for word in shlex.split(command)]
    environment = os.environ | {"PYTHONPATH": str(folder / "src")}
    outer = [sys.executable, "-c", CHILD, *words]
    told = subprocess.run(outer, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout
    status, said, largest, seconds = json.loads(told)
    if status:
        raise UserError(f"stage {name} failed: {' '.join(said.split()[-40:])}")
    return Peak(name, round(largest * MAXRSS / MIB, 1), round(seconds, 1))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=Path(), help="of the run (default: here)")
    parser.add_argument("--write", action="store_true", help=f"keep the result in {RESULT}")
    arguments = parser.parse_args()
    try:
        found = measure(arguments.folder)
    except UserError as error:
        sys.exit(f"error: {error}")
    if arguments.write:
        write_json(RESULT, [asdict(peak) for peak in found])
    largest = max(found, key=lambda peak: peak.mib)
    print(f"{len(found)} stages; the largest, {largest.stage}, took {largest.mib:.0f} MiB in one process")


if __name__ == "__main__":
    main()
