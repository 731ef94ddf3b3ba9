"""The HTML report is one inert file: whole, the same each time, and nothing in it reaches out or comes from data."""

import hashlib
import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.report.charts.chart import Chart
from buysignal.report.gallery import gallery
from buysignal.report.html import RUNTIME, html_page, runtime
from buysignal.report.page import Findings, blocks
from tests.report.drawable import drawable, drawn_findings, nothing_found, whole
from tests.report.examples import blend_ships, closed, findings, logistic_ships, none_ships, page
from tests.report.test_markup import OWN, Tags

OWN_SCRIPTS = 3  # Vega, what draws with it, what sorts
STAND_IN = "window.vegaEmbed = null;"  # stands for a megabyte that no test here runs
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><!-- ]]></title>"
FRAME = {"html", "head", "meta", "title", "style", "body", "a", "main", "h1", "h2", "h3", "section", "nav"}
TAGS = OWN | FRAME | {"script", "figure", "figcaption", "details", "summary"}
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "role", "tabindex"}
ATTRIBUTES |= {"aria-label", "scope", "data-spec", "type", "start"}
NAMED = {"at_as_many_buys", "by_year", "dimensions", "searches", "searched", "failures"}  # their keys are names
MEANT = {
    "verdict",
    "kind",
    "family",
    "origin",
    "topic",
    "metric",
    "study",
    "gaps",
    "beyond",
}  # words the code knows, and numbers


def built(found=None, shown=None):
    found = found or drawn_findings()
    return html_page(blocks(found), gallery(found, shown or drawable()), STAND_IN)


HTML = built()


def poisoned(value, text, named=False):
    """Nested plain data with every text in it replaced, but for the words the code knows.

    Keys are replaced too where they are names: those of ``value`` if ``named``, and below a key of `NAMED`.
    """
    if isinstance(value, dict):
        keys = {key: f"{text}{number}" if named else key for number, key in enumerate(value)}
        return {keys[k]: one if k in MEANT else poisoned(one, text, k in NAMED) for k, one in value.items()}
    if isinstance(value, list | tuple):
        return [poisoned(one, text) for one in value]
    return text if isinstance(value, str) and value else value


def poisoned_findings(text):
    found = vars(drawn_findings())
    return Findings(**{name: poisoned(value, text, name in NAMED) for name, value in found.items()})


def checked(html):
    """The parsed page, after a look at every tag and attribute."""
    parsed = Tags(html)
    assert {tag for tag, _ in parsed.tags} <= TAGS
    assert {name for _, attrs in parsed.tags for name, _ in attrs} <= ATTRIBUTES
    return parsed


def scripts(html):
    """(attributes, text) of every script, as a browser splits them: at the first end tag."""
    return re.findall(r"<script([^>]*)>(.*?)</script", html, re.DOTALL)


@pytest.mark.parametrize(
    "found",
    [drawn_findings(), logistic_ships(), blend_ships(), closed(logistic_ships()), closed(findings()), none_ships()],
    ids=["transformer", "logistic", "blend", "logistic, closed", "transformer, closed", "nothing"],
)
def test_the_twin_says_every_sentence_of_the_markdown_page(found):
    words = re.sub(r"\s+", " ", Tags(built(whole(found))).text)
    for line in page(found).splitlines():
        if line and not line.startswith("|"):
            said = re.sub(r"^(#+|-|\d+\.) ", "", line)
            assert re.sub(r"\*\*|`|\*(?=\w)|(?<=\w)\*", "", said) in words


def test_the_first_screen_is_what_ships_its_numbers_and_two_panels_then_every_contender_before_any_section():
    lead = HTML[: HTML.index("<h2")]
    assert lead.index('<p class="verdict"><strong>Verdict: cannot tell') < lead.index("<strong>a50-2M-T8 ships:")
    assert lead.index("<strong>a50-2M-T8 ships:") < lead.index("On the test role it bought")
    assert lead.index("On the test role it bought") < lead.index("data-spec") < lead.index("Configuration:")
    assert lead.index("Configuration:") < lead.index("The rule:") < lead.index("below the best")
    assert lead.count("data-spec") == 2


