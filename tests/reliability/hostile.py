"""Params, bars and proposals that are right, thousands of ways to spoil them, and a project to try them on."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import os
import subprocess
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import yaml
from hypothesis import strategies as st

from buysignal.core import stage
from buysignal.ship import registered
from tests.features.samples import random_bars
from tests.pipeline.project import ROOT, TINY, with_values
from tests.reliability.hostile_values import CELLS, DATES, ENCODINGS, VALUES

CSV, PINNED = "bars.csv", "proposals/mine.yaml"
OUTS = {
    "data/checked.txt": "params.yaml and the bars it names can be used\n",
    "data/bars/bars.json": "{}\n",
    "data/features/a20.parquet": "features of an earlier run",
    "data/hpo/a20/2M/trials.csv": "trials of an earlier run",
    "metrics/ingest.json": "{}\n",
    "metrics/report.md": "# report of an earlier run\n",
    "dvc.lock": "schema: '2.0'\n",
}


@dataclass(frozen=True)
class Ended:
    """How a stage ended: its exit status and all it wrote to stderr."""

    status: int
    said: str

    def refused_in_one_line(self) -> bool:
        one = self.said.startswith("error: ") and self.said.count("\n") == 1 and self.said.endswith("\n")
        return self.status == 1 and one and self.said[:-1].isprintable() and len(self.said) < 2000


class Place:
    """A project with the results of an earlier run, in a folder that has other files too."""

    def __init__(self, folder: Path) -> None:
        self.outer, self.root = folder, folder / "project"
        for name, text in OUTS.items():
            self.put(name, text.encode())
        (self.outer / "neighbour.txt").write_text("not this project's")
        self.put(CSV, bars_text().encode())
        self.put(PINNED, PROPOSAL.encode())
        self.put("params.yaml", params_text().encode())
        for name in (registered.PATH, registered.SCORES):
            self.put(str(name), (ROOT / name).read_bytes())

    def put(self, name: str, content: bytes) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def digests(self) -> dict[str, str]:
        """Every file in the folder around the project, links and folders too, with what it holds."""
        found = {}
        for path in sorted(self.outer.rglob("*")):
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            found[path.relative_to(self.outer).as_posix()] = content
        return found

    def check(self) -> Ended:
        """What ``stages/check.py`` does, in this process, under `stage.run` as it is."""
        return in_process("check", self.root)

    def apart(self, script: str) -> Ended:
        """A stage script in a process of its own, as DVC starts it."""
        command = [sys.executable, str(ROOT / "stages" / f"{script}.py")]
        env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
        done = subprocess.run(command, cwd=self.root, env=env, capture_output=True, text=True, timeout=60)
        return Ended(done.returncode, done.stderr)


def in_process(script: str, root: Path) -> Ended:
    """Run a stage's main here; an exception that it lets through is the caller's to see."""
    spec = importlib.util.spec_from_file_location(f"stage_{script}", ROOT / "stages" / f"{script}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    heard, words, environment = io.StringIO(), sys.argv, dict(os.environ)
    sys.argv = [f"stages/{script}.py"]
    try:
        with contextlib.chdir(root), contextlib.redirect_stderr(heard), warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always", RuntimeWarning)
            stage.run(module.main)
    except SystemExit as end:
        if isinstance(end.code, str):  # the interpreter prints it and exits with 1
            return Ended(1, heard.getvalue() + end.code + "\n" + "".join(f"{w.message}\n" for w in told))
        return Ended(end.code or 0, heard.getvalue())
    finally:
        sys.argv = words
        os.environ.clear()  # a stage adds to it for the processes it starts, thousands of stages too much
        os.environ.update(environment)
    return Ended(0, heard.getvalue() + "".join(f"{w.message}\n" for w in told))


def params_text() -> str:
    own = {"ingest.source": "csv", "ingest.csv": CSV, "supplement.pinned": PINNED}
    return with_values((ROOT / "params.yaml").read_text(encoding="utf-8"), TINY | own)


def bars_text() -> str:
    bars = random_bars(520, seed=9).rename(columns=str.capitalize).rename_axis("Date").round(4)
    return bars.to_csv(lineterminator="\n")


TRIAL = "budget: 2M, d_model: 16, n_layers: 1, n_heads: 2, d_ff_ratio: 2, learning_rate: 0.001, weight_decay: 0.0"
PROPOSAL = f"""a20:
  first:
    A01: {{{TRIAL}, dropout: 0.25}}
    A02: {{{TRIAL}, dropout: 0.35}}
  second:
    B01: {{{TRIAL}, dropout: 0.45}}
