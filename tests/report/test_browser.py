"""In a browser: every chart is drawn at the width of a desk and of a phone, and nothing complains or is fetched."""

import pytest

from buysignal.report.gallery import gallery
from buysignal.report.html import html_page
from buysignal.report.page import blocks
from buysignal.report.pages.symbols import folded
from tests.report.browser import Browser, Page, binary
from tests.report.drawable import drawable, drawn_findings
from tests.report.test_html import EVIL, STAND_IN, poisoned, poisoned_findings
from tests.report.test_symbols import TOLD

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


TABLE = "[...document.querySelectorAll('details table')].at(-1)"
ROWS = f"[...{TABLE}.tBodies[0].rows].map(row => row.cells[0].textContent).join(' ')"
SORTED = f"[...{TABLE}.querySelectorAll('[aria-sort]')].map(one => [one.textContent, one.getAttribute('aria-sort')])"


@pytest.fixture
def by_symbol(browser, tmp_path):
    """The page of a run of many symbols, all of its parts unfolded."""
    path = tmp_path / "many.html"
    found = drawn_findings(symbols=TOLD)
    path.write_text(html_page(blocks(found), {}, STAND_IN, folded(TOLD)), encoding="utf-8")
    page = Page(browser, path, 1280)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    return page


def click(page, head):
    page.evaluate(f"[...{TABLE}.querySelectorAll('button')].find(one => one.textContent === '{head}').click()")
    return page.evaluate(ROWS), page.evaluate(SORTED)


def test_a_column_is_sorted_by_a_click_numbers_as_numbers_and_what_has_none_last(by_symbol):
    assert by_symbol.evaluate(ROWS) == "BB AA DD CC" and by_symbol.evaluate(SORTED) == []
    assert click(by_symbol, "buys") == ("BB AA DD CC", [["buys", "descending"]])  # 13, 12, 5, 0
    assert click(by_symbol, "buys") == ("CC DD AA BB", [["buys", "ascending"]])
    assert click(by_symbol, "a trade earns") == ("BB DD AA CC", [["a trade earns", "descending"]])
    assert click(by_symbol, "a trade earns")[0] == "AA DD BB CC"
    assert click(by_symbol, "against the average")[0] == "BB DD AA CC"  # the third is 0.21 % less
    assert click(by_symbol, "symbol") == ("AA BB CC DD", [["symbol", "ascending"]])
    assert by_symbol.complaints() == []


def test_a_head_is_reached_and_pressed_by_keyboard(by_symbol):
    by_symbol.evaluate(f"[...{TABLE}.querySelectorAll('button')][1].focus()")
    for kind in ("keyDown", "keyUp"):
        key = dict(key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r" if kind == "keyDown" else "")
        by_symbol._call("Input.dispatchKeyEvent", type=kind, **key)
    assert by_symbol.evaluate("document.activeElement.textContent") == "precision"
    assert (by_symbol.evaluate(ROWS), by_symbol.evaluate(SORTED)) == ("BB DD AA CC", [["precision", "descending"]])


def test_without_scripts_a_table_is_as_it_was_written(by_symbol):
    by_symbol._call("Emulation.setScriptExecutionDisabled", value=True)
    by_symbol._call("Page.reload")
    assert by_symbol.wait("document.readyState === 'complete' && document.querySelectorAll('th').length > 0")
    assert by_symbol.evaluate("document.querySelectorAll('button').length") == 0
    assert by_symbol.evaluate(ROWS) == "BB AA DD CC"
