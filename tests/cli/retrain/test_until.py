"""``roles.until`` is set in its place: every other byte of params.yaml stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from buysignal.cli.retrain.until import set_until, with_until
from buysignal.core.errors import UserError
from buysignal.core.settings import read
from buysignal.days.params import Roles
from tests.pipeline.project import ROOT


@pytest.fixture
def params(tmp_path) -> Path:
    shutil.copy(ROOT / "params.yaml", tmp_path)
    return tmp_path / "params.yaml"


def test_one_line_changes_and_its_comment_stays(params):
    before = params.read_text().splitlines()
    set_until(params.parent, "2017-06-30")
    after = params.read_text().splitlines()
    ((old, new),) = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert new == old.replace("until: last", "until: '2017-06-30'", 1)
    assert read(Roles, params).until == "2017-06-30"


def test_a_day_that_stands_there_is_replaced_and_again_changes_nothing(params):
    set_until(params.parent, "2017-06-30")
    set_until(params.parent, "2018-06-29")
    content, when = params.read_bytes(), params.stat().st_mtime_ns
    set_until(params.parent, "2018-06-29")
    assert params.read_bytes() == content and params.stat().st_mtime_ns == when
    assert read(Roles, params).until == "2018-06-29"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("roles:\n  until: last", "roles:\n  until: 'D'"),
        ('roles:   # a\n\n  # b\n  train: 0.5\n  until: "2018-12-31" # c\n', None),
        ("until: last\nlabel:\n  until: last\nroles:\n  until:   last\r\n", "roles:\n  until:   'D'\r\n"),
    ],
)
def test_only_the_value_under_roles_is_touched(text, wanted):
    changed = with_until(text, "D")
    wanted = wanted or text.replace('"2018-12-31"', "'D'")
    assert changed.endswith(wanted) and changed[: -len(wanted)] == text[: len(changed) - len(wanted)]


def test_a_section_in_one_line_is_refused_in_one_line_and_nothing_is_written(params):
    text = params.read_text()
    begin, end = text.index("roles:\n"), text.index("# ---- model")
    flow = "roles: {until: last, train: 0.5, stop: 0.08, rank: 0.1, calibrate: 0.08, threshold: 0.12, test: 0.12}\n"
    params.write_text(text[:begin] + flow + text[end:])
    content = params.read_bytes()
    with pytest.raises(UserError, match="has no line `until:` under `roles:`"):
        set_until(params.parent, "2018-06-29")
    assert params.read_bytes() == content


def test_a_day_before_the_last_of_a_role_is_refused_and_nothing_is_written(params):
    dated = params.read_text().replace("  train: 0.50 ", "  train: '2017-12-29' ", 1)
    params.write_text(dated.replace("  test: 0.12 ", "  test: rest ", 1))
    content = params.read_bytes()
    with pytest.raises(UserError, match="until is 2017-06-30, which is not after train, 2017-12-29"):
        set_until(params.parent, "2017-06-30")
    assert params.read_bytes() == content
