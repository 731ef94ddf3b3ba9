"""`dvc repro` with nothing to do, at four tiers and three budgets, against the same stages that depend on no code.

A copy of the tracked files in a temporary folder, under git, gets a placeholder at every out, which `dvc commit
--force` takes for the result. Their contents do not matter for a run that does nothing; their sizes do, for the
hashing, and are those of dvc.lock. Nothing leaves the temporary folder: DVC's caches and settings lie in it too.
"""

from __future__ import annotations

import hashlib
import os
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import yaml

AXES = {"tiers": ("a20", "a50", "a100", "a200"), "budgets": ("2M", "20M", "200M")}
COMMANDS = ("version", "status", "repro")
CODE = ("data/code", "src/")  # how a dependency on code begins
IDLE = "Data and pipelines are up to date."
UNKNOWN_FILE, UNKNOWN_FOLDER = (1000, 0), (1000, 1)  # bytes and files of an out that dvc.lock does not know


@dataclass(frozen=True)
class Out:
    """Path of an out of one stage, its bytes, and its number of files: 0 where it is a file itself."""

    path: str
    size: int
    files: int


def noop(root: Path, axes: Mapping[str, Sequence[str]] = AXES, repeats: int = 5) -> dict[str, Any]:
    """Median seconds of the three commands, in turns, and of hashing every dependency and out.

    Parameters
    ----------
    root : the project, a git repository with dvc.yaml, dvc.lock and params.yaml
    axes : key of params.yaml -> the values it is given

    Returns
    -------
    dict
        Seconds of computing, which a busy machine changes little, and of the wall clock; ``bare`` is an idle `dvc
        repro` of the same stages without the stage ``code`` and what depends on code. ``ratio`` is that of the idle
        `dvc repro` to ``bare``, ``ratio_to_hashing`` to `dvc version` plus hashing, by computing.

    Raises
    ------
    RuntimeError
        A command failed, or `dvc repro` had something to do.
    """
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        placed = prepare(root, folder, axes)
        bare = folder.with_name("bare")
        prepare(root, bare, axes, code=False)
        turns = [(name, folder, name) for name in COMMANDS] + [("bare", bare, "repro")]
        for where in (folder, bare):
            idle(dvc(where, "repro")[2])
        computing: dict[str, list[float]] = {name: [] for name, _, _ in turns}
        wall: dict[str, list[float]] = {name: [] for name, _, _ in turns}
        for _ in range(repeats):
            for name, where, command in turns:
                cpu, clock, output = dvc(where, command)
                computing[name].append(cpu)
                wall[name].append(clock)
                if command == "repro":
                    idle(output)
        lock = yaml.safe_load((folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
        entries = [entry["path"] for stage in lock.values() for key in ("deps", "outs") for entry in stage.get(key, ())]
        hashed = min((digest(folder, set(entries)) for _ in range(repeats)), key=lambda row: row[0])
        seconds = {name: float(np.median(values)) for name, values in computing.items()}
        return {
            "stages": len(lock),
            "dependencies_and_outs": len(entries),
            "lock_kib": (folder / "dvc.lock").stat().st_size / 1024,
            "outs_mib": sum(out.size for out in placed) / 2**20,
            "hashed_mib": hashed[1] / 2**20,
            "repeats": repeats,
            "yaml_read_in_c": find_spec("_ruamel_yaml") is not None,
            "seconds": seconds | {"hashing": hashed[0]},
            "wall_seconds": {name: float(np.median(values)) for name, values in wall.items()},
            "ratio": seconds["repro"] / seconds["bare"],
            "ratio_to_hashing": seconds["repro"] / (seconds["version"] + hashed[0]),
        }


def prepare(root: Path, folder: Path, axes: Mapping[str, Sequence[str]], code: bool = True) -> list[Out]:
    """Build the committed copy in a new folder, with or without dependencies on code; the placeholders placed."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=root, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (root / name).is_file():  # not one that was just deleted
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, folder / name)
    params = (folder / "params.yaml").read_text(encoding="utf-8")
    for key, values in axes.items():  # by line: the comments take DVC time to read as well
        params = re.sub(rf"(?m)^{key}:.*\n(?:- .*\n)*", f"{key}: [{', '.join(values)}]\n", params)
    (folder / "params.yaml").write_text(params, encoding="utf-8")
    pipeline = folder / "dvc.yaml"
    if not code:
        pipeline.write_text(without_code(pipeline.read_text(encoding="utf-8")), encoding="utf-8")
    lock = folder / "dvc.lock"
    known = yaml.safe_load(lock.read_text(encoding="utf-8"))["stages"] if lock.exists() else {}
    lock.unlink(missing_ok=True)
    stages = yaml.safe_load(pipeline.read_text(encoding="utf-8"))["stages"]
    placed = outs(stages, known, axes)
    for out in placed:
        place(folder, out)
    for dep in {dep for stage in stages.values() for dep in stage.get("deps", ()) if dep.startswith(CODE[0])}:
        place(folder, Out(dep, UNKNOWN_FILE[0], 0))
    run(folder, "git", "init", "-q")
    dvc(folder, "commit", "--force", "--quiet")
    run(folder, "git", "add", "--all")
    run(folder, "git", "commit", "--quiet", "--message", "placeholders")
    return placed


def outs(stages: Mapping[str, Any], known: Mapping[str, Any], axes: Mapping[str, Sequence[str]]) -> list[Out]:
    """Outs of every stage, a matrix written out, each with the largest size that its like has in dvc.lock.

    Parameters
    ----------
    stages, known : stages of dvc.yaml and of dvc.lock
    axes : key of params.yaml that a matrix axis names -> its values
    """
    found = []
    for name, stage in stages.items():
        matrix = stage.get("matrix", {})
        items = [dict(zip(matrix, values)) for values in product(*(axes[axis[2:-1]] for axis in matrix.values()))]
        built = {
            entry["path"]: (entry["size"], entry.get("nfiles", 0))
            for at, locked in known.items()
            if at.split("@")[0] == name
            for entry in locked.get("outs", ())
        }
        for declared in stage.get("outs", ()):
            template = declared if isinstance(declared, str) else next(iter(declared))
            like = re.compile(re.sub(r"\\\$\\\{item\\\.\w+\\\}", "[^/.-]+", re.escape(template)))
            sizes = [size for path, size in built.items() if like.fullmatch(path)]
            for path in (filled(template, item) for item in items):
                found.append(Out(path, *max(sizes, default=UNKNOWN_FILE if Path(path).suffix else UNKNOWN_FOLDER)))
    return found


def without_code(pipeline: str) -> str:
    """The text of a dvc.yaml without the stage ``code`` and without dependencies on code."""
    pipeline = re.sub(r"(?m)^  code:.*\n(?:    .*\n)*\n?", "", pipeline)
    return re.sub(rf"(?m)^      - (?:{'|'.join(map(re.escape, CODE))}).*\n", "", pipeline)


def filled(template: str, item: Mapping[str, str]) -> str:
    """A path of dvc.yaml with the values of one matrix combination."""
    for axis, value in item.items():
        template = template.replace(f"${{item.{axis}}}", value)
    return template


def place(folder: Path, out: Out) -> None:
    """Write a placeholder: one file, or a folder of equal ones; each is different, as results are."""
    path = folder / out.path
    files = [path / str(number) for number in range(out.files)] or [path]
    if out.files:
        shutil.rmtree(path, ignore_errors=True)
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        name = f"{out.path} {file.name}\n".encode()
        file.write_bytes(name.ljust(out.size // len(files), b"."))


def idle(output: str) -> None:
    """Raise RuntimeError unless this output of `dvc repro` says that no stage was run."""
    ran = [line for line in output.splitlines() if line.startswith("Running stage")]
    if ran or IDLE not in output:
        raise RuntimeError(f"dvc repro was not idle: {'; '.join(ran) or output[-200:]}")


def digest(folder: Path, paths: set[str]) -> tuple[float, int]:
    """Seconds of computing of the MD5 of every file at or under the paths, each once, and their bytes."""
    roots = [folder / path for path in paths]
    files = {file for at in roots for file in (at.rglob("*") if at.is_dir() else [at]) if file.is_file()}
    began, size = time.process_time(), 0
    for file in sorted(files):
        content = file.read_bytes()
        hashlib.md5(content, usedforsecurity=False).hexdigest()
        size += len(content)
    return time.process_time() - began, size


def dvc(folder: Path, *arguments: str) -> tuple[float, float, str]:
    """Run a DVC command: seconds of computing, of the wall clock, and what it printed."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    output = run(folder, sys.executable, "-m", "dvc", *arguments)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - began
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, output


def run(folder: Path, *command: str) -> str:
    """What a command prints in the folder, apart from the user's own settings of git and DVC."""
    own = folder.parent / "settings"
    settings = {f"DVC_{name}_DIR": str(own) for name in ("SITE_CACHE", "GLOBAL_CONFIG", "SYSTEM_CONFIG")}
    who = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
    settings |= {f"GIT_{name}": "bench@example.org" for name in who}
    env = os.environ | settings | {"GIT_CONFIG_GLOBAL": os.devnull, "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[-3:])} gave {done.returncode}: {(done.stderr or done.stdout)[-400:]}")
    return done.stdout
