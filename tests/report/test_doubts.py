"""Every question a hostile reader asks of the headline has an answer in words, made from this run's numbers."""

from __future__ import annotations

import pytest

from buysignal.report.pages.doubts import doubts
from tests.report.examples import findings, none_selected


def said(found) -> str:
    doubted = (found.judged, found.board, found.searched, found.mirrored, found.looks)
    return "\n\n".join(doubts(found.selection, found.train, *doubted))


def test_every_doubt_is_told_with_its_numbers():
    text = said(findings())
    for told in (
        "Beyond luck: the best lower bound of precision is 0.345; without skill 0.155.",
        "The best of 9 models, a50-2M-T8, is not shown to be better than a50-volatility.",
        "it was 0.612; with the luck of being chosen taken out, about 0.481 (differences beyond luck: 9 models)",
        "46 configurations of the search looked at; what was tried by hand comes on top.",
        "0.456700 is certified to reach a precision of 0.42 with probability 0.87",
        "precision 0.654 on 47 buys, recall 0.211, on the threshold role",
        "0.568 on 41 buys, recall 0.223, on the test role.",
        "chosen among 1 on the same days, 1 of which have such a threshold, and the choice is not covered.",
        "Over 3 seeds, each alone at the same threshold, precision has a standard deviation of 0.021",
        "Holds: in 8 % of splits. Within luck.",
        "First recorded look at these test days.",
    ):
        assert told in text
    assert [line[:4] for line in text.splitlines()[2:]] == ["- **"] * 8


def test_no_certified_threshold_is_an_answer():
    found = findings()
    found.selection["selected"][0]["certified"] |= {"threshold": None, "reason": "no threshold is certified: p = 0.21"}
    assert "None is certified to reach a precision of 0.42 with probability 0.87: p = 0.21." in said(found)


def test_one_seed_and_one_configuration_are_called_what_they_are():
    found = findings()
    found.judged[0]["seeds"] = 1
    found.selection["selected"][0]["configurations"] = 1
    text = said(found)
    assert "Cannot tell: it was trained with one seed." in text and "1 configuration of the search looked at;" in text


@pytest.mark.parametrize("found", [findings(), none_selected()], ids=["selected", "none"])
def test_nothing_is_left_unsaid_or_said_twice(found):
    text = said(found)
    assert "None " not in text.replace("None is certified", "") and ".." not in text and "None." not in text
    assert text.startswith("## How much of this to believe\n\n- **Could it be luck?**")
