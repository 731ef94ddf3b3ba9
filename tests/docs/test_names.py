"""Every link leads somewhere, and every path, stage, parameter and name that the pages put in backticks is there."""

import doctest
import re
from itertools import pairwise

import networkx
import pytest
from dvc.repo import Repo

from tests.docs import commands, params_page, words
from tests.docs import pages as pages_module
from tests.docs.pages import ROOT, anchors, blocks, links, pages, prose, read, spans
from tests.docs.words import files, in_code, is_param, is_path, leads_somewhere, params, pipeline, resolves, stages

DOTTED = re.compile(r"[A-Za-z_]\w*(\.\w+)+")
WORD = re.compile(r"[a-z][a-z0-9_]*")
STAGE = re.compile(r"\bstages? `([a-z]+)`|`([a-z]+)` stages?\b")
SET = re.compile(r"-S '?\+?([A-Za-z_][\w.]*)=")
GIVEN = re.compile(r"([a-z][\w]*)((?:\.\w+)+)(?:=|: )\S+")

OTHERS = {
    "nn.TransformerEncoder": "torch's, as its users import it",
    "core.autostage": "a setting of DVC",
    "plots.auto_open": "a setting of DVC",
    "dvc.org": "a site",
    "dvc.pythonPath": "a setting of the DVC extension of VS Code",
    "autocrlf": "a setting of git",
    "htop": "a program",
    "main": "a branch",
    "workspace": "a row of dvc exp show",
    "persist": "a setting of an out in dvc.yaml, which this project avoids",
    "addmm": "torch's",
    "baddbmm": "torch's",
    "mallopt": "the C library's",
}
"""Names of other projects, which neither can be imported by that name nor stand in the code."""


def is_there(span, page="README.md"):
    """Whether words in backticks are a path, a name or a setting that exists, or none of these."""
    name = span.removesuffix("()")
    if is_path(span):
        return leads_somewhere(span, page)
    if DOTTED.fullmatch(name):
        return name in OTHERS or is_param(name) or resolves(name) or in_code(name)
    if WORD.fullmatch(span):
        return span in OTHERS or in_code(span)
    sections = {name.split(".")[0] for name in params() if "." in name}
    given = [first + rest for first, rest in GIVEN.findall(span) if first in sections and GIVEN.fullmatch(span)]
    return all(is_param(key) for key in SET.findall(span) + given)


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_to_a_file_of_git_and_to_a_heading_that_it_has(page):
    for target in links(page):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        assert not path.startswith("/"), f"{page}: {target} is not relative"
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        where = file.resolve().relative_to(ROOT).as_posix()
        assert where in files(), f"{page}: {target} is not in git"
        assert not anchor or anchor in anchors(where), f"{page}: {target}"


@pytest.mark.parametrize("page", pages())
def test_everything_in_backticks_is_there(page):
    missing = [span for span in spans(page) if not is_there(span, page)]
    missing += {name for pair in STAGE.findall(prose(page)) for name in pair if name} - stages()
    assert not missing, f"{page}: {', '.join(missing)}"


def test_what_is_not_there_is_found():
    for span in ("docs/absent.md", "src/buysignal/absent.py", "data/absent/a50.json", "hpo.trials_absent", "ab_sent"):
        assert not is_there(span), span
    for span in ("buysignal.absent", "judge.evidence.Motor", "dvc repro -S hpo.absent=3", "hpo.absent: 3"):
        assert not is_there(span), span
    for span in ("docs/honesty.md", "judge/evidence.py", "metrics/featurize/a50.json", "data/models/", "stages/*"):
        assert is_path(span) and is_there(span), span
    for span in ("hpo.trials", "buysignal.core.files", "judge.evidence.missing()", "grids", "hpo.trials: 3", "a - b"):
        assert is_there(span), span
    assert STAGE.findall("the stage `featurise` and the `hpo` stage") == [("featurise", ""), ("", "hpo")]


def test_the_drawing_of_the_stages_has_every_stage_and_the_order_that_dvc_keeps():
    """Arrows that a longer way implies may be left out, so what is compared is who comes after whom."""
    drawing = next(block.text for block in blocks("docs/architecture.md") if block.language == "mermaid")
    drawn, kept = networkx.DiGraph(), networkx.DiGraph()
    for line in drawing.splitlines()[1:]:
        groups = [re.findall(r"\w+(?=\[|\s|$)", part) for part in re.split(r"-\.?->(?:\|[^|]*\|)?", line)]
        for before, after in pairwise(groups):
            drawn.add_edges_from((a, b) for a in set(before) & stages() for b in set(after) & stages())
    with Repo(ROOT) as repo:
        names = [(before.name.split("@")[0], after.name.split("@")[0]) for after, before in repo.index.graph.edges]
    kept.add_edges_from(names)
    assert set(networkx.transitive_closure(drawn).edges) == set(networkx.transitive_closure(kept).edges)


def test_the_table_of_the_stages_has_every_stage_with_its_script():
    rows = re.findall(r"^\| `(\w+)` \| `(stages/\w+\.py)` \|", read("docs/architecture.md"), re.MULTILINE)
    assert sorted(rows) == sorted((name, stage["cmd"].split()[1]) for name, stage in pipeline().items())


@pytest.mark.parametrize("module", [commands, pages_module, params_page, words])
def test_the_examples_in_the_docstrings_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
