"""docs/params.md says what params.yaml, its rules and dvc.yaml say."""

import json
import re
import shutil
from difflib import SequenceMatcher

import pytest
import yaml
from dvc.utils.hydra import apply_overrides
from jsonschema import Draft202012Validator

from buysignal.cli.params import Params
from buysignal.core.textfile import read_yaml
from tests.docs.params_page import COMMAND, FILES, ROOT, Row, accepted, current, markdown, readers, tables

SMALL = """\
# a file
# ---- first: one ruler
hpo:
  trials: 10   # per tier; >= 1 (reference: 50); the first are extremes
  dropout: [0.1, 0.3]
# ---- second
seed: "7 # no comment"  # a | b (reference: 8)
"""


@pytest.mark.parametrize("name", ["params.md", "params.schema.json", "gates.schema.json"])
def test_the_written_reference_and_schemas_are_current(name):
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == current()[name], f"run {COMMAND}"


@pytest.mark.parametrize("name", FILES)
def test_each_file_names_its_schema_first_and_is_what_the_schema_says(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    schema = json.loads((ROOT / named[1]).read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema)
    content = read_yaml(ROOT / name)
    assert list(validator.iter_errors(content)) == []
    key = next(iter(content))
    for wrong in (content | {key: -1}, content | {"x": 1}, {k: v for k, v in content.items() if k != key}):
        assert len(list(validator.iter_errors(wrong))) == 1


CHANGES = ["dropout=0.45", "learning_rate=5.0e-5", "seed=3", "ingest.start='2001-01-01'", "label.barrier=volatility"]
CHANGES += ["hpo.max_failed=0.1", "certify.delta=0.2", "tiers=[a50]", "hpo.dropout=[0.1,0.3,0.5,0.6]"]


@pytest.mark.parametrize(
    ("file", "change"),
    [*(("params.yaml", c) for c in CHANGES), ("gates.yaml", "recall=0.2"), ("gates.yaml", "lift=null")],
)
def test_what_dvc_writes_for_one_value_is_one_line_and_every_comment_stays(tmp_path, file, change):
    """DVC's own function writes the file anew; so it stands in the form in which DVC writes it."""
    before = (ROOT / file).read_text(encoding="utf-8").splitlines()
    shutil.copy2(ROOT / file, tmp_path)
    apply_overrides(tmp_path / file, [change])
    after = (tmp_path / file).read_text(encoding="utf-8").splitlines()
    kept = sum(block.size for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks())
    assert max(len(before), len(after)) - kept == 1
    comments = ([line.partition("#")[2] for line in lines if "#" in line] for lines in (before, after))
    assert next(comments) == next(comments)


@pytest.mark.parametrize("key", ["features.extra", "forms.extra", "models.extra"])
def test_an_empty_list_that_dvc_fills_stands_below_its_key_and_its_comment(tmp_path, key):
    before = (ROOT / "params.yaml").read_text(encoding="utf-8").splitlines()
    shutil.copy2(ROOT / "params.yaml", tmp_path)
    apply_overrides(tmp_path / "params.yaml", [f"{key}=[plugins/example.py:calm]"])
    after = (tmp_path / "params.yaml").read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(before) if line not in after)
    assert after == [
        *before[:at],
        before[at].replace("[]", "  ").rstrip(),
        "  - plugins/example.py:calm",
        *before[at + 1 :],
    ]


def test_tables_and_rows_are_read_from_the_comments_without_the_range_that_accepted_says():
    first, second = tables(SMALL)
    assert (first.title, second.title) == ("first: one ruler", "second")
    assert first.rows == (
        Row("hpo.trials", "10", "per tier (reference: 50); the first are extremes"),
        Row("hpo.dropout", "[0.1, 0.3]", ""),
    )
    assert second.rows == (Row("seed", '"7 # no comment"', "a | b (reference: 8)"),)


def test_a_bar_in_a_comment_stays_in_its_cell():
    assert "| a \\| b (reference: 8) |" in markdown(SMALL, {})


def test_a_list_without_a_comment_has_the_meaning_of_one_of_its_values():
    text = "# ---- one\ndropout: 0.3  # probability\n# ---- two\nhpo:\n  dropout: [0.1]\n"
    assert "| `hpo.dropout` | `[0.1]` | values searched: probability |" in markdown(text, {})


def test_the_same_parameter_of_several_budgets_is_one_row_with_every_key_and_value():
    text = "# ---- one\ngrids:\n  2M:\n    cap: 7  # most\n  20M:\n    cap: 8  # most\n"
    stages = {"search": {"params": ["grids.2M", "grids.20M"]}}
    assert "| `grids.2M.cap`, `grids.20M.cap` | `7`, `8` | most |" in markdown(text, stages)
    assert "| search |" in markdown(text, stages)


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
    rows = [row for table in tables((ROOT / "params.yaml").read_text(encoding="utf-8")) for row in table.rows]
    assert [row.key for row in rows] == list(_dotted(content, ""))
    for row in rows:
        assert accepted(Params, row.key), row.key


def _dotted(value, prefix):
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield from _dotted(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
