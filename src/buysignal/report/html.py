"""The report as one HTML file that needs nothing else: the twin of the Markdown page, with charts."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from types import MappingProxyType

import vl_convert
from markupsafe import Markup

from buysignal.report.charts.chart import Chart
from buysignal.report.markup import TEMPLATES, to_html

RUNTIME = "3425bd951a44d478d0505c6b5d1e8d57656b6e9a4da7bfe88a718ce61d76e572"  # SHA-256 of it, of the pinned vl-convert
LEAD = ""  # the section before the first heading
ABOVE = {LEAD: 4, "Search": 4}  # blocks of a section that stand above its charts; one, unless said here


@dataclass(frozen=True)
class Section:
    """A heading, what stands above its charts, (heading, (number, chart)...) of each group of them, and the rest.

    What is ``folded`` stands at its end, and is shown when its summary is clicked.
    """

    name: str
    above: Sequence[Markup]
    charts: Sequence[tuple[str, Sequence[tuple[int, Chart]]]]
    below: Sequence[Markup]
    folded: Sequence[tuple[str, Markup]]


def runtime(page: str = "") -> str:
    """The Vega runtime as one script, the same for the same version of vl-convert.

    To make it takes two seconds, so it is taken from ``page``, an HTML file made before, where that has the very same.
    """
    found = re.search("<script>(.*?)</script>", page, re.DOTALL)
    if found and hashlib.sha256(found[1].encode()).hexdigest() == RUNTIME:
        return found[1]
    return vl_convert.javascript_bundle()


def html_page(
    blocks: Sequence[str],
    charts: Mapping[str, Sequence[Chart]],
    script: str,
    folded: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> str:
    """The whole file.

    Parameters
    ----------
    blocks : of `buysignal.report.page.blocks`
    charts : section title -> its charts, which stand below the first blocks of the section, see `ABOVE`
    script : of `runtime`
    folded : section title -> summary -> a block that the Markdown page leaves to another page
    """
    title, *rest = blocks
    numbers = count(1)
    scripts = [script, *(TEMPLATES.get_template(name).render() for name in ("draw.js", "sort.js"))]
    return TEMPLATES.get_template("report.html").render(
        title=title.removeprefix("# "),
        sections=[
            _section(name, texts, charts.get(name, ()), numbers, folded.get(name, {}))
            for name, texts in _sections(rest)
        ],
        scripts=list(map(Markup, scripts)),
        allowed=Markup(" ").join(Markup(f"'sha256-{_hash(one)}'") for one in scripts),
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _sections(blocks: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """(title, blocks) of each section; the first is the lead."""
    name, texts = LEAD, []
    for block in blocks:
        if block.startswith("## "):
            yield name, texts
            name, texts = block.removeprefix("## "), []
        else:
            texts.append(block)
    yield name, texts


def _section(
    name: str, texts: Sequence[str], charts: Sequence[Chart], numbers: Iterator[int], folded: Mapping[str, str]
) -> Section:
    above = ABOVE.get(name, 1)
    shown = [to_html(text, f"Table of: {name}") for text in texts]
    if name == LEAD and shown:
        shown[0] = shown[0].replace(Markup("<p>"), Markup('<p class="verdict">'), 1)
    groups = [
        (group, [(next(numbers), chart) for chart in members])
        for group, members in groupby(charts, key=lambda chart: chart.group)
    ]
    hidden = [(summary, to_html(text, f"Table of: {summary}")) for summary, text in folded.items()]
    return Section(name, shown[:above], groups, shown[above:], hidden)
