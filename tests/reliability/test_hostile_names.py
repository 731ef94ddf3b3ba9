"""Names from params and data: none leaves the project, reaches a shell or breaks out of a table or a page."""

from __future__ import annotations

import copy
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from buysignal.cli.params import Params
from buysignal.core.errors import UserError
from buysignal.report.markdown import table
from tests.pipeline.project import ROOT, Project, ran

DEFAULT = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
HARMLESS = re.compile(r"[A-Za-z0-9^.=&-]+")
NAMES = (
    st.text(max_size=25) | st.text("ab1.^=-&/\\<>|`'\"$;() \n\0", max_size=25) | st.from_regex(HARMLESS, fullmatch=True)
)


def with_names(budget: str, symbol: str | list[str]) -> dict:
    content = copy.deepcopy(DEFAULT)
    content["grids"][budget] = content["grids"]["2M"]
    content["budgets"] = [budget]
    content["ingest"] |= {"source": "yahoo", "symbol": symbol}
    return content


@given(budget=NAMES, symbol=NAMES)
def test_names_that_are_accepted_are_words_of_harmless_signs(budget, symbol):
    try:
        params, several = Params.of(with_names(budget, symbol)), Params.of(with_names(budget, [symbol]))
    except UserError as error:
        assert len(str(error).splitlines()) == 1 and str(error).isprintable()
    else:
        assert params.budgets[0].isascii() and params.budgets[0].isalnum() and len(params.budgets[0]) <= 20
        assert several.ingest.symbol == (params.ingest.symbol,)
        assert HARMLESS.fullmatch(params.ingest.symbol) and not params.ingest.symbol.startswith((".", "-"))


@pytest.mark.parametrize("name", ["2M", "200M", "tiny1", "A" * 20])
def test_ordinary_names_are_accepted(name):
    assert Params.of(with_names(name, "BRK-B")).budgets == (name,)


def test_a_cell_cannot_leave_its_place_in_a_table():
    said = table(["model", "note"], [["a|b", "<script>alert(1)</script>\n# heading\n| x | y |"]])
    assert said.count("\n") == 3 and "<" not in said
    row = said.splitlines()[2]
    assert len(re.findall(r"(?<!\\)\|", row)) == 3  # its own three bars; those of the text are escaped
    assert "&lt;script>alert(1)&lt;/script> # heading" in row


@pytest.mark.pipeline
def test_dvc_repro_refuses_a_hostile_name_before_a_shell_or_a_path_is_made_of_it(tmp_path):
    project = Project(tmp_path / "outer" / "project")
    good = (project.folder / "params.yaml").read_text()
    before = files(tmp_path)
    content, names = yaml.safe_load(good), ["$(touch pwned)", "2M; touch pwned", "../../x"]
    content["tiers"], content["budgets"] = names[:1], names[1:]
    content["grids"] |= {name: copy.deepcopy(content["grids"]["2M"]) for name in names[1:]}  # not as an alias
    (project.folder / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    done = project.run("dvc", "repro", check=False)
    assert done.returncode != 0 and ran(done.stdout) == ["code", "check"]
    said = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(said) == 1 and any(name in said[0] for name in names) and "it must be " in said[0]
    assert "Traceback" not in done.stderr
    made = files(tmp_path) - before
    by_code = {"data", "data/.gitignore", "data/code", "dvc.lock"}  # the stage before `check`
    assert {"/".join(path.relative_to(project.folder).parts[:2]) for path in made} <= by_code


def files(folder: Path) -> set[Path]:
    """Every path below a folder that is not DVC's, git's or Python's own."""
    return {path for path in folder.rglob("*") if not {".dvc", ".git", "__pycache__"} & set(path.parts)}
