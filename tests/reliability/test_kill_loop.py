"""However often and wherever a study is killed, in the end it is the study that was never killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability import kills_warm
from tests.reliability.kills import Run, Toy
from tests.reliability.kills_loop import PLACES, STAGE, kill_until_whole, pace, spread

VICTIMS = ("group", "dvc", "stage", "worker")


def test_a_study_killed_anywhere_ends_like_one_that_was_never_killed(ready, tmp_path):
    whole, killed = ready.copy(tmp_path / "whole"), ready.copy(tmp_path / "killed")
    clock = pace(lambda log: kills_warm.begin(whole, STAGE, log), tmp_path / "whole.log")

    def begin(log: Path) -> Run:
        killed.remove_outs(STAGE)
        return kills_warm.begin(killed, STAGE, log)

    kills = kill_until_whole(killed, begin, clock, whole.written(STAGE), 1, 25, 2, tmp_path)
    assert len(kills) >= 3 and len(spread(kills)["place"]) >= 2  # the long proof asks for all places


@pytest.mark.full
@pytest.mark.parametrize("command", ["repro", "exp run"])
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_a_study_killed_anywhere_under_dvc_ends_like_one_that_was_never_killed(
    committed, tmp_path, record, command, workers, seed
):
    whole, killed = (committed.copy(tmp_path / name, workers) for name in ("whole", "killed"))
    words = ("dvc", *command.split(), "--single-item", STAGE)
    clock = pace(lambda log: whole.start(*words, log=log), tmp_path / "whole.log")
    victims = (*VICTIMS, "worker", "worker") if workers > 1 else VICTIMS[:3]
    kills = kill_until_whole(
        killed, lambda log: killed.start(*words, log=log), clock, whole.written(STAGE), seed, 5, 6, tmp_path, victims
    )
    assert (killed.folder / "dvc.lock").read_bytes() == (whole.folder / "dvc.lock").read_bytes()
    assert killed.repro("--single-item", STAGE) == []
    record(f"dvc {command}, {workers} workers", kills)


@pytest.fixture(scope="module")
def committed(tmp_path_factory) -> Toy:
    """The same through DVC, with its lock file committed."""
    toy = Toy(tmp_path_factory.mktemp("committed") / "toy")
    toy.repro("featurize@a20")
    toy.commit("featurized")
    return toy


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """Collect the kills of all studies; at the end they are many, and lie everywhere."""
    found = []

    def keep(title, kills):
        found.extend(kills)
        print(f"{title}: {len(kills)} kills, {describe(kills)}")

    yield keep
    fallen = spread(found)
    print(f"all: {len(found)} kills, {describe(found)}")
    assert len(found) >= 200
    least = {place: len(found) / 20 for place in PLACES} | {"export": 5}  # outs are written within a blink
    assert all(fallen["place"][place] >= count for place, count in least.items())
    assert all(fallen["victim"][victim] >= len(found) / 20 for victim in VICTIMS)
    assert all(fallen["tenth"][tenth] >= 5 for tenth in range(10))


def describe(kills) -> str:
    slowest = max(kill.gone_s for kill in kills)
    counts = (f"{name} {dict(sorted(counter.items()))}" for name, counter in spread(kills).items())
    return f"{', '.join(counts)}, the last process gone after {slowest:.2f} s at most"
