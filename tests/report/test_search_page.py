"""What the report says of the search: answers with their evidence, and how many questions have none."""

from dataclasses import replace

import pytest

from buysignal.report.page import SHOWN
from tests.report.examples import findings, told


def finding(number, verdict="holds", topic="dropout"):
    return {"where": "a50", "topic": topic, "verdict": verdict, "text": f"evidence {number}"}


def search_of(learned):
    return told(replace(findings(), learned=learned), "Search")


def test_answers_are_printed_and_the_rest_is_counted():
    text = search_of([finding(1), finding(2, "violated"), finding(3, "cannot tell")])
    assert "Of 3 questions put to the trials, 2 have an answer" in text
    assert "- a50: evidence 1\n- a50: evidence 2" in text
    assert "evidence 3" not in text


def test_no_more_answers_than_a_reader_bears():
    text = search_of([finding(number) for number in range(SHOWN + 3)])
    assert f"the first {SHOWN} of these:" in text
    assert text.count("evidence") == SHOWN


def test_no_answer_is_said_to_be_none():
    text = search_of([finding(1, "cannot tell")])
    assert "Of 1 questions put to the trials, 0 have an answer" in text
    assert "evidence" not in text


@pytest.mark.parametrize("topic", ["coverage", "lost trials"])
def test_what_the_table_shows_is_not_said_again(topic):
    assert "questions" not in search_of([finding(1, topic=topic)])
