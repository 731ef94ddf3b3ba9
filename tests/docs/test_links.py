"""Every link and every path that the pages name leads somewhere."""

import fnmatch
import re
import subprocess
from functools import cache
from pathlib import PurePosixPath

import pytest

from tests.docs.pages import ROOT, anchors, links, pages, spans
from tests.docs.words import in_code, is_param, pipeline

TEXT = ("md", "py", "json", "jsonl", "yaml", "yml", "csv", "tsv", "toml", "txt", "lock", "html", "sbatch")
SUFFIXES = (*TEXT, "parquet", "png", "svg")
PATH = re.compile(rf"\.?[\w*{{}}$][\w.*{{}}@$-]*(/[\w.*{{}}@$-]+)*(/|\.({'|'.join(SUFFIXES)}))?")
BARE = re.compile(rf"[\w.-]+\.({'|'.join(SUFFIXES)})")

MADE = {
    ".venv": "by make",
    ".scratch": "by the stages: studies and finished fits",
    ".dvc/tmp": "by DVC",
    ".dvc/cache": "by DVC",
    ".dvc/config.local": "by dvc config --local",
    "celery": "by DVC's queue, in .dvc/tmp/exps",
    "dvc_plots": "by dvc plots",
    ".git": "by git",
}
"""Folders that are there once something has run, and that git ignores."""

YOURS = ("path/to/bars.csv", "bars.csv", "new.csv", "proposals/mine.yaml", "cluster.sbatch", "cluster.yaml")
"""Files that a reader is told to make."""


@cache
def files():
    """Files of the project as git would take them, and the folders they lie in."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    there = {name for name in names if (ROOT / name).exists()}
    return there | {parent.as_posix() for name in there for parent in PurePosixPath(name).parents} - {"."}


@cache
def outs():
    """Outs of dvc.yaml as patterns: there after `dvc repro`."""
    named = [out if isinstance(out, str) else next(iter(out)) for stage in pipeline().values() for out in stage["outs"]]
    return {re.sub(r"\$\{[^}]+\}", "*", name) for name in named}


def leads_somewhere(path, page="README.md"):
    """Whether a path, from the project, from the page, or cut off at its front, is a file, a folder or an out."""
    path = path.rstrip("/").removeprefix("./").replace("{", "*").replace("}", "*")
    path = re.sub(r"\$\*[^*]*\*", "*", path)
    beside = (PurePosixPath(page).parent / path).as_posix()
    if path in YOURS or any(path == made or path.startswith(f"{made}/") for made in MADE):
        return True
    if any(fnmatch.fnmatch(name, known) for name in (path, beside) for out in outs() for known in (out, f"{out}/*")):
        return True
    if any(out.startswith(f"{path}/") for out in outs()):
        return True
    if "/" not in path and in_code(path):  # a file in the folder of an out, as the code names it
        return True
    return any(fnmatch.fnmatch(file, pattern) for file in files() for pattern in (path, beside, f"*/{path}"))


def is_path(span):
    """Whether words in backticks are meant as a path of the project."""
    if is_param(span):  # ingest.csv
        return False
    return bool(BARE.fullmatch(span) or ("/" in span and PATH.fullmatch(span)))


@pytest.mark.parametrize("page", pages())
def test_every_link_leads_to_a_file_and_to_a_heading_that_it_has(page):
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
def test_every_path_in_backticks_exists_or_is_built(page):
    missing = [span for span in spans(page) if is_path(span) and not leads_somewhere(span, page)]
    assert not missing, f"{page}: {', '.join(missing)}"


def test_a_path_that_is_not_there_is_found():
    for path in ("docs/absent.md", "src/buysignal/absent.py", "data/absent/a50.json", "metrics/absent.json"):
        assert is_path(path) and not leads_somewhere(path), path
    for path in ("docs/honesty.md", "judge/evidence.py", "metrics/evaluate/a50.json", "data/models/", "stages/*"):
        assert is_path(path) and leads_somewhere(path), path


def test_pages_link_only_to_what_can_be_reached_without_building_anything():
    """A reader on GitHub has the files of git alone: a link into data/ would lead nowhere."""
    for page in pages():
        assert not [target for target in links(page) if target.startswith(("data/models", "data/sweep", "data/trials"))]
