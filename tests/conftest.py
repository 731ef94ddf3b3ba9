"""For all tests: one run of the whole pipeline at a tiny scale, the order of the files, and `--no-skips`."""

import json

import pytest
from hypothesis import HealthCheck, settings

from tests.pipeline.project import Project, ran
from tests.shared import once

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # no test asserts a time, and another one may have the core

FIRST = (
    "tests/pipeline/test_pipeline.py",
    "tests/reliability/test_kill_stages.py",
    "tests/cli/doctor/test_catalogue.py",
    "tests/reliability",
    "tests/docs/test_commands.py",
    "tests/pipeline",
)
"""What takes longest, longest first: the processes end together, and one builds the pipeline while others test."""


def pytest_addoption(parser):
    parser.addoption("--no-skips", action="store_true", help="a test that is skipped has failed (.ci/run)")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: next((n for n, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST)))


def judged(report, config):
    """The report of a test or of a file; under ``--no-skips`` a skipped one has failed, with its reason."""
    if report.skipped and not hasattr(report, "wasxfail") and config.getoption("--no-skips"):
        report.outcome, report.longrepr = "failed", f"under --no-skips: {report.longrepr[2]}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    return judged((yield), item.config)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return judged((yield), collector.config)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A project in which the README's first command has run, whose results are registered and committed.

    It is to be copied, not changed.

    ``tiny.first_run`` has the stages that ran, in order.
    """
    folder = once(tmp_path_factory, "tiny", _built)
    project = Project.at(folder / "project")
    project.first_run = json.loads((folder / "first_run.json").read_text())
    return project


def _built(folder):
    project = Project(folder / "project")
    project.use_this_environment()
    first_run = ran(project.run("make", "repro").stdout)
    project.run("python", "-m", "buysignal", "register")
    project.repro()
    project.commit("results")
    (folder / "first_run.json").write_text(json.dumps(first_run))
