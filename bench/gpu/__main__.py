"""Recorded steps against steps one by one, seconds an epoch against a naive loop, and whole searches, on a GPU.

python -m bench.gpu [--limit 480] [--out bench/results/gpu.json]
python -m bench.gpu --small     a dry run on the processor: sees that it runs, says nothing of speed

Every part is written as soon as it is there. Run again on the same device and commit it goes on with what is not
measured; --fresh begins anew.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from bench.gpu import correctness, device, ratios, searches
from bench.gpu.plan import Plan, planned
from bench.gpu.record import FAILED, MEASURED, NOT_MEASURED, Place, Record, key
from bench.gpu.worker import Work, Worker

from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.core.workers.device import DEVICE
from buysignal.models.patchtst.arithmetic import PRECISIONS

OUT, DRY_OUT = Path("bench/results/gpu.json"), Path(".scratch/gpu.json")  # a dry run spoils no result
CORRECTNESS: Place = ("correctness",)


@dataclass(frozen=True)
class Part:
    """One part of the results.

    Attributes
    ----------
    share : of the time that is left when it begins, at most; what it does not use is left to those behind it
    empty : its keys where it is not measured
    """

    place: Place
    work: Work
    share: float
    empty: dict[str, Any] = field(default_factory=dict)


def parts_of(plan: Plan) -> list[Part]:
    """All parts, in order: of the largest model most is to be measured, of each search as much as of the next."""
    found = [Part(CORRECTNESS, partial(correctness.correctness, plan), 0.25, correctness.EMPTY)]
    for name, share in zip(plan.models, (0.2, 0.3, 0.6), strict=True):
        found.append(Part(("ratios", name), partial(ratios.ratios, plan, name), share, ratios.EMPTY))
    for number, budget in enumerate(plan.spaces):
        share = 1 / (len(plan.spaces) - number)
        found.append(Part(("searches", budget), partial(searches.search, plan, budget), share, searches.EMPTY))
    return found


def measure(parts: Sequence[Part], record: Record, worker: Worker, ends: float) -> None:
    """Do what is not measured yet, each written at once; nothing goes on after ``ends`` (`time.monotonic`)."""
    for part in parts:
        if record.state(part.place) == NOT_MEASURED:
            began = time.monotonic()
            found = worker.do(part.work, part.share * (ends - began))
            record.keep(part.place, found | {"took_s": time.monotonic() - began})
        print("\n".join(told(part.place, record.whole)), flush=True)


def told(place: Place, whole: dict[str, Any]) -> list[str]:
    """A part in lines."""
    part = whole
    for name in place:
        part = part[name]
    name = " ".join(place)
    if part["state"] in (NOT_MEASURED, FAILED):
        return [f"{name}: {part['state']} ({part['why']})"]
    if place[0] == "searches":
        return [f"{name}: {part['seconds']:.1f} s, {part['trials_done']} trials, {part['trials_failed']} failed"]
    if place[0] != "ratios":
        gap = part.get("largest_gap")
        return [f"{name}: {part['state']}" + ("" if gap is None else f", largest gap of AUC {gap:.6f}")]
    rows = [f"{name}: seconds an epoch, median; per model times naive eager, times naive graph"]
    for kind in ("naive", "ours"):
        for label, row in part[kind].items():
            seconds = row["seconds"]
            if row["state"] != MEASURED:
                rows.append(f"  {kind} {label}: {row['state']} ({row['why']})")
                continue
            ratio = [row.get(f"per_model_ratio_to_{other}", "") for other in (ratios.EAGER, ratios.GRAPH)]
            times = [f"{one['median']:.2f}" if isinstance(one, dict) else one for one in ratio]
            rows.append(f"  {kind} {label}: {seconds['median']:.4f} {' '.join(times)}".rstrip())
    return rows


def run(options: argparse.Namespace, started: float) -> int:
    """Measure until the limit is over, counted from ``started`` (`time.monotonic`); 1 if recorded steps are not right.

    Raises
    ------
    UserError
        If there is no device to measure on.
    """
    name = device.wanted(options.small)
    out = options.out or (DRY_OUT if options.small else OUT)
    with (
        tempfile.TemporaryDirectory() as folder,
        Worker({DEVICE: None if options.small else name}) as worker,
    ):
        plan = planned(Params.load(), Path(folder), options.small, options.precision)
        described = worker.do(partial(device.device, plan), options.limit)
        if described["state"] != MEASURED:
            raise UserError(f"the device {name} cannot be used: {described['why']}")
        parts = parts_of(plan)
        empty = {("device",): {}} | {part.place: part.empty for part in parts}
        record = Record(out, key(described, plan.settings.precision), empty, options.fresh)
        record.keep(("device",), described)
        print(f"device: {described['name']}", flush=True)
        measure(parts, record, worker, started + options.limit)
    print(f"written to {out}")
    return int(record.state(CORRECTNESS) == FAILED)


def main(arguments: Sequence[str] | None = None, age_s: float = 0.0) -> int:
    started = time.monotonic() - age_s  # imports count too
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a dry run on the processor: only see that it runs")
    parser.add_argument("--out", type=Path, help=f"default {OUT}; of a dry run {DRY_OUT}")
    parser.add_argument("--limit", type=float, default=480, help="seconds for everything")
    parser.add_argument("--precision", choices=PRECISIONS, default="", help="of our steps; default: as params.yaml")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run has measured")
    try:
        return run(parser.parse_args(arguments), started)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped: run it again to go on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(age_s=time.time() - psutil.Process().create_time()))
