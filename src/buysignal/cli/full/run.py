"""The study as one experiment of DVC, whose lines are passed on with how long all of it will take."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from buysignal.cli.full.planned import STAGES, Plan
from buysignal.cli.full.scale import words
from buysignal.core.errors import UserError

NAME = "full"
STAGE = re.compile(r"Running stage '([a-z]+)")
AGAIN = "python -m buysignal full goes on where this stopped; make reset brings the committed settings back"


def run(project: Path, changed: Mapping[str, Any], plan: Plan) -> int:
    """Run the experiment to its end or until it is stopped; 0 if it came to its end, 130 if stopped, else 1."""
    command = [sys.executable, "-m", "dvc", "exp", "run", "-n", _name(project), *words(changed)]
    child = subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in child.stdout:
            stage = STAGE.match(line)
            if stage and stage[1] in STAGES:
                print(plan.told(stage[1]), flush=True)
            print(line, end="", flush=True)
        status = child.wait()
    except KeyboardInterrupt:  # DVC and the stage have heard it, too, and leave everything whole
        child.wait()
        print(f"stopped: {AGAIN}", file=sys.stderr, flush=True)
        return 130
    if status:
        print(f"error: a stage failed, see above: {AGAIN}", file=sys.stderr, flush=True)
    return 1 if status else 0


def _name(project: Path) -> str:
    """``full``, or the first of ``full-2``, ``full-3``, ... that no experiment has."""
    asked = [sys.executable, "-m", "dvc", "exp", "list", "--name-only"]
    done = subprocess.run(asked, cwd=project, capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"`dvc exp list` failed: {done.stderr.strip() or done.stdout.strip()}")
    taken, number = set(done.stdout.split()), 1
    while (name := NAME if number == 1 else f"{NAME}-{number}") in taken:
        number += 1
    return name
