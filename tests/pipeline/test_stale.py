"""An edit makes exactly those stages stale that docs/architecture.md names for it."""

import re

import pytest

from buysignal.core.code import closure
from tests.pipeline.project import ROOT
from tests.pipeline.test_deps import SCRIPTS

TITLE = "## What an edit makes stale"
OTHERS = [name for name in SCRIPTS if name != "code"]
# these go through DVC too; the others do in the long proofs
QUICK = ("report/page.py", "judge/intervals.py", "models/patchtst/network.py")


def table() -> dict[str, set[str]]:
    """Module -> stages, of the table in docs/architecture.md; several modules of a row stand for themselves."""
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8").split(TITLE)[1].split("\n## ")[0]
    found = {}
    for _, modules, stages in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", page, re.MULTILINE):
        named = {"all": set(OTHERS), "none": set()}.get(stages, set(re.findall(r"`(\w+)`", stages)))
        found |= dict.fromkeys(re.findall(r"`([\w/]+\.py)`", modules), named)
    return found


TABLE = table()


def stale_by_import(module: str) -> set[str]:
    """Stages whose script imports a module, directly or not."""
    name = f"buysignal.{module.removesuffix('.py').replace('/', '.')}"
    return {stage for stage in OTHERS if name in closure(SCRIPTS[stage])}


def test_the_table_has_every_room():
    rooms = {path.parent.name for path in (ROOT / "src/buysignal").glob("*/__init__.py")}
    assert {module.split("/")[0] for module in TABLE} == rooms


@pytest.mark.parametrize("module", TABLE)
def test_the_table_says_which_stages_import_a_module(module):
    assert (ROOT / "src/buysignal" / module).is_file()
    assert TABLE[module] == stale_by_import(module)


@pytest.fixture(scope="module")
def project(tiny, tmp_path_factory):
    """A project that is up to date, to be edited: `code` alone is run again, so what the others ran by stays."""
    return tiny.copy(tmp_path_factory.mktemp("stale") / "project")


def stale(project, module, edited) -> set[str]:
    """Stages that DVC calls changed once a module has been edited; it is put back as it was."""
    path = project.folder / "src/buysignal" / module
    before = path.read_text()
    path.write_text(edited(before))
    try:
        assert project.repro("code") == ["code"]
        return project.stale()
    finally:
        path.write_text(before)


@pytest.mark.pipeline
@pytest.mark.parametrize("module", [pytest.param(m, marks=[pytest.mark.full] * (m not in QUICK)) for m in TABLE])
def test_dvc_finds_those_stages_stale_and_no_other(project, module):
    assert stale(project, module, lambda text: f"{text}\nEDITED = 1\n") == TABLE[module]


@pytest.mark.pipeline
def test_an_edited_comment_or_docstring_makes_no_stage_stale(project):
    reworded = stale(project, "core/files.py", lambda text: '"""Reworded."""\n' + text.split('"""', 2)[2] + "# more\n")
    assert reworded == set()
