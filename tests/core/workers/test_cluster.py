"""A cluster changes when a result arrives, never the result; and says in one line what is wrong with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from buysignal.core.errors import UserError
from buysignal.core.workers import cluster as dask_engine
from buysignal.core.workers.engine import Engine
from buysignal.models.patchtst.fit import fit
from buysignal.search.study.objective import ObjectiveSettings, evaluate
from buysignal.search.study.proposer import SearchSettings
from buysignal.search.study.run import Study, run_study
from tests.core.workers import processes
from tests.core.workers.processes import ROOT, fit_and_die_once, nap
from tests.core.workers.test_engine import die_on_two, square
from tests.search.study.toy import small_space
from tests.small_tier import CONFIGURATION, JOB, SHAPE, job, many_frame, same, tier_frame, write_tier

WHY = "Dask is an optional extra: pip install -r requirements-cluster.txt"
pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason=WHY)

TRIAL = ObjectiveSettings(
    (1, 2), epochs=2, patience=2, min_delta=0.0, objective="auc", threshold=0.35, recall_floor=0.1, prune=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with processes.cluster(tmp_path_factory.mktemp("cluster"), deaths=1) as started:
        yield started


@pytest.fixture(autouse=True)
def _warned_of_nothing_yet():
    dask_engine._warn.cache_clear()


@pytest.fixture
def tier(tmp_path, monkeypatch) -> str:
    """A tier file, named relative to a working directory that is not the workers'."""
    write_tier(tmp_path / "tier.parquet", tier_frame())
    monkeypatch.chdir(tmp_path)
    return "tier.parquet"


@pytest.fixture
def panel(tmp_path, monkeypatch) -> str:
    """The same of many symbols."""
    write_tier(tmp_path / "panel.parquet", many_frame())
    monkeypatch.chdir(tmp_path)
    return "panel.parquet"


def test_every_job_is_answered_once_and_an_exception_stays_with_its_job(cluster, capfd):
    results = list(Engine(scheduler=cluster.address).run(square, [*range(6), 5, 5]))
    assert sorted(p for p, _ in results) == list(range(8))
    assert dict(results) == dict(Engine(1).run(square, [*range(6), 5, 5]))
    assert capfd.readouterr().err == ""  # equal machines: nothing to warn of


def test_fits_are_those_of_this_machine_bit_for_bit(cluster, tier):
    jobs = [job(tier), job(tier, configuration=replace(CONFIGURATION, dropout=0.5)), job(tier, seeds=(7,))]
    here, there = (dict(engine.run(fit, jobs)) for engine in (Engine(1), Engine(scheduler=cluster.address)))
    assert all(same(here[position], there[position]) for position in range(3))


def test_fits_of_many_symbols_draw_the_windows_that_this_machine_draws(cluster, panel):
    jobs = [job(panel, protocol=replace(JOB["protocol"], rows=100), seeds=(seed,)) for seed in (11, 12, 13)]
    engines = Engine(1), Engine(2), Engine(scheduler=cluster.address)
    here, pool, there = (dict(engine.run(fit, jobs)) for engine in engines)
    assert all(same(here[position], found[position]) for position in range(3) for found in (pool, there))
    assert len({fitted.trained.theta.tobytes() for fitted in here.values()}) == 3


def test_a_search_finds_the_trials_of_this_machine(cluster, tier, tmp_path):
    search = SearchSettings(trials=8, batch=4, startup=6, seed=5)
    judge = partial(evaluate, tier_path=tier, shape=SHAPE, settings=TRIAL)
    found = {}
    for name, engine in {"here": Engine(1), "pool": Engine(2), "there": Engine(scheduler=cluster.address)}.items():
        records = run_study(small_space(), search, Study(judge, engine, tmp_path / name, "study"))
        found[name] = [replace(r, outcome=replace(r.outcome, duration_s=0.0)) for r in records]
    assert len(found["here"]) == 8 and found["here"][0].outcome.error == ""
    assert repr(found["there"]) == repr(found["here"]) == repr(found["pool"])


