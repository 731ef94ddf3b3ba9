"""docs/features.md says what the code computes."""

import re
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
    entered = [pair for names, tiers, _, _, _ in rows() for pair in zip(names, tiers, strict=True)]
    expected = {f.name: tier for tier in reversed(TIERS) for f in TIERS[tier]}
    assert len(entered) == len(expected) and dict(entered) == expected


def test_a_row_of_several_features_says_of_each_what_the_feature_says_of_itself():
    features = {feature.name: feature for feature in TIERS["a200"]}
    shared = 0
    for names, _, warmups, source, formula in rows():
        shared += len(names) > 1
        for name, warmup in zip(names, warmups, strict=True):
            number = name.rpartition("_")[2] if len(names) > 1 else "n"
            said = [re.sub(r"\bn\b", number, text) for text in (source, formula)]
            its = features[name]
            assert without_prices(its.source) == said[0] and int(warmup) == its.warmup
            assert its.formula in (said[1], f"{said[1]}; 1 bullish, -1 bearish, 0 none")
    assert shared > 20


def without_prices(source):
    """A source as the page shows it: of a function's arguments those that are no column of bars."""
    name, _, rest = source.replace("TA-Lib ", "").partition("(")
    arguments, closing, after = rest.partition(")")
    shown = ", ".join(a for a in arguments.split(", ") if a not in ("open", "high", "low", "close", "volume"))
    return name + (f"({shown})" if shown else "") + (without_prices(after) if closing else "")


def rows():
    """Cells of each row of a feature table; names, tiers and warm-ups as lists."""
    lines = [line[2:-2].split(" | ") for line in markdown().splitlines() if line.count(" | ") == 4]
    return [(*(cell.split(", ") for cell in row[:3]), *row[3:]) for row in lines if row[0] != "feature"]
