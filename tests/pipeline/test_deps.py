"""dvc.yaml tells DVC the truth about what each stage needs."""

import ast
from importlib import import_module

import pytest
import yaml

from tests.pipeline.project import ROOT

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
SCRIPTS = {name: ROOT / next(w for w in stage["cmd"].split() if w.endswith(".py")) for name, stage in STAGES.items()}


def test_every_script_is_that_of_one_stage():
    assert sorted(SCRIPTS.values()) == sorted((ROOT / "stages").glob("*.py"))


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_depends_on_the_code_of_its_own_script_and_on_no_other(name):
    deps = STAGES[name]["deps"]
    if name == "code":
        assert deps == ["plugins", "src/buysignal", "stages"]  # where all the code is
        return
    code = [dep for dep in deps if dep.startswith(("data/code", "src", "stages"))]
    assert code == [f"data/code/{SCRIPTS[name].stem}.txt"]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_script_is_thin(name):
    lines = SCRIPTS[name].read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    assert not any("sys.path" in line for line in lines)


@pytest.mark.parametrize("name", STAGES)
def test_params_a_stage_reads_are_declared(name):
    """Every section that the script imports is covered by a declared parameter, and the reverse."""
    declared = STAGES[name].get("params", [])
    if name == "check":
        assert declared == [{"params.yaml": None}]
    else:
        assert {param.split(".")[0] for param in declared} == _params_read(ast.parse(SCRIPTS[name].read_text()))


def _params_read(tree):
    """Keys at the top of params.yaml: of the sections that are imported, and what is taken of `scope`."""
    read, spans = set(), {"seed", "tiers", "budgets"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.endswith(".params"):
            for kind in (getattr(import_module(node.module), alias.name) for alias in node.names):
                read |= {kind.KEY} if kind.KEY else set(kind.model_fields) - spans
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "scope":
            read.add(node.attr)
    return read


PAGE = "metrics/report.html"  # a megabyte made from the rest, most of it the runtime of its charts


def test_every_out_a_reviewer_reads_stays_in_git():
    for stage in STAGES.values():
        for out in stage["outs"]:
            path = next(iter(out)) if isinstance(out, dict) else out
            in_git = isinstance(out, dict) and out[path].get("cache") is False
            small = path.startswith(("metrics/", "plots/")) and path != PAGE
            assert in_git == small, path


@pytest.mark.parametrize("name", STAGES)
def test_a_fresh_clone_builds_a_stage_itself(name):
    """DVC takes a stage whose outs are all in git for done; one that DVC alone keeps is missing in a clone."""
    assert any(isinstance(out, str) for out in STAGES[name]["outs"]), name
