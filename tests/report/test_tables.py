"""Tables that read as text and as Markdown: aligned, escaped, precision before recall, always with the buys."""

import re
from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buysignal.judge.selection import select
from buysignal.report import tables
from buysignal.report.markdown import table
from buysignal.report.tables import JUDGED, TESTED, judged_table, selection_text
from tests.judge.examples import RULES, skilled
from tests.report import examples

text = st.text(st.characters(codec="utf-8", exclude_characters="\\"), max_size=8)


def cells(line: str) -> list[str]:
    """The cells of one row, escaped bars taken back."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_a_table_by_hand():
    assert table(("model", "precision"), [["a", "0.5"], ["longer", "0.25"]]) == (
        "| model  | precision |\n| ------ | --------: |\n| a      |       0.5 |\n| longer |      0.25 |\n"
    )


def test_only_a_column_of_numbers_is_to_the_right():
    rows = [["2018", "0.507", "0.404–0.610", "1,204", "use"], ["2019", "–", "", "+7 %", "0.5"]]
    assert table(("year", "precision", "interval", "buys", "verdict"), rows).splitlines()[1] == (
        "| ---- | --------: | ----------: | ----: | ------- |"
    )


def test_a_bar_in_a_cell_does_not_open_a_column():
    lines = table(("model", "note"), [["a|b", "x | y"]]).splitlines()
    assert "a\\|b" in lines[2] and cells(lines[2]) == ["a|b", "x | y"]


def test_a_line_break_in_a_cell_does_not_end_the_row():
    row = table(("model", "note"), [["a", "RuntimeError:\n  size"]]).splitlines()[2]
    assert cells(row) == ["a", "RuntimeError: size"]


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.lists(text, min_size=n, max_size=n), min_size=1, max_size=5)))
@settings(deadline=None)
def test_any_table_has_its_rows_and_columns_and_one_width(rows):
    header, *body = rows
    made = table(header, body)
    lines = made[:-1].split("\n")
    assert made.endswith("\n") and len(lines) == len(body) + 2
    assert len({len(line) for line in lines}) == 1
    assert {len(cells(line)) for line in lines} == {len(header)}
    rules = cells(lines[1])
    assert all(re.fullmatch(r"-{2,}[-:]", rule) for rule in rules)  # what Markdown takes for a table


def judged(**changes):
    return examples.JUDGED | changes


def row_of(made: str, name: str) -> dict[str, str]:
    lines = made.splitlines()
    return dict(zip(cells(lines[0]), next(cells(line) for line in lines[2:] if cells(line)[0] == name)))


def test_a_judged_row_by_hand():
    assert row_of(judged_table([judged()]), "a50-2M-T8") == {
        "contender": "a50-2M-T8", "precision": "0.600", "at least": "0.500", "shrunken": "0.543", "recall": "0.300",
        "buys": "60", "worth": "51", "a trade earns": "0.12 %", "base rate": "0.152",
        "AUC": "0.790", "seed sd": "0.012", "range": "0.05–0.85",
        "parameters": "1,234,567", "note": "",
    }  # fmt: skip


@pytest.mark.parametrize("header", [JUDGED, TESTED])
def test_precision_comes_first_then_recall_then_the_ranking(header):
    order = [header.index(name) for name in ("contender", "precision", "recall", "buys", "AUC")]
    assert order == sorted(order)


def test_models_are_ordered_by_the_bound_then_recall_then_name():
    rows = [
        judged(name="d", precision=0.99, precision_low=0.1),
        judged(name="c", precision_low=0.5, recall=0.2),
        judged(name="b", precision_low=0.5, recall=0.3),
        judged(name="a", precision_low=0.5, recall=0.3),
        judged(name="e", precision_low=0.7, recall=0.1),
    ]
    assert [cells(line)[0] for line in judged_table(rows).splitlines()[2:]] == ["e", "a", "b", "c", "d"]


def test_a_model_that_never_buys_shows_a_dash_not_a_zero_and_the_reason():
    row = judged(no_buys=True, precision=0.0, n_buys=0, reason="no operating point: at most 3 buys")
    shown = row_of(judged_table([row]), "a50-2M-T8")
    assert [shown[key] for key in ("precision", "at least", "recall", "buys")] == ["–", "–", "–", "0"]
    assert shown["note"] == "at most 3 buys"


def test_a_collapse_is_named_and_one_seed_has_no_spread():
    shown = row_of(judged_table([judged(collapsed=True, seeds=1)]), "a50-2M-T8")
    assert shown["note"] == "collapsed" and shown["seed sd"] == ""


def test_a_tested_row_by_hand_and_neither_the_logistic_nor_one_that_never_buys_is_compared():
    made = tables.tested_table([examples.TESTED, examples.BASELINE, examples.SILENT])
    assert row_of(made, "a50-2M-T8") == {
        "contender": "a50-2M-T8", "verdict": "cannot tell",
        "precision": "0.550", "interval": "0.410–0.680", "recall": "0.275",
        "its interval": "0.180–0.390", "buys": "40", "worth": "33", "base rate": "0.131", "AUC": "0.810",
        "a trade earns": "0.12 % (-0.32 to 0.54 %)", "ahead of a random day": "0.089 % (-0.23 to 0.57 %)",
        "breaks even at": "0.444",
        "volatility at as many buys": "0.525", "precision minus that": "-0.020 [-0.070, +0.040]",
        "AUC minus volatility's": "+0.030 [+0.010, +0.050]",
    }  # fmt: skip
    compared = ("volatility at as many buys", "precision minus that", "AUC minus volatility's")
    for name in ("a50-volatility", "a50-base-rate"):
        assert {row_of(made, name)[column] for column in compared} == {""}


def test_no_buy_on_the_test_role_leaves_nothing_to_compare_precision_with():
    against = examples.TESTED["against_volatility"] | {"precision_at_buys": 0.0, "precision": None}
    row = examples.TESTED | {"no_buys": True, "n_buys": 0, "precision": 0.0, "against_volatility": against}
    shown = row_of(tables.tested_table([row]), "a50-2M-T8")
    assert [shown[key] for key in ("precision", "interval", "recall", "buys")] == ["–", "–", "–", "0"]
    assert shown["volatility at as many buys"] == shown["precision minus that"] == "–"
    assert shown["AUC minus volatility's"].startswith("+0.030")


def test_a_selection_gives_every_model_with_its_reason():
    selection = select([skilled("good", 3.0, dropout=0.1), skilled("flat", 0.0, dropout=0.2)], RULES)
    made = selection_text(asdict(selection))
    assert made.startswith(f"{selection.note}.\n\n1. **good**: rank 1 of ")
    for model in (*selection.selected, *selection.rejected):
        assert f"{model.card.name}" in made and model.reason in made
    none = select([], RULES)
    assert selection_text(asdict(none)) == f"{none.note}.\n"
