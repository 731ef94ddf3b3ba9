"""What is known of a command without running it, and which commands are not run, with the reason."""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import re
import shlex
from itertools import pairwise
from pathlib import Path
from unittest import mock

from dvc.cli.parser import get_main_parser

from buysignal.cli.main import parser
from tests.docs.pages import ROOT, words_of
from tests.docs.params_page import readers
from tests.docs.words import is_param, pipeline, stages

NOT_COMMANDS = {
    "check -> ingest -> featurize": "the order of the stages",
    "stages/          one thin script": "the layout",
    "#!/bin/bash": "a job script: its syntax is checked",
    "apiVersion: v1": "manifests: read as YAML",
    "q - p > ": "a formula",
}
"""How an unnamed block starts that holds no commands. A fenced block says so itself: ```text, ```yaml, ..."""

NOT_RUN = (
    (r"make test(-full)?( |$)|pytest", "these very tests"),
    (r"make full( |$)|python -m buysignal full( -S .*)?$", "hours, or a GPU"),
    (r"make (bench|honesty)$|python -m bench|python bench/", "minutes to hours, on a quiet machine"),
    (r"make dashboard|optuna-dashboard|python -m buysignal serve", "a server that runs until it is stopped"),
    (r"curl ", "asks such a server"),
    (r"docker ", "needs Docker and a network"),
    (r"make setup|make PYTHON|pip install|\.venv/bin/pip", "needs a network"),
    (r"dask |sbatch |kubectl |cd project|BUYSIGNAL_SCHEDULER=", "needs a cluster, or Dask"),
    (r"BUYSIGNAL_DEVICE=cuda", "needs a GPU"),
    (r"dvc exp run .*(models/panel|path/to)", "needs what another run exported, or a folder of yours"),
    (r"git (clone|push|pull|fetch)|dvc (push|pull|remote)", "needs another repository"),
    (r"dvc queue start|dvc exp run --queue|dvc exp run .*range\(", "a queue works in the background, after the test"),
)
"""Commands that are only checked (`problems`), by how they start, each with its reason."""

SLOW = ("ingest", "featurize", "baseline", "hpo")
"""Stages whose re-run means most of the pipeline: such a command is run by ``make test-full`` alone."""


def not_run(command: str) -> str:
    """Why a command is not run; empty if it is."""
    return next((reason for pattern, reason in NOT_RUN if re.match(pattern, command)), "")


def is_slow(command: str) -> bool:
    """Whether a command re-runs most of the pipeline.

    >>> is_slow("dvc exp run -S model.revin=false"), is_slow("dvc exp run -S dropout=0.45 -n d45")
    (True, False)
    """
    keys = re.findall(r"-S '?([\w.]+)=", command)
    read = {name.split("@")[0] for key in keys for name in readers(pipeline(), key)}
    return bool({"tiers", "budgets"} & set(keys) or read & set(SLOW))


def problems(command: str) -> list[str]:
    """What is wrong with a simple command as far as its words tell; empty if nothing is.

    >>> problems("make absent"), problems("dvc exp run -S droput=0.4"), problems("python -m buysignal doctor --list")
    (['make has no target absent'], ['droput is no key of params.yaml'], [])
    """
    try:
        words = words_of(command)
    except ValueError as error:
        return [f"{command}: {error}"]
    if not words:
        return []
    program, rest = Path(words[0]).name, words[1:]
    checks = {"make": _make, "dvc": _dvc, "python": _python, "pip": _pip, "pytest": _files, "source": _sourced}
    return checks.get(program, lambda words: [])(rest)


def _make(words: list[str]) -> list[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", text, re.MULTILINE))
    variables = set(re.findall(r"^(\w+) [:?]?=", text, re.MULTILINE))
    named = [word for word in words if re.fullmatch(r"[a-z-]+", word) and word[0] != "-"]
    given = [word.split("=")[0] for word in words if "=" in word]
    wrong = [f"make has no target {name}" for name in named if name not in targets]
    return wrong + [f"make has no variable {name}" for name in given if name not in variables]


def _dvc(words: list[str]) -> list[str]:
    keys = re.findall(r"(?:^| )(?:-S|--set-param) \+?([^ =]+)=", " ".join(words))
    wrong = [f"{key} is no key of params.yaml" for key in keys if not is_param(key)]
    if words and words[0] == "repro" and "@" not in words[-1] and words[-1][0] != "-" and words[-1] != "repro":
        wrong += [] if words[-1] in stages() else [f"there is no stage {words[-1]}"]
    return wrong + _refused(get_main_parser(), words, f"dvc {shlex.join(words)}")


class _Refused(Exception):
    """What a parser says of words that it does not take."""


def _refuse(_parser: argparse.ArgumentParser, message: str, *_: object) -> None:
    raise _Refused(message)


def _refused(of: argparse.ArgumentParser, words: list[str], command: str) -> list[str]:
    """What a parser says of words that it does not take; a command that is named without its words is taken."""
    try:
        with mock.patch.object(type(of), "error", _refuse), contextlib.redirect_stdout(io.StringIO()):
            of.parse_args(words)
    except _Refused as error:
        return [] if "arguments are required" in str(error) else [f"{command}: {error}"]
    except SystemExit as ended:  # of --help, for one
        return [f"{command} ends with status {ended.code}"] if ended.code else []
    return []


def _python(words: list[str]) -> list[str]:
    if not words or words[0] in ("-c", "-V", "--version"):
        return []
    if words[0] != "-m":
        return _files(words)
    name, rest = words[1], words[2:]
    if name == "buysignal":
        return _refused(parser(), rest, f"python -m buysignal {shlex.join(rest)}")
    return [] if importlib.util.find_spec(name) else [f"there is no module {name}"]


def _pip(words: list[str]) -> list[str]:
    files = [after for word, after in pairwise(words) if word in ("-r", "--requirement", "-c")]
    return [f"there is no {name}" for name in files if not (ROOT / name).is_file()]


def _files(words: list[str]) -> list[str]:
    paths = [word.split("::")[0] for word in words if "/" in word and not word.startswith("-")]
    return [f"there is no {path}" for path in paths if not (ROOT / path).exists()]


def _sourced(words: list[str]) -> list[str]:
    return [] if words == [".venv/bin/activate"] else [f"source {' '.join(words)}"]