def test_stacks_of_trials_on_the_cluster_are_those_of_this_machine(cluster, tier, tmp_path):
    """Of four architectures, so that ten trials make stacks; the same stacks here and there: the same bits."""
    search = SearchSettings(trials=10, batch=4, startup=6, seed=5)
    judge = partial(evaluate, tier_path=tier, shape=SHAPE, settings=replace(TRIAL, prune=False))
    space, found = small_space(dropout=(0.1, 0.3, 0.5)), {}
    for name, engine in {"here": Engine(1, "", 4), "there": Engine(scheduler=cluster.address, stack=4)}.items():
        records = run_study(space, search, Study(judge, engine, tmp_path / name, "study", prune=False))
        found[name] = [replace(r, outcome=replace(r.outcome, duration_s=0.0)) for r in records]
    assert len(found["here"]) == 10 and {r.state for r in found["here"]} == {"complete"}
    assert repr(found["there"]) == repr(found["here"])


def test_a_worker_killed_in_the_middle_of_a_fit_changes_nothing(cluster, tier, tmp_path):
    jobs = [job(tier, seeds=(seed,)) for seed in range(3)]
    dying = partial(fit_and_die_once, marker=str(tmp_path / "killed"))
    there = dict(Engine(scheduler=cluster.address).run(dying, jobs))
    killed = int((tmp_path / "killed").read_text())
    assert not os.path.exists(f"/proc/{killed}")
    here = dict(Engine(1).run(fit, jobs))
    assert all(same(here[position], there[position]) for position in range(3))


def test_a_job_that_kills_every_worker_fails_alone(cluster):
    answers = dict(Engine(scheduler=cluster.address).run(die_on_two, range(5)))
    assert answers.pop(2).type == "WorkerDied"
    assert answers == {0: 0, 1: 1, 3: 9, 4: 16}


@pytest.mark.parametrize("meanwhile", ["lost", "pending"])
def test_a_result_that_was_lost_with_its_worker_is_waited_for(monkeypatch, meanwhile):
    class Job:
        said = iter([meanwhile, "finished", "finished"])
        status = property(lambda self: next(self.said))

        def result(self):
            return 7, "found"

    class Completed(list):
        """As `distributed.as_completed`: yields what was added while it is gone through."""

        def __init__(self, futures, loop):
            super().__init__(futures)

        add = list.append

    monkeypatch.setattr("distributed.as_completed", Completed)
    client = SimpleNamespace(submit=lambda *_, **__: Job(), loop=None)
    assert list(dask_engine._submitted(client, "", None, square, [(7, 3)])) == [((7, 3), (7, "found"))]


def refused(engine: Engine, function=square, jobs=(1, 2)) -> str:
    with pytest.raises(UserError) as caught:
        list(engine.run(function, list(jobs)))
    (line,) = str(caught.value).splitlines()
    return line


def test_a_worker_with_other_code_is_refused(cluster, monkeypatch):
    monkeypatch.setattr(dask_engine, "loaded_code", lambda: "0" * 64)
    assert "has loaded other project code than this machine: restart" in refused(Engine(scheduler=cluster.address))


def test_a_worker_that_reads_another_tier_file_is_refused(cluster, tier, monkeypatch):
    monkeypatch.setattr(dask_engine, "sha256", lambda path: "f" * 64)
    line = refused(Engine(scheduler=cluster.address), fit, [job(tier)])
    assert "has another tier.parquet than this machine (SHA-256 " in line and "not ffffffff" in line


@pytest.mark.parametrize("part", ["tier", "offset"])
def test_a_worker_that_holds_another_panel_or_offset_is_refused(panel, tmp_path, part):
    """One bar of one symbol less, under the same name: `Project.enter` is what each worker asks before it computes."""
    asked = job(panel) if part == "tier" else job("tier.parquet", offset=panel)
    write_tier(tmp_path / "tier.parquet", tier_frame())
    project = dask_engine.Project.of(fit, [asked])
    project.enter()
    time.sleep(0.01)  # a file of another time
    write_tier(tmp_path / "panel.parquet", many_frame().iloc[1:])
    with pytest.raises(UserError, match=r"^the worker on \S+ has another panel\.parquet than this machine \(SHA-256 "):
        project.enter()


def test_a_worker_that_cannot_read_the_tier_file_is_refused(cluster, tier, monkeypatch):
    monkeypatch.setattr(dask_engine, "sha256", lambda path: "f" * 64)
    line = refused(Engine(scheduler=cluster.address), fit, [job("absent.parquet")])
    assert "the worker on" in line and "cannot read" in line and "absent.parquet (No such file" in line


