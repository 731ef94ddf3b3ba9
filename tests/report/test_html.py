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

from buysignal.report.card import HIGH, WIDE
from buysignal.report.charts.chart import Chart
from buysignal.report.gallery import drawn, gallery
from buysignal.report.html import RUNTIME, html_page, runtime
from buysignal.report.page import Findings, blocks, card
from tests.report.drawable import drawable, drawn_findings, nothing_found, whole
from tests.report.examples import blend_ships, closed, findings, logistic_ships, none_ships, page
from tests.report.test_markup import OWN, Tags

OWN_SCRIPTS = 4  # Vega, what draws with it, what sorts, what marks the contents
STAND_IN = "window.vegaEmbed = null;"  # stands for a megabyte that no test here runs
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)><!-- ]]></title>"
FRAME = {"html", "head", "meta", "title", "style", "body", "a", "main", "h1", "h2", "h3", "h4", "section", "nav"}
TAGS = OWN | FRAME | {"script", "figure", "figcaption", "details", "summary"}
TAGS |= {"span", "i", "dl", "dt", "dd", "svg", "path"}  # of the card
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "role", "tabindex"}
ATTRIBUTES |= {"aria-label", "scope", "data-spec", "type", "start"}
ATTRIBUTES |= {"style", "open", "title", "aria-hidden", "aria-labelledby", "viewbox", "preserveaspectratio", "d"}
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
    "first",
    "last",
}  # words the code knows, numbers and days


def built(found=None, shown=None):
    found, shown = found or drawn_findings(), shown or drawable()
    told = drawn(card(found), found.tear, shown.equity)
    return html_page(blocks(found), gallery(found, shown), STAND_IN, card=told)


HTML = built()


def test_a_number_and_its_percent_sign_stay_in_one_line_and_scripts_stay_as_they_are():
    script = "window.vegaEmbed = 7 % 2;"
    page = html_page(["# A page", "It earned 0.5 % in 12 % of the years, and % is a sign."], {}, script)
    assert "0.5\N{NO-BREAK SPACE}% in 12\N{NO-BREAK SPACE}% of" in page and "and % is" in page and script in page


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
    told = found.train["verdict"]
    assert f"{told['word'].capitalize()} {told['reason'][0].upper()}{told['reason'][1:]}." in words
    for line in page(found).splitlines():
        if line and not line.startswith(("|", "**Verdict", "</details>")):
            said = re.sub(r"^(#+|-|\d+\.) |</?(details|summary)>", "", line)
            assert re.sub(r"\*\*|`|\*(?=\w)|(?<=\w)\*", "", said) in words


def test_the_first_screen_is_one_sentence_and_the_card_that_it_rests_on():
    lead = Tags(HTML[HTML.index("<h1") : HTML.index("<h2")]).text
    said = [
        "Nobody can tell yet whether a50-2M-T8 makes money.",
        "Cannot tell",
        "It may as well lose money",
        "precision 0.550 (0.410–0.680)",
        "break-even 0.444",
        "buying always 0.131",
        "40on 604 days: 15 in 2017, 25 in 2018",
        "its buys 0.1\N{NO-BREAK SPACE}%" if False else "its buys",
        "a50-2M-T8 ships:",
    ]
    places = [lead.index(one) for one in said]
    assert places[0] == 0 and sorted(places[:2]) == places[:2] and places[-1] == max(places)


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("use", "a50-2M-T8 earned money on these days, by more than luck explains."),
        ("do not use", "Do not trade on a50-2M-T8."),
        ("cannot tell", "Nobody can tell yet whether a50-2M-T8 makes money."),
    ],
)
def test_every_verdict_has_a_sentence_that_a_newcomer_understands(word, says):
    found = drawn_findings()
    found.train["verdict"]["word"] = word
    html = built(found)
    assert f'<h1 class="answer">{says}</h1>' in html and f'<div class="card {word.replace(" ", "-")}">' in html


def test_the_picture_of_precision_stands_where_its_numbers_say():
    picture = HTML[HTML.index('<div class="scale"') : HTML.index("<dl>")]
    assert re.findall(r'<i class="(\w+)" style="left:([\d.]+)%', picture) == [
        ("even", "44.44"),
        ("base", "13.10"),
        ("span", "41.00"),
        ("point", "55.00"),
    ]
    assert 'style="left:41.00%;right:32.00%"' in picture  # 1 - 0.68


def test_the_line_of_the_capital_begins_at_its_start_and_ends_where_it_came_to():
    svg = HTML[HTML.index("<svg") : HTML.index("</svg>")]
    points = [tuple(map(float, pair.split())) for pair in re.search('class="line0" d="M([^"]*)"', svg)[1].split(" L")]
    every = drawable().equity[["model", "always", "random_low", "random_high"]].to_numpy()
    low, high = min(every.min(), 1), max(every.max(), 1)
    assert points[0][0] == 0 and points[-1][0] == WIDE and len(points) == 8
    assert points[-1][1] == pytest.approx(HIGH * (high - every[-1, 0]) / (high - low), abs=0.05)


def test_a_run_in_which_nothing_was_bought_has_a_card_without_numbers():
    html = built(*nothing_found())
    card_of = html[html.index('<div class="card') : html.index("</div>", html.index('<div class="card'))]
    assert "Nobody can tell yet whether any of these models makes money." in html
    assert "Cannot tell" in card_of and not re.search("<dl|<svg|scale", card_of)


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
    assert html.split("</main>")[0].count("data-spec=") == 1  # the roles of time, whatever came of them
    assert "Nothing ships" in parsed.text and "No trial was completed." in parsed.text
    assert "None" not in re.sub(r"\bNone of\b", "", parsed.text.split("{")[0])


@pytest.mark.parametrize("style", ["@media print", ":focus-visible", ".skip:focus"])
def test_it_can_be_printed_and_used_by_keyboard(style):
    assert style in HTML
