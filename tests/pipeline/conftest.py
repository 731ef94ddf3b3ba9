"""One tiny project that several test files look at and none changes."""

import re
import time

import pytest

RESULTS = ("params.yaml", "dvc.lock", "metrics", "plots", "data")
PATIENCE_S = 600  # of a test on a busy machine; two experiments at this scale take half a minute


@pytest.fixture(scope="session")
def reviewed(tiny, tmp_path_factory):
    """Committed results, and what a queue made beside them: ``tried-1`` and ``tried-2``, as far as the sweep."""
    project = tiny.copy(tmp_path_factory.mktemp("reviewed") / "project")
    project.before = project.digests(*RESULTS)
    project.run("dvc", "exp", "run", "--queue", "-n", "tried", "-S", "dropout=0.4,0.45", "sweep")
    project.run("dvc", "queue", "start")
    project.queue = wait_for_queue(project)
    return project


def wait_for_queue(project):
    """Status of each experiment of the queue once none is waiting or running."""
    end = time.monotonic() + PATIENCE_S
    while True:
        said = project.run("dvc", "queue", "status").stdout
        status = dict(re.findall(r"^[0-9a-f]{7} +(\S+) .* (\w+) *$", said, re.MULTILINE))
        if not {"Queued", "Running"} & set(status.values()):
            return status
        assert time.monotonic() < end, said
        time.sleep(1)