def test_a_worker_without_the_projects_folder_is_refused(cluster, monkeypatch):
    monkeypatch.setattr(dask_engine.os, "getcwd", lambda: "/nowhere")
    line = refused(Engine(scheduler=cluster.address))
    assert "cannot enter /nowhere (No such file or directory): all machines must see" in line


def test_a_tier_file_that_is_missing_here_is_told_before_anything_is_sent(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    line = refused(Engine(scheduler="tcp://127.0.0.1:9"), fit, [job("absent.parquet")])
    assert line == "absent.parquet cannot be read (No such file or directory): run `dvc repro`"


def test_a_worker_of_several_threads_is_refused(tmp_path):
    with processes.cluster(tmp_path, workers=1, threads=2) as threaded:
        assert "start it with --nthreads 1" in refused(Engine(scheduler=threaded.address))


def test_a_closed_port_and_a_stranger_on_it_are_one_clear_line_within_seconds(monkeypatch):
    monkeypatch.setattr(dask_engine, "CONNECT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as stranger:  # accepts, and never says a word
        for port in (9, stranger.getsockname()[1]):
            started = time.monotonic()
            line = refused(Engine(scheduler=f"tcp://127.0.0.1:{port}"))
            assert line.startswith(f"BUYSIGNAL_SCHEDULER=tcp://127.0.0.1:{port} cannot be reached (")
            assert line.endswith("): start it, or unset it") and time.monotonic() - started < 3


def test_a_scheduler_that_vanishes_is_one_line_of_a_stage_and_what_is_finished_is_kept(tmp_path):
    script = tmp_path / "stage.py"
    script.write_text(
        "from buysignal.core.workers.engine import Engine\n"
        "from buysignal.core.stage import run\n"
        "from tests.core.workers.processes import nap\n"
        "def main():\n"
        "    for position, _ in Engine.from_environment().run(nap, [0.1, 60, 60]):\n"
        "        print('finished', position, flush=True)\n"
        "run(main)\n"
    )
    with processes.cluster(tmp_path, workers=1) as doomed:
        environ = os.environ | {"BUYSIGNAL_SCHEDULER": doomed.address, "PYTHONPATH": str(ROOT)}
        pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        with subprocess.Popen([sys.executable, script], cwd=tmp_path, env=environ, **pipes) as stage:
            assert stage.stdout.readline() == "finished 0\n"
            doomed.scheduler.send_signal(signal.SIGKILL)
            _, said = stage.communicate(timeout=30)
    assert stage.returncode == 1
    assert said == (
        f"error: BUYSIGNAL_SCHEDULER={doomed.address} has gone away: finished trials and fits are kept; "
        "start it again, or unset the variable, and `dvc repro` goes on from there\n"
    )


def test_jobs_wait_for_the_first_worker_and_say_so(tmp_path, capfd):
    from distributed import LocalCluster

    with LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=":0") as empty:
        threading.Timer(1.0, empty.scale, (1,)).start()
        assert dict(Engine(scheduler=empty.scheduler_address).run(nap, [0.0])) == {0: 0.0}
    assert "warning: BUYSIGNAL_SCHEDULER: the scheduler has no workers yet: waiting" in capfd.readouterr().err


def test_versions_and_processors_that_differ_are_named_once():
    here = {"python": "3.11.7.final.0", "dask": "2026.8.0", "distributed": "2026.8.0", "torch": "2.13.0"}
    versions = {
        "client": {"packages": here},
        "scheduler": {"packages": here | {"python": "3.12.1.final.0", "torch": None}},  # it computes nothing
        "workers": {"tcp://a": {"packages": here | {"torch": "2.12.0"}}, "tcp://b": {"packages": here}},
    }
    assert dask_engine._differences(versions, {"tcp://a": "AVX512", "tcp://b": "AVX2", "": "AVX512"}) == [
        "scheduler: python 3.12.1.final.0, here 3.11.7.final.0",
        "worker: processor AVX2, here AVX512",
        "worker: torch 2.12.0, here 2.13.0",
    ]
    assert dask_engine._differences(versions | {"scheduler": {"packages": here}, "workers": {}}, {"": "AVX2"}) == []
