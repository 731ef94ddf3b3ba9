"""The Dockerfile names what is there and a command that the parser takes; no image is built here."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from buysignal.cli.main import parser
from buysignal.cli.serve.command import PORT
from tests.docs.words import files, outs

ROOT = Path(__file__).resolve().parents[3]
TEXT = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
STEPS = [tuple(line.split(maxsplit=1)) for line in TEXT.splitlines() if line and not line.startswith("#")]
ALLOWED = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]


def of(kind):
    return [words for step, words in STEPS if step == kind]


ARGS = dict(words.partition("=")[::2] for words in of("ARG"))
COPIED = [source for words in of("COPY") for source in words.split()[:-1]]
SOURCES = [re.sub(r"\$\{(\w+)\}", lambda name: ARGS[name[1]], source) for source in COPIED]


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_copied_is_in_git_or_built_by_the_pipeline_and_sent_to_the_builder(source):
    assert source in files() or any(source == out or source.startswith(f"{out}/") for out in outs())
    patterns = [re.escape(name).replace(r"\*", "[^/]*") for name in ALLOWED]
    assert any(re.fullmatch(f"{pattern}(/.*)?", source) for pattern in patterns)


def test_what_the_requirements_name_is_copied_beside_them():
    text = (ROOT / "requirements-serve.txt").read_text() + (ROOT / "requirements.txt").read_text()
    named = re.findall(r"^-[rc] (\S+)", text, re.MULTILINE)
    assert {*named, "requirements-serve.txt"} <= set(SOURCES)


def test_every_package_of_the_extra_is_pinned_to_one_version():
    lines = [line for line in (ROOT / "requirements-serve.txt").read_text().splitlines() if line[0] not in "#-"]
    assert lines and all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)


def test_the_python_is_pinned_to_a_patch_and_one_that_the_project_supports():
    [base] = of("FROM")
    major, minor, _ = map(int, re.fullmatch(r"python:(\d+)\.(\d+)\.(\d+)-slim-\w+", base).groups())
    least = re.search(r'requires-python = ">=(\d+)\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    assert (int(least[1]), int(least[2])) <= (major, minor) <= sys.version_info[:2]


def test_the_command_is_one_that_the_parser_takes_on_the_port_that_is_exposed_and_asked_for_its_health():
    [command] = map(json.loads, of("CMD"))
    assert command[:3] == ["python", "-m", "buysignal"]
    taken = parser().parse_args(command[3:])
    assert (taken.host, taken.port) == ("0.0.0.0", PORT) and of("EXPOSE") == [str(PORT)]
    [health] = of("HEALTHCHECK")
    probe = json.loads(health.partition("CMD ")[2])
    assert probe[:2] == ["python", "-c"] and f"('127.0.0.1', {PORT}," in probe[2] and "'/health'" in probe[2]
    compile(probe[2], "HEALTHCHECK", "exec")


def test_it_does_not_run_as_root():
    kinds = [step for step, _ in STEPS]
    [user] = of("USER")
    assert f" {user}" in TEXT.split("USER")[0] and kinds.index("USER") < kinds.index("CMD")
