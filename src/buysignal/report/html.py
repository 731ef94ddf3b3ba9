"""The report as one HTML file that needs nothing else: the twin of the Markdown page, with charts."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import vl_convert

from buysignal.report.charts.chart import Chart
from buysignal.report.markup import escape, table, to_html
from buysignal.report.style import CSS, DRAW

LEAD = ""  # the section before the first heading
ABOVE = {LEAD: 2, "Search": 4}  # blocks of a section that stand above its charts; one, unless said here


def runtime() -> str:
    """The Vega runtime as one script, the same for the same version of vl-convert."""
    return vl_convert.javascript_bundle()


def html_page(blocks: Sequence[str], charts: Mapping[str, Sequence[Chart]], script: str) -> str:
    """The whole file.

    Parameters
    ----------
    blocks : of `buysignal.report.page.blocks`
    charts : section title -> its charts, which stand below the first blocks of the section, see `ABOVE`
    script : of `runtime`
    """
    title, *rest = blocks
    sections = list(_sections(rest))
    numbers = iter(range(1, 1 + sum(len(charts.get(name, ())) for name, _ in sections)))
    body = [_section(at, name, texts, charts.get(name, ()), numbers) for at, (name, texts) in enumerate(sections)]
    links = "".join(f'<li><a href="#s{at}">{escape(name)}</a></li>' for at, (name, _) in enumerate(sections) if name)
    heading = escape(title.removeprefix("# "))
    nav = f'<nav aria-label="Sections"><ul>{links}</ul></nav>'
    return "\n".join(
        [
            *_head(heading, (script, DRAW)),
            '<body>\n<a class="skip" href="#main">Skip to the report</a>',
            f'<main id="main">\n<h1>{heading}</h1>',
            body[0],
            nav,
            *body[1:],
            "</main>",
            f"<script>{script}</script>",
            f"<script>{DRAW}</script>",
            "</body>\n</html>\n",
        ]
    )


def _head(heading: str, scripts: Sequence[str]) -> list[str]:
    """No script but these two may run, and nothing may be fetched."""
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    policy = f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{heading}</title>\n<style>{CSS}</style>\n</head>",
    ]


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


def _section(at: int, name: str, texts: Sequence[str], charts: Sequence[Chart], numbers: Iterator[int]) -> str:
    above = ABOVE.get(name, 1)
    shown = [to_html(text, f"Table of: {name}") for text in texts]
    if name == LEAD and shown:
        shown[0] = shown[0].replace("<p>", '<p class="verdict">', 1)
    drawn = _grouped(charts, numbers) if charts else ""
    parts = [*shown[:above], drawn, *shown[above:]]
    heading = f'<h2 id="s{at}">{escape(name)}</h2>\n' if name else ""
    return f"<section>\n{heading}" + "\n".join(part for part in parts if part) + "\n</section>"


def _grouped(charts: Sequence[Chart], numbers: Iterator[int]) -> str:
    parts = []
    for group, members in groupby(charts, key=lambda chart: chart.group):
        heading = f"<h3>{escape(group)}</h3>\n" if group else ""
        figures = "\n".join(_figure(chart, next(numbers)) for chart in members)
        parts.append(f'{heading}<div class="charts">\n{figures}\n</div>')
    return "\n".join(parts)


def _figure(chart: Chart, number: int) -> str:
    caption = f"<figcaption><strong>{escape(chart.title)}</strong>{escape(chart.says)}</figcaption>"
    if chart.spec is None:
        return f'<figure>{caption}<p class="missing">{escape(chart.missing)}</p></figure>'
    notes = "".join(f"<li>{escape(note)}</li>" for note in chart.notes)
    words = f"\n<details><summary>In words</summary><ul>{notes}</ul></details>" if notes else ""
    values = table(chart.header, chart.rows, f"Values of: {chart.title}")
    kind = ' class="wide"' if chart.wide else ""
    return (
        f'<figure{kind}>{caption}\n<div class="chart" data-spec="c{number}"></div>\n'
        f'<script type="application/json" id="c{number}">{inert(chart.spec)}</script>\n'
        f"<details><summary>Values</summary>{values}</details>{words}</figure>"
    )


def inert(spec: Mapping[str, object]) -> str:
    """JSON that cannot end the script element it stands in, nor open a comment in it."""
    text = json.dumps(spec, sort_keys=True, allow_nan=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
