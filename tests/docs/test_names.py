"""Every stage, parameter, module and identifier that the pages put in backticks is there."""

import re
from itertools import pairwise

import pytest

from tests.docs.pages import blocks, pages, prose, read, spans
from tests.docs.test_links import is_path
from tests.docs.words import in_code, is_param, params, pipeline, resolves, stages

DOTTED = re.compile(r"[A-Za-z_]\w*(\.\w+)+")
WORD = re.compile(r"[a-z][a-z0-9_]*")
STAGE = re.compile(r"\bstages? `([a-z]+)`|`([a-z]+)` stages?\b")
SET = re.compile(r"-S '?\+?([A-Za-z_][\w.]*)=")
GIVEN = re.compile(r"([a-z][\w]*(?:\.\w+)+)(?:=|: )\S+")

OTHERS = {
    "nn.TransformerEncoder": "torch's, as its users import it",
    "core.autostage": "a setting of DVC",
    "plots.auto_open": "a setting of DVC",
    "dvc.org": "a site",
    "dvc.pythonPath": "a setting of the DVC extension of VS Code",
}
"""Dotted names of other projects that cannot be imported by that name."""

WORDS = {
    "htop": "a program",
    "main": "a branch",
    "workspace": "a row of dvc exp show",
    "persist": "a setting of an out in dvc.yaml, which this project avoids",
    "addmm": "torch's",
    "baddbmm": "torch's",
    "mallopt": "the C library's",
}
"""Words in backticks that the code does not use."""


@pytest.mark.parametrize("page", pages())
def test_every_dotted_name_is_a_parameter_a_module_or_something_in_one(page):
    names = [span.removesuffix("()") for span in spans(page)]
    dotted = [name for name in names if DOTTED.fullmatch(name) and not is_path(name) and name not in OTHERS]
    missing = [name for name in dotted if not (is_param(name) or resolves(name) or in_code(name))]
    assert not missing, f"{page}: {', '.join(missing)}"


@pytest.mark.parametrize("page", pages())
def test_every_parameter_that_is_set_in_the_text_is_one(page):
    text = " ".join(spans(page))
    wrong = [key for key in SET.findall(text) if not is_param(key)]
    sections = {name.split(".")[0] for name in params() if "." in name}
    given = [key for span in spans(page) if (found := GIVEN.fullmatch(span)) for key in [found[1]]]
    wrong += [key for key in given if key.split(".")[0] in sections and not is_param(key)]
    assert not wrong, f"{page}: {', '.join(wrong)}"


@pytest.mark.parametrize("page", pages())
def test_what_is_called_a_stage_is_one(page):
    named = {name for pair in STAGE.findall(prose(page).replace("\n", " ")) for name in pair if name}
    assert named <= stages(), f"{page}: {', '.join(sorted(named - stages()))}"


@pytest.mark.parametrize("page", pages())
def test_every_word_in_backticks_stands_in_the_code(page):
    missing = [span for span in spans(page) if WORD.fullmatch(span) and span not in WORDS and not in_code(span)]
    assert not missing, f"{page}: {', '.join(missing)}"


def test_the_drawing_of_the_stages_has_every_stage_and_the_order_that_dvc_keeps():
    """Arrows that a longer way implies may be left out, so what is compared is who comes after whom."""
    drawing = next(block.text for block in blocks("docs/architecture.md") if block.language == "mermaid")
    drawn = {}
    for line in drawing.splitlines()[1:]:
        groups = [re.findall(r"\w+(?=\[|\s|$)", part) for part in re.split(r"-\.?->(?:\|[^|]*\|)?", line)]
        for before, after in pairwise(groups):
            for name in set(after) & stages():
                drawn.setdefault(name, set()).update(set(before) & stages())
    assert _all_before(drawn) == _all_before(_before())


def test_the_table_of_the_stages_has_every_stage_with_its_script():
    rows = re.findall(r"^\| `(\w+)` \| `(stages/\w+\.py)` \|", read("docs/architecture.md"), re.MULTILINE)
    assert sorted(rows) == sorted((name, stage["cmd"].split()[1]) for name, stage in pipeline().items())


def _before():
    """Stage -> the stages whose outs it reads."""
    made = {name: [_plain(out) for out in stage["outs"]] for name, stage in pipeline().items()}
    read = {name: [_plain(dep) for dep in stage["deps"]] for name, stage in pipeline().items()}
    return {
        name: {other for other in made if any(_inside(dep, out) for dep in deps for out in made[other])}
        for name, deps in read.items()
    }


def _plain(entry):
    """A path of dvc.yaml with a star for each ${...}."""
    return re.sub(r"\$\{[^}]+\}", "*", entry if isinstance(entry, str) else next(iter(entry)))


def _inside(one, other):
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")


def _all_before(before):
    found = {name: set(before.get(name, ())) for name in stages()}
    for _ in found:
        found = {name: names.union(*(found[other] for other in names)) for name, names in found.items()}
    return found


def test_a_name_that_is_not_there_is_found():
    for name in ("hpo.trials_absent", "buysignal.absent", "search.engine.Motor"):
        assert not (is_param(name) or resolves(name) or in_code(name)), name
    for name in ("hpo.trials", "buysignal.core.files", "search.engine.Engine", "grids"):
        assert is_param(name) or resolves(name), name
    assert STAGE.findall("the stage `featurise` and the `hpo` stage") == [("featurise", ""), ("", "hpo")]
