"""What came after the search is told in the words of its own pages, tier by tier."""

from buysignal.report.pages import budgets, rounds
from buysignal.report.pages.budgets import CHANGES
from tests.report.examples import findings, page, told

SUPPLEMENT = {"tier": "a50", "compared": [], "reason": "no supplementary trial was usable"}
TRANSFER = {"tier": "a50", "gap": None, "budgets": ["2M"], "verdict": "cannot tell", "cells": [], "missing": []}


def test_each_tier_says_what_its_rounds_and_its_transfer_came_to():
    text = told(
        findings(supplements=[SUPPLEMENT], transfers=[TRANSFER, TRANSFER | {"tier": "a100"}]), "After the search"
    )
    section = text.split("\n\n")[0].splitlines()
    assert section == [
        "- a50: **Cannot tell whether the supplement improved on the search**: no supplementary trial was usable.",
        f"- a50: {budgets.verdict(TRANSFER)}",
        f"- a100: {budgets.verdict(TRANSFER)}",
    ]
    assert CHANGES in text and CHANGES not in page(findings(supplements=[SUPPLEMENT]))


def test_without_rounds_there_is_no_section():
    assert "After the search" not in page(findings())


def test_a_supplement_of_equal_scores_is_called_the_same_model():
    difference = {"auc": {"mean": 0.0, "low": 0.0, "high": 0.0, "confidence": 0.95, "seeds": 3}}
    found = {"compared": [{"name": "T3"}, {"name": "C01"}], "objective": "auc", "difference": difference}
    said = "**The supplement found the same model again**: C01 and T3 differ in their configuration and in no score."
    assert rounds.verdict(found) == said
