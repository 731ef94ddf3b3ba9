"""A new project, written whole or not at all."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from buysignal.cli.init.bars import Bars
from buysignal.cli.init.files import FILES, FOLDERS
from buysignal.cli.init.readme import readme
from buysignal.cli.plots_page import page
from buysignal.cli.reset.back import SETTINGS
from buysignal.core.errors import UserError
from buysignal.core.git import committed, git

OWN = {".git", ".venv", "venv"}  # what a folder may hold before: whoever installs buysignal there has them already
TOOLS = ("hypothesis", "jsonschema", "pytest", "pytest-xdist", "ruff")  # of those who work on buysignal itself
CODE = "      - src/buysignal\n"
PLOTS = "[plots]\n    html_template = plots.html\n"
WORKFLOW = """\
# What a pull request does to precision and recall, and whether the gate lets it through: of the committed results,
# for a machine that builds them anew rounds otherwise. That they are results of the committed code is asked first.
"""


def require_room(folder: Path) -> None:
    """`UserError` unless a folder is absent, empty, or holds nothing but a repository and an environment."""
    if folder.is_file():
        raise UserError(f"{folder} is a file: name an empty folder, or a new one")
    try:
        names = {path.name for path in folder.iterdir()} if folder.exists() or folder.is_symlink() else set()
    except OSError as error:
        raise UserError(f"{folder} cannot be looked into: {error.strerror}; name a folder") from None
    if {"dvc.yaml", "params.yaml"} <= names:
        raise UserError(
            f"{folder} is a project already, and stays as it is; after an upgrade make a new one beside it, "
            f"`buysignal init FOLDER`, and take over what `git diff --no-index {folder} FOLDER` shows"
        )
    if names - OWN:
        raise UserError(f"{folder} is not empty (it holds {min(names - OWN)}): name an empty folder, or a new one")


def write(folder: Path, bars: Bars | None) -> int:
    """Make the project, and a git repository unless it lies in one; how many files it has.

    Raises
    ------
    UserError
        If it cannot be written; nothing of it is left then.
    """
    new, moved = not folder.exists(), []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".init.", suffix=".tmp") as held:
            made = Path(held) / "project"
            for name, text in texts(folder.resolve().name, bars).items():
                (made / name).parent.mkdir(parents=True, exist_ok=True)
                (made / name).write_bytes(text)
            if bars:
                bars.copy(made)
            if not git(folder, "rev-parse", "--show-toplevel") and shutil.which("git"):
                subprocess.run(["git", "init", "--quiet", str(made)], check=True, capture_output=True)
            count = sum(path.is_file() for path in made.rglob("*") if ".git" not in path.relative_to(made).parts)
            for path in made.iterdir():
                moved.append(path.rename(folder / path.name))
        return count
    except BaseException as error:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if new:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise UserError(f"{folder} cannot be written: {error.strerror or error}") from None
        if isinstance(error, subprocess.CalledProcessError):
            told = " ".join(error.stderr.decode(errors="replace").split())
            raise UserError(f"git made no repository in {folder}: {told}") from None
        raise


def source() -> Path:
    """Where the files are: beside this module in a wheel, in the project itself in a clone."""
    packed = Path(__file__).parent / "project"
    return packed if packed.is_dir() else Path(__file__).resolve().parents[4]


def texts(name: str, bars: Bars | None) -> dict[str, bytes]:
    """The files of a new project, by their paths; those that are not as in ours are written for it."""
    root = source()
    paths = [*(root / name for name in FILES), *(path for folder in FOLDERS for path in (root / folder).glob("*.py"))]
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(paths)}
    for setting in SETTINGS:  # of a clone those of its commit: an experiment may be in its workspace
        found[setting] = committed(root / setting) or found[setting]
    new = {
        "README.md": lambda _: readme(name, version(), bars.ingest["csv"] if bars else ""),
        "requirements.txt": requirements,
        "dvc.yaml": pipeline,
        ".github/workflows/metrics.yml": workflow,
        "params.yaml": bars.settled if bars else str,
        ".dvc/.gitignore": lambda text: f"{text}/plots.html\n",
        ".dvc/config.local": lambda _: PLOTS,
        ".dvc/plots.html": lambda _: page(),
    }
    return found | {name: change(found.get(name, b"").decode()).encode() for name, change in new.items()}


def version() -> str:
    """That of the installed package."""
    from buysignal import __version__

    return __version__


def pipeline(dvc: str) -> str:
    """The pipeline of a project that has no source of buysignal: the pinned version stands for it."""
    head, *rest = dvc.split(CODE)
    assert len(rest) == 1
    head = head.replace(
        "DVC looks at src, stages and plugins here", "DVC looks at stages, plugins and the version here"
    )
    return f"{head}      - requirements.txt # which version of buysignal\n{rest[0]}"


def requirements(pinned: str) -> str:
    """What the project needs, as buysignal itself was tested with it."""
    kept = [line for line in pinned.splitlines() if line.split("==")[0] not in TOOLS]
    at = kept.index("-c constraints.txt")
    told = ["# buysignal, and what it was tested with, pinned; what those need in turn is pinned in constraints.txt."]
    return "\n".join([*told, *kept[at : at + 1], *_itself(), *kept[at + 1 :]]) + "\n"


def _itself() -> list[str]:
    """buysignal as pip would install it again: from where it came, unless that is a folder of this machine."""
    try:
        came = json.loads(importlib.metadata.distribution("buysignal").read_text("direct_url.json") or "{}")
    except importlib.metadata.PackageNotFoundError:
        came = {}
    url, vcs = came.get("url", ""), came.get("vcs_info", {})
    if url.startswith("https:"):
        return [f"buysignal @ {vcs['vcs']}+{url}@{vcs['commit_id']}" if vcs else f"buysignal @ {url}"]
    where = "# where pip finds it, if not on an index: --find-links FOLDER, or buysignal @ git+https://HOST/REPOSITORY@REVISION"
    return [where, f"buysignal=={version()}"]


def workflow(ours: str) -> str:
    """The workflow of a project that installs buysignal and has no tests of it."""
    parts = re.split(r"(?m)^(?=      - )", ours[ours.index("name: ") :])
    installs = "      - name: Set up\n        run: pip install --requirement requirements.txt\n\n"
    kept = [installs if "make setup" in part else part for part in parts if "make test" not in part]
    return WORKFLOW + "".join(kept)
