"""What the page says of money is what the tear sheet has, and one sentence where there is none."""

import json
from dataclasses import replace

import numpy as np
import pytest

from buysignal.judge.verdict import percent
from buysignal.report.charts.earnings import earnings
from buysignal.report.page import Findings
from tests.report.drawable import drawable
from tests.report.examples import MANY, TEAR, closed, findings, none_ships, of_many, page, told
from tests.report.test_page import at, numbers


def section(found: Findings) -> str:
    """All that is said of money and of when it was lost, but for what is asked of luck."""
    parts = ("What does it earn?", "How the money is counted", "When does it fail?", "Its worst trades")
    return "\n\n".join(told(found, one) for one in parts if one in page(found))


def rows(text, name):
    """Cells of the rows of that name."""
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    return [line[1:] for line in lines if line[0] == name]


def test_the_result_in_words_by_hand():
    text = section(findings())
    after = 1.0095 * (1 - 0.0215) * 1.0095 * 1.0037
    assert text.startswith(
        f"**4 trades of a50-2M-T8 in 8 test days gained {100 * (after - 1):.1f} % of the capital after costs** of "
        f"0.05 % a trade. A trade earned on average 0.030 %; at its worst the capital was 2.1 % below its highest."
    )
    assert "Before costs a right buy brings 1.11 % and a wrong one brings -0.87 %." in text
    assert "of the whole capital, from the Close to the level, if it is reached, or the next Close;" in text


def test_the_tables_by_hand():
    text = section(findings())
    assert rows(text, "buying always")[0][:2] == ["8", "0.14 %"]
    assert rows(text, "volatility, as many buys")[0][:2] == ["4", "0.28 %"]
    assert rows(text, "2018") == [["4", "0.500", "2", "1", "1", "0.500", "0.500", "0.66 %", "0.28 %"]]
    assert rows(text, "calm")[0][:2] == ["0.40–0.60 %", "3"]
    assert rows(text, "2017-12-28") == [["-2.15 %", "-2.10 %", "miss", "0.60 %"]]


def test_a_year_without_buys_shows_a_dash_where_money_would_stand():
    found = findings()
    found.tear["years"][0] |= {"buys": 0, "hits": 0, "mean": None}
    assert rows(section(found), "2017")[0][2:8] == ["0", "0", "1", "–", "0.000", "–"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (closed(findings()), "Closed: candidate buys from 0.1, not 0.2. What its buys earn is not known."),
        (none_ships(), "No trades: nothing ships."),
        (replace(findings(), tear=None), "No trades: a50-2M-T8 bought on no test day."),
    ],
    ids=["closed", "nothing ships", "never bought"],
)
def test_without_a_trade_one_sentence_stands_there_and_no_chart(found, said):
    assert section(found).split("\n\n")[0] == said
    assert earnings(found.tear, drawable().equity) == []


def test_longer_trades_and_losses_and_a_single_one_are_worded_so():
    found = findings()
    found.tear.update({"horizon": 5, "worst": found.tear["worst"][:1]})
    found.tear["model"] |= {"buys": 1, "total_return": -0.0217}
    text = section(found)
    assert text.startswith("**One trade of a50-2M-T8 in 8 test days lost 2.2 % of the capital after costs**")
    assert "a trade of one of 5 equal parts of the capital, from the Close" in text and "the Close 5 days later" in text
    assert "The only trade:" in text


def test_where_the_volatility_contender_buys_the_same_days_it_has_neither_row_nor_line():
    found = findings()
    found.tear["same"] = True
    text, charts = section(found), earnings(found.tear, drawable().equity)
    assert rows(text, "volatility, as many buys") == [] and "buys these very days" in text
    assert all("volatility" not in chart.header for chart in charts)
    assert all("volatility" in chart.header for chart in earnings(findings().tear, drawable().equity))


def test_the_charts_draw_the_capitals_and_their_falls():
    capital, falls = earnings(findings().tear, drawable().equity)
    assert capital.rows[-1][1] == f"{TEAR.model.equity[-1]:.3f}" and len(capital.rows) == 2  # ends of two months
    fallen = min(row["model"] for data in falls.spec["datasets"].values() for row in data if "model" in row)
    assert fallen == pytest.approx(TEAR.to_dict()["model"]["max_drawdown"], abs=1e-4)
    assert np.isclose(fallen, -0.0215, atol=1e-4)


def test_of_many_symbols_days_rows_and_buys_are_named_as_what_they_are():
    text = section(of_many())
    after = (1 + (0.0095 + 0.0055) / 2) * (1 - 0.0215) * (1 + (0.0095 + 0.0025) / 2) * 1.0037
    assert text.startswith(
        f"**6 trades of a50-2M-T8 on 4 of 8 test days of 2 symbols (16 rows) lost {100 * (1 - after):.1f} % of the "
    )
    assert "as many symbols drawn at random on the same days came to between" in told(of_many(), "Is it real?")
    assert "The buys of a day share the whole capital evenly, so a day with one buy puts all of that into one" in text
    assert "one symbol, as 2 of 4 did: each is a trade, from the Close to the level" in text
    assert "it buys every symbol anew every day and pays the costs 16 times." in text
    assert rows(text, "year")[0][:3] == ["days", "rows", "base rate"]
    assert rows(text, "2018") == [["4", "8", "0.375", "3", "1", "2", "0.333", "0.333", "0.52 %", "0.24 %"]]
    assert rows(text, "volatility, as many buys a day")[0][0] == rows(text, "random buys, 9 of 10 draws")[0][0] == "6"
    assert rows(text, "random buys, 9 of 10 draws")[0][1] == percent(MANY.many.random)


def test_of_many_symbols_the_worst_trades_and_days_have_their_names():
    text = section(of_many())
    trade, day = rows(text, "2017-12-28")
    assert trade == ["AAPL", "-2.15 %", "-2.10 %", "miss", "0.60 %"] and day == ["1", "0", "-2.15 %"]
    assert "The 4 days whose buys brought least, together and after costs:" in text
    found = of_many()
    found.tear["many"]["worst_days"] = found.tear["many"]["worst_days"][:1]
    assert "days whose buys" not in section(found)


@pytest.mark.parametrize(
    "path", [path for path, _ in numbers(MANY.to_dict())], ids=lambda path: ".".join(map(str, path))
)
def test_changing_a_number_of_many_symbols_changes_the_page(path):
    found = of_many()
    *place, last = ("tear", *path)
    at(found, place)[last] = at(found, place)[last] * 2 + 1
    unsaid = last == "median" or "lumps" in path or path == ("buckets", 2, "positives")  # none of which was hit
    assert (page(found) == page(of_many())) == unsaid


def test_the_chart_of_many_symbols_names_what_was_drawn():
    capital, falls = earnings(of_many().tear, MANY.frame())
    assert "as many random buys lie" in capital.says and len(falls.rows) == 2
    assert "random buys" in json.dumps(capital.spec) and "random days" not in json.dumps(capital.spec)
