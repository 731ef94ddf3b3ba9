"""In a browser: every chart is drawn at the width of a desk and of a phone, and nothing complains or is fetched."""

import pytest

from buysignal.report.gallery import gallery
from buysignal.report.html import html_page
from buysignal.report.page import blocks
from tests.report.browser import Browser, Page, binary
from tests.report.drawable import drawable, drawn_findings
from tests.report.test_html import EVIL, poisoned, poisoned_findings

PROGRAM = binary()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium or Chrome is on the path")
SHAPES = """[...document.querySelectorAll('.chart')].map(chart =>
  chart.querySelectorAll('svg .role-mark path, svg .role-mark line, svg .role-mark text').length)"""
DRAWN = "document.querySelectorAll('.chart svg').length === document.querySelectorAll('[data-spec]').length"
CHARTS = gallery(drawn_findings(), drawable())
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(PROGRAM, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def report(tmp_path_factory, script):
    """A report, and one whose every name is a script."""
    found, shown = drawn_findings(), drawable()
    evil = poisoned_findings(EVIL)
    poison = drawable(tiers={EVIL: poisoned(shown.tiers["a50"], EVIL)}, curves={EVIL: shown.curves["what ships"]})
    paths = {}
    for name, (said, drawn) in {"clean": (found, shown), "evil": (evil, poison)}.items():
        paths[name] = tmp_path_factory.mktemp("report") / f"{name}.html"
        paths[name].write_text(html_page(blocks(said), gallery(said, drawn), script), encoding="utf-8")
    return paths


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("which", ["clean", "evil"])
def test_every_chart_is_drawn_and_the_page_is_no_wider_than_the_screen(browser, report, which, width):
    page = Page(browser, report[which], width)
    assert page.wait(DRAWN)
    marks = page.evaluate(SHAPES)
    assert len(marks) == 22 and min(marks) > 0
    assert page.evaluate("innerWidth") == width and page.evaluate(WIDER) <= 0
    assert page.complaints() == []
    assert page.requests() == [report[which].resolve().as_uri()]


def test_each_chart_has_the_words_that_a_screen_reader_says(browser, report):
    page = Page(browser, report["clean"], 1280)
    assert page.wait(DRAWN)
    said = page.evaluate("[...document.querySelectorAll('.chart')].map(chart => chart.getAttribute('aria-label'))")
    assert said == [chart.spec["description"] for charts in CHARTS.values() for chart in charts]


def test_the_policy_stops_a_script_that_is_not_of_the_page(browser, report, tmp_path):
    changed = tmp_path / "changed.html"
    text = report["clean"].read_text(encoding="utf-8")
    changed.write_text(text.replace("</main>", "</main><script>document.title = 'taken'</script>", 1), encoding="utf-8")
    page = Page(browser, changed, 1280)
    assert page.wait(DRAWN) and page.evaluate("document.title") == "buysignal report"
    assert any("Content Security Policy" in said for said in page.complaints())


def test_the_first_tab_leads_past_the_sections(browser, report):
    page = Page(browser, report["clean"], 1280)
    page._call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
