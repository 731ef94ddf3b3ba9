"""dvc.yaml tells DVC the truth about what each stage needs."""

import ast

import pytest
import yaml

from tests.pipeline.closure import ROOT, script_of, wanted_deps

STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


@pytest.mark.parametrize("name", STAGES)
def test_deps_are_exactly_what_the_script_imports(name):
    assert STAGES[name]["deps"] == wanted_deps(STAGES[name]), "run `make deps`"


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_script_is_thin(name):
    lines = (ROOT / script_of(STAGES[name])).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    assert not any("sys.path" in line for line in lines)


@pytest.mark.parametrize("name", STAGES)
def test_params_a_stage_reads_are_declared(name):
    """Every ``params.<key>`` in the script is covered by a declared parameter, and the reverse."""
    read = _params_read(ROOT / script_of(STAGES[name]))
    declared = {str(p).split(".")[0] for p in STAGES[name]["params"]}
    if name == "check":
        assert declared == {"{'params"} or STAGES[name]["params"] == [{"params.yaml": None}]
        return
    hyper = {"d_model", "n_layers", "n_heads", "d_ff_ratio", "dropout", "learning_rate", "weight_decay"}
    expected = set()
    for key in read:
        expected |= hyper if key == "configuration" else {"model"} if key == "shape" else {key}
    assert declared == expected


def _params_read(path):
    """Names of the attributes taken from ``params`` or from ``Params.load()``."""
    read = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("params", "Params.load()"):
            read.add(node.attr)
    return read - {"load"}


PAGE = "metrics/report.html"  # a megabyte made from the rest, most of it the runtime of its charts


def test_every_out_a_reviewer_reads_stays_in_git():
    for stage in STAGES.values():
        for out in stage["outs"]:
            path = next(iter(out)) if isinstance(out, dict) else out
            in_git = isinstance(out, dict) and out[path].get("cache") is False
            small = path.startswith(("metrics/", "plots/")) and path != PAGE
            assert in_git == small, path


@pytest.mark.parametrize("name", sorted(set(STAGES) - {"analyze"}))  # which takes seconds: see docs/faq.md
def test_a_fresh_clone_builds_a_stage_itself(name):
    """DVC takes a stage whose outs are all in git for done; one that DVC alone keeps is missing in a clone."""
    assert any(isinstance(out, str) for out in STAGES[name]["outs"]), name
