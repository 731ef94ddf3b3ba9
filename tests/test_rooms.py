"""The house has ten rooms, and data flows through them one way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from buysignal.core.code import closure, closure_of

ROOT = Path(__file__).resolve().parents[1]
HOUSE = ROOT / "src/buysignal"
ROOMS = ("core", "bars", "features", "days", "models", "search", "judge", "ship", "report", "cli")
"""In the order of the flow: a room may import those before it."""
TRAINING = {f"buysignal.models.patchtst.{name}" for name in ("fit", "training", "full", "store")}


def dotted(path: Path) -> str:
    """``buysignal.room.module``, a package without its ``__init__``."""
    return ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {dotted(path): path for path in sorted(HOUSE.rglob("*.py"))}


def imported(path: Path) -> set[str]:
    """What a file imports of the package, modules by their dotted names; ``buysignal`` itself among them."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)}, line {node.lineno} is relative"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else node.module for name in names}
    return {name for name in found if name.split(".")[0] == "buysignal"}


IMPORTS = {name: imported(path) for name, path in MODULES.items()}


def room(module: str) -> str:
    return module.split(".")[1]


def arrows(*wrong) -> list[str]:
    return sorted(f"{name} -> {other}" for name, other in wrong)


INSIDE = [(name, other) for name, others in IMPORTS.items() if name.count(".") for other in others]
"""Every import of a module in a room."""


def test_every_import_goes_down_the_list_of_rooms_or_stays_in_its_room():
    place = {name: at for at, name in enumerate(ROOMS)}
    inner = [pair for pair in INSIDE if "." in pair[1] and pair[0] != "buysignal.__main__"]
    assert arrows(*(pair for pair in inner if place[room(pair[1])] > place[room(pair[0])])) == []


def test_nobody_inside_imports_from_the_door():
    say_the_version = {"buysignal.cli.main", "buysignal.cli.init.written"}  # and no stage imports them
    assert arrows(*(pair for pair in INSIDE if pair[1] == "buysignal" and pair[0] not in say_the_version)) == []


def test_no_modules_import_each_other_in_a_circle():
    left = {name: others - {name} for name, others in IMPORTS.items()}
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    assert sorted(left) == []


def test_a_study_knows_nothing_of_the_rounds_after_it():
    study, rounds = (f"buysignal.search.{name}" for name in ("study", "rounds"))
    assert arrows(*(p for p in INSIDE if p[0].startswith(study) and p[1].startswith(rounds))) == []


@pytest.mark.parametrize("module", sorted(name for name in MODULES if name.startswith("buysignal.judge.")))
def test_what_judges_cannot_train(module):
    if MODULES[module].name != "__init__.py":
        assert not TRAINING & set(closure_of(module))


@pytest.mark.parametrize("stage", ["baseline", "candidate", "hpo", "supplement", "evaluate"])
def test_what_trains_knows_nothing_of_judging_pages_and_commands(stage):
    known = {room(name) for name in closure(ROOT / "stages" / f"{stage}.py")}
    assert "models" in known and not {"judge", "ship", "report", "cli"} & known


def test_nothing_but_the_door_lives_outside_the_rooms():
    assert {path.name for path in HOUSE.glob("*.py")} == {"__init__.py", "__main__.py"}
    assert {path.parent.name for path in HOUSE.glob("*/*.py")} == set(ROOMS)


@pytest.mark.parametrize("path", sorted(HOUSE.rglob("*/__init__.py")), ids=dotted)
def test_a_room_says_in_one_sentence_what_lives_in_it(path):
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert re.fullmatch(r"[A-Z][^.?!]{30,}\.", said)


@pytest.mark.parametrize("script", sorted((ROOT / "stages").glob("*.py")), ids=lambda path: path.stem)
def test_only_the_report_makes_pages_and_only_the_check_enters_the_commands(script):
    rooms = {room(name) for name in imported(script)}
    assert ("report" in rooms) == (script.stem == "report")
    assert ("cli" in rooms) == (script.stem == "check")
