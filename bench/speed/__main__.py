"""Trials per hour against the afternoon's PatchTST, scaling from one to two workers, and a trial's profile.

python -m bench.speed [--random 4] [--seeds 3] [--out bench/results/speed.json]
python -m bench.speed --small     a few seconds: two configurations, two seeds, one epoch
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

from bench.speed import naive
from bench.speed.machine import described
from bench.speed.profile import profile_trial
from bench.speed.race import BUDGET, TIER, Course, equal_jobs, prepare, race, raced_space
from bench.speed.report import draw, summary
from bench.speed.search import searches

from buysignal.cli.params import Params
from buysignal.core.files import write_json
from buysignal.models.patchtst.architecture import Configuration

PROFILED = Configuration(64, 4, 4, 4, 0.3, 5e-5, 1e-4)  # the middle of the 2M grid
SMALL_DAYS = 1500


def small(course: Course) -> Course:
    """The same in seconds: what it says of speed is worth nothing."""
    settings = replace(course.settings, epochs=1)
    return replace(course, configurations=course.configurations[:3:2], seeds=course.seeds[:2], settings=settings)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--random", type=int, default=4, help="configurations beside the six extremes")
    parser.add_argument("--seeds", type=int, default=3, help="rounds, each with another seed")
    parser.add_argument("--limit", type=float, default=420, help="seconds after which no further round is begun")
    parser.add_argument("--search", type=int, default=12, help="trials of the search for a given AUC")
    parser.add_argument("--small", action="store_true", help="only see that it runs")
    parser.add_argument("--out", type=Path, default=Path("bench/results/speed.json"))
    options = parser.parse_args()
    machine = described()
    with tempfile.TemporaryDirectory() as folder:
        days = SMALL_DAYS if options.small else 0
        params = Params.load()
        course = prepare(params, Path(folder), options.random, options.seeds, days)
        if options.small:
            course = small(course)
        laps, trials = race(course, options.limit)
        found = summary(laps, trials, equal_jobs(course))
        found["search"] = searches(course, raced_space(params), 2 if options.small else options.search)
        found["profile"] = profile_trial(course, PROFILED)
    found["course"] = {
        "source": "sp500",
        "tier": TIER,
        "budget": BUDGET,
        "configurations": [vars(c) for c in course.configurations],
        "seeds": course.seeds[: trials["round"].nunique()],
        "epochs": course.settings.epochs,
        "patience": course.settings.patience,
        "batch": course.batch,
        "naive_threads": naive.THREADS,
    }
    write_json(options.out, found | {"machine": machine})
    draw(found, trials, options.out.with_suffix(".svg"))
    for name, row in found["contestants"].items():
        print(f"{name:16} {row['trials_per_hour']:8.0f} trials per hour, AUC {row['auc']:.4f}")
    ratio, scaling, gap = (
        found[key] for key in ("naive_to_ours_2_workers", "scaling_of_the_search", "auc_ours_minus_naive")
    )
    print(f"{ratio['value']:.2f} times naive ({ratio['low']:.2f} to {ratio['high']:.2f}; {ratio['wanted']:g} wanted)")
    equal = found["scaling_of_equal_jobs"]
    print(f"scaling from 1 to 2 workers {scaling['value']:.2f}, of equal jobs {equal['value']:.2f}")
    for row in found["search"]:
        seconds = row["seconds_to_it"]
        print(
            f"AUC {row['auc_reached_by_both']:.4f} reached in {seconds['naive']:.0f} s by the naive search, in "
            f"{seconds['ours']:.0f} s by ours ({row['ratio_to_it']:.1f} times); whole search {row['ratio']:.1f} times"
        )
    print(f"AUC difference {gap['mean']:+.4f}, seed standard deviation {gap['seed_sd']:.4f}")


if __name__ == "__main__":
    main()
