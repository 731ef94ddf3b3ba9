"""The package works from its wheel alone: no repository, no params.yaml, another folder."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from buysignal.cli.init.files import FILES, FOLDERS
from buysignal.core.code import closure, digest
from tests.cli.doctor.planted import build
from tests.pipeline.project import TINY, Project
from tests.shared import once

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    packed = [*FILES, *(path.relative_to(ROOT).as_posix() for name in FOLDERS for path in (ROOT / name).glob("*.py"))]
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE", *packed):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "-q", ".", "--no-deps", "--no-build-isolation", "-w", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def asked(site: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess:
    """A command of the unpacked package, run in a folder that is no project."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    code = "import sys, buysignal.cli.main as m; print(m.__file__, file=sys.stderr); sys.exit(m.main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *words]
    done = subprocess.run(command, cwd=cwd, env=environment | {"PYTHONPATH": str(site)}, capture_output=True, text=True)
    assert done.stderr.startswith(str(site)), done.stderr
    return done


def test_what_a_file_of_bars_is_worth_is_told_without_a_project(unpacked, tmp_path):
    shutil.copy2(ROOT / "data/raw/example.csv", tmp_path / "bars.csv")
    done = asked(unpacked, tmp_path, "check", "bars.csv")
    assert done.returncode == 0 and "bars" in done.stdout, done.stderr


def test_scores_are_judged_without_a_project(unpacked, tmp_path):
    shutil.copy2(ROOT / "data/raw/example.csv", tmp_path / "bars.csv")
    lines = (tmp_path / "bars.csv").read_text().splitlines()
    days = [line.split(",")[0] for line in lines[1:]]
    scores = [f"{day},{(7 * number) % 10 / 10}" for number, day in enumerate(days)]
    (tmp_path / "scores.csv").write_text("\n".join(["date,score", *scores]) + "\n")
    done = asked(unpacked, tmp_path, "judge", "scores.csv", "--bars", "bars.csv")
    assert done.returncode == 2 and done.stdout.startswith("cannot tell: "), done.stderr


def test_a_model_that_is_not_there_is_one_line(unpacked, tmp_path):
    shutil.copy2(ROOT / "data/raw/example.csv", tmp_path / "bars.csv")
    done = asked(unpacked, tmp_path, "predict", "--bars", "bars.csv", "--model", "absent")
    assert done.returncode == 2 and done.stderr.splitlines()[-1].startswith("error: ")


def test_a_shipped_model_answers_without_a_project(unpacked, tmp_path_factory, tmp_path):
    run = once(tmp_path_factory, "planted", build)
    shutil.copytree(run / "data/models/shipped", tmp_path / "model")
    shutil.copy2(ROOT / "data/raw/example.csv", tmp_path / "bars.csv")
    done = asked(unpacked, tmp_path, "predict", "--bars", "bars.csv", "--model", "model", "--format", "json")
    assert done.returncode == 0 and json.loads(done.stdout)["days"][0]["date"] == "2018-12-31", done.stderr


class Installed(Project):
    """A project that `buysignal init` of the wheel made, with the wheel's buysignal as the only one."""

    site: Path

    def environment(self) -> dict[str, str]:
        return super().environment() | {"PYTHONPATH": str(self.site)}


@pytest.fixture
def installed(unpacked, tmp_path) -> Installed:
    shutil.copy2(ROOT / "data/raw/example.csv", tmp_path / "bars.csv")
    assert asked(unpacked, tmp_path, "init", "p", "--bars", "bars.csv").returncode == 0
    project = Installed.at(tmp_path / "p")
    project.site = unpacked
    project.set(**TINY)
    project.run("git", "init", "-q")  # where a folder above was one already
    project.commit("start")
    return project


def test_a_project_of_the_wheel_reads_its_own_bars_and_the_code_that_is_installed(installed):
    assert installed.repro("featurize@a20") == ["code", "check", "ingest", "featurize@a20"]
    assert installed.json("data/bars/bars.json")["last"] == "2018-12-31"
    known = (installed.folder / "data/code/hpo.txt").read_text()
    assert known == "".join(f"{sha} {name}\n" for name, sha in ours("hpo").items())
    assert installed.repro("featurize@a20") == []


@pytest.mark.full
@pytest.mark.pipeline
def test_a_project_of_the_wheel_runs_whole_and_then_finds_nothing_to_do(installed):
    assert {name.split("@")[0] for name in installed.repro()} == set(installed.stages())
    assert installed.repro() == [] and installed.run("git", "status", "--short", "plugins", "stages").stdout == ""
    done = asked(installed.site, installed.folder, "predict", "--bars", "data/raw/bars.csv", "--format", "json")
    assert done.returncode == 0 and json.loads(done.stdout)["bars"]["n"] == 1500, done.stderr
    assert asked(installed.site, installed.folder, "register").returncode == 0


def ours(stage: str) -> dict[str, str]:
    """What the code of a stage does, by the source in this tree."""
    script = ROOT / "stages" / f"{stage}.py"
    return {f"stages/{stage}.py": digest(script)} | closure(script, ROOT / "src")


def test_the_wheel_says_that_it_is_typed_and_brings_the_report_s_templates(unpacked):
    assert (unpacked / "buysignal/py.typed").is_file() and (unpacked / "buysignal/features/__init__.pyi").is_file()
    found = {path.name for path in (unpacked / "buysignal/report/templates").iterdir()}
    assert found == {path.name for path in (ROOT / "src/buysignal/report/templates").iterdir()}
    entry = next(unpacked.glob("*.dist-info")) / "entry_points.txt"
    assert "buysignal = buysignal.cli.main:main" in entry.read_text()


def test_the_wheel_asks_for_what_requirements_pin():
    """Each dependency is pinned there, at no less than what is asked for."""
    pins = {name.lower(): version for name, version in PINNED.findall((ROOT / "requirements.txt").read_text())}
    for wanted in PYPROJECT["project"]["dependencies"]:
        name, sign, version = re.fullmatch(r"([\w.-]+)(>=|==)(\S+)", wanted).groups()
        pinned = pins[name.lower()]
        assert pinned == version or (sign == ">=" and pinned.startswith(version)), wanted


def test_everything_that_the_package_imports_is_asked_for():
    """By the top modules of the distributions; what only some commands need says so when it is missing."""
    optional = {"distributed", "starlette", "uvicorn", "yfinance", "exchange_calendars", "bokeh_sampledata"}
    indirect = {"pydantic_core", "sqlalchemy"}  # of pydantic and optuna
    known = importlib.metadata.packages_distributions()
    wanted = {re.split(">=|==", one)[0].lower() for one in PYPROJECT["project"]["dependencies"]}
    pattern = re.compile(r"^\s*(?:import|from) ([A-Za-z_]\w*)", re.MULTILINE)
    for path in (ROOT / "src").rglob("*.py"):
        for module in pattern.findall(path.read_text(encoding="utf-8")):
            if module in known and module not in optional | indirect | {"buysignal"}:
                assert {name.lower() for name in known[module]} & wanted, f"{path}: {module}"
