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

from buysignal.report.card import Card
from buysignal.report.charts.chart import Chart
from buysignal.report.markup import TEMPLATES, to_html

RUNTIME = "3425bd951a44d478d0505c6b5d1e8d57656b6e9a4da7bfe88a718ce61d76e572"  # SHA-256 of it, of the pinned vl-convert
SCRIPTS = ("draw.js", "sort.js", "page.js")
LEAD = ""  # the section before the first heading


@dataclass(frozen=True)
class Section:
    """A heading, its first block, (heading, (number, chart)...) of each group of its charts, and the rest.

    What is ``folded`` and its ``parts`` stand at its end, and are shown when their summary is clicked.
    """

    name: str
    above: Sequence[Markup]
    charts: Sequence[tuple[str, Sequence[tuple[int, Chart]]]]
    below: Sequence[Markup]
    folded: Sequence[tuple[str, Markup]]
    parts: Sequence["Section"] = ()


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
    card: Card | None = None,
) -> str:
    """The whole file.

    Parameters
    ----------
    blocks : of `buysignal.report.page.blocks`: ``# `` the title, ``## `` a section, ``### `` a part of it, folded
    charts : title of a section or part -> its charts, which stand below its first block
    script : of `runtime`; without charts it may be empty
    folded : the same -> summary -> a block that the Markdown page leaves to another page
    card : what the page answers with first, where it has one
    """
    title, *rest = blocks
    numbers = count(1)
    sections = [_section(name, parts, charts, numbers, folded) for name, parts in _split(rest, "## ", LEAD)]
    scripts = [script, *(TEMPLATES.get_template(name).render() for name in SCRIPTS)]
    return TEMPLATES.get_template("report.html").render(
        title=title.removeprefix("# "),
        card=card,
        sections=sections,
        drawn=next(numbers) > 1,
        scripts=list(map(Markup, scripts)),
        allowed=Markup(" ").join(Markup(f"'sha256-{_hash(one)}'") for one in scripts),
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def _split(blocks: Sequence[str], mark: str, name: str) -> Iterator[tuple[str, list[str]]]:
    """(title, blocks) of what each heading that begins with ``mark`` leads; before the first one it is ``name``."""
    texts: list[str] = []
    for block in blocks:
        if block.startswith(mark):
            yield name, texts
            name, texts = block.removeprefix(mark), []
        else:
            texts.append(block)
    yield name, texts


def _section(
    name: str,
    blocks: Sequence[str],
    charts: Mapping[str, Sequence[Chart]],
    numbers: Iterator[int],
    folded: Mapping[str, Mapping[str, str]],
) -> Section:
    (_, texts), *parts = _split(blocks, "### ", name)
    shown = [to_html(text, f"Table of: {name}{f', {at}' * (at > 0)}") for at, text in enumerate(texts)]
    groups = [
        (group, [(next(numbers), chart) for chart in members])
        for group, members in groupby(charts.get(name, ()), key=lambda chart: chart.group)
    ]
    more = folded.get(name, {})
    hidden = [(summary, to_html(text, f"Table of: {summary}")) for summary, text in more.items()]
    inner = [_section(title, own, charts, numbers, folded) for title, own in parts]
    return Section(name, shown[:1], groups, shown[1:], hidden, inner)
