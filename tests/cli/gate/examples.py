"""Made-up metrics of runs, written as the stages write them, and a git repository to keep them in. No run of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from buysignal.cli.gate.measured import Against, Headline, Judged, Lead
from buysignal.cli.gate.params import PATH as GATES
from buysignal.core.files import read_json, write_json
from buysignal.core.settings import Section, of
from buysignal.judge.params import USE
from buysignal.judge.verdict import Verdict
from buysignal.ship import ledger

ROOT = Path(__file__).resolve().parents[3]
LEDGER = "metrics/ledger.jsonl"

# 600 test days, 72 labelled 1; 60 buys, 42 right
LEAD = of(Lead, 0.2, 0.05, 0.35, 0.95)
REACHED = {"a50-volatility": 0.5, "a50-boosting": 0.55}
OVER = of(Against, "a50-volatility", LEAD)
USED = of(Verdict, USE, "a trade earns 0.20 % after costs", None)
GOOD = of(Headline, "a50-2M-T1", 0.7, 0.5885, 0.583333, 60, 60.0, 0.12, 600, False, OVER, REACHED, "transformer", USED)
JUDGED = of(Judged, 0.4, False, 0.03, 3)
DATA = {"market": "^GSPC", "bars": "b" * 64, "first": "2016-08-05", "last": "2018-12-28"}


def leading(model: Headline = GOOD, **changes: Any) -> Headline:
    """The model with another lead over the volatility baseline."""
    ahead = replace(model.against_volatility, precision=replace(LEAD, **changes))
    return replace(model, against_volatility=ahead)


def replace(section: Section, **changes: Any) -> Section:
    """The same with some values changed, even to what would not be read."""
    return section.model_copy(update=changes)


def look(folder: Path, configuration: str, data: dict[str, str] = DATA, model: Headline | None = GOOD) -> str:
    """One more look in the folder's ledger, which saw the model; its hash."""
    registered = {"headline": {"name": configuration}, "others": []}
    seen = {} if model is None else {"precision": model.precision, "recall": model.recall}
    return ledger.append(folder / LEDGER, registered, data, seen).look


def write(
    folder: Path,
    model: Headline | None = GOOD,
    at: Judged = JUDGED,
    configuration: str = "one",
    data: dict[str, str] = DATA,
) -> Path:
    """Gates and metrics of a run, with its look added to whatever the ledger has."""
    if not (folder / GATES).exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / GATES, folder)
    models = [] if model is None else [model.model_dump()]
    seen = look(folder, configuration, data, model)
    named = {"shipped": "" if model is None else model.name, "look": seen, "unopened": ""}
    write_json(folder / "metrics/train.json", {"models": models, "others": [], **named})
    rows = [] if model is None else [{"name": model.name, **dict(at)}]
    write_json(folder / "metrics/selection.json", rows)
    return folder


def edit(folder: Path, file: str, change) -> None:
    """Change the content of a JSON file in place."""
    content = read_json(folder / file)
    change(content)
    write_json(folder / file, content)


def set_gate(folder: Path, key: str, value: str) -> None:
    """Set a key of gates.yaml, keeping the rest."""
    lines = (folder / GATES).read_text(encoding="utf-8").splitlines()
    kept = [f"{key}: {value}" if line.startswith(f"{key}:") else line for line in lines]
    (folder / GATES).write_text("\n".join(kept) + "\n", encoding="utf-8")


def git(folder: Path, *words: str) -> str:
    """What git says in the folder, whatever the settings of whoever runs the tests."""
    who = {f"GIT_{role}_{what}": "test@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = os.environ | who | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path) -> str:
    """Commit everything, in a new repository if there is none; the commit's hash."""
    if not (folder / ".git").exists():
        git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", "a run")
    return git(folder, "rev-parse", "HEAD")
