"""One run of the whole pipeline at a tiny scale, for all tests that want one: it takes a minute."""

import pytest

from tests.pipeline.project import Project, ran


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A project in which the README's first command has run and the results are committed; to be copied, not changed.

    ``tiny.first_run`` has the stages that ran, in order.
    """
    project = Project(tmp_path_factory.mktemp("tiny") / "project")
    project.use_this_environment()
    project.first_run = ran(project.run("make", "repro").stdout)
    project.commit("results")
    return project
