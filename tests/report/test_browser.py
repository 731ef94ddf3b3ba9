"""In a browser, on a desk and a phone, by day and by night: all is drawn, reached and read, and nothing fetched."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from buysignal.report.gallery import drawn, gallery
from buysignal.report.html import html_page
from buysignal.report.page import blocks, card
from buysignal.report.pages.symbols import folded
from tests.report.browser import Browser, Page, binary
from tests.report.drawable import drawable, drawn_findings
from tests.report.test_html import EVIL, STAND_IN, poisoned, poisoned_findings
from tests.report.test_symbols import TOLD

PROGRAM, AXE = binary(), find_spec("axe_playwright_python")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no Chromium or Chrome is on the path")
LACKS_AXE = "axe-core is missing: pip install --no-deps axe-playwright-python==0.1.8"
WIDTHS, SCHEMES = pytest.mark.parametrize("width", [1280, 390]), pytest.mark.parametrize("dark", [False, True])
SHAPES = """[...document.querySelectorAll('.chart')].map(chart =>
  chart.querySelectorAll('svg .role-mark path, svg .role-mark line, svg .role-mark text').length)"""
OPEN = "document.querySelectorAll('main details').forEach(one => one.open = true)"
DRAWN = (
    """[...document.querySelectorAll('[data-spec]')].every(one => !one.checkVisibility() || one.querySelector('svg'))"""
)
CHARTS = gallery(drawn_findings(), drawable())
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WORDS = "document.body.innerText.split(/\\s+/).filter(word => /\\w/.test(word)).length"
GRAVE = """axe.run().then(found => found.violations.filter(one => ['serious', 'critical'].includes(one.impact))
  .map(one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 90)).join(' | ')))"""


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
    for name, (said, seen) in {"clean": (found, shown), "evil": (evil, poison)}.items():
        told = drawn(card(said), said.tear, seen.equity)
        paths[name] = tmp_path_factory.mktemp("report") / f"{name}.html"
        paths[name].write_text(html_page(blocks(said), gallery(said, seen), script, card=told), encoding="utf-8")
    return paths


@SCHEMES
@WIDTHS
@pytest.mark.parametrize("which", ["clean", "evil"])
def test_every_chart_is_drawn_and_the_page_is_no_wider_than_the_screen(browser, report, which, width, dark):
    page = Page(browser, report[which], width, dark=dark)
    for count in (5, 23):  # those that are seen at once, and those of the folded parts
        assert page.wait(DRAWN) and page.evaluate(WIDER) <= 0 and page.evaluate("innerWidth") == width
        marks = page.evaluate(SHAPES)
        assert len(marks) == 23 and sum(mark > 0 for mark in marks) == count
        page.evaluate(OPEN)
    assert page.complaints() == []
    assert page.requests() == [report[which].resolve().as_uri()]


@pytest.mark.skipif(AXE is None, reason=LACKS_AXE)
@SCHEMES
@WIDTHS
def test_axe_finds_nothing_grave(browser, report, width, dark):
    page = Page(browser, report["clean"], width, dark=dark)
    page.evaluate((Path(AXE.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    for _ in "ab":  # as it is opened, and unfolded
        assert page.wait(DRAWN) and page.evaluate(GRAVE) == []
        page.evaluate(OPEN)


@WIDTHS
def test_it_is_short_and_small_and_its_first_screen_has_the_answer(browser, report, width):
    page = Page(browser, report["clean"], width, {1280: 800, 390: 844}[width])
    assert 100 < page.evaluate(WORDS) <= 1500 and report["clean"].stat().st_size < 3_000_000
    for place in ("h1", ".word", ".scale", ".spark", ".card dl"):
        assert page.evaluate(f"document.querySelector('{place}').getBoundingClientRect().bottom <= innerHeight"), place


@WIDTHS
def test_every_link_of_the_contents_lands_at_its_heading(browser, report, width):
    page = Page(browser, report["clean"], width)
    page.wait(DRAWN)
    folds = page.evaluate("!document.querySelector('nav details').open")
    assert folds == (width < 600)
    count = page.evaluate("document.querySelectorAll('nav a').length")
    assert count == 6
    for at in range(1, count):
        page.evaluate("document.querySelector('nav details').open = true")
        page.evaluate(f"document.querySelectorAll('nav a')[{at}].click()")
        target = f"document.querySelector(document.querySelectorAll('nav a')[{at}].getAttribute('href'))"
        at_end = "innerHeight + scrollY >= document.documentElement.scrollHeight - 2"
        assert page.wait(f"Math.abs({target}.getBoundingClientRect().top - 30) < 35 || ({at_end})")
        assert page.evaluate(f"{target}.getBoundingClientRect().top >= 0")
    assert page.evaluate("document.querySelector('nav details').open") == (width > 600)


@SCHEMES
def test_a_chart_says_its_numbers_where_the_mouse_is(browser, report, dark):
    page = Page(browser, report["clean"], 1280, dark=dark)
    assert page.wait(DRAWN)
    column = "document.querySelectorAll('.pointed_marks line')[5]"
    page.evaluate(f"{column}.scrollIntoView({{block: 'center'}})")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")
    x, y = page.evaluate(f"(({{x, y, height}}) => [x, y + height / 2])({column}.getBoundingClientRect())")
    page.point(x + 2, y)
    assert page.wait("document.querySelector('#vg-tooltip-element.visible') !== null")
    told = page.evaluate("document.querySelector('#vg-tooltip-element').innerText")
    day = drawable().equity.iloc[5]
    assert day["date"] in told and f"{day['model']:.3f}" in told and "buying always" in told
    assert page.evaluate("getComputedStyle(document.querySelector('#vg-tooltip-element')).backgroundColor") == (
        "rgb(20, 23, 27)" if dark else "rgb(255, 255, 255)"
    )


def test_each_chart_has_the_words_that_a_screen_reader_says(browser, report):
    page = Page(browser, report["clean"], 1280)
    page.evaluate(OPEN)
    assert page.wait(DRAWN)
    said = page.evaluate("[...document.querySelectorAll('.chart')].map(chart => chart.getAttribute('aria-label'))")
    assert sorted(said) == sorted(chart.spec["description"] for charts in CHARTS.values() for chart in charts)


def test_what_is_printed_is_unfolded_and_drawn_and_folded_again_afterwards(browser, report):
    page = Page(browser, report["clean"], 1280, dark=True)
    assert page.wait(DRAWN)
    closed = page.evaluate("document.querySelectorAll('main details[open]').length")
    assert page.printed().startswith(b"%PDF")
    assert page.evaluate(f"({SHAPES}).every(marks => marks > 0)")
    assert page.evaluate("document.querySelectorAll('main details[open]').length") == closed == 0


def test_the_policy_stops_a_script_that_is_not_of_the_page(browser, report, tmp_path):
    changed = tmp_path / "changed.html"
    text = report["clean"].read_text(encoding="utf-8")
    changed.write_text(text.replace("</main>", "</main><script>document.title = 'taken'</script>", 1), encoding="utf-8")
    page = Page(browser, changed, 1280)
    assert page.wait(DRAWN) and page.evaluate("document.title") == "buysignal report"
    assert any("Content Security Policy" in said for said in page.complaints())


def test_the_first_tab_leads_past_the_sections(browser, report):
    page = Page(browser, report["clean"], 1280)
    page.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0


TABLE = "[...document.querySelectorAll('summary')].find(one => one.textContent === 'Every symbol').parentElement"
TABLE = f"{TABLE}.querySelector('table')"
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
    by_symbol.press("Enter", "\r")
    assert by_symbol.evaluate("document.activeElement.textContent") == "precision"
    assert (by_symbol.evaluate(ROWS), by_symbol.evaluate(SORTED)) == ("BB DD AA CC", [["precision", "descending"]])


def test_without_scripts_a_table_is_as_it_was_written(by_symbol):
    by_symbol._call("Emulation.setScriptExecutionDisabled", value=True)
    by_symbol._call("Page.reload")
    assert by_symbol.wait("document.readyState === 'complete' && document.querySelectorAll('th').length > 0")
    assert by_symbol.evaluate("document.querySelectorAll('button').length") == 0
    assert by_symbol.evaluate(ROWS) == "BB AA DD CC"
