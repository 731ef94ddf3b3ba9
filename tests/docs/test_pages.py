"""What is read out of a page is what a reader sees in it."""

import doctest

import pytest

from tests.docs import commands, pages, params_page, words

PAGE = """\
# A page

Text with `a span` and a list:

- an item

    of two paragraphs, no block

Then

    make repro        # with a gloss
    python -m bench.speed      and one without a sign

```text
what is printed
```

and

    dvc exp run -S a=1 \\
        -n name

    # a comment
    dvc repro
"""


def test_blocks_are_fenced_or_indented_and_no_part_of_a_list():
    first, second, third = pages._blocks("page", PAGE.splitlines())
    assert (first.line, first.language, first.text.splitlines()[0]) == (11, "", "make repro        # with a gloss")
    assert (second.language, second.text) == ("text", "what is printed")
    assert third.text.endswith("dvc repro")


def test_commands_are_joined_lines_without_their_glosses_and_comments():
    first, second, third = pages._blocks("page", PAGE.splitlines())
    assert first.commands == ["make repro", "python -m bench.speed"]
    assert second.commands == []
    assert [command.split() for command in third.commands] == [
        ["dvc", "exp", "run", "-S", "a=1", "-n", "name"],
        ["dvc", "repro"],
    ]


def test_a_block_with_one_line_that_is_no_command_has_none():
    assert pages.Block("page", 1, "", "make repro\n8 minutes later").commands == []


@pytest.mark.parametrize("module", [commands, pages, params_page, words])
def test_the_examples_in_the_docstrings_are_true(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
