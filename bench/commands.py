"""Seconds of the README's commands: of an earlier commit and of this one, in turns, each from nothing.

python -m bench.commands --before COMMIT [--folder FOLDER] [--out bench/results/commands.json]

Both are cloned into FOLDER and run by the Python that runs this, so versions of packages are the same. Wants a quiet
machine: three experiments and two whole pipelines take about 25 minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.speed.machine import described

from buysignal.core.files import write_json

HERE = Path(__file__).resolve().parents[1]
REPRO = ("dvc repro",)
TRIED = (
    "dvc exp run -S dropout=0.45",
    "dvc exp run -S dropout=0.5",
    "python -m buysignal predict --bars data/raw/example.csv",
    "python -m buysignal predict --bars data/raw/example.csv",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", required=True, help="commit that is compared with HEAD")
    parser.add_argument("--folder", type=Path, help="where both are cloned and left (default: a temporary one)")
    parser.add_argument("--small", action="store_true", help="only see that it runs: predict alone, nothing built")
    parser.add_argument("--out", type=Path, default=Path("bench/results/commands.json"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        clones = {
            name: clone(folder / name, commit) for name, commit in (("before", options.before), ("after", "HEAD"))
        }
        rows: list[dict[str, Any]] = []
        for command in ("python -m buysignal --version",) if options.small else REPRO + TRIED:
            for name, project in clones.items():
                rows.append({"commit": name, "command": command} | timed(command, project))
                write_json(options.out, found(rows, options.before))
                print(f"{name:6} {command}: {rows[-1]['seconds']:.1f} s, {rows[-1]['computing']:.1f} s of computing")


def clone(folder: Path, commit: str) -> Path:
    """A clone of this project at a commit, with nothing built."""
    subprocess.run(["git", "clone", "-q", str(HERE), str(folder)], check=True)
    wanted = subprocess.run(["git", "rev-parse", commit], cwd=HERE, check=True, capture_output=True, text=True)
    subprocess.run(["git", "checkout", "-q", "-B", "timed", wanted.stdout.strip()], cwd=folder, check=True)
    return folder


def timed(command: str, project: Path) -> dict[str, float]:
    """Seconds that a command takes, and seconds of computing of all its processes."""
    place = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = os.environ | {"PATH": place, "PYTHONPATH": str(project / "src")}
    before, began = os.times(), time.perf_counter()
    subprocess.run(command.split(), cwd=project, env=environment, check=True, capture_output=True)
    seconds, after = time.perf_counter() - began, os.times()
    computing = sum(after[2:4]) - sum(before[2:4])  # user and system time of children
    return {"seconds": seconds, "computing": computing, "load": os.getloadavg()[0]}


def found(rows: list[dict[str, Any]], commit: str) -> dict[str, Any]:
    """The runs, and by how much this commit is faster where both have run a command."""
    ratios = {}
    for command in {row["command"]: None for row in rows}:
        spent = {
            name: [r for r in rows if (r["commit"], r["command"]) == (name, command)] for name in ("before", "after")
        }
        if all(spent.values()):
            kinds = ("seconds", "computing")
            ratios[command] = {k: min(r[k] for r in spent["before"]) / min(r[k] for r in spent["after"]) for k in kinds}
    return {"before": commit, "runs": rows, "before_over_after": ratios, "machine": described()}


if __name__ == "__main__":
    main()
