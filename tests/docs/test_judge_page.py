"""The worked example of docs/judge.md, run as it stands: what is printed is what the page says is printed."""

import shutil

import pytest
from arch.data import sp500

import buysignal
from buysignal.cli.main import main
from tests.docs.pages import ROOT, blocks, words_of

SHOWN = blocks("docs/judge.md")
MADE, CALLED, AGAIN = (block.text for block in SHOWN if block.language == "python")
COMMAND, TESTED = (command for block in SHOWN for command in block.commands)
[SAID] = (block.text for block in SHOWN if block.language == "text")


@pytest.fixture
def example(tmp_path, monkeypatch):
    """A folder in which the page's first block has run, and the names that it leaves."""
    (tmp_path / "data/raw").mkdir(parents=True)
    shutil.copy(ROOT / "data/raw/example.csv", tmp_path / "data/raw")
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(MADE, names)
    return names


def test_the_command_prints_what_the_page_shows(example, capsys):
    assert main(words_of(COMMAND)[3:]) == 2
    said = capsys.readouterr().out
    assert said.startswith(SAID.rstrip() + "\n")
    for figure in (".419", ".174", ".434", ".486"):
        assert f"0{figure}" in said and figure in (ROOT / "docs/judge.md").read_text(encoding="utf-8")


def test_the_call_works_as_shown(example, capsys):
    exec(CALLED, example)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(second.rsplit(maxsplit=2)[0])


def test_the_test_for_a_look_ahead_works_as_shown(example, capsys):
    exec(AGAIN, example)
    assert main(words_of(TESTED)[3:]) == 2
    assert "same when the bars end on that day (again.csv)" in " ".join(capsys.readouterr().out.split())


def test_the_rule_of_the_table_is_told_what_the_table_says():
    bars = sp500.load()
    held = (bars["Close"] > bars["Close"].rolling(200).mean()).astype(int)
    assert f"| {buysignal.judge(held, bars)} |" in (ROOT / "docs/judge.md").read_text(encoding="utf-8")
