"""The Markdown of the report's own functions becomes HTML, and no text can bring markup of its own."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buysignal.report.markdown import table
from buysignal.report.markup import to_html

OWN = {"p", "ul", "ol", "li", "strong", "em", "code", "div", "table", "thead", "tbody", "tr", "th", "td"}


class Tags(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(str(html))  # of `Markup`, what is added would be escaped again

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data}")


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("a **b** c", "<p>a <strong>b</strong> c</p>"),
        ("*At least* is `x < y`", "<p><em>At least</em> is <code>x &lt; y</code></p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("- **Q?** yes\n- no", "<ul><li><strong>Q?</strong> yes</li><li>no</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("n.\n\n1. a\n\nNot:\n\n- b", "<p>n.</p>\n<ol><li>a</li></ol>\n<p>Not:</p>\n<ul><li>b</li></ul>"),
        ("<b>&", "<p>&lt;b&gt;&amp;</p>"),
    ],
)
def test_what_the_pages_write_becomes_html(markdown, html):
    assert re.sub(r">\s+<(?!ul|ol|p)", "><", to_html(markdown, "label").strip()) == html


def test_a_table_keeps_its_cells_and_can_be_scrolled_by_keyboard():
    html = to_html(table(("model", "note"), [("a|b", "<i>"), ("c", "")]), "Table of: x")
    assert html.startswith('<div class="table" role="region" tabindex="0" aria-label="Table of: x"><table>')
    assert '<th scope="col">model</th><th scope="col">note</th>' in html
    assert '<tr><th scope="row">a|b</th><td>&lt;i&gt;</td></tr>' in html
    assert '<tr><th scope="row">c</th><td></td></tr>' in html


def test_a_sentence_in_a_cell_may_break_and_a_number_may_not():
    html = to_html(table(("model", "difference", "verdict"), [("a", "-0.286 [-1.000, -0.080]", "word " * 9)]), "x")
    assert "<td>-0.286 [-1.000, -0.080]</td><td class=long>word word" in html


@given(st.text())
def test_any_text_in_a_line_is_shown_and_never_markup(text):
    line = f"said: {' '.join(text.split())}"
    parsed = Tags(to_html(line, "label"))
    assert {tag for tag, _ in parsed.tags} <= {"p", "strong", "em", "code"}
    assert not any(attrs for _, attrs in parsed.tags)
    assert shown(parsed.text) == shown(line)


def shown(text):
    """The signs of a text that are no space and no emphasis of Markdown."""
    return re.sub(r"[\s*_`]", "", text.replace("\0", "\N{REPLACEMENT CHARACTER}"))


@given(st.text(), st.text(min_size=1))
def test_any_text_in_a_cell_stays_in_its_cell(text, other):
    html = to_html(table(("a", "b"), [(text, other), ("x", text)]), text)
    parsed = Tags(html)
    assert [tag for tag, _ in parsed.tags] == ["div", "table", "thead", "tr", "th", "th", "tbody"] + [
        "tr",
        "th",
        "td",
    ] * 2
    assert dict(parsed.tags[0][1])["aria-label"] == text


@given(st.text())
def test_any_block_has_only_the_tags_of_a_report(text):
    parsed = Tags(to_html(f"said: {text}", "label"))
    assert {tag for tag, _ in parsed.tags} <= OWN
    assert {name for _, attrs in parsed.tags for name, _ in attrs} <= {
        "class",
        "role",
        "tabindex",
        "aria-label",
        "scope",
        "start",
    }
