"""What fitting again would have brought is a section of the report where it was asked for, else nothing."""

import pytest

from buysignal.report.page import blocks
from buysignal.report.pages.walk import TITLE, conclusion, walk_section
from tests.report.examples import findings


def difference(low, high):
    verdict = "better" if low > 0 else "worse" if high < 0 else "cannot tell"
    return {"difference": (low + high) / 2, "low": low, "high": high, "confidence": 0.95, "verdict": verdict}


def row(months, buys, hits, precision=None, recall=None, auc=None):
    counts = {"months": months, "fits": 3, "silent": 0, "n_buys": buys, "hits": hits, "base_rate": 0.2, "auc": 0.75}
    shares = {"precision": hits / buys if buys else 0.0, "precision_interval": [0.3, 0.7], "recall": hits / 300}
    money = {"mean": 0.001, "mean_interval": [-0.002, 0.004]} if buys else None
    against = {"precision": precision, "recall": recall, "auc": auc} if months else None
    return counts | shares | {"recall_interval": [0.1, 0.4], "money": money, "against_never": against}


def told(*rows):
    about = {"name": "a50-volatility", "tier": "a50", "first": "2010-08-09", "last": "2016-08-03", "days": 1508}
    return about | {"rows": 1508, "confidence": 0.95, "schedules": [row(0, 40, 20), *rows]}


YEARLY = row(12, 60, 36, difference(0.02, 0.18), difference(0.01, 0.09), difference(-0.01, 0.02))
MONTHLY = row(1, 50, 20, difference(-0.2, 0.1), difference(-0.05, 0.05), difference(-0.02, -0.01))


def test_a_run_that_walks_nothing_says_nothing():
    assert walk_section(None) == [] and not any(TITLE in part for part in blocks(findings()))


def test_it_has_a_row_per_schedule_with_the_differences_from_never():
    title, lead, said, table = walk_section(told(YEARLY, MONTHLY))
    assert title == f"### {TITLE}"
    assert lead.startswith(
        "a50-volatility fitted again by the same recipe, on the 1,508 days 2010-08-09 to 2016-08-03, none of the test "
        "role; base rate 0.200."
    )
    rows = {line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[2:-1]] for line in table.splitlines()}
    assert (
        rows["never"][:5] == ["0.500", "0.300–0.700", "0.067", "0.100–0.400", "40"] and rows["never"][-3:] == ["–"] * 3
    )
    assert rows["every 12 months"][5:7] == ["0.750", "0.10 % (-0.20 to 0.40 %)"]
    assert rows["every 12 months"][7:] == [
        "+0.100 [+0.020, +0.180]",
        "+0.050 [+0.010, +0.090]",
        "+0.005 [-0.010, +0.020]",
    ]
    assert list(rows)[2:] == ["never", "every 12 months", "every month"]
    assert said == (
        "**Against one fit that is kept, fitting again every 12 months is shown to have a higher precision; every "
        "month is shown to have a lower AUC**; the rest cannot be told."
    )


def test_a_schedule_that_never_buys_has_dashes():
    silent = row(3, 0, 0, None, difference(-0.1, 0.0), difference(-0.01, 0.01))
    cells = [cell.strip() for cell in walk_section(told(silent))[-1].splitlines()[-1].split("|")[2:-1]]
    assert cells[:2] == ["–", "–"] and cells[4] == "0" and cells[6:8] == ["no trades", "–"]


@pytest.mark.parametrize("recall", [difference(0.1, 0.2), difference(-0.2, -0.1)])
def test_a_difference_of_recall_alone_claims_nothing(recall):
    only = row(12, 60, 30, difference(-0.1, 0.1), recall, difference(-0.01, 0.01))
    assert conclusion(told(only)["schedules"]) == (
        "**No schedule is shown to be better or worse than one fit that is kept**: of no difference in precision or "
        "AUC does the interval exclude 0."
    )
