"""One finding in three forms: a terminal as wide as it is, Markdown for a pull request, JSON for a program."""

import argparse
import json

import pytest

from buysignal.cli import told
from buysignal.cli.main import COMMANDS, parser
from buysignal.cli.told import markdown, plain, table, terminal, written

PRINTS = ["check", "check-plugin", "doctor", "follow", "full", "gate", "judge", "predict", "scratch", "update"]
BLOCKS = [
    "## Gate: fail",
    "**fail**: it is not",
    table(("rule", "buys", "verdict"), [["lift", "1,204", "fail"], ["recall", "7", "pass"]]),
    "",
    "- warning: seldom\n- kept: always",
]


def subparser(name):
    top = parser()
    [commands] = [action for action in top._actions if isinstance(action, argparse._SubParsersAction)]
    return commands.choices[name]


@pytest.mark.parametrize("name", PRINTS)
def test_every_command_that_prints_a_result_has_the_three_forms_and_a_table_is_the_default(name):
    [option] = [action for action in subparser(name)._actions if "--format" in action.option_strings]
    assert {"table", "md", "json"} <= set(option.choices) and option.default == "table"


def test_no_command_has_another_flag_for_a_form():
    flags = {flag for name in COMMANDS for action in subparser(name)._actions for flag in action.option_strings}
    assert not flags & {"--json", "--md", "--markdown", "--output-format"}


def test_markdown_is_the_blocks_with_an_empty_line_between():
    assert markdown(BLOCKS) == (
        "## Gate: fail\n\n**fail**: it is not\n\n"
        "| rule   |  buys | verdict |\n| ------ | ----: | ------- |\n"
        "| lift   | 1,204 | fail    |\n| recall |     7 | pass    |\n\n"
        "- warning: seldom\n- kept: always"
    )


def test_a_terminal_gets_columns_with_numbers_to_the_right_and_no_sign_of_markdown():
    assert terminal(BLOCKS).splitlines() == [
        "Gate: fail",
        "",
        "fail: it is not",
        "",
        "rule     buys  verdict",
        "lift    1,204  fail",
        "recall      7  pass",
        "",
        "warning: seldom",
        "kept: always",
    ]


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_line_is_wider_than_the_terminal(width):
    long = "a word and another one " * 20
    blocks = [long, f"- warning: {long}", table(("check", "because"), [["always-buy", plain(long)]])]
    lines = terminal(blocks, colour=False, width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[-1].startswith("            ")  # under its own column
    assert " ".join(" ".join(lines).split()).count("and another one") >= 20


def test_what_is_piped_has_no_colour_and_a_terminal_has_unless_it_asks_for_none(monkeypatch):
    assert "\x1b" not in terminal(BLOCKS)
    monkeypatch.setattr(told.sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured = terminal(BLOCKS)
    assert "\x1b[31mfail" in coloured and "\x1b[32mpass" in coloured and "\x1b[33mwarning\x1b[0m: seldom" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in terminal(BLOCKS)


def test_a_name_from_a_file_stays_a_name_in_both_forms():
    hostile = plain("a|<b>*c*`d`\\[x](y) &#27;[31m")
    block = table(("name", "n"), [[hostile, "1"]])
    assert markdown([block]).splitlines()[2].count("|") == 3
    assert not set("<>[]*`\\") & set(hostile)
    assert "a|<b>*c*`d`\\[x](y) &#27;[31m" in terminal([block])
    assert "\x1b" not in terminal(["said &#27;[31m red"])


def test_json_has_no_nan_and_what_is_not_asked_for_is_not_made():
    def never():
        raise AssertionError

    assert json.loads(written("json", never, lambda: {"b": 0.1234567, "a": None})) == {"b": 0.123457, "a": None}
    with pytest.raises(ValueError, match="nan"):
        written("json", never, lambda: {"b": float("nan")})
    assert written("md", lambda: ["x"], never) == written("table", lambda: ["x"], never) == "x"
