"""``python -m buysignal init``: a project of one's own, whole or not at all."""

import json
import shutil
import subprocess
import sys

import pandas as pd
import pytest
import yaml
from dvc.repo import Repo

from buysignal.cli.init import written
from buysignal.cli.main import main
from buysignal.cli.params import Params
from buysignal.core.git import committed
from tests.pipeline.project import ROOT, Project

EXAMPLE = ROOT / "data/raw/example.csv"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder, in which a user is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return tmp_path


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def refused(capsys, *words):
    assert main(["init", *words]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and len(said.splitlines()) == 1
    return said


def test_every_stage_of_ours_is_in_it_and_finds_what_it_needs(here):
    assert main(["init", "p"]) == 0
    project = Project.at(here / "p")
    project.commit("start")
    assert project.run("git", "status", "--short").stdout == ""
    with Repo(ROOT) as ours, Repo(here / "p") as theirs:
        assert {stage.name for stage in theirs.index.stages} == {stage.name for stage in ours.index.stages}
        made = [str(out) for out in theirs.index.outs]
        needed = {str(dep) for stage in theirs.index.stages for dep in stage.deps if dep.hash_name != "params"}
    lacking = [name for name in needed if not (here / "p" / name).exists()]
    not_made = [
        name
        for name in lacking
        if not any(f"{name}/".startswith(f"{out}/") or f"{out}/".startswith(f"{name}/") for out in made)
    ]
    assert not_made == ["metrics/ledger.jsonl"]  # the stage `test` writes it, and DVC keeps it as no out
    assert project.repro("check") == ["code", "check"]


def test_it_tells_the_commands_that_its_readme_tells(here, capsys):
    main(["init", "a project"])
    told = [line[4:] for line in capsys.readouterr().out.splitlines() if line.startswith("    ")]
    readme = (here / "a project/README.md").read_text()
    assert told[0] == "cd 'a project'"
    assert "\n\n    " + "\n    ".join(told[1:]) + "\n\n" in readme and readme.startswith("# a project\n")
    assert all(f"`{command} " in readme for command in ("buysignal check", "buysignal predict", "buysignal init"))


def test_what_is_not_written_for_it_is_as_in_ours(here):
    main(["init", "p"])
    made = {path.relative_to(here / "p").as_posix() for path in (here / "p").rglob("*") if path.is_file()}
    own = {"README.md", "requirements.txt", "dvc.yaml", ".github/workflows/metrics.yml", ".dvc/.gitignore"}
    own |= {".dvc/config.local", ".dvc/plots.html"}
    for name in (name for name in made - own if not name.startswith(".git/")):
        assert (here / "p" / name).read_bytes() == (ROOT / name).read_bytes(), name
    assert {path.name for path in (here / "p/stages").iterdir()} == {path.name for path in ROOT.glob("stages/*.py")}
    ours, theirs = (yaml.safe_load((folder / "dvc.yaml").read_text()) for folder in (ROOT, here / "p"))
    assert theirs["stages"]["code"]["deps"] == ["plugins", "requirements.txt", "stages"]
    theirs["stages"]["code"]["deps"] = ours["stages"]["code"]["deps"]
    assert theirs == ours


def test_the_pins_are_ours_and_what_only_our_tests_need_is_not_among_them(here):
    main(["init", "p"])
    ours, theirs = ((folder / "requirements.txt").read_text().splitlines() for folder in (ROOT, here / "p"))
    pins = [line for line in theirs if "==" in line and not line.startswith(("#", "buysignal"))]
    assert set(pins) < set(ours) and any(pin.startswith("dvc==") for pin in pins)
    assert not {"pytest", "ruff"} & {pin.split("==")[0] for pin in pins}
    [own] = [line for line in theirs if line.startswith("buysignal")]
    assert own == f"buysignal=={written.version()}"


def test_its_workflow_installs_the_pins_and_knows_no_makefile(here):
    main(["init", "p"])
    text = (here / "p/.github/workflows/metrics.yml").read_text()
    ours = yaml.safe_load((ROOT / ".github/workflows/metrics.yml").read_text())["jobs"]["gate"]["steps"]
    steps = yaml.safe_load(text)["jobs"]["gate"]["steps"]
    assert "make " not in text and len(steps) == len(ours) - 1
    assert [step for step in steps if step in ours] == [s for s in ours if "make " not in s.get("run", "")]
    [sets_up] = [step["run"] for step in steps if step not in ours]
    assert sets_up == "pip install --requirement requirements.txt"


def test_bars_are_copied_and_read_by_its_params(here, capsys):
    shutil.copy(EXAMPLE, here / "my bars.csv")
    assert main(["init", "p", "--bars", "my bars.csv", "--volume", "none", "--dates", "year-first"]) == 0
    assert capsys.readouterr().out.startswith("my bars.csv: Yahoo form")
    ingest = Params.load(here / "p/params.yaml").ingest
    assert (ingest.source, ingest.csv) == ("csv", "data/raw/my bars.csv")
    assert (ingest.volume, ingest.dates) == ("none", "year-first")
    assert (here / "p" / ingest.csv).read_bytes() == EXAMPLE.read_bytes()
    ours, theirs = ((folder / "params.yaml").read_text().splitlines() for folder in (ROOT, here / "p"))
    changed = [(one, other) for one, other in zip(ours, theirs, strict=True) if one != other]
    assert len(changed) == 4 and all(one.split("#")[1:] == other.split("#")[1:] for one, other in changed)


def test_a_symbol_that_yaml_would_take_for_a_word_stays_one(here):
    frame = pd.read_csv(EXAMPLE)
    pd.concat([frame.assign(Symbol=name) for name in ("NO", "YES")]).to_csv(here / "both.csv", index=False)
    assert main(["init", "p", "--bars", "both.csv", "--symbol", "NO"]) == 0
    assert Params.load(here / "p/params.yaml").ingest.symbol == "NO"


@pytest.mark.parametrize("many", [False, True])
def test_a_form_of_ones_own_goes_with_the_bars(here, many):
    (here / "plugins").mkdir()
    code = (ROOT / "plugins/example.py").read_text().replace("def broker", "def mine")
    (here / "plugins/mine.py").write_text(code)
    frame = pd.read_csv(EXAMPLE)
    frame["Date"] = pd.to_datetime(frame["Date"]).astype("datetime64[ms]").astype(int)
    frame = frame[["Date", "Open", "High", "Low", "Close", "Volume"]].set_axis([*"tohlcv"], axis=1)
    answer = json.dumps({"results": frame.to_dict("records")})
    (here / "answers").mkdir()
    for name in ("AAA", "BBB"):
        (here / f"answers/{name}.json").write_text(answer)
    bars = "answers" if many else "answers/AAA.json"
    assert main(["init", "p", "--bars", bars, "--form", "plugins/mine.py:mine"]) == 0
    params = Params.load(here / "p/params.yaml")
    assert params.forms.extra == ("plugins/mine.py:mine",)
    assert (here / "p/plugins/mine.py").read_text() == code and (here / "p" / params.ingest.csv).exists()
    project = Project.at(here / "p")
    project.commit("start")
    assert "ingest" in project.repro("ingest")


def test_a_clone_gives_what_it_has_committed_and_not_what_is_being_tried_in_it(here, monkeypatch):
    clone = here / "clone"
    subprocess.run(["git", "clone", "-q", "--shared", ROOT, clone], check=True)
    (clone / "params.yaml").write_text((clone / "params.yaml").read_text().replace("dropout: 0.3", "dropout: 0.9"))
    monkeypatch.setattr(written, "source", lambda: clone)
    assert main(["init", "p"]) == 0
    assert (here / "p/params.yaml").read_bytes() == committed(clone / "params.yaml")
    assert "dropout: 0.9" not in (here / "p/params.yaml").read_text()


def test_its_readme_names_the_bars_that_it_was_given(here):
    shutil.copy(EXAMPLE, here / "mine.csv")
    main(["init", "p", "--bars", "mine.csv"])
    text = (here / "p/README.md").read_text()
    assert "`buysignal check data/raw/mine.csv`" in text and "predict --bars data/raw/mine.csv`" in text
    assert "example.csv" not in text


def test_bars_of_many_symbols_are_a_folder_in_it(here):
    (here / "stocks").mkdir()
    for name in ("AAA", "BBB"):
        shutil.copy(EXAMPLE, here / f"stocks/{name}.csv")
    assert main(["init", "p", "--bars", "stocks"]) == 0
    ingest = Params.load(here / "p/params.yaml").ingest
    assert (ingest.source, ingest.csv) == ("folder", "data/raw/stocks")
    assert left(here / "p/data/raw/stocks") == ["AAA.csv", "BBB.csv"]


def test_bars_that_cannot_be_used_leave_nothing(here, capsys):
    frame = pd.read_csv(EXAMPLE)
    frame.loc[700, "High"] = 1.0
    frame.to_csv(here / "bad.csv", index=False)
    said = refused(capsys, "p", "--bars", "bad.csv")
    assert "2015-10-27 high_below_low" in said and "ingest." not in said
    assert "absent.csv" in refused(capsys, "p", "--bars", "absent.csv")
    assert left(here) == ["bad.csv"]


def test_a_folder_that_holds_something_stays_as_it_is(here, capsys):
    (here / "notes.txt").write_text("mine")
    said = refused(capsys)
    assert "is not empty (it holds notes.txt): name an empty folder, or a new one" in said and left(here) == [
        "notes.txt"
    ]
    assert "notes.txt is a file: name an empty folder, or a new one" in refused(capsys, "notes.txt")


def test_a_project_is_not_made_twice_and_an_upgrade_is_told(here, capsys):
    main(["init", "p"])
    before = {path: path.read_bytes() for path in (here / "p").rglob("*") if path.is_file()}
    said = refused(capsys, "p")
    assert "p is a project already, and stays as it is; after an upgrade make a new one beside it" in said
    assert {path: path.read_bytes() for path in (here / "p").rglob("*") if path.is_file()} == before


def test_a_repository_and_an_environment_may_be_there(here):
    subprocess.run(["git", "init", "-q", "."], check=True)
    (here / ".venv").mkdir()
    (here / ".git/mine").touch()
    assert main(["init"]) == 0
    assert (here / "dvc.yaml").is_file() and (here / ".git/mine").exists()
    assert not [name for name in left(here) if name.endswith(".tmp")]


@pytest.mark.parametrize("there", [False, True])
def test_what_fails_on_the_way_leaves_nothing(here, monkeypatch, capsys, there):
    if there:
        (here / "p").mkdir()
    monkeypatch.setattr(written.shutil, "which", lambda _: sys.executable)
    monkeypatch.setattr(written, "page", lambda: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    assert "p cannot be written: No space left on device" in refused(capsys, "p")
    assert left(here) == ["p"] * there and (not there or left(here / "p") == [])
