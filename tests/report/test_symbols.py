"""A run of many symbols is told by symbol and by year, and one of one symbol has none of it."""

import re

import altair as alt
import pandas as pd
import pytest

from buysignal.report.charts.months import MOST, months
from buysignal.report.gallery import gallery
from buysignal.report.html import html_page
from buysignal.report.page import blocks
from buysignal.report.pages.symbols import TITLE, folded, symbols_page, symbols_section
from tests.report.drawable import drawable, drawn_findings
from tests.report.examples import findings, page


def symbol(name, days, positives, buys, hits, mean, ahead):
    counts = {"name": name, "days": days, "positives": positives, "n_buys": buys, "hits": hits}
    return counts | {"mean_return": mean, "ahead": ahead}


YEARS = [
    symbol("2013", 190, 60, 30, 12, 0.0021, 0.0011) | {"precision_interval": [0.312, 0.523]},
    symbol("2014", 200, 58, 0, 0, None, None) | {"precision_interval": [0.0, 1.0]},
]
TOLD = {
    "name": "a20-T1",
    "role": "test",
    "first": "2013-11-04",
    "last": "2014-02-11",
    "dates": 100,
    "confidence": 0.95,
    "symbols": [
        symbol("AA", 100, 30, 12, 3, -0.0045, -0.0021),
        symbol("BB", 100, 28, 13, 7, 0.0123, 0.0042),
        symbol("CC", 90, 20, 0, 0, None, None),
        symbol("DD", 100, 40, 5, 2, 0.0102, 0.0033),
    ],
    "years": YEARS,
    "worst": ["AA"],
    "best": ["BB"],
    "lumps": [
        {"kind": "month", "name": "2013-12", "buys": 20, "share": 0.667, "even": 0.21, "said": True},
        {"kind": "symbol", "name": "BB", "buys": 13, "share": 0.433, "even": 0.256, "said": False},
    ],
}
MONTHS = pd.DataFrame(
    [("AA", "2013-11", 4, 0), ("AA", "2014-02", 8, 3), ("BB", "2013-12", 13, 7), ("DD", "2013-12", 5, 2)],
    columns=["symbol", "month", "n_buys", "hits"],
)


def cells(text, first):
    """Cells of the row of a table that begins so."""
    line = next(line for line in text.splitlines() if line.startswith(f"| {first} "))
    return [cell.strip() for cell in line.split("|")[2:-1]]


def test_the_section_names_the_worst_and_the_best_and_tells_a_month_that_holds_the_buys():
    title, lead, lump, _, years, link = symbols_section(TOLD)
    assert title == f"### {TITLE}" and link == "Every symbol is in metrics/pages/symbols.md."
    assert lead.startswith(
        "On the test role (2013-11-04 to 2014-02-11) a20-T1 made 30 buys, of 3 of 4 symbols. Of those with ten buys or "
        "more, a trade earned least in AA (-0.45 % in 12 buys, 3 right), and most in BB (1.23 % in 13 buys, 7 right): "
    )
    assert "so none has an interval" in lead
    assert lump.startswith("67 of 100 buys lie in one month, 2013-12, which has 21 of 100 rows")
    shares, counts, money = ["0.400", "0.312–0.523", "0.200"], ["30", "12", "190", "0.316"], ["0.21 %", "0.11 % more"]
    assert cells(years, "2013") == [*shares, *counts, *money]
    assert cells(years, "2014") == ["–", "–", "0.000", "0", "0", "200", "0.290", "no trades", "–"]


def test_the_page_has_the_worst_and_best_first_then_every_symbol_by_its_buys():
    text = symbols_page(TOLD)
    assert text.startswith("# By symbol\n\nOn the test role")
    named = re.findall(r"^\| ([A-D]{2}) ", text, re.MULTILINE)
    assert named == ["AA", "BB", "BB", "AA", "DD", "CC"] and text.count("so none has an interval") == 1
    assert cells(text, "DD") == ["0.400", "0.050", "5", "2", "100", "0.400", "1.02 %", "0.33 % more"]
    assert cells(text, "CC")[:4] == ["–", "0.000", "0", "0"]


def test_without_a_buy_or_with_few_of_each_that_is_said():
    silent = TOLD | {"symbols": [TOLD["symbols"][2]], "worst": [], "best": [], "lumps": []}
    lead = symbols_section(silent)[1]
    assert "a20-T1 bought none of 1 symbols. Too few symbols have ten buys to name a worst and a best." in lead
    assert months(silent, MONTHS.iloc[:0]) == []


def test_the_map_has_a_ring_of_buys_and_a_disc_of_hits_most_buys_first():
    [chart] = months(TOLD, MONTHS)
    alt.LayerChart.from_dict(chart.spec, validate=True)
    assert chart.header == ("symbol", "2013-11", "2013-12", "2014-01", "2014-02")
    assert chart.rows == [
        ["BB", "", "7 of 13", "", ""],
        ["AA", "0 of 4", "", "", "3 of 8"],
        ["DD", "", "2 of 5", "", ""],
    ]
    rings, discs = (chart.spec["datasets"][layer["data"]["name"]] for layer in chart.spec["layer"])
    assert len(rings) == 4 and [one["hits"] for one in discs] == [3, 7, 2]
    assert "(the largest: 13)" in chart.says and "Only the" not in chart.says


def test_of_very_many_symbols_those_with_most_buys_are_drawn_and_that_is_said():
    many = pd.DataFrame({"symbol": [f"S{i:02}" for i in range(50)], "month": "2013-12", "n_buys": range(50), "hits": 0})
    [chart] = months(TOLD, many)
    assert [row[0] for row in chart.rows] == [f"S{i:02}" for i in range(49, 49 - MOST, -1)]
    assert "Only the 40 symbols with most buys of 50 that were bought." in chart.says


def test_the_twin_has_the_map_in_its_section():
    found = drawn_findings(symbols=TOLD)
    charts = gallery(found, drawable(months=MONTHS))
    html = html_page(blocks(found), charts, "window.vegaEmbed = null;")
    section = html.split(f">{TITLE}</h3>")[1].split("<h3")[0]
    assert section.index("data-spec") < section.index("2013-12, which has") and "67 of 100" in section


def test_the_twin_has_every_symbol_too_folded_at_the_end_of_the_section():
    found = drawn_findings(symbols=TOLD)
    html = html_page(blocks(found), {}, "window.vegaEmbed = null;", folded(TOLD))
    section = html.split(f">{TITLE}</h3>")[1].split("<h3")[0]
    _, table = section.split("<details><summary>Every symbol</summary>")
    assert re.findall(r'<th scope="row">(\w+)</th>', table) == ["BB", "AA", "DD", "CC"]
    assert section.index("metrics/pages/symbols.md") < section.index("<details>") and folded(None) == {}


@pytest.mark.parametrize("text", ["evil|cell", "<script>"])
def test_a_name_cannot_leave_its_cell(text):
    told = TOLD | {"symbols": [symbol(text, 9, 3, 0, 0, None, None)], "worst": [], "best": []}
    row = next(line for line in symbols_page(told).splitlines() if "no trades" in line)
    assert text not in row and row.count(" | ") == 8


def test_a_run_of_one_symbol_has_neither_the_section_nor_the_map():
    assert symbols_section(None) == [] == list(folded(None)) and TITLE not in page(findings())
    assert TITLE not in gallery(drawn_findings(), drawable())
