"""docs/params.md says what params.yaml, its rules and dvc.yaml say."""

import yaml

from tests.docs.params_page import COMMAND, ROOT, Row, accepted, current, markdown, readers, sections

SMALL = """\
# a file
# ---- first: one ruler
hpo:
  trials: 10   # per tier; >= 1 (reference: 50); the first are extremes
  dropout: [0.1, 0.3]
# ---- second
seed: "7 # no comment"  # a | b (reference: 8)
"""


def test_the_written_reference_is_current():
    assert (ROOT / "docs" / "params.md").read_text(encoding="utf-8") == current(), f"run {COMMAND}"


def test_sections_rows_and_the_reference_values_are_read_from_the_comments():
    first, second = sections(SMALL)
    assert (first.title, second.title) == ("first: one ruler", "second")
    assert first.rows == (
        Row("hpo.trials", "10", "per tier; >= 1; the first are extremes", "50"),
        Row("hpo.dropout", "[0.1, 0.3]", "", ""),
    )
    assert second.rows == (Row("seed", '"7 # no comment"', "a | b", "8"),)


def test_a_bar_in_a_comment_stays_in_its_cell():
    assert "| a \\| b |" in markdown(SMALL, {})


def test_a_list_without_a_comment_has_the_meaning_of_one_of_its_values():
    text = "# ---- one\ndropout: 0.3  # probability\n# ---- two\nhpo:\n  dropout: [0.1]\n"
    assert "| `hpo.dropout` | `[0.1]` | values searched: probability |" in markdown(text, {})


def test_a_key_is_read_by_the_stages_that_list_it_or_what_it_is_in():
    stages = {
        "whole": {"params": [{"params.yaml": None}]},
        "section": {"params": ["grids"]},
        "matrix": {"params": ["grids.${item.budget}"]},
        "other": {"params": ["grid", "grids.2M.d_model.x"]},
        "none": {},
    }
    assert readers(stages, "grids.2M.cap") == ["section", "matrix@2M"]
    assert readers(stages, "grid") == ["other"]


def test_every_key_of_the_file_has_a_row_and_a_rule():
    content = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    rows = [row for section in sections((ROOT / "params.yaml").read_text(encoding="utf-8")) for row in section.rows]
    assert [row.key for row in rows] == list(_dotted(content, ""))
    for row in rows:
        assert accepted(row.key), row.key


def _dotted(value, prefix):
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _dotted(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