def test_headings_are_in_order_and_every_link_has_its_target():
    parsed = checked(HTML)
    levels = [int(tag[1]) for tag, _ in parsed.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = [dict(attrs)["id"] for _, attrs in parsed.tags if "id" in dict(attrs)]
    assert len(ids) == len(set(ids))
    links = [dict(attrs)["href"] for tag, attrs in parsed.tags if tag == "a"]
    assert links[0] == "#main" and {link.removeprefix("#") for link in links} <= set(ids)
    assert {dict(attrs)["data-spec"] for _, attrs in parsed.tags if "data-spec" in dict(attrs)} <= set(ids)


def test_nothing_is_fetched_and_only_its_own_scripts_may_run():
    parsed = checked(HTML)
    policy = next(dict(attrs)["content"] for tag, attrs in parsed.tags if dict(attrs).get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe-eval" not in policy
    assert not any(name == "src" for _, attrs in parsed.tags for name, _ in attrs)
    style = HTML[HTML.index("<style>") : HTML.index("</style>")]
    assert "url(" not in style and "@import" not in style
    addresses = {found for found in re.findall(r"https?://[^\"'\s<]+", HTML)}
    assert addresses == {"https://vega.github.io/schema/vega-lite/v6.4.1.json"}  # names a grammar; nothing asks for it


def test_the_runtime_of_a_page_is_taken_from_it_only_if_it_is_the_very_same(script):
    assert hashlib.sha256(script.encode()).hexdigest() == RUNTIME
    page = HTML.replace(STAND_IN, script)
    with patch("vl_convert.javascript_bundle", return_value="made"):
        assert runtime(page) == script
        for other in (page.replace(script, f"{script} "), HTML, "<script>", ""):
            assert runtime(other) == "made"


def test_the_same_run_gives_the_same_bytes_in_another_process(script):
    code = (
        "import hashlib; from buysignal.report.html import runtime; from tests.report.test_html import HTML; "
        "print(hashlib.sha256((HTML + runtime()).encode()).hexdigest())"
    )
    command, unlike = [sys.executable, "-c", code], {**os.environ, "PYTHONHASHSEED": "7"}
    said = subprocess.run(command, env=unlike, capture_output=True, text=True, check=True).stdout.strip()
    assert said == hashlib.sha256((HTML + script).encode()).hexdigest()


def test_a_name_that_is_a_script_is_text():
    shown = drawable()
    tiers = {EVIL: poisoned(shown.tiers["a50"], EVIL)}
    trials = shown.trials.assign(study=f"{EVIL}-{EVIL}")
    html = built(
        poisoned_findings(EVIL), drawable(tiers=tiers, trials=trials, curves={EVIL: shown.curves["what ships"]})
    )
    parsed = checked(html)
    assert EVIL in parsed.text and "<img" not in html and "alert(1)</script" not in html
    assert sum(tag == "script" for tag, _ in parsed.tags) == OWN_SCRIPTS + html.count("data-spec=")
    for attributes, text in scripts(html)[:-OWN_SCRIPTS]:
        assert 'type="application/json"' in attributes and json.loads(text)["description"]


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1))  # a reason is never empty
def test_no_text_of_a_run_brings_markup(text):
    told = blocks(poisoned_findings(text))
    rows = [[text, text]]
    chart = Chart(text, text, {"description": text}, header=(text, text), rows=rows, group=text, notes=[text])
    absent = Chart(text, missing=text)
    parsed = checked(html_page(told, {"": [chart, absent], "Search": [chart]}, STAND_IN))
    assert sum(tag == "script" for tag, _ in parsed.tags) == OWN_SCRIPTS + 2


@settings(max_examples=40, deadline=None)
@given(st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)))
def test_a_spec_survives_its_script_and_cannot_leave_it(value):
    html = html_page(["# t"], {"": [Chart("t", spec={"spec": value})]}, STAND_IN)
    text = scripts(html)[0][1]
    assert json.loads(text) == {"spec": value}
    assert not set("<>&") & set(text)


def test_a_run_without_models_or_trials_says_so_instead_of_drawing():
    found, shown = nothing_found()
    html = built(found, shown)
    parsed = checked(html)
    assert "data-spec" not in re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert "Nothing ships" in parsed.text and "No trial was completed." in parsed.text
    assert "None" not in re.sub(r"\bNone of\b", "", parsed.text.split("{")[0])


@pytest.mark.parametrize("style", ["@media print", ":focus-visible", ".skip:focus"])
def test_it_can_be_printed_and_used_by_keyboard(style):
    assert style in HTML
