"""Equal seeds give equal bytes: twice, after a kill, with other hash seeds, by other numbers of workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability import kills_warm
from tests.reliability.kills import Toy, kill
from tests.reliability.kills_loop import STAGE, told

FEW = 10  # trials: two batches and a half, among them random ones
RESULTS = ("data", "metrics", "plots")


def search(toy: Toy, folder: Path, hash_seed: int, killed_after: int = 0) -> dict[str, str]:
    """Digests of the outs of a search in a process of its own, killed after so many trials and begun again."""
    command = ("env", f"PYTHONHASHSEED={hash_seed}", "python", *toy.command(STAGE))
    log = folder / f"{toy.folder.name}.log"
    run = toy.start(*command, log=log)
    if killed_after:
        run.until(lambda: told(log) >= killed_after)
        assert kill(run.pid), "it ended before it could be killed"
    run.until()
    if run.status() != 0:
        assert run.status() < 0, log.read_text()
        toy.gone_after()
        assert "leaked" not in log.read_text()  # joblib's helper would list all that it removes
        return search(toy, folder, hash_seed)
    return toy.written(STAGE)


@pytest.fixture(params=["ready", "ready_many"], ids=["of one", "of many"])
def each_ready(request) -> Toy:
    """All before the search has run, of one symbol and of many; to be copied, not changed."""
    return request.getfixturevalue(request.param)


def test_a_search_depends_on_nothing_but_its_seed(each_ready, tmp_path):
    one, other = each_ready.copy(tmp_path / "one", workers=1), each_ready.copy(tmp_path / "other", workers=2)
    for toy in (one, other):
        toy.set(**{"hpo.trials": FEW})
    found = search(one, tmp_path, hash_seed=1)
    assert {Path(path).name for path in found} == {"trials.parquet", "scores.parquet"}
    assert search(other, tmp_path, hash_seed=2, killed_after=3) == found
    other.remove_outs(STAGE)
    kills_warm.finish(other, STAGE, tmp_path / "once more.log")
    assert other.written(STAGE) == found  # read back from the finished study


@pytest.mark.full
def test_a_whole_search_depends_on_nothing_but_its_seed(each_ready, tmp_path):
    found = search(each_ready.copy(tmp_path / "first", workers=1), tmp_path, hash_seed=1)
    for number, (workers, hash_seed, killed_after) in enumerate([(1, 1, 0), (1, 2, 17), (2, 3, 0), (2, 4, 31)]):
        toy = each_ready.copy(tmp_path / f"again-{number}", workers)
        assert search(toy, tmp_path, hash_seed, killed_after) == found


@pytest.mark.full
@pytest.mark.parametrize("many", [False, True], ids=["of one", "of many"])
def test_the_whole_pipeline_depends_on_nothing_but_its_seed(tmp_path, many):
    found = []
    for workers, hash_seed in ((1, "1"), (1, "1"), (2, "2")):
        toy = Toy(tmp_path / str(len(found)), workers, many)
        toy.run("dvc", "repro", PYTHONHASHSEED=hash_seed, OMP_NUM_THREADS="1")
        found.append(toy.digests(*RESULTS, "dvc.lock"))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 60


@pytest.mark.full
def test_another_seed_gives_another_search(ready, tmp_path):
    """Were the seed not used, all of the above would hold too."""
    toy = ready.copy(tmp_path / "toy", workers=1)
    toy.set(**{"hpo.trials": FEW})
    found = search(toy, tmp_path, hash_seed=1)
    toy.set(seed=1)
    assert search(toy, tmp_path, hash_seed=1) != found
