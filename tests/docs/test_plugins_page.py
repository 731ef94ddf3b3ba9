"""The worked example of docs/plugins.md is what plugins/example.py holds, and it keeps every promise."""

import json

import pytest

from buysignal.cli.main import main
from tests.docs.pages import ROOT, blocks

SHOWN = [block.text for block in blocks("docs/plugins.md") if block.language == "python"]


def test_the_page_shows_the_file():
    text = (ROOT / "plugins/example.py").read_text(encoding="utf-8")
    assert len(SHOWN) == 2 and all(f"\n\n{block}\n" in text for block in SHOWN)


@pytest.mark.parametrize("name", ["calm", "Bayes"])
def test_the_example_keeps_every_promise(name, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert (
        main(["check-plugin", f"plugins/example.py:{name}", "--bars", "data/raw/example.csv", "--format", "json"]) == 0
    )
    assert json.loads(capsys.readouterr().out)["broken"] is None
