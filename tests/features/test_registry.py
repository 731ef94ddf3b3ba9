"""docs/features.md says what the code computes."""

from pathlib import Path

from buysignal.features.registry import markdown
from buysignal.features.tiers import TIERS

DOCS = Path(__file__).resolve().parents[2] / "docs" / "features.md"


def test_the_written_reference_is_current():
    remedy = "run python -m buysignal.features.registry > docs/features.md"
    assert DOCS.read_text(encoding="utf-8") == markdown(), remedy


def test_every_feature_states_its_source_and_formula_in_one_line_that_a_table_can_hold():
    for feature in TIERS["a200"]:
        for text in (feature.family, feature.name, feature.source, feature.formula):
            assert text.strip() and "|" not in text and "\n" not in text, feature


def test_the_reference_lists_every_feature_once_with_the_tier_it_enters_at():
    rows = [line.split(" | ") for line in markdown().splitlines() if line.count(" | ") == 4]
    entered = {row[0].removeprefix("| "): row[1] for row in rows if row[0] != "| feature"}
    expected = {f.name: tier for tier in reversed(TIERS) for f in TIERS[tier]}
    assert entered == expected
