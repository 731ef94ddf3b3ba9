"""The pages build as a site without a warning, and the site asks no other machine for anything."""

import os
import re
import subprocess
import sys

import pytest
import yaml

from tests.docs.pages import ROOT

pytest.importorskip("material", reason="needs requirements-docs.txt")
pytest.importorskip("mkdocstrings", reason="needs requirements-docs.txt")

FETCHED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*?(?:src|href)="(?:https?:)?//[^"]*"[^>]*>""")


def build(folder, config=ROOT / "mkdocs.yml"):
    words = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config), "-d", str(folder)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(words, capture_output=True, text=True, env=environment)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = build(folder)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr, done.stderr
    return folder


def test_every_page_is_in_the_menu_and_no_link_is_dead(site):
    """`strict` and `validation` in mkdocs.yml make each a failure of the build."""
    elsewhere = {"from-bars-to-verdict", "contributing", "changelog"}
    written = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert written | elsewhere <= {path.stem for path in site.rglob("*.html")}


def test_a_page_fetches_nothing_from_another_machine(site):
    pages = {page.name: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert {name: found for name, text in pages.items() if (found := FETCHED.findall(text))} == {}


def test_the_search_finds_what_the_pages_say_where_they_are_opened_as_files(site):
    assert (site / "search/search_index.js").read_text(encoding="utf-8").startswith("var __index = ")
    assert "iframe-worker.js" in (site / "index.html").read_text(encoding="utf-8")
    assert "break-even precision" in (site / "search/search_index.js").read_text(encoding="utf-8").lower()


def test_formulas_and_the_notebook_are_drawn(site):
    text = (site / "methodology.html").read_text(encoding="utf-8")
    assert "<math" in text and "arithmatex" not in text
    assert "data:image/png;base64" in (site / "notebooks/from-bars-to-verdict.html").read_text(encoding="utf-8")


def test_drawings_are_drawn_and_named_without_a_script(site):
    text = (site / "architecture.html").read_text(encoding="utf-8")
    drawn = re.findall(r"<svg id=.drawing-(\d).*?<title[^>]*>(.*?)</title>.*?</svg>", text, re.DOTALL)
    assert drawn == [
        ("0", "The stages, from the bars to the report"),
        ("1", "How a search proposes, runs and keeps its trials"),
    ]
    assert "flowchart TD" not in text and ">featurize<" in text


def test_no_line_ends_between_a_number_and_its_percent_but_in_what_is_copied(site):
    text = (site / "methodology.html").read_text(encoding="utf-8")
    outside = re.sub(r"<(pre|code)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert re.search(r"\d\N{NO-BREAK SPACE}%", outside) and not re.search(r"\d %", outside.split("<article")[1])
    assert "\N{NO-BREAK SPACE}" not in "".join(match[0] for match in re.finditer(r"<pre\b.*?</pre>", text, re.DOTALL))


def test_a_dead_link_fails_the_build(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("[gone](gone.md)\n")
    settings = yaml.safe_load(re.sub(r"!!python\S+ \{.*\}", "null", (ROOT / "mkdocs.yml").read_text(encoding="utf-8")))
    kept = {key: settings[key] for key in ("site_name", "strict", "validation")}
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(kept))
    done = build(tmp_path / "site", tmp_path / "mkdocs.yml")
    assert done.returncode == 1 and "gone.md" in done.stderr
