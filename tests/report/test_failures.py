"""Failed trials are counted by what they failed of, and each look at the test role has its line."""

import re

from buysignal.report.pages.failures import failed
from buysignal.report.pages.looks import ledger_section
from tests.report.drawable import LEDGER
from tests.report.examples import COVERAGE, findings, page

SEEN = ("0.550", "0.410–0.680", "0.275", "0.180–0.390", "40", "2", "ab12ab12ab12")


def test_failures_are_told_by_study_and_kind_and_those_of_the_supplement_by_number():
    kinds = {"MemoryError": 2, "timeout": 1}
    searches = {"a50-2M": COVERAGE | {"failed": 3, "failures": kinds}, "a50-20M": COVERAGE | {"failed": 0}}
    supplement = {"tier": "a50", "sets": [{"failed": 1, "trials": 2}, {"failed": 0, "trials": 3}]}
    assert failed(searches, [supplement]) == (
        "4 of 25 trials failed and were left out: 3 in a50-2M (2 MemoryError, 1 timeout); 1 in the supplement of a50."
    )


def test_without_failures_the_report_says_so():
    assert failed({"a50-2M": COVERAGE | {"failed": 0}}, []) == "None of 10 trials failed."
    assert "1 of 10 trials failed and were left out: 1 in a50-2M (1 ValueError)." in page(
        findings(searches={"a50-2M": COVERAGE | {"failures": {"ValueError": 1}}})
    )


def test_a_look_has_a_line_with_what_was_registered_and_what_was_seen():
    *_, table = ledger_section(LEDGER)
    cells = [cell.strip() for cell in table.splitlines()[2].split("|")[1:-1]]
    assert cells == ["1", "^GSPC", "2016-08-05", "2018-12-28", "a50-2M-T8", "0.432100", *SEEN]


def test_a_look_at_nothing_and_one_without_buys_have_no_precision():
    nothing = LEDGER[0] | {"registered": {"headline": None, "others": []}, "results": {}}
    *_, table = ledger_section([nothing, LEDGER[0] | {"results": {"n_buys": 0, "precision": 0.0, "recall": 0.0}}])
    first, second = table.splitlines()[2:4]
    assert re.split(r" *\| *", first)[5:12] == ["none", *"–" * 6]
    assert "0.000" not in second


def test_without_a_look_there_is_no_section():
    assert ledger_section([]) == []
