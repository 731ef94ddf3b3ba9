"""A copy of the project in a folder of its own, at a scale that takes seconds, driven as a user drives it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import yaml

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

TINY = {
    "d_model": 16,
    "n_layers": 1,
    "n_heads": 2,
    "learning_rate": 1.0e-3,
    "tiers": ["a20"],
    "budgets": ["2M"],
    "candidate.tier": "a20",
    "model.context": 20,
    "model.patch": 10,
    "model.stride": 10,
    "training.epochs": 2,
    "training.seeds": 2,
    "grids.2M.d_model": [8, 16],
    "grids.2M.n_layers": [1],
    "grids.2M.n_heads": [2, 4],
    "grids.20M.d_model": [24],
    "grids.20M.n_layers": [1],
    "grids.20M.n_heads": [2, 4],
    "hpo.trials": 4,
    "hpo.epochs": 1,
    "supplement.trials": 6,
    "supplement.second": 1,
    "evaluate.top": 2,
    "select.count": 3,
    "select.min_buys": 10,
}


class Project:
    """The project's tracked files in ``folder``, under git, with the tiny params committed."""

    def __init__(self, folder: Path, workers: int = 1) -> None:
        self.folder, self.workers = folder, workers
        for name in self._tracked():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        for built in ("dvc.lock", "metrics", "plots"):
            path = folder / built
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.set(**TINY)
        self.run("git", "init", "-q", "-b", "main")
        self.commit("tiny")

    @staticmethod
    def _tracked() -> list[str]:
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
        names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
        return [name for name in names if name and (ROOT / name).is_file()]

    @classmethod
    def at(cls, folder: Path, workers: int = 1) -> Self:
        """The project that is in a folder already."""
        other = object.__new__(cls)
        other.folder, other.workers = folder, workers
        return other

    def copy(self, folder: Path, workers: int | None = None) -> Self:
        """The same project, with whatever has run in it, in another folder."""
        shutil.copytree(self.folder, folder, symlinks=True, copy_function=_copied)
        return self.at(folder, workers or self.workers)

    def use_this_environment(self) -> None:
        """Make .venv the one that runs the tests, under the mark that it is ready: setting one up needs a network."""
        environment = self.folder / ".venv"
        environment.mkdir()
        for part in Path(sys.prefix).iterdir():
            if part.name != "ready":
                (environment / part.name).symlink_to(part)
        (environment / "ready").touch()

    def set(self, **values) -> None:
        """Set dotted keys of params.yaml."""
        path = self.folder / "params.yaml"
        path.write_text(with_values(path.read_text(), values))

    def environment(self) -> dict[str, str]:
        """That of a command: the tests' own interpreter first in PATH, the project's own source."""
        unwanted = ("DVC_", "MAKE", "MFLAGS", "PYTHONDONTWRITEBYTECODE")  # of a make around; a second at every start
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(unwanted)}
        who = ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL")
        return (
            inherited
            | {f"GIT_{name}": "test@example.org" for name in who}
            | {
                "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
                "PYTHONPATH": str(self.folder / "src"),
                "BUYSIGNAL_WORKERS": str(self.workers),
                "DVC_NO_ANALYTICS": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
            }
        )

    def run(self, *command: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess:
        """Run a command in the project to its end."""
        env = self.environment() | environment
        done = subprocess.run(command, cwd=self.folder, env=env, capture_output=True, text=True)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(command)} gave {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def commit(self, message: str) -> None:
        self.run("git", "add", "-A")
        self.run("git", "commit", "-q", "-m", message)

    def repro(self, *arguments: str) -> list[str]:
        """`dvc repro`; the stages whose command was run, in order."""
        return ran(self.run("dvc", "repro", *arguments).stdout)

    def stages(self) -> dict[str, dict]:
        """The stages of dvc.yaml, a matrix counting once."""
        return yaml.safe_load((self.folder / "dvc.yaml").read_text())["stages"]

    def stale(self) -> set[str]:
        """Stages of which `dvc status` says that a dependency has changed, a matrix counting once."""
        status = json.loads(self.run("dvc", "status", "--json").stdout)
        return {
            stage.split("@")[0]
            for stage, changes in status.items()
            if any("changed deps" in change for change in changes if isinstance(change, dict))
        }

    def digests(self, *folders: str) -> dict[str, str]:
        """SHA-256 of every file under the folders."""
        roots = [self.folder / folder for folder in folders]
        files = [p for root in roots for p in ([root] if root.is_file() else sorted(root.rglob("*"))) if p.is_file()]
        return {p.relative_to(self.folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    def json(self, path: str):
        return json.loads((self.folder / path).read_text())


def with_values(params: str, values: Mapping[str, object]) -> str:
    """The text of a params.yaml with dotted keys set."""
    content = yaml.safe_load(params)
    for key, value in values.items():
        *sections, last = key.split(".")
        place = content
        for section in sections:
            place = place[section]
        place[last] = value
    return yaml.safe_dump(content, sort_keys=False)


def ran(output: str) -> list[str]:
    """Stage names of the lines ``Running stage 'name':`` of DVC's output."""
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage '")]


def _copied(source: str, target: str) -> object:
    """Copy a file; one that DVC or git keep by its digest, and never write again, gets a second name instead."""
    kept = "/.dvc/cache/files/" in source or "/.git/objects/" in source
    return os.link(source, target) if kept else shutil.copy2(source, target)
