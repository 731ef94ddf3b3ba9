"""Seconds of computing of the race's trials: of an earlier commit and of this one, in turns, on one core each.

python -m bench.trials --before COMMIT [--rounds 3] [--out bench/results/trials.json]

The ten configurations of `bench.speed`, one seed, each commit in a process of its own. What both import of
`bench.speed` and `buysignal` must have been there in the earlier commit, too.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

NAMES = ("before", "after")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", help="commit that is compared with HEAD")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--days", type=int, default=0, help="of the market, the last; 0: all")
    parser.add_argument("--out", type=Path, default=Path("bench/results/trials.json"))
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)  # what the other process is told: where to write
    options = parser.parse_args()
    if options.here:
        print(json.dumps(spent(options.here, options.days)))
        return
    if not options.before:
        parser.error("--before names the commit that HEAD is compared with")
    from bench.commands import clone
    from bench.speed.machine import described

    from buysignal.core.files import write_json

    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        commits = dict(zip(NAMES, (options.before, "HEAD")))
        clones = {name: clone(Path(temporary) / name, commit) for name, commit in commits.items()}
        for number in range(options.rounds):
            for name in NAMES if number % 2 == 0 else NAMES[::-1]:
                rows.append({"commit": name, "seconds": asked(clones[name], Path(temporary), options.days)})
                print(f"{name:6} {sum(rows[-1]['seconds']):.1f} s of computing", flush=True)
    write_json(options.out, compared(rows) | {"before": options.before, "machine": described()})


def asked(project: Path, folder: Path, days: int) -> list[float]:
    """Seconds of each trial by the code of a project, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(project / "src"), str(project)])}
    command = [sys.executable, str(Path(__file__).resolve()), "--here", str(folder), "--days", str(days)]
    done = subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def spent(folder: Path, days: int) -> list[float]:
    """Seconds of computing of each trial of the course, by the code that this process imports; the first runs twice."""
    from bench.speed.race import prepare

    from buysignal.cli.params import Params
    from buysignal.search.study.objective import evaluate
    from buysignal.search.study.record import Trial

    course = prepare(Params.load(), folder, random=4, seeds=1, days=days)
    settings, seconds = replace(course.settings, seeds=course.seeds[:1]), []
    for configuration in (course.configurations[0], *course.configurations):
        began = time.process_time()
        evaluate(Trial(configuration), course.tier_path, course.shape, settings)
        seconds.append(time.process_time() - began)
    return seconds[1:]


def compared(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Each round's sums, and before over after: of round by round, in order of time, and of each trial's fastest."""
    sums = {name: [sum(row["seconds"]) for row in rows if row["commit"] == name] for name in NAMES}
    best = {name: [min(t) for t in zip(*(row["seconds"] for row in rows if row["commit"] == name))] for name in NAMES}
    ratios = sorted(before / after for before, after in zip(sums["before"], sums["after"]))
    return {
        "sums": sums,
        "ratios": ratios,
        "ratio": ratios[len(ratios) // 2],
        "of_each_trial": [before / after for before, after in zip(best["before"], best["after"])],
    }


if __name__ == "__main__":
    main()
