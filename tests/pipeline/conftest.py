"""One tiny project that several test files look at and none changes."""

import json
import re
import time

import pytest

from tests.pipeline.project import Project
from tests.shared import once

RESULTS = ("params.yaml", "dvc.lock", "metrics", "plots", "data")
QUEUED = ("tried-1", "tried-2")
PATIENCE_S = 600  # of a test on a busy machine; two experiments at this scale take half a minute


@pytest.fixture(scope="session")
def reviewed(tiny, tmp_path_factory):
    """Committed results, and what a queue made beside them: `QUEUED`, as far as sweep and selection."""
    folder = once(tmp_path_factory, "reviewed", lambda folder: _queue(tiny.copy(folder / "project"), folder))
    project = Project.at(folder / "project")
    project.before, project.queue = json.loads((folder / "told.json").read_text())
    return project


@pytest.fixture(scope="session")
def varied(tiny, tmp_path_factory):
    """A project after the README's first experiment, in its workspace; to be copied, not changed."""
    folder = once(tmp_path_factory, "varied", lambda folder: _varied(tiny.copy(folder / "project")))
    return Project.at(folder / "project")


def _varied(project):
    project.run("dvc", "exp", "run", "-S", "dropout=0.45", "-n", "d45")


def _queue(project, folder):
    before = project.digests(*RESULTS)
    project.run("dvc", "exp", "run", "--queue", "-n", "tried", "-S", "dropout=0.4,0.45", "compare", "sweep", "select")
    project.run("dvc", "queue", "start")
    (folder / "told.json").write_text(json.dumps([before, wait_for_queue(project)]))


def wait_for_queue(project):
    """Status of each experiment of the queue once none is waiting or running."""
    end = time.monotonic() + PATIENCE_S
    while True:
        said = project.run("dvc", "queue", "status").stdout
        status = dict(re.findall(r"^[0-9a-f]{7} +(\S+) .* (\w+) *$", said, re.MULTILINE))
        if not {"Queued", "Running"} & set(status.values()):
            return status
        assert time.monotonic() < end, said
        await_one_more(project, end=min(end, time.monotonic() + 20))


def await_one_more(project, end):
    """Until git knows one more experiment than before, which a failed one never comes to: to ask DVC takes seconds."""
    known = names = project.run("git", "for-each-ref", "refs/exps").stdout
    while names == known and time.monotonic() < end:
        time.sleep(0.1)
        names = project.run("git", "for-each-ref", "refs/exps").stdout
