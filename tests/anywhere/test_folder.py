"""The project works in a folder of any name, under any locale, and says in one line that it needs git."""

import os
import shutil
import subprocess
import sys
import warnings

import pytest

from buysignal.core.parent import _parent_of
from tests.pipeline.project import ROOT, Project

NAME = "my project [ä] 'q' \"d\" $HOME/buysignal"

PYTHON = r"""#!/bin/sh
# A Python whose venv and pip work without a network, and write scripts as pip does.
case "$2" in
venv) mkdir -p "$3/bin" "$3/lib/python3.11/site-packages" && ln -s "$0" "$3/bin/python" ;;
pip) shift 2; echo "$@" >> pip.log
    printf '%s\n' '#!/bin/sh' "'''exec' \"$PWD/.venv/bin/python\" \"\$0\" \"\$@\"" "' '''" \
        'import sys; print("dvc", *sys.argv[1:])' > .venv/bin/dvc
    chmod +x .venv/bin/dvc ;;
*) exec "REAL" "$@" ;;
esac
"""


@pytest.fixture
def python(tmp_path):
    path = tmp_path / "python"
    path.write_text(PYTHON.replace("REAL", sys.executable))
    path.chmod(0o755)
    return path


@pytest.fixture
def odd(tmp_path):
    (tmp_path / NAME).mkdir(parents=True)
    return Project(tmp_path / NAME)


def test_make_sets_up_once_and_reaches_dvc_whatever_the_folder_is_called(odd, python):
    assert odd.run("make", f"PYTHON={python}", "repro").stdout.splitlines()[-1] == "dvc repro"
    folder = odd.folder
    assert (folder / "pip.log").read_text() == "install --quiet --requirement requirements.txt\n"
    site = folder / ".venv/lib/python3.11/site-packages"
    assert (site / (site / "buysignal.pth").read_text().strip()).resolve() == folder / "src"
    assert ".venv/plots.html" in (folder / ".dvc/config.local").read_text()
    assert "vegaEmbed" in (folder / ".venv/plots.html").read_text(encoding="utf-8")
    assert odd.run("make", "PYTHON=false", "repro").stdout.splitlines() == ["dvc repro", "dvc repro"]
    assert odd.run("git", "status", "--short").stdout == "?? pip.log\n"


@pytest.mark.pipeline
def test_an_experiment_runs_there_under_the_c_locale(odd):
    odd.run("dvc", "exp", "run", "-S", "ingest.max_gap_days=21", "ingest", LC_ALL="C", LANG="")
    assert odd.json("data/bars/bars.json")["sha256"] and "max_gap_days: 21" in (odd.folder / "params.yaml").read_text()


def without_git(project):
    shutil.rmtree(project.folder / ".git")
    return {"GIT_CEILING_DIRECTORIES": str(project.folder.parent)}


@pytest.mark.parametrize("target", ["repro", "test", "setup"])
def test_a_project_without_git_is_one_line_before_anything_is_installed(odd, python, target):
    done = odd.run("make", f"PYTHON={python}", target, check=False, **without_git(odd))
    said, makes_own = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (2, "") and makes_own.startswith("make: ***")
    assert said.startswith("error: DVC needs the project to be in git, and a ZIP file is not: run `git init")
    assert not (odd.folder / ".venv").exists()
    for command in said.split("`")[1::2]:
        odd.run("sh", "-c", command)
    assert odd.run("make", f"PYTHON={python}", "in-git").stderr == ""


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LANG": ""}, {"PYTHONIOENCODING": "ascii"}], ids=str)
def test_a_name_beyond_the_encoding_of_the_terminal_is_printed_somehow(tmp_path, locale):
    folder = tmp_path / "ä"
    folder.mkdir()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONIO"))}
    command = [sys.executable, "-m", "buysignal", "scratch"]
    env |= {"PYTHONPATH": str(ROOT / "src")} | locale
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.rstrip().endswith((f"{folder}/.scratch holds nothing".encode(), b"\\xe4/.scratch holds nothing"))


def test_the_parent_of_a_process_whose_name_is_cut_within_a_letter_is_known(tmp_path):
    program = shutil.copy(shutil.which("sleep"), tmp_path / ("ä" * 8))  # Linux keeps 15 of these 16 bytes
    with subprocess.Popen([program, "60"]) as process:
        parent = _parent_of(process.pid)
        process.kill()
    assert parent == os.getpid()


def test_no_source_uses_what_a_later_python_warns_of():
    with warnings.catch_warnings(action="error"):
        for path in (path for name in ("src", "stages") for path in (ROOT / name).rglob("*.py")):
            compile(path.read_bytes(), str(path), "exec")
