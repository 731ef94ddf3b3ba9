"""The worked example of docs/plugins.md is what plugins/example.py holds, and it keeps every promise."""

import json

import pandas as pd
import pytest

from buysignal.cli.main import main
from tests.docs.pages import ROOT, blocks
from tests.pipeline.project import Project

OWN = {"feature": "calm", "form": "broker", "model": "Bayes"}
SHOWN = [block.text for block in blocks("docs/plugins.md") if block.language == "python"]


def test_the_page_shows_the_file():
    text = (ROOT / "plugins/example.py").read_text(encoding="utf-8")
    assert len(SHOWN) == 3 and all(f"\n\n{block}\n" in text for block in SHOWN)


def answer(path):
    """The example's bars as a web service gives them."""
    bars = pd.read_csv(ROOT / "data/raw/example.csv", parse_dates=["Date"])
    bars["t"] = bars.pop("Date").astype("datetime64[ms]").astype("int64")
    rows = bars.rename(columns=lambda name: name[0].lower() if name != "Adj Close" else "x").drop(columns="x")
    path.write_text(json.dumps({"ticker": "^IXIC", "results": rows.to_dict("records")}))


@pytest.mark.parametrize("name", ["calm", "Bayes", "broker"])
def test_the_example_keeps_every_promise(name, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(ROOT)
    answer(tmp_path / "answer.json")
    bars = tmp_path / "answer.json" if name == "broker" else "data/raw/example.csv"
    assert main(["check-plugin", f"plugins/example.py:{name}", "--bars", str(bars), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["broken"] is None


def test_each_takes_about_ten_lines():
    assert max(len(block.splitlines()) for block in SHOWN) <= 15


@pytest.mark.pipeline
def test_all_three_go_through_the_stages(tmp_path):
    project = Project(tmp_path / "project")
    answer(project.folder / "data/raw/answer.json")
    own = {f"{kind}s.extra": [f"plugins/example.py:{name}"] for kind, name in OWN.items()}
    project.set(**own, **{"ingest.source": "csv", "ingest.csv": "data/raw/answer.json"})
    project.repro("baseline@a20")
    assert project.json("metrics/ingest.json")["understood"][0] == "read by plugins/example.py:broker"
    assert "calm" in pd.read_parquet(project.folder / "data/features/a20.parquet")
    assert "a20-bayes" in {card["name"] for card in project.json("data/baseline/a20/models.json")}
    assert project.repro("baseline@a20") == []
    text = (project.folder / "plugins/example.py").read_text()
    (project.folder / "plugins/example.py").write_text(text.replace('["results"]', '["results"][1:]'))
    assert {"check", "ingest"} <= {name.split("@")[0] for name in project.repro("ingest")}
    assert project.json("data/bars/bars.json")["rows"] == 1499
