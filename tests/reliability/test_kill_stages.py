"""Whichever stage is killed, and wherever: no out is there in part, and the next run ends like one never killed."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.reliability import kills_warm
from tests.reliability.kills import Toy, kill
from tests.reliability.kills_loop import STAGE

STAGES = (
    *("code", "check", "ingest", "featurize@a20", "baseline@a20", "candidate", STAGE, "supplement@a20"),
    *("evaluate@a20", "analyze", "compare", "sweep", "select", "mirror", "train", "test", "symbols", "walk", "report"),
)
LEDGER = "metrics/ledger.jsonl"  # no out, but `test` writes it
WRITING_S = 0.05  # from the first sign of an out to the kill, at most


def files(toy: Toy, stage: str) -> dict[str, str]:
    """Digests of what a stage has written."""
    return toy.written(stage) | (toy.digests(LEDGER) if stage == "test" else {})


def writing(toy: Toy, stage: str) -> bool:
    """Whether there is a first sign of an out."""
    for out in toy.outs(stage):
        if any(path.is_file() for path in out.rglob("*")) or out.is_file():
            return True
        if any(out.parent.glob(f".{out.name}.*.tmp")):
            return True
    return False


def forget(toy: Toy, stage: str) -> None:
    """Remove what a stage has written, what was trained for it, and the look that `test` has recorded."""
    toy.remove_outs(stage)
    for kept in ("fits", "studies"):
        shutil.rmtree(toy.folder / ".scratch" / kept, ignore_errors=True)
    if stage == "test":
        (toy.folder / LEDGER).unlink(missing_ok=True)


def killed_until_whole(ready: Toy, stage: str, folder: Path, seed: int, kills: int) -> Counter:
    """Kill a stage ``kills`` times, at any moment and while it writes in turns; how many kills fell where."""
    rng, toy, fallen = np.random.default_rng(seed), ready.copy(folder / "toy"), Counter()
    forget(toy, stage)
    begun = time.monotonic()
    kills_warm.finish(toy, stage, folder / "first.log")
    lasts, reference = time.monotonic() - begun, files(toy, stage)
    forget(toy, stage)
    for attempt in range(4 * kills):
        if sum(fallen.values()) == kills:
            break
        toy.remove_outs(stage)
        begun, log = time.monotonic(), folder / f"{attempt}.log"
        run = kills_warm.begin(toy, stage, log)
        if attempt % 2:
            run.until(lambda: writing(toy, stage))
        due = time.monotonic() + rng.uniform(0, WRITING_S if attempt % 2 else lasts)
        run.until(lambda: time.monotonic() >= due)  # noqa: B023
        if run.status() is None:
            kill(run.pid)
            toy.gone_after()
            run.until()
        if run.status() == 0:
            lasts = time.monotonic() - begun  # the next attempt finds what was trained
            continue
        assert run.status() < 0, log.read_text()
        now = files(toy, stage)
        assert now.items() <= reference.items(), sorted(set(now.items()) - set(reference.items()))
        fallen["no out" if not now else "all outs" if now == reference else "some outs"] += 1
    toy.remove_outs(stage)
    kills_warm.finish(toy, stage, folder / "last.log")
    assert files(toy, stage) == reference
    return fallen


@pytest.mark.parametrize("stage", ["ingest", "featurize@a20", "candidate"])
def test_a_stage_killed_anywhere_leaves_its_outs_whole_or_absent(ready, tmp_path, stage):
    assert sum(killed_until_whole(ready, stage, tmp_path, 1, 4).values()) >= 3


@pytest.fixture(scope="module")
def everything(ready, tmp_path_factory) -> Toy:
    """A toy in which all stages have run, for what was registered."""
    folder = tmp_path_factory.mktemp("everything")
    toy = kills_warm.run_stages(ready.copy(folder / "toy"), STAGES[4:-2], folder / "log")
    toy.run("python", "-m", "buysignal", "register")
    return kills_warm.run_stages(toy, STAGES[-2:], folder / "last")


@pytest.mark.full
@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_killed_anywhere_leaves_its_outs_whole_or_absent(everything, tmp_path, stage):
    fallen = killed_until_whole(everything, stage, tmp_path, 7, 20)
    print(f"{stage}: {sum(fallen.values())} kills, {dict(sorted(fallen.items()))}")
    assert sum(fallen.values()) >= 10  # a stage that ends within a second is often whole before its kill


def test_the_stages_here_are_those_of_the_pipeline(tmp_path):
    declared = Toy(tmp_path / "toy").stages()
    assert [stage.split("@")[0] for stage in STAGES] == list(declared)