"""


def encoded(text: str, encoding: str) -> bytes:
    return text.replace("a", "ä", 1).encode(encoding, errors="replace")


@st.composite
def lines_spoilt(draw, text: str) -> bytes:
    """A file of ``key: value`` lines with one to three of them changed."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[at].partition(":")
        value = draw(st.sampled_from(VALUES))
        how = draw(st.integers(0, 9))
        if how <= 4:
            lines[at] = f"{key}{colon} {value}"
        elif how == 5:
            lines[at] = f"{key[: len(key) - len(key.lstrip())]}{value}{colon} 1"
        elif how == 6:
            del lines[at : at + draw(st.integers(1, 4))]
            lines = lines or [""]
        elif how == 7:
            lines.insert(at, lines[at])
        elif how == 8:
            lines[at] = " " * draw(st.integers(1, 3)) + lines[at]
        else:
            lines.insert(at, f"{value}: {value}")
    return ("\n".join(lines) + "\n").encode("utf-8", errors="surrogatepass")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(VALUES) | st.integers(-2, 99),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(VALUES), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def tree_spoilt(draw, text: str) -> bytes:
    """Good YAML in which one or two keys, at any depth, have another value, another name or are gone."""
    content = yaml.safe_load(text)
    for _ in range(draw(st.integers(1, 2))):
        place = content
        while True:
            key = draw(st.sampled_from(sorted(place)))
            if not isinstance(place[key], dict) or not place[key] or draw(st.integers(0, 3)) == 0:
                break
            place = place[key]
        how = draw(st.integers(0, 5))
        value = place.pop(key) if how else draw(JUNK)
        if how >= 2:
            place[key] = draw(JUNK)
        elif how == 1:
            place[draw(st.sampled_from(VALUES))] = value
        if not content:
            break
    return yaml.safe_dump(content, sort_keys=False).encode()


@st.composite
def bytes_spoilt(draw, text: str) -> bytes:
    """A file that was cut, in which bytes were put, or that is in another encoding."""
    data = text.encode()
    how = draw(st.integers(0, 3))
    if how == 0:
        return data[: draw(st.integers(0, len(data) - 2))]
    if how == 1:
        return encoded(text, draw(st.sampled_from(ENCODINGS)))
    if how == 2:
        return draw(st.binary(max_size=60))
    at, put = draw(st.integers(0, len(data))), draw(st.binary(min_size=1, max_size=6))
    return data[:at] + put + data[at + draw(st.integers(0, 40)) :]


@st.composite
def inline_spoilt(draw) -> bytes:
    """The proposal with one value, key, label, round or tier replaced."""
    words = ["a20", "first", "second", "A01", "A02", "B01", "budget", "2M", "d_model", "16", "n_layers", "n_heads"]
    words += ["dropout", "0.25", "0.35", "learning_rate", "0.001", "weight_decay", "0.0", "{", "}", ": ", ","]
    text = PROPOSAL
    for _ in range(draw(st.integers(1, 2))):
        value = draw(st.sampled_from(VALUES))
        text = text.replace(draw(st.sampled_from(words)), value, draw(st.sampled_from([1, 1, -1])))
    return text.encode("utf-8", errors="surrogatepass")


@st.composite
def csv_spoilt(draw) -> bytes:
    """Bars with a cell, a date, the header or the form of the file changed."""
    lines = bars_text().splitlines()
    at = draw(st.integers(1, len(lines) - 1))
    cells = lines[at].split(",")
    how = draw(st.integers(0, 11))
    if how <= 4:
        cells[draw(st.integers(1, 5))] = draw(st.sampled_from(CELLS) | st.text(max_size=6))
    elif how <= 7:
        cells[0] = draw(st.sampled_from(DATES) | st.text(max_size=10))
    elif how == 8:
        cells = cells[: draw(st.integers(0, 5))] + draw(st.lists(st.sampled_from(CELLS), max_size=3))
    elif how == 9:
        header = lines[0].split(",")
        header[draw(st.integers(0, 5))] = draw(st.sampled_from([*header, *CELLS, "x", "Adj Close"]))
        lines[0] = ",".join(header)
    elif how == 10:
        lines = [line.replace(",", draw(st.sampled_from([";", "\t", "|", ",,", ", \n"]))) for line in lines[:8]]
        return "\n".join(lines).encode()
    else:
        lines = lines[: draw(st.integers(0, 60))]  # too few bars for the six roles
        return "\n".join(lines).encode()
    lines[at] = ",".join(cells)
    return ("\n".join(lines) + "\n").encode("utf-8", errors="surrogatepass")


KINDS = {
    "params": (
        "params.yaml",
        lines_spoilt(params_text()) | tree_spoilt(params_text()) | bytes_spoilt(params_text()),
    ),
    "bars": (CSV, csv_spoilt() | csv_spoilt() | bytes_spoilt(bars_text())),
    "proposals": (PINNED, inline_spoilt() | tree_spoilt(PROPOSAL) | bytes_spoilt(PROPOSAL)),
}
"""Kind of file -> its name in the project and what it is spoilt with."""
